"""Sentences in the visitor's language.

In the code every sentence is English: `tr("Finished {step:,} steps.", step=step)`. A table for each other language
(assets/languages) maps each English message to its translation, which has the same {values}. A message without a
translation stays English; tests/test_messages.py finds it. JavaScript has the same function and reads the same tables
(assets/page/common/messages.js).

Numbers are written in the same way in every language, as they are in the charts: 1,234.5.
"""

import json
import pathlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from typing import TypeVar

ENGLISH = "en"
UNKNOWN = ""  # the language where nobody is answered yet: in hosts and workers
LANGUAGES = {ENGLISH: "English", "de": "Deutsch"}  # code -> what the language calls itself
TABLES = pathlib.Path(__file__).parent.parent / "assets" / "languages"

T = TypeVar("T")

_spoken: ContextVar[str] = ContextVar("language", default=ENGLISH)
_of_scripts: Callable[[], str | None] = lambda: None


class Said(str):
    """An English sentence that remembers its message and its values, so that `tr` can say it in another language."""

    message: str
    values: dict


def tr(message: str, **values) -> str:
    """`message` in the language of whoever is answered, with its {values} filled in, by name as in `str.format`.

    message: a literal, a text that was marked by `mark`, or what `said` returned. Where the language is UNKNOWN it is
    said in English and can be translated later, as by `said`.
    """
    spoken = language()
    if spoken == UNKNOWN:
        return message if isinstance(message, Said) else said(message, **values)
    if isinstance(message, Said):
        message, values = message.message, {name: _later(value) for name, value in message.values.items()}
    text = table(spoken).get(message, message)
    return text.format(**values) if values else text


def mark(message: str) -> str:
    """Says that `message` is translated later, by `tr` where it is shown. Returns it as it is."""
    return message


def said(message: str, **values) -> Said:
    """For where nobody's language is known, as in a host: the sentence in English, which `tr` translates where it is
    shown. It can be pickled."""
    sentence = Said(message.format(**values) if values else message)
    sentence.message, sentence.values = message, values
    return sentence


def _later(value: object) -> object:
    return tr(value) if isinstance(value, Said) else value


def packed(sentence: str) -> list:
    """What `said` returned, or any other text, as JSON can hold it."""
    if not isinstance(sentence, Said):
        return [sentence]
    return [sentence.message, {name: packed(value) for name, value in sentence.values.items()}]


def unpacked(sentence: list) -> str:
    return sentence[0] if len(sentence) == 1 else said(sentence[0], **{n: unpacked(v) for n, v in sentence[1].items()})


def one_word(about: str, word: str) -> str:
    """A word that can mean several things, in the visitor's language. The tables have it as "about: word"."""
    return table(language()).get(f"{about}: {word}", word)


@cache
def table(language: str) -> dict[str, str]:
    """English message -> its translation."""
    return (
        {} if language in (ENGLISH, UNKNOWN) else json.loads((TABLES / f"{language}.json").read_text(encoding="utf-8"))
    )


def language() -> str:
    """The code of the language that is spoken now: that of the page's script, or what `speak` has set."""
    return _of_scripts() or _spoken.get()


def speak(language: str) -> None:
    """Speak this language in this thread or task from now on."""
    _spoken.set(language)


@contextmanager
def speaking(language: str) -> Iterator[None]:
    """Speak this language in this thread or task for a while."""
    token = _spoken.set(language)
    try:
        yield
    finally:
        _spoken.reset(token)


def spoken(make: Callable[[], T]) -> Callable[[], T]:
    """`make`, but speaking the present language in whatever thread it is called later."""
    then = language()

    def make_then() -> T:
        with speaking(then):
            return make()

    return make_then


def ask_scripts(of_scripts: Callable[[], str | None]) -> None:
    """Set the function that gives the language of the page whose script runs in this thread, or None.

    We cannot call `speak` when such a thread begins: Streamlit runs the widgets' callbacks before our script.
    """
    global _of_scripts
    _of_scripts = of_scripts


def chosen(*said: object) -> str:
    """The first of these that is the code of a language; English if none is. said: anything, from URLs and cookies."""
    return next((code for code in said if isinstance(code, str) and code in LANGUAGES), ENGLISH)
