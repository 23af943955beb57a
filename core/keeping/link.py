"""The link: a URL that contains a whole experiment.

    n_hidden=200&data=names.bd02dfd33179&engine=kernel-1&changes=1200.learning_rate.0.03~5000.batch_size.full&step=30000

Knobs have their own names and are left out if they have the default value. Numbers are written by `repr`,
so that floats are read back exactly. Only characters of the data's name need to be escaped in a URL. Every
value from a URL is checked by `Knob.check`.
"""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import quote, urlencode

from core.config import DEFAULT_WORDS, FEWEST_WORDS, FULL, KNOB, KNOBS, MOST_WORDS, Config, ConfigError, Knob
from core.data.plain import plain
from core.engine import moves
from core.engine.history import KERNEL, PATHS, TORCH
from core.messages import mark, tr

MAX_LINK = 8_192  # characters; the longest valid link is shorter (tests/keeping/test_link.py)
MAX_CHANGES = 150
MAX_NOTES = 5  # sentences about ignored values, and one more that counts the rest
DIGITS = 12  # hexadecimal digits of the sha256 of the words
LONGEST = 40  # characters of a data's name, and of quoted text

# The values in a link that are not hyperparameters, checked in the same way.
STEP = Knob(mark("Step"), "The step to show.", low=0, high=KNOB["steps"].high, name="step", default=0)
CHANGED = Knob(
    mark("The step of a change"),
    "The step at which a knob was changed.",
    low=0,
    high=STEP.high,
    name="changed",
    default=0,
)
WRITTEN = {path: path.replace(" ", "-") for path in PATHS}
ENGINE = Knob(
    mark("Engine"), "How its numbers are computed.", options=tuple(WRITTEN.values()), name="engine", default=""
)
PRESENT = Knob(mark("Present"), "Whether the sidebar is hidden, for a projector.", name="present", default=False)
VOCABULARY = Knob(
    mark("Vocabulary"), "How many words there are at most.", low=FEWEST_WORDS, high=MOST_WORDS, name="vocabulary",
    default=DEFAULT_WORDS,
)  # fmt: skip
NAMES = (*KNOB, "data", VOCABULARY.name, ENGINE.name, "changes", STEP.name, PRESENT.name)

NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?", re.ASCII | re.IGNORECASE)
DIGEST = re.compile(f"[0-9a-f]{{{DIGITS}}}")


@dataclass(frozen=True)
class Link:
    """One experiment, checked; ConfigError if a link cannot contain it.

    config: at step 0. changes: (step, knob, value) of each live change, and moves (core/engine/moves.py), in order of
    steps, at most `MAX_CHANGES`. data, digest: the name of the words (made harmless and short) and the
    first 12 digits of the sha256 that they have; both "" if the link does not say. step: the
    step that is shown, None for the newest. present: for a projector. path: which way its numbers
    were made, of `core.engine.history.PATHS`; None if the link leaves that to whoever opens it.
    vocabulary: how many words there are at most, at word level; None for the default.
    """

    config: Config = field(default_factory=Config)
    changes: tuple[tuple[int, str, int | float | str], ...] = ()
    data: str = ""
    digest: str = ""
    step: int | None = None
    present: bool = False
    path: str | None = None
    vocabulary: int | None = None

    def __post_init__(self):
        if len(self.changes) > MAX_CHANGES:
            most = mark("A link holds at most {most} changes, and this run has {n:,}.")
            raise ConfigError(tr(most, most=MAX_CHANGES, n=len(self.changes)))
        changes = tuple(sorted((_checked(*change) for change in self.changes), key=lambda change: change[0]))
        digest = self.digest[:DIGITS]
        if digest and not DIGEST.fullmatch(digest):
            wrong = mark("A link names its words by {digits} hexadecimal digits, not by “{given}”.")
            raise ConfigError(tr(wrong, digits=DIGITS, given=plain(digest)))
        object.__setattr__(self, "changes", changes)
        object.__setattr__(self, "digest", digest)
        object.__setattr__(self, "data", plain(self.data) if digest else "")
        if self.step is not None:
            object.__setattr__(self, "step", STEP.check(self.step))
        if self.vocabulary is not None:
            object.__setattr__(self, "vocabulary", VOCABULARY.check(self.vocabulary))
        object.__setattr__(self, "present", PRESENT.check(self.present))
        if self.path is not None and self.path not in PATHS:
            raise ConfigError(tr("There is no engine called “{name}”.", name=plain(self.path)))


def _checked(step: int, name: str, value) -> tuple[int, str, int | float | str]:
    if not moves.is_move(name) and (name not in KNOB or not KNOB[name].live):
        raise ConfigError(tr("“{name}” cannot change while training.", name=plain(name)))
    return CHANGED.check(step), name, moves.checked_change(name, value)


# ---------------------------------------------------------------- writing


def to_params(link: Link) -> dict[str, str]:
    """name -> value as text, in a fixed order; defaults are left out."""
    config, default = link.config.to_dict(), Config().to_dict()
    params = {name: _written(value) for name, value in config.items() if value != default[name]}
    if link.digest:
        params["data"] = f"{link.data}.{link.digest}"
    if link.vocabulary is not None:
        params[VOCABULARY.name] = str(link.vocabulary)
    if link.path is not None:
        params[ENGINE.name] = WRITTEN[link.path]
    if link.changes:
        params["changes"] = "~".join(f"{step}.{name}.{_written(value)}" for step, name, value in link.changes)
    if link.step is not None:
        params[STEP.name] = str(link.step)
    if link.present:
        params[PRESENT.name] = _written(True)
    return params


def encode(link: Link) -> str:
    """The query of the link's URL, without the "?"; "" for the default run. At most `MAX_LINK` characters."""
    return urlencode(to_params(link), quote_via=quote)


def _written(value) -> str:
    if isinstance(value, str):
        return value
    return str(int(value)) if isinstance(value, bool) else repr(value)


# ---------------------------------------------------------------- reading


def parse(params: Mapping[str, str | list[str]]) -> tuple[Link, list[str]]:
    """The link in the parameters of a URL, and a sentence for each value that could not be used.

    Never raises: the link is always valid. Values without a meaning are ignored, and values beyond the
    limits are clamped; if a name is repeated the last value is used; unknown names are ignored. The
    sentences are limited in number and length, and quote only `plain` text.
    """
    texts = {name: _text(params[name]) for name in NAMES if name in params}
    if sum(len(name) + len(text) + 2 for name, text in texts.items()) > MAX_LINK:
        return Link(), [tr("The link is longer than {most:,} characters, so it was ignored.", most=MAX_LINK)]
    notes = []
    knobs = (knob for knob in (*KNOBS, VOCABULARY, ENGINE, STEP, PRESENT) if knob.name in texts)
    read = {knob.name: _read(knob, texts[knob.name], notes) for knob in knobs}
    data, digest = _read_data(texts["data"], notes) if "data" in texts else ("", "")
    changes = _read_changes(texts["changes"], notes) if "changes" in texts else ()
    step, present, engine, most = (read.pop(knob.name, None) for knob in (STEP, PRESENT, ENGINE, VOCABULARY))
    path = next((path for path, written in WRITTEN.items() if written == engine), None)
    if digest and path is None:  # links had no engine before there were several
        path = KERNEL if ENGINE.name in texts else TORCH
    config = Config(**{name: value for name, value in read.items() if value is not None})
    return Link(config, changes, data, digest, step, bool(present), path, most), _few(notes)


def data_note(link: Link, name: str, digest: str) -> str | None:
    """A sentence if the link was made with other words than these (their name and sha256), else None."""
    if not link.digest or digest.startswith(link.digest):
        return None
    other = mark("The link was made with other words ({theirs}) than these ({ours}), so its losses will differ.")
    return tr(other, theirs=f"{link.data}, {link.digest}", ours=f"{plain(name)}, {digest[:DIGITS]}")


def path_note(link: Link, path: str) -> str | None:
    """A sentence if the run that opens takes another path than the link's, whose numbers may differ."""
    if link.path in (None, path):
        return None
    return tr(
        "The link's run was made by the engine “{engine}”, which cannot be used here; “{ours}” begins with the "
        "same weights, but its losses may differ from about the seventh digit on, and later in all of them.",
        engine=link.path, ours=path,
    )  # fmt: skip


def _text(value) -> str:
    """The value of a parameter; the last one if the name is repeated; "" if it is not text."""
    if isinstance(value, (list, tuple)) and value:
        value = value[-1]
    return value if isinstance(value, str) else ""


def _read(knob: Knob, text: str, notes: list[str]):
    """The value of `knob` in `text`, clamped to its limits; None if there is none. Adds to `notes`."""
    choices = _choices(knob)
    if text in choices:
        return choices[text]
    number = float(text) if knob.low is not None and NUMBER.fullmatch(text) else None
    if number is None or (knob.kind is int and number % 1 and knob.low <= number <= knob.high):
        ignored = mark("{knob} cannot be “{given}”, only {allowed}; the link's value was ignored.")
        notes.append(tr(ignored, knob=tr(knob.label), given=plain(text), allowed=_allowed(knob)))
        return None
    limit = min(max(number, knob.low), knob.high)
    if limit != number:
        shown = _readable(number) if math.isfinite(number) else plain(text)
        beyond = mark("{knob} was {given} in the link; the limit is {limit}.")
        notes.append(tr(beyond, knob=tr(knob.label), given=shown, limit=_readable(limit)))
    return knob.check(limit)


def _choices(knob: Knob) -> dict[str, bool | str]:
    """Texts other than numbers that are valid for a knob -> their values."""
    if knob.kind is bool:
        return {"0": False, "1": True}
    return {FULL: FULL} if knob.name == "batch_size" else {option: option for option in knob.options}


def _allowed(knob: Knob) -> str:
    if knob.low is not None:
        return tr("a whole number") if knob.kind is int else tr("a number")
    *others, last = _choices(knob)
    return tr("{others} or {last}", others=", ".join(others), last=last) if others else last


def _readable(number: float) -> str:
    return f"{int(number) if number % 1 == 0 and abs(number) < 1e15 else number:,}"


def _read_data(text: str, notes: list[str]) -> tuple[str, str]:
    name, _, digest = text.rpartition(".")
    if DIGEST.fullmatch(digest):
        return name, digest
    ignored = mark("The words of the link, “{given}”, do not end in {digits} hexadecimal digits and were ignored.")
    notes.append(tr(ignored, given=plain(text), digits=DIGITS))
    return "", ""


def _read_changes(text: str, notes: list[str]) -> tuple[tuple[int, str, int | float | str], ...]:
    """The changes, sorted by step (in the order of the link within a step), at most `MAX_CHANGES`."""
    read = [_read_change(item, notes) for item in text.split("~")]
    changes = sorted((change for change in read if change), key=lambda change: change[0])
    if len(changes) > MAX_CHANGES:
        left_out = mark("The link holds {n:,} changes; the limit is {most}, and the last were left out.")
        notes.append(tr(left_out, n=len(changes), most=MAX_CHANGES))
    return tuple(changes[:MAX_CHANGES])


def _read_change(text: str, notes: list[str]) -> tuple[int, str, int | float | str] | None:
    step, name, value = (*text.split(".", 2), "", "")[:3]
    if moves.is_move(name):
        return _read_move(step, name, value, notes)
    if name not in KNOB or not KNOB[name].live:
        fixed = mark("{knob} cannot change while training; the link's change was ignored.")
        unknown = mark("“{given}” is not a knob that can change while training; the link's change was ignored.")
        known = name in KNOB
        notes.append(tr(fixed, knob=tr(KNOB[name].label)) if known else tr(unknown, given=plain(text)))
        return None
    step, value = _read(CHANGED, step, notes), _read(KNOB[name], value, notes)
    return None if step is None or value is None else (step, name, value)


def _read_move(step: str, name: str, value: str, notes: list[str]) -> tuple[int, str, str] | None:
    try:
        value = moves.checked_change(name, value)
    except ConfigError as error:
        notes.append(tr("{error} The link's change was ignored.", error=error))
        return None
    at = _read(CHANGED, step, notes)
    return None if at is None else (at, name, value)


def _few(notes: list[str]) -> list[str]:
    rest = len(notes) - MAX_NOTES
    if rest <= 0:
        return notes
    return [*notes[:MAX_NOTES], tr("And {n:,} more values of the link could not be used as they were.", n=rest)]
