"""core/lessons/lesson.py and bundled.py: what a lesson holds, how it travels, and what is refused."""

import base64
import random
import string
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.config import Config, ConfigError
from core.lessons import bundled
from core.lessons.goals import Goal
from core.lessons.lesson import FREE, HIDDEN, MAX_JSON, Lesson
from core.lessons.predict import Question
from core.messages import speak, tr

WHOLE = {
    "title": "Beat counting",
    "cards": ["Three characters are enough.", "Hand in."],
    "start": {"n_hidden": 200, "learning_rate": 0.03},
    "words": "bd02dfd33179",
    "free": ["n_hidden", "speed"],
    "hide": ["compare", "names"],
    "questions": [{"ask": "nearest", "letter": "e", "step": 1000, "why": "Both stand before n."}],
    "goals": ["dev < 2.2", "parameters < 12000"],
    "hints": ["Smaller steps settle lower."],
}


def packed(data: bytes) -> str:
    return base64.urlsafe_b64encode(zlib.compress(data)).decode().rstrip("=")


def test_a_lesson_is_read_with_all_its_parts():
    lesson = Lesson.of(WHOLE)
    assert lesson.start == Config(n_hidden=200, learning_rate=0.03)
    assert lesson.questions == (Question("nearest", 1000, "e", "Both stand before n."),)
    assert lesson.goals == (Goal("dev", "<", 2.2), Goal("parameters", "<", 12_000))
    assert Lesson.of({"title": "Short", "cards": ["One."]}).free == ("speed",)


texts = st.text("abc “ä”<&%\U0001f600", min_size=1).filter(str.strip)
lessons = st.fixed_dictionaries(
    {"title": texts.map(lambda text: text[:20] + "."), "cards": st.lists(texts, min_size=1, max_size=8)},
    optional={
        "free": st.lists(st.sampled_from([*FREE]), unique=True),
        "hide": st.lists(st.sampled_from([*HIDDEN]), unique=True),
        "hints": st.lists(texts, max_size=5),
        "goals": st.lists(st.sampled_from(["dev < 2.17", "parameters < 12000", "apart < 1000"]), max_size=4),
        "start": st.fixed_dictionaries({}, optional={"n_hidden": st.integers(0, 500), "direct": st.booleans()}),
    },
)


@given(lessons)
def test_a_lesson_comes_back_from_its_link_and_from_its_file(data):
    lesson = Lesson.of(data)
    assert Lesson.linked(lesson.link) == Lesson.read(lesson.json(2)) == lesson
    assert Lesson.linked(lesson.link).digest == lesson.digest


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"title": ""}, "title must be text"),
        ({"title": "x" * 81}, "at most 80"),
        ({"title": "a\u202eb"}, "visible"),
        ({"cards": []}, "at least one card"),
        ({"cards": ["x"] * 9}, "at most 8"),
        ({"start": {"n_hiden": 3}}, "no setting called “n_hiden”"),
        ({"start": {"n_hidden": -1}}, "between 0 and 500"),
        ({"start": {"n_hidden": True}}, "must be a number"),
        ({"words": "../../etc"}, "12 hexadecimal digits"),
        ({"free": ["<b>"]}, "cannot be in “free”"),
        ({"hide": [""]}, "cannot be in “hide”"),
        ({"goals": ["dev = 2"]}, "A goal is written"),
        ({"goals": [7]}, "A goal is written"),
        ({"questions": [{"ask": "why"}]}, "has “ask”"),
        ({"questions": [{"ask": "nearest", "step": 5}]}, "about a letter"),
        ({"questions": [{"ask": "loss", "step": 1.5}]}, "whole number"),
        ({"script": "alert(1)"}, "no part called “script”"),
    ],
)
def test_what_cannot_be_in_a_lesson_is_refused_in_a_sentence(change, said):
    with pytest.raises(ConfigError, match=said):
        Lesson.of(WHOLE | change)


@pytest.mark.parametrize(
    "data", [b"", b"[]", b"{", b"\xff\xfe", b"[" * 20_000, b'{"a":' * 2_000, b" " * (MAX_JSON + 1)]
)
def test_hostile_files_and_links_are_refused_in_a_sentence(data):
    for read, value in ((Lesson.read, data), (Lesson.linked, packed(data))):
        with pytest.raises(ConfigError):
            read(value)


@given(st.text(max_size=200))
def test_any_text_in_a_url_is_a_lesson_or_a_sentence(text):
    with pytest.raises(ConfigError):
        bundled.asked(text)


def test_a_bomb_is_not_unpacked():
    with pytest.raises(ConfigError, match="cut off"):
        Lesson.linked(packed(b" " * 20_000_000)[:6_000])
    with pytest.raises(ConfigError):
        Lesson.linked(packed(b" " * 1_000_000))


def test_a_lesson_that_is_too_long_for_a_link_says_so():
    assert Lesson.of(WHOLE | {"cards": ["The same again. " * 30] * 8}).link  # repeated text packs well
    draw = random.Random(1)
    mixed = ["".join(draw.choices(string.ascii_letters, k=599)) for _ in range(13)]
    with pytest.raises(ConfigError, match="too long for a link"):
        Lesson.of(WHOLE | {"cards": mixed[:8], "hints": mixed[8:]}).link  # noqa: B018


@pytest.mark.parametrize("key", bundled.KEYS)
def test_the_bundled_lessons_are_whole_and_are_called_by_their_keys(key):
    lesson = bundled.bundled(key)
    assert lesson.cards and lesson.goals and lesson.questions and lesson.hints and lesson.free
    assert bundled.named(lesson) == key and bundled.asked(lesson.link) == lesson == bundled.asked(key)
    assert bundled.named(Lesson.of(WHOLE)) == Lesson.of(WHOLE).link


def test_a_bundled_lesson_is_shown_in_the_visitors_language_and_a_teachers_as_it_was_written():
    lesson, own = bundled.bundled("e01-beat-counting"), Lesson.of(WHOLE | {"title": "Train"})
    assert bundled.translated(lesson) == lesson
    speak("de")
    try:
        shown = bundled.translated(lesson)
        assert shown.title == tr(lesson.title) != lesson.title
        assert all(a != b for a, b in zip(shown.cards + shown.hints, lesson.cards + lesson.hints, strict=True))
        assert shown.questions[0].why != lesson.questions[0].why and shown.goals == lesson.goals
        assert lesson.goals[0].text == "Dev-Verlust unter 2.17"
        assert bundled.translated(own) is own and tr(own.title) != own.title
    finally:
        speak("en")
