"""The pages Inside, Data and Tune for a run on words (streamlit.testing)."""

import pytest

from core.ui import server
from tests.support.visitor import Visitor
from tests.support.waiting import eventually


@pytest.fixture
def visitor(visitor_of_words):
    return visitor_of_words


def look(visitor: Visitor, kind: str) -> dict:
    visitor.look()
    return visitor.view(kind)


def test_inside_shows_one_example_of_words_and_what_its_hidden_units_are_worth(visitor):
    visitor.press("Step", "Step")
    visitor.at.switch_page("inside/page.py")
    first = look(visitor, "inside_words")
    V = len(visitor.snapshot.vocabulary)
    assert first["softmax"]["rest"][0] + len(first["softmax"]["top"]) == V and first["softmax"]["total"] == "1.000000"
    visitor.set("Context", "Florp and THE CAT")
    visitor.set("Next word", "ran")
    shown = visitor.view("inside_words")
    assert shown["indices"]["words"] == ["and", "the", "cat"] and shown["softmax"]["label"][0] == "ran"
    visitor.set("Context", "the florp")
    visitor.set("Next word", "florp")
    shown = visitor.view("inside_words")
    assert shown["indices"]["unknown"] == ["florp"] and shown["softmax"]["label"][0] == "<unk>"
    assert "“florp” is not in the vocabulary" in shown["about"]
    units = eventually(lambda: (now := look(visitor, "inside_units"))["dev"] and now)
    assert units["examples"] > 10 and len(units["dev_most"]) == len(units["here_most"]) == 5
    visitor.press("Random example")
    shown = visitor.view("inside_words")
    assert shown["indices"]["unknown"] == [] and "<unk>" not in shown["indices"]["words"]
    visitor.set("Network", "Untrained")
    assert visitor.view("inside_moment")["step"] == 0 and visitor.view("inside_words") != shown


@pytest.mark.parametrize("said", [None, -1, 100, "1", [], {}, True, 1e9])
def test_inside_ignores_what_is_no_hidden_unit(visitor, said, monkeypatch):
    from core.ui.inside import words

    visitor.at.switch_page("inside/page.py")
    unit = look(visitor, "inside_units")["one"]["unit"]
    state = visitor.at.session_state["inside_state"]
    monkeypatch.setattr(words.components, "received", lambda kind, name: said)
    monkeypatch.setattr(words, "page_state", lambda: state)
    words.choose_unit()
    assert state.unit == unit


def test_data_counts_the_text_a_sentence_and_what_follows_words(visitor):
    visitor.press("Step", "Step")
    visitor.at.switch_page("data/page.py")
    text = look(visitor, "wordtext")
    assert text["name"] == "story" and text["tokens"] == 1260 and text["kept"] == len(text["words"])
    assert [name for name, *_ in text["splits"]] == ["train", "dev", "test"] and text["source"] == ""
    visitor.set("Sentence", "The cat ran to florp.")
    visitor.set("Context length", 2)
    shown = visitor.view("wordwindows")
    assert shown["unknown"] == ["to", "florp"]
    assert shown["rows"][2][:2] == [["the", "cat"], "ran"] and shown["rows"][2][4] > shown["rows"][2][5] > 0
    visitor.set("Words before", "and the cat")
    shown = visitor.view("wordcounts")
    pairs, triples = shown["rows"]
    assert (
        pairs["after"] == "“cat”"
        and triples["after"] == "“the cat”"
        and {triples["next"][i][0] for i in (0, 1)} == {"ran", "sat"}
    )
    assert shown["network"][0] == "“and the cat”" and len(shown["network"][1]) == 10 and len(shown["frequent"]) == 2
    best = eventually(lambda: (now := look(visitor, "wordbest"))["waits"] == "" and now)
    assert {"Your run", "Kneser-Ney 5", "trigram", "bigram", "unigram"} <= {line[0] for line in best["lines"]}
    assert [float(line[1]) for line in best["lines"]] == sorted(float(line[1]) for line in best["lines"])
    assert look(visitor, "wordgrowth")["rows"][0][0] == 1
    (own,) = [card for card in visitor.view("words")["lists"] if card["current"]]
    assert (own["title"], own["count"], own["unit"]) == ("story", 180, "sentence")


def test_tune_examines_a_run_on_words_and_tries_rates(visitor):
    visitor.press("Step", "Step")
    visitor.at.switch_page("tune/page.py")
    run = eventually(lambda: (now := look(visitor, "tune_run"))["examined"] == "" and now)
    assert run["alarms"] == [] and run["step"] == "2"
    shown = visitor.view("repairs")
    assert (shown["usual"], shown["init"], len(shown["rows"])) == ("frequency", "frequency", 5)
    assert visitor.control("Steps of each run").options == ["100", "200", "500"]
    visitor.set("Steps of each run", 100)
    visitor.press("Find a learning rate")
    try:
        search = visitor.at.session_state["rates"]
        assert len(search.jobs) == 8 and search.jobs[0].steps == 300 and search.words == visitor.snapshot.corpus
        eventually(lambda: search.poll().done, 150)
    finally:
        search.cancel()
    visitor.look()
    assert visitor.view("finder")["found"]["figure"]["data"]


def test_tune_checks_gradients_and_says_why_a_large_vocabulary_is_not_searched(visitor, monkeypatch):
    from core.ui.tune import gradients, tuning

    monkeypatch.setattr(tuning, "MOST_SEARCHED", 5)
    visitor.at.switch_page("tune/page.py")
    visitor.look()
    assert sum("Set Vocabulary on Explore to 5 or fewer" in text.value for text in visitor.at.text) == 2
    assert "Find a learning rate" not in visitor.buttons() and "Try sizes" not in visitor.buttons()
    assert not visitor.shows("finder") and not visitor.shows("sizes")
    state = {"gradients": None}
    monkeypatch.setattr(tuning, "own", lambda: visitor.snapshot)
    monkeypatch.setattr(gradients.session, "dataset", lambda shown: server.dataset(shown.corpus, 3))
    monkeypatch.setattr(gradients.st, "session_state", type("State", (dict,), {"__setattr__": dict.__setitem__})(state))
    assert gradients.checked() is None
    gradients.check()
    found = gradients.checked()
    assert found["step"] == 0 and found["rows"][0][0].startswith("C[")
    assert all(float(row[3]) < 1e-6 for row in found["rows"])


def test_the_tours_cards_on_words_notice_what_they_ask_for(visitor):
    visitor.at.session_state["tour"].open = True
    noticed = lambda: look(visitor, "tour")["done"][visitor.at.session_state["tour"].at]
    for at, title in zip(
        (13, 14, 15), ("Words, as in the paper", "The company a word keeps", "A dog was running in a …")
    ):
        visitor.at.session_state["tour"].at = at
        assert look(visitor, "tour")["title"] == title and not noticed() and visitor.view("tour")["note"] == ""
        if at == 13:
            visitor.press("Step")
        elif at == 14:
            assert visitor.live.hear("word", [None, [5], None])
        else:
            visitor.set("Context", "a dog was running in a")
        assert noticed()
