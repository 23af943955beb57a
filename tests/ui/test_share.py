"""What the Share menu gives away."""

import re
from dataclasses import replace

from core.config import Config
from core.keeping.proof import Claim, check
from core.serving.training import untrained
from core.ui.explore.share import _answer, _card


def test_an_answer_is_a_link_that_can_be_checked_and_a_sentence_while_the_run_trains(few):
    dataset = few(3)
    snapshot = untrained(Config(n_hidden=20), dataset)
    text = _answer(snapshot, dataset, "http://127.0.0.1:8501/")
    assert text.startswith("http://127.0.0.1:8501/?n_hidden=20&data=few.")
    assert check(Claim.read(text.strip()), dataset).true
    training = replace(snapshot, step=7)  # its exact losses are those of step 0
    assert _answer(training, dataset, "") == "The run is in training. Pause it, so that its exact losses are known.\n"


def test_the_card_has_five_words_that_the_network_made_up_and_the_link_of_this_step(few):
    dataset = few(3)
    snapshot = untrained(Config(n_hidden=20), dataset)
    picture = _card(snapshot, dataset, "http://127.0.0.1:8501/", "n_hidden=20&data=few.0")
    said = re.findall(r">([^<>]*)</text>", picture)
    first = said.index(f"{dataset.corpus.noun.capitalize()}s it made up") + 1
    words = said[first : first + 5]
    assert len({*words}) == 5 and not {*words} & dataset.known
    assert "http://127.0.0.1:8501/?n_hidden=20&amp;data=few.0" in said
    assert "http" not in "".join(re.findall(r">([^<>]*)</text>", _card(snapshot, dataset, "http://127.0.0.1/", "")))
