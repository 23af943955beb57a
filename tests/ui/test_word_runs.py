"""A run on words in the page: chosen, trained, asked, and what the other pages say meanwhile."""

import json

import pytest

from core.config import WORD_PRESETS
from core.data.corpus import WORD
from core.data.sentences import read_text
from core.engine.snapshot import PAUSED
from core.ui import server
from core.ui.words import INSTEAD
from tests.support.visitor import Visitor
from tests.support.waiting import eventually

STORY = "The cat sat. A dog ran, and the cat ran too! Why did Tom's dog run?\n" * 60


@pytest.fixture
def visitor(monkeypatch):
    story = read_text(STORY, "story", 500).corpus
    monkeypatch.setattr(server, "english", lambda words=500: story)
    visitor = Visitor()
    visitor.set("Start from", "Words")
    yield visitor
    visitor.client.stop()


def test_the_preset_trains_on_words_and_the_page_speaks_of_them(visitor):
    assert visitor.snapshot.corpus.level == WORD and visitor.snapshot.config == WORD_PRESETS["Words"]
    assert visitor.control("Start from").value == "Words"
    told, shown = visitor.told, visitor.view("wordmap")
    assert told["head"]["packed"] and "nearest" not in told["head"] and len(shown["words"]) == len(shown["parts"])
    assert len(told["head"]["next"]) == 10 and len(told["head"]["words"]) == 5
    assert visitor.view("nextwords")["asked"] == told["asked"]
    assert eventually(lambda: visitor.told["counted"]), "the count models are made while nobody waits"
    assert len(visitor.told["counted_next"]) == 10
    visitor.press("Train")
    eventually(lambda: visitor.snapshot.step > 20)
    visitor.press("Pause")
    assert visitor.snapshot.state == PAUSED
    assert eventually(lambda: "exact" in (visitor.told["sampled"] or {}))
    assert "exact, over all dev examples" in visitor.status


def test_what_is_typed_is_read_as_words(visitor):
    visitor.set("Context", "the CAT and then zebra")
    assert visitor.view("nextwords")["context"] == ["and", "<unk>", "<unk>"]
    visitor.set("Context", "x" * 5000)
    assert visitor.view("nextwords")["context"] == ["<unk>"]


def test_a_word_that_is_touched_has_neighbours_now_and_earlier(visitor):
    visitor.press("Step", "Step")
    words = visitor.view("wordmap")["words"]
    cat, dog = words.index("cat"), words.index("dog")
    assert visitor.live.hear("word", [cat, [dog]])
    near, earlier = visitor.told["near"], visitor.told["earlier"]
    assert [row["word"] for row in near] == [cat, dog] and all(len(row["nearest"]) == 10 for row in near)
    assert earlier["name"] == "dog" and [step for step, _, _ in earlier["rows"]] == [0, 1, 2]
    visitor.live.hear("cursor", 1)
    assert {row["step"] for row in visitor.told["near"]} == {1}


@pytest.mark.parametrize(
    "said", [None, 7, [], [0], [10**9, [10**9]], ["a", [None, True, 2.5, {}]], [-1, 5], {"a": 1}, [[1], [[2]]]]
)
def test_whatever_a_browser_says_of_words_the_page_goes_on(visitor, said):
    assert visitor.live.hear("word", said)
    assert visitor.told["near"] == [] and visitor.told["earlier"] is None
    visitor.live.hear("touched", {"letters": [1, 2]})
    assert json.dumps(visitor.told)


def test_the_other_pages_say_what_they_show_instead_and_lead_back(visitor):
    for page in INSTEAD:
        visitor.at.switch_page(f"{page}/page.py").run()
        visitor._sound()
        assert any("Your run learns" in text.value for text in visitor.at.text)
    for page in ("guide", "compare"):
        visitor.at.switch_page(f"{page}/page.py").run()
        visitor._sound()
    visitor.at.switch_page("tune/page.py").run()
    visitor.press("Train on names instead")
    assert visitor.snapshot.corpus == server.names()


def test_a_preset_of_letters_brings_the_names_back_and_undo_the_words(visitor):
    visitor.press("Step")
    visitor.set("Start from", "Wide 2-D")
    assert visitor.snapshot.corpus == server.names() and visitor.view("letters")
    visitor.press("Undo")
    assert visitor.snapshot.corpus.level == WORD and visitor.snapshot.step == 1
    assert visitor.snapshot.corpus.digest not in {row.digest for row in visitor.library.runs()}
