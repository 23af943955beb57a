"""A run on words in the page: chosen, trained, asked, and what the other pages say meanwhile."""

import base64
import json
from dataclasses import replace
from urllib.parse import parse_qsl

import pytest
import torch

from core.config import WORD_PRESETS
from core.counting.of_words import WordCounts
from core.data.corpus import WORD
from core.data.sentences import read_text
from core.engine.saved import SavedRun
from core.engine.snapshot import PAUSED
from core.keeping.runfile import to_bytes
from core.ui import server
from tests.support.story import STORY
from tests.support.visitor import Visitor
from tests.support.waiting import eventually


@pytest.fixture
def visitor(visitor_of_words):
    return visitor_of_words


def test_the_preset_trains_on_words_and_the_page_speaks_of_them(visitor):
    assert visitor.snapshot.corpus.level == WORD and visitor.snapshot.config == WORD_PRESETS["Words"]
    assert visitor.control("Start from").value == "Words"
    assert "How many words the network sees" in visitor.control("Context length").help
    told, shown = visitor.told, visitor.view("wordmap")
    assert told["head"]["packed"] and "nearest" not in told["head"] and len(shown["words"]) == len(shown["parts"])
    assert len(told["head"]["next"]) == 10 and len(told["head"]["words"]) == 4
    assert told["question"]["nextwords"]["context"] == visitor.control("Context").value.split()
    assert eventually(lambda: visitor.told["counted"]), "the count models are made while nobody waits"
    assert len(visitor.told["counted_next"]) == 10
    visitor.press("Train")
    eventually(lambda: visitor.snapshot.step > 20)
    visitor.press("Pause")
    assert visitor.snapshot.state == PAUSED
    assert eventually(lambda: (visitor.told["exact"] or {}).get("train"))
    assert "exact, over all dev examples" in visitor.status
    assert visitor.told["sampled"]["groups"] == [], "the story has no days or months"
    step, share, low, high = visitor.told["sampled"]["same_part"]
    assert step == visitor.snapshot.step and 0 <= low <= high <= 1 and 0 <= share <= 1


def test_real_cases_and_the_nearest_contexts_of_what_is_typed_are_told_at_rest(visitor):
    assert visitor.told["duel"] is None and visitor.told["own"] is None, "nothing is learned yet"
    visitor.press("Step")
    duel = eventually(lambda: visitor.told["duel"])
    examples, ahead, network, counting = duel["all"]
    assert duel["step"] == 1 and examples == duel["total"] and 0 <= ahead <= examples and network > counting > 0
    visitor.set("Context", "A dog ran")
    own = eventually(lambda: visitor.told["own"])
    assert own["words"] == ["A", "dog", "ran"] and own["seen"][2] == [[",", own["seen"][1]]]
    assert len(own["nearest"]) == 5 and ["A", "dog", "ran"] not in [words for words, _, _ in own["nearest"]]
    visitor.set("Context", "ran ran ran")
    assert eventually(lambda: (own := visitor.told["own"]) and own["words"] == ["ran"] * 3 and own["seen"] is None)


def test_a_count_that_fails_is_said_with_its_reason(visitor, monkeypatch):
    def fails(corpus):
        raise MemoryError

    eventually(lambda: visitor.told["counted"])
    monkeypatch.setattr(WordCounts, "of", fails)
    visitor.set("Vocabulary", 1_000)
    assert eventually(lambda: visitor.told["counting_failed"])
    assert visitor.status.endswith("Counting, to compare, failed (MemoryError).")
    assert visitor.told["counted"] is None and visitor.told["counted_next"] is None


def test_what_is_typed_is_read_as_words(visitor):
    visitor.set("Context", "the CAT and then zebra")
    assert visitor.asked("nextwords")["context"] == ["and", "<unk>", "<unk>"]
    visitor.set("Context", "x" * 5000)
    assert visitor.asked("nextwords")["context"] == ["<unk>"]


def test_a_word_that_is_touched_has_neighbours_now_and_earlier(visitor):
    visitor.press("Step", "Step")
    words = visitor.view("wordmap")["words"]
    cat, dog = words.index("cat"), words.index("dog")
    assert visitor.live.hear("word", [cat, [dog], None])
    near, earlier = visitor.told["near"], visitor.told["earlier"]
    assert [row["word"] for row in near] == [cat, dog] and all(len(row["nearest"]) == 10 for row in near)
    assert earlier["name"] == "dog" and [step for step, _, _ in earlier["rows"]] == [0, 1, 2]
    visitor.live.hear("cursor", 1)
    assert {row["step"] for row in visitor.told["near"]} == {1}
    visitor.live.hear("word", [cat, [], [cat, dog, words.index("the"), words.index("ran")]])
    meaning = visitor.told["meaning"]
    assert meaning["step"] == 1 and meaning["pairs"][0] == [cat, dog] and 0 <= meaning["angle"] <= 180
    numbers = torch.frombuffer(bytearray(base64.b64decode(meaning["packed"])), dtype=torch.int16).view(-1, 2)
    places = torch.tensor(meaning["window"][:2]) + meaning["scale"] * numbers / 32767
    assert len(places) == len(words) and places[[cat, dog], 0].tolist() == pytest.approx([-1, 1], abs=1e-3)


@pytest.mark.parametrize(
    "said",
    [
        None,
        7,
        [],
        [0],
        [0, [2]],
        [None, [], [2, 3, 4]],
        [10**9, [10**9], [10**9] * 4],
        [None, [], [2, 3, 4, True]],
        [None, [], [2, 3, 4, -1]],
        ["a", [None, True, 2.5, {}], "b"],
        [-1, 5, 5],
        {"a": 1},
        [[1], [[2]], [[3]]],
    ],
)
def test_whatever_a_browser_says_of_words_the_page_goes_on(visitor, said):
    assert visitor.live.hear("word", said)
    assert visitor.told["near"] == [] and visitor.told["earlier"] is None and visitor.told["meaning"] is None
    visitor.live.hear("touched", {"letters": [1, 2]})
    assert json.dumps(visitor.told)


def test_reference_and_compare_can_be_looked_at_meanwhile(visitor):
    for page in ("reference", "compare"):
        visitor.at.switch_page(f"{page}/page.py").run()
        visitor._sound()


def test_a_preset_of_letters_brings_the_names_back_and_undo_the_words(visitor):
    visitor.press("Step")
    visitor.set("Start from", "Wide 2-D")
    assert visitor.snapshot.corpus == server.names() and visitor.view("letters")
    visitor.press("Undo")
    assert visitor.snapshot.corpus.level == WORD and visitor.snapshot.step == 1
    row = next(row for row in visitor.library.runs() if row.id == visitor.snapshot.id)
    assert (row.digest, row.most, row.step) == (visitor.snapshot.corpus.digest, 500, 1)


def test_runs_on_words_are_compared_downloaded_and_opened_from_their_file(visitor, monkeypatch):
    monkeypatch.setattr("core.data.sentences.DIGEST", visitor.snapshot.corpus.digest)
    monkeypatch.setattr(server, "english", lambda words=500: replace(visitor.snapshot.corpus, most=words))
    visitor.press("Step", "Step")
    first = visitor.snapshot
    saved = SavedRun.of(first, server.dataset(first.corpus, first.config.block_size))
    files = "Card (.svg)", "Script (.py)", "Animation (.html)", "Run (.safetensors)", "History (.csv)"
    assert {"Sentences (.txt)", "Answer (.url.txt)", *files} == {
        button.label for button in visitor.at.get("download_button")
    }
    visitor.set("Vocabulary", 1_000)
    visitor.press("Step")
    assert eventually(lambda: {row.most for row in visitor.library.runs()} == {500, 1_000})
    visitor.at.switch_page("compare/page.py").run()
    visitor.look()
    assert visitor.view("table")["results"][1][0] == "Dev loss, of at most 3,000 examples of a text"
    maps = visitor.view("maps")["maps"]
    assert len(maps) == 2 and all("the" in drawn["characters"] for drawn in maps)
    assert visitor.view("losses")["note"] == "different words: these losses cannot be compared"
    assert not next(button for button in visitor.at.button if button.label.startswith("Train 4 seeds")).disabled
    visitor.at.switch_page("explore/page.py").run()
    upload = next(field for field in visitor.at.file_uploader if field.label == "A run that was downloaded here")
    upload.set_value(("run.safetensors", to_bytes(saved), "application/octet-stream")).run()
    visitor.look()
    assert (visitor.snapshot.step, visitor.snapshot.frozen) == (2, first.frozen)
    assert visitor.snapshot.corpus.most == 500 and not visitor.live.notes


def test_a_link_opens_the_same_run_for_somebody_else(visitor, monkeypatch):
    monkeypatch.setattr("core.data.sentences.DIGEST", visitor.snapshot.corpus.digest)
    monkeypatch.setattr(server, "english", lambda words=500: replace(visitor.snapshot.corpus, most=words))
    visitor.press("Step", "Step")
    query = dict(parse_qsl(visitor.told["address"]))
    assert query["vocabulary"] == "500"
    other = Visitor(**query, step="2")
    try:
        assert eventually(lambda: other.snapshot.step == 2)
        assert other.snapshot.corpus == visitor.snapshot.corpus and other.snapshot.frozen == visitor.snapshot.frozen
    finally:
        other.client.stop()


def test_another_vocabulary_is_another_run_on_the_same_text_and_the_link_says_it(visitor):
    visitor.press("Step")
    config = visitor.snapshot.config
    visitor.set("Vocabulary", 1_000)
    assert visitor.snapshot.corpus.most == 1_000 and visitor.snapshot.step == 0 and visitor.snapshot.config == config
    assert "vocabulary=1000" in visitor.told["address"]
    visitor.press("Undo")
    assert visitor.control("Vocabulary").value == 500 and visitor.snapshot.step == 1


def test_the_papers_preset_has_its_vocabulary_and_says_how_slow_it_is(visitor, monkeypatch):
    monkeypatch.setattr("core.data.sentences.DIGEST", visitor.snapshot.corpus.digest)
    monkeypatch.setattr(server, "english", lambda words=500: replace(visitor.snapshot.corpus, most=words))
    assert "Slow" not in visitor.view("wordmap")["source"]
    visitor.set("Start from", "Bengio 2003")
    assert visitor.snapshot.corpus.most == 17_000 and visitor.snapshot.config == WORD_PRESETS["Bengio 2003"]
    assert visitor.control("Start from").value == "Bengio 2003"
    assert "76 steps/s of 32 examples were measured" in visitor.view("wordmap")["source"]
    visitor.set("Vocabulary", 500)
    assert visitor.control("Start from").value is None, "other words than the preset's"


def test_the_calculator_trains_its_network_on_words_or_says_why_it_cannot(visitor, monkeypatch):
    monkeypatch.setattr(server, "english", lambda words=500: replace(visitor.snapshot.corpus, most=words))
    visitor.at.switch_page("reference/page.py").run()
    visitor.look()
    assert visitor.view("papermodel")["models"][1]["title"] == "Yours, of words"
    visitor.at.number_input(key="paper_n_embd").set_value(100).run()
    visitor.press("Train it on words")
    problem = visitor.view("papermodel")["problem"]
    assert problem.startswith("It cannot be trained here. Embedding dimensions must be") and visitor.snapshot.step == 0
    visitor.at.number_input(key="paper_n_embd").set_value(5).run()
    visitor.at.number_input(key="paper_vocabulary_size").set_value(600).run()
    visitor.press("Train it on words")
    assert visitor.snapshot.corpus.most == 600
    assert visitor.snapshot.config == WORD_PRESETS["Bengio 2003"].with_(n_embd=5, direct=False)


@pytest.fixture
def reader():
    visitor = Visitor()
    visitor.at.switch_page("data/page.py").run()
    visitor._sound()
    yield visitor
    visitor.client.stop()


def test_a_text_of_ones_own_is_reported_before_it_is_learned(reader):
    area = next(area for area in reader.at.text_area if area.label == "Paste running text")
    area.set_value("The cat sat.").run()
    assert any("but 1,000 are needed; use a longer text." in text.value for text in reader.at.text)
    assert "Train on this text" not in reader.buttons()
    files = next(files for files in reader.at.file_uploader if files.label == "Or upload a text file")
    files.set_value(("empty.txt", b"", "text/plain")).run()
    assert any("“empty.txt” has 0 words and signs" in text.value for text in reader.at.text)
    area.set_value(STORY).run()
    assert any("180 sentences, 1,260 words and signs, 17 different ones." in text.value for text in reader.at.text)
    reader.press("Train on this text")
    assert reader.snapshot.corpus.level == WORD and reader.snapshot.corpus.name == "your text"
    assert reader.view("wordmap")["source"] == "" and reader.snapshot.config == WORD_PRESETS["Words"]
    reader.client.pause()
    reader.at.switch_page("explore/page.py").run()
    reader.set("Words", server.names().digest)
    assert reader.snapshot.corpus == server.names() and reader.view("letters")
    digest = read_text(STORY, "story", 500).corpus.digest
    reader.set("Words", digest)
    assert reader.snapshot.corpus.digest == digest, "a text stays among the lists of its visitor"
