"""The lessons that come with the program, in the order of the lecture's exercises."""

import pathlib
from dataclasses import replace
from functools import cache

from core.config import ConfigError
from core.data.plain import plain
from core.lessons.lesson import Lesson
from core.messages import tr

FOLDER = pathlib.Path(__file__).parent.parent.parent / "assets" / "lessons"
KEYS = (
    "e01-beat-counting", "e02-the-first-loss", "e03-direct-connections", "find-the-learning-rate", "how-wide",
    "seeds-and-luck",
)  # fmt: skip


@cache
def bundled(key: str) -> Lesson:
    """The lesson of assets/lessons/`key`.json; KeyError for another key."""
    if key not in KEYS:
        raise KeyError(key)
    return Lesson.read((FOLDER / f"{key}.json").read_text(encoding="utf-8"))


def asked(text: str) -> Lesson:
    """The lesson that `?lesson=` names: a bundled one by its key, or one that the link holds. Else ConfigError."""
    if text in KEYS:
        return bundled(text)
    if len(text) < 40:
        raise ConfigError(
            tr("There is no lesson called “{name}”. The page “Start here” lists those there are.", name=plain(text))
        )
    return Lesson.linked(text)


def translated(lesson: Lesson) -> Lesson:
    """A bundled lesson with its texts in the visitor's language, to be shown; any other one as it was written.

    Not to be linked to: its link and its digest are others.
    """
    if all(bundled(key) != lesson for key in KEYS):
        return lesson
    return replace(
        lesson,
        title=tr(lesson.title),
        cards=tuple(map(tr, lesson.cards)),
        hints=tuple(map(tr, lesson.hints)),
        questions=tuple(replace(one, why=tr(one.why)) for one in lesson.questions),
    )


def named(lesson: Lesson) -> str:
    """What `?lesson=` says of it: the key of a bundled lesson, which is shorter, or all of it."""
    return next((key for key in KEYS if bundled(key) == lesson), None) or lesson.link
