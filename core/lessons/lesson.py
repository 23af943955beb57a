"""A lesson as data: where it starts, what may be changed, what to predict before Train, and what to reach.

It is kept as JSON, in a file or compressed in a link:

    {"title": "Beat counting", "cards": ["Three characters of context are enough to ..."],
     "start": {"n_hidden": 200}, "words": "", "free": ["n_hidden", "learning_rate"], "hide": ["compare", "spelling"],
     "questions": [{"ask": "nearest", "letter": "e", "step": 1000, "why": "Both stand where ..."}],
     "goals": ["dev < 2.2", "parameters < 12000"], "hints": ["A smaller learning rate ..."]}

`title` and `cards` are needed, all else may be left out. Everything that is read is checked; a ConfigError says in a
sentence what is wrong.
"""

import base64
import binascii
import hashlib
import json
import re
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

from core.config import KNOB, Config, ConfigError
from core.data import gallery
from core.data.plain import plain
from core.lessons.goals import Goal
from core.lessons.predict import Question
from core.lessons.tour import EXPLORE, PAGES
from core.messages import mark, tr

MAX_TEXT = 6_000  # characters of a lesson in a link
MAX_JSON = 24_000  # bytes
TITLE, PARAGRAPH = 80, 600  # characters at most
MOST_PARTS = {"cards": 8, "hints": 5, "goals": 4, "questions": 4}
WORDS = re.compile("[0-9a-f]{12}")  # the first digits of their sha256
LINKED = re.compile("[0-9A-Za-z_-]+", re.ASCII)
PANELS = {
    "names": mark("Names it writes"),
    "bars": mark("What comes next"),
    "spelling": mark("Your own name"),
    "below": mark("Below the map"),
}
HIDDEN = {page: title for page, title in PAGES.items() if page != EXPLORE} | PANELS
FREE = {name: knob.label for name, knob in KNOB.items()} | {"words": mark("Words"), "speed": mark("Speed")}


@dataclass(frozen=True)
class Lesson:
    """start: the config at step 0. words: the first 12 digits of the sha256 of its list, "" for the names.

    free: names of what may be changed, of FREE. hide: pages and panels that are not shown, of HIDDEN.
    """

    title: str
    cards: tuple[str, ...]
    start: Config = field(default_factory=Config)
    words: str = ""
    free: tuple[str, ...] = ("speed",)
    hide: tuple[str, ...] = ()
    questions: tuple[Question, ...] = ()
    goals: tuple[Goal, ...] = ()
    hints: tuple[str, ...] = ()

    @classmethod
    def of(cls, data: object) -> "Lesson":
        """The lesson that this JSON value says; ConfigError if it says none."""
        if not isinstance(data, dict):
            raise ConfigError(tr("A lesson is a JSON object with a title and cards."))
        unknown = next((name for name in data if name not in cls.__dataclass_fields__), None)
        if unknown is not None:
            raise ConfigError(tr("A lesson has no part called “{name}”.", name=plain(unknown)))
        cards, hints = (_texts(data, name) for name in ("cards", "hints"))
        if not cards:
            raise ConfigError(tr("A lesson needs at least one card."))
        words = data.get("words", "")
        if words != "" and not (isinstance(words, str) and WORDS.fullmatch(words)):
            raise ConfigError(tr("“words” of a lesson are 12 hexadecimal digits, the first of the list’s sha256."))
        return cls(
            _text(data.get("title"), "title", TITLE),
            cards,
            _start(data.get("start", {})),
            words,
            _chosen(data.get("free", ["speed"]), "free", FREE),
            _chosen(data.get("hide", []), "hide", HIDDEN),
            tuple(Question.of(one) for one in _list(data, "questions")),
            tuple(Goal.of(one if isinstance(one, str) else "") for one in _list(data, "goals")),
            hints,
        )

    def changed(self, config: Config, changes: Sequence[tuple], digest: str) -> list[str]:
        """Labels of what the lesson keeps as it is and a run has otherwise.

        config: at step 0. changes: (step, knob, value). digest: the first 12 digits, or more, of that of its words.
        """
        other = {name for name in KNOB if getattr(config, name) != getattr(self.start, name)}
        other |= {name for _, name, _ in changes}
        words = self.words or gallery.words(gallery.GALLERY[0].key).digest[:12]
        other |= set() if digest.startswith(words) else {"words"}
        return [label for name, label in FREE.items() if name in other and name not in self.free]

    @classmethod
    def read(cls, text: str | bytes) -> "Lesson":
        """The lesson in a JSON text."""
        if len(text) > MAX_JSON:
            raise ConfigError(tr("A lesson has at most {most:,} bytes.", most=MAX_JSON))
        try:
            return cls.of(json.loads(text))
        except (ValueError, RecursionError) as error:
            if isinstance(error, ConfigError):
                raise
            raise ConfigError(tr("This is not a lesson: it cannot be read as JSON.")) from None

    @classmethod
    def linked(cls, text: str) -> "Lesson":
        """The lesson in a link, as `link` writes it."""
        if len(text) > MAX_TEXT or not LINKED.fullmatch(text):
            raise ConfigError(tr("The link’s lesson cannot be read; it may have been cut off."))
        try:
            packed = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
            unpack = zlib.decompressobj()
            written = unpack.decompress(packed, MAX_JSON)
            if not unpack.eof:
                raise ConfigError(tr("The link’s lesson cannot be read; it may have been cut off."))
        except (binascii.Error, zlib.error):
            raise ConfigError(tr("The link’s lesson cannot be read; it may have been cut off.")) from None
        return cls.read(written)

    @cached_property
    def link(self) -> str:
        """The lesson as the value of `?lesson=`; ConfigError if it is too long for a link."""
        packed = base64.urlsafe_b64encode(zlib.compress(self.json().encode(), 9)).decode().rstrip("=")
        if len(packed) > MAX_TEXT:
            raise ConfigError(
                tr(
                    "This lesson is too long for a link ({n:,} characters, at most {most:,}).",
                    n=len(packed),
                    most=MAX_TEXT,
                )
            )
        return packed

    @cached_property
    def digest(self) -> str:
        """The first 12 digits of the sha256 of the lesson, by which its answers are found together."""
        return hashlib.sha256(self.json().encode()).hexdigest()[:12]

    def json(self, indent: int | None = None) -> str:
        """As JSON; parts that are as usual are left out."""
        usual, default = Lesson("", ()), Config().to_dict()
        data = {"title": self.title, "cards": self.cards}
        start = {name: value for name, value in self.start.to_dict().items() if value != default[name]}
        data |= {"start": start} if start else {}
        for name in ("words", "free", "hide", "hints"):
            if getattr(self, name) != getattr(usual, name):
                data[name] = getattr(self, name)
        if self.questions:
            data["questions"] = [one.to_dict() for one in self.questions]
        if self.goals:
            data["goals"] = [str(goal) for goal in self.goals]
        spaced = (",", ":") if indent is None else None
        return json.dumps(data, ensure_ascii=False, indent=indent, separators=spaced)


def _text(value: object, what: str, most: int) -> str:
    if not isinstance(value, str) or not value.strip():
        raise ConfigError(tr("A lesson’s {part} must be text.", part=what))
    value = " ".join(value.split())
    if len(value) > most or not value.isprintable():
        raise ConfigError(tr("A lesson’s {part} has at most {most} visible characters.", part=what, most=most))
    return value


def _list(data: dict, name: str) -> list:
    value = data.get(name, [])
    if not isinstance(value, list | tuple) or len(value) > MOST_PARTS[name]:
        raise ConfigError(tr("“{name}” of a lesson is a list of at most {most}.", name=name, most=MOST_PARTS[name]))
    return list(value)


def _texts(data: dict, name: str) -> tuple[str, ...]:
    return tuple(_text(one, name.removesuffix("s"), PARAGRAPH) for one in _list(data, name))


def _start(value: object) -> Config:
    if not isinstance(value, dict):
        raise ConfigError(tr("“start” of a lesson is an object of settings."))
    unknown = next((name for name in value if name not in KNOB), None)
    if unknown is not None:
        raise ConfigError(tr("There is no setting called “{name}”.", name=plain(unknown)))
    return Config(**value)


def _chosen(value: object, what: str, options: dict[str, str]) -> tuple[str, ...]:
    if not isinstance(value, list | tuple) or not all(isinstance(one, str) for one in value):
        raise ConfigError(tr("“{what}” of a lesson is a list of names.", what=what))
    unknown = next((one for one in value if one not in options), None)
    if unknown is not None:
        raise ConfigError(
            tr(
                "“{name}” cannot be in “{what}” of a lesson, only {options}.",
                name=plain(unknown),
                what=what,
                options=", ".join(options),
            )
        )
    return tuple(name for name in options if name in value)
