"""What the Share menu gives away."""

from dataclasses import replace

from core.config import Config
from core.keeping.proof import Claim, check
from core.serving.training import untrained
from core.ui.explore.share import _answer


def test_an_answer_is_a_link_that_can_be_checked_and_a_sentence_while_the_run_trains(few):
    dataset = few(3)
    snapshot = untrained(Config(n_hidden=20), dataset)
    text = _answer(snapshot, dataset, "http://127.0.0.1:8501/")
    assert text.startswith("http://127.0.0.1:8501/?n_hidden=20&data=few.")
    assert check(Claim.read(text.strip()), dataset).true
    training = replace(snapshot, step=7)  # its exact losses are those of step 0
    assert _answer(training, dataset, "") == "The run is in training. Pause it, so that its exact losses are known.\n"
