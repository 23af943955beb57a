"""Word lists on the pages (streamlit.testing): the gallery, the sidebar's choice, what a visitor brings."""

import math
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.config import MAX_SYMBOLS, MAX_WORD_LENGTH, MAX_WORDS, MIN_WORDS, Config, ConfigError
from core.data import gallery
from core.data.corpus import WORD, Corpus
from core.data.groups import Group
from core.engine.snapshot import READY, TRAINING
from core.ui.data import words as page_words
from tests.support.visitor import Visitor

DATA, EXPLORE, INSIDE = (f"{page}/page.py" for page in ("data", "explore", "inside"))
PAGES = "explore", "start", "compare", "data", "inside", "tune", "reference"
PETS = ["Rex", "Bella", "Luna", "Max", "Milo", "Zoë", "Ämmi", "Rex", "Bo", "Coco", "Lola", "Ruby", "Fido", "Kiki"]
TABLE = "name,kind\n" + "".join(f"{pet},dog\n" for pet in PETS)
BUTTON = "Train on these words"


@pytest.fixture
def visitor():
    visitor = Visitor()
    yield visitor
    visitor.client.stop()


@pytest.fixture
def data(visitor):
    """Somebody on the Data page."""
    go(visitor, DATA)
    return visitor


def go(visitor: Visitor, page: str) -> None:
    visitor.at.switch_page(page)
    visitor.look()


def fill(visitor: Visitor, label: str, value) -> None:
    (area,) = [area for area in visitor.at.text_area if area.label == label]
    area.set_value(value).run()
    visitor.look()


def upload(visitor: Visitor, raw: bytes | str, name: str = "pets.txt") -> dict:
    """What is said of a file."""
    raw = raw.encode() if isinstance(raw, str) else raw
    visitor.at.file_uploader[0].set_value((name, raw, "text/plain")).run()
    visitor.look()
    return visitor.view("own")


def lines(words) -> str:
    return "\n".join(words)


# ---------------------------------------------------------------- the gallery, the sidebar


def test_the_gallery_stands_there_with_its_reasons_and_the_current_list_is_marked(data):
    cards = data.view("words")["lists"]
    assert [card["title"] for card in cards] == [one.title for one in gallery.GALLERY]
    for card, one in zip(cards, gallery.GALLERY):
        words = gallery.words(one.key)
        assert (card["digest"], card["why"], card["count"]) == (words.digest, one.why, len(words.units))
        assert card["examples"] == list(words.units[:5]) and card["current"] == (one.key == "names")
    limits = data.view("words")["limits"]
    assert all(f"{n:,}" in limits for n in (MAX_WORDS, MAX_WORD_LENGTH, MAX_SYMBOLS, MIN_WORDS)) and "2 MB" in limits


def test_another_list_starts_a_new_run_and_undo_brings_back_the_old_one_with_its_words(visitor):
    visitor.press("Step", "Step")
    before, words = visitor.snapshot, gallery.words("lojban")
    assert "Lojban roots" in visitor.control("Words").options
    visitor.set("Words", words.digest)
    after = visitor.snapshot
    assert (after.number, after.step, after.state) == (before.number + 1, 0, READY)
    assert after.corpus == words and after.vocabulary.itos == (".", *sorted(set().union(*words.units)))
    assert after.config == gallery.BY_KEY["lojban"].config != before.config
    assert visitor.control("Context length").value == after.config.block_size
    visitor.press("Undo")
    assert visitor.snapshot.corpus == before.corpus and visitor.snapshot.frozen == before.frozen
    assert visitor.control("Words").value == before.corpus.digest


def test_settings_that_somebody_chose_stay_with_another_list(visitor):
    visitor.set("Hidden units", 50)
    visitor.set("Words", gallery.words("lojban").digest)
    assert visitor.snapshot.config == Config(n_hidden=50)


@given(st.lists(st.tuples(st.sampled_from("ab"), st.integers(1, 3), st.integers(0, 9)), min_size=1, max_size=8))
def test_lists_are_called_differently(made):
    lists = {(words := Corpus(name, (f"w{n}",) * length)).digest: words for name, length, n in made}
    called = page_words.titles(list(lists.values()))
    assert called.keys() == lists.keys() and len(set(called.values())) == len(called)
    assert all(called[digest].startswith(words.name) for digest, words in lists.items())


def test_texts_of_the_same_name_are_told_apart_by_their_sentences():
    texts = Corpus("text", ("a b", "b"), level=WORD, most=500), Corpus("text", ("a",) * 3, level=WORD, most=500)
    assert [*page_words.titles(texts).values()] == ["text, 2 sentences", "text, 3 sentences"]


@pytest.mark.parametrize("said", [None, True, 0, -1, math.nan, "", "x" * 100, [], {}, "names", "<b>", "bd02dfd3"])
def test_what_is_no_digest_of_a_list_chooses_nothing(monkeypatch, said):
    monkeypatch.setattr(page_words.session, "lists", lambda: [gallery.words("names")])
    monkeypatch.setattr(page_words, "learn", lambda words: pytest.fail("a list was chosen"))
    page_words._use(said)


# ---------------------------------------------------------------- words, not names


def test_what_is_said_of_names_is_said_of_words_where_there_are_others(visitor):
    assert visitor.view("names")["wording"] == {"noun": "name", "V": 27}
    assert visitor.control("Name").placeholder == "type a name"
    visitor.set("Words", gallery.words("russian").digest)
    assert visitor.view("names")["wording"] == {"noun": "word", "V": 34}
    assert visitor.control("Word").placeholder == "type a word"
    assert "start of a word" in visitor.control("Context").help


def test_inputs_begin_with_the_first_word_of_the_list_and_each_list_keeps_its_own(visitor):
    assert (visitor.control("Context").value, visitor.control("Name").value) == ("em", "emma")
    visitor.set("Name", "olivia")
    visitor.set("Words", gallery.words("russian").digest)
    assert (visitor.control("Context").value, visitor.control("Word").value) == ("аб", "абажур")
    assert visitor.asked("spelling")["known"] and visitor.asked("bars")["problem"] is None
    go(visitor, INSIDE)
    assert visitor.view("inside")["context"] == "аба" and visitor.control("Context").value == "аба"
    go(visitor, DATA)
    assert [w[1] for w in visitor.view("windows")["windows"]] == [*"абажур."]


def test_what_is_typed_is_meant_in_the_case_that_the_list_has(data):
    upload(data, lines(PETS))
    data.control("Lower case").set_value(False).run()
    data.press(BUTTON)
    go(data, EXPLORE)
    assert data.snapshot.corpus.units == tuple(PETS)
    data.set("Word", " rex ")
    assert data.asked("spelling")["characters"] == ["R", "e", "x", "."] and data.asked("spelling")["known"]
    data.set("Word", "ZOË")
    assert data.asked("spelling")["characters"] == ["Z", "o", "ë", "."]


# ---------------------------------------------------------------- what a visitor brings


def test_a_file_is_reported_before_anything_is_trained_and_then_learned_from(data):
    before = data.snapshot
    said = upload(data, lines(PETS))
    assert data.snapshot.number == before.number and data.snapshot.corpus == before.corpus
    assert (said["name"], said["words"], said["distinct"], said["problem"]) == ("pets.txt", 14, 13, None)
    assert said["longest"] == ["bella", 5] and said["first"] == [pet.lower() for pet in PETS[:8]]
    groups = {group["name"]: group["characters"] for group in said["groups"]}
    assert groups["vowels"] == [*"aeiouäë"] and said["symbols"] == sum(map(len, groups.values()))
    data.press(BUTTON)
    after = data.snapshot
    assert after.corpus == Corpus("pets.txt", tuple(pet.lower() for pet in PETS)) and after.state == TRAINING
    go(data, EXPLORE)
    assert data.control("Words").value == after.corpus.digest and "pets.txt" in data.control("Words").options
    go(data, DATA)
    assert BUTTON not in data.buttons() and data.view("words")["lists"][-1]["current"]


def test_words_can_be_pasted(data):
    fill(data, "Or paste a list", lines(PETS))
    assert data.view("own")["words"] == 14
    data.press(BUTTON)
    assert data.snapshot.corpus.units[0] == "rex"


def test_a_button_reads_what_was_pasted_once_and_says_so_if_there_is_nothing(data):
    before = data.snapshot
    data.press("Read these words")
    assert data.view("words")["problem"] == "Type or paste some words first, one per line."
    fill(data, "Or paste a list", TABLE)
    assert data.view("words")["problem"] is None
    data.set("Column", -1)
    data.press("Read these words")
    assert data.view("own")["first"][0] == "name,kind", "the choice of a column was lost"
    assert data.snapshot.number == before.number


def test_the_column_of_a_table_can_be_chosen(data):
    said = upload(data, TABLE, "pets.csv")
    assert said["first"][:2] == ["rex", "bella"] and any("Column 1 of 2" in text for text in said["said"])
    assert data.control("Column").options == ["whole lines", "1. name", "2. kind"]
    data.set("Column", 1)
    assert "different words" in data.view("own")["problem"] or "only one word" in data.view("own")["problem"]
    assert BUTTON not in data.buttons()
    data.set("Column", -1)
    assert data.view("own")["first"][0] == "name,kind"


def test_the_choice_of_a_column_is_not_taken_for_another_tables(data):
    upload(data, TABLE, "pets.csv")
    data.set("Column", -1)
    assert upload(data, TABLE.replace("dog", "cat"), "cats.csv")["first"][0] == "rex"


def test_case_is_kept_if_somebody_wants_that(data):
    upload(data, lines(PETS))
    data.set("Lower case", False)
    assert data.view("own")["first"][0] == "Rex" and data.view("own")["symbols"] > 20


def test_typed_colour_groups_have_their_names(data):
    upload(data, lines(PETS))
    fill(data, "Colour groups", "front vowels: e i ä ë / back vowels: aou\nxyz")
    groups = data.view("own")["groups"]
    assert [(g["name"], g["role"]) for g in groups] == [
        ("front vowels", "vowel"), ("back vowels", "consonant"), ("xyz", "third"), ("others", "fourth"),
    ]  # fmt: skip
    assert groups[2]["characters"] == ["x", "y", "z"]
    data.press(BUTTON)
    assert data.snapshot.corpus.groups[:2] == (Group("front vowels", tuple("eiäë")), Group("back vowels", tuple("aou")))


@pytest.mark.parametrize(
    ("typed", "problem"),
    [
        ("ae / ea", "“a” is in two colour groups; leave it in one of them."),
        ("a/b/c/d/e/f", "There are 6 groups; at most 5 can have a colour, so combine some of them."),
        ("vowels:", "“vowels” is not a group; write its name, a colon and its characters, such as vowels: a e i o u."),
        ("x" * 4000, "The colour groups are too long; write each character once."),
    ],
)
def test_groups_that_cannot_be_are_answered_with_a_sentence_and_what_was_read_stays(data, typed, problem):
    before = upload(data, lines(PETS))
    fill(data, "Colour groups", typed)
    after = data.view("own")
    assert after == before | {"problem": problem} and BUTTON not in data.buttons()
    fill(data, "Colour groups", "")
    assert data.view("own") == before and BUTTON in data.buttons()


HOSTILE = {
    "empty": b"", "white space": b" \n\t\n ", "a picture": b"\x89PNG\r\n\x1a\n\x00\x00", "zeros": b"a\0b\n" * 20,
    "no UTF-8": b"\xff\xfe\xfa\n" * 20, "UTF-16 without its mark": lines(PETS).encode("utf-16-le"), "one word": b"emma",
    "repetitions": b"emma\n" * 99, "one long line": b"a" * 1_000_000, "no letters": lines(map(str, range(50))),
    "many symbols": lines(map(chr, range(0x4E00, 0x6188))), "a pickle": b"\x80\x04\x95" + b"a\n" * 99,
}  # fmt: skip


@pytest.mark.parametrize("what", HOSTILE)
def test_what_cannot_be_learned_from_is_answered_with_one_sentence_and_nothing_changes(data, what):
    before = data.snapshot
    said = upload(data, HOSTILE[what], "mine.txt")
    assert said["problem"].endswith(".") and said["problem"].count("“mine.txt”") == 1 and said["name"] == ""
    assert BUTTON not in data.buttons() and data.snapshot == before
    assert upload(data, lines(PETS))["problem"] is None


def test_a_list_that_is_too_much_for_the_config_is_refused_and_nothing_changes(data, monkeypatch):
    upload(data, lines(PETS))
    before = data.snapshot

    def refuse(config, dataset):
        assert (config, dataset.name) == (before.config, "pets.txt")
        raise ConfigError("These are too many.")

    monkeypatch.setattr(page_words.session, "check_work", refuse)
    data.press(BUTTON)
    assert data.view("words")["problem"] == "These are too many." and data.snapshot == before
    assert len(data.view("words")["lists"]) == len(gallery.GALLERY)


# ---------------------------------------------------------------- hostile text


WORDS = [
    "![a](http://evil/x)", "<img src=x onerror=alert(1)>", "[b](http://evil)", "<a href='http://evil'>c</a>", "=1+1",
    ":material/home:", "$x^2$", "**bold**", "`code`", "&lt;", ":red[d]", "<script>e</script>",
]  # fmt: skip
MARKDOWN = "markdown", "caption", "metric", "radio", "tabs", "table", "alert", "html", "checkbox", "expander"


def test_words_are_never_shown_by_anything_that_takes_them_for_markup(data):
    upload(data, lines(WORDS), "![evil](http://evil/f).txt")
    data.press(BUTTON)
    data.client.pause()
    for page in PAGES:
        go(data, f"{page}/page.py")
        drawn = [str(element.proto) for kind in MARKDOWN for element in data.at.get(kind)]
        drawn += data.buttons() + [button.help for button in data.at.button]
        assert not any("evil" in text or "onerror" in text for text in drawn), page


# ---------------------------------------------------------------- large alphabets


def test_a_large_alphabet_is_bounded_and_the_page_says_so(data):
    letters = [chr(0x4E00 + i) for i in range(200)]
    chance = random.Random(3)
    words = ["".join(chance.choices(letters, range(1, 201), k=4)) for _ in range(400)]
    upload(data, lines(words))
    data.press(BUTTON)
    data.client.pause()
    V = len(data.snapshot.vocabulary)
    go(data, DATA)
    for tab, panel in (("Bigrams", "pairs"), ("Contexts", "growth"), ("Mix", "mix")):
        data.at.session_state["data_tab"] = tab
        data.look()
        shown = data.view(panel)
        assert shown["wording"] == {"noun": "word", "V": V}
        if panel == "pairs":
            assert len(shown["characters"]) == 48 and len(shown["counts"]) == 48**2 and V > 150
            assert sum(shown["counts"]) < shown["total"] == 5 * 320
            most = {s for s in letters if sum(word.count(s) for word in words) > 25}
            assert most <= set(shown["characters"])
