"""The fields and the history of a run as JSON, and reading them back with every value checked: files are untrusted."""

import re
import unicodedata

import regex

from core.config import (
    FEWEST_WORDS,
    KNOB,
    MAX_SYMBOL_LENGTH,
    MAX_SYMBOLS,
    MAX_TEXT_BYTES,
    MOST_WORDS,
    Config,
    ConfigError,
)
from core.data.plain import is_number, is_whole
from core.data.text import TOKEN
from core.data.vocabulary import BOUNDARY, CLUSTER
from core.data.words import START, UNKNOWN
from core.engine import moves
from core.engine.history import PATHS, TORCH, History
from core.engine.saved import SavedRun
from core.messages import mark, tr

PLAIN = ("id", "name", "created", "step", "seconds", "exact", "test", "itos", "data", "digest", "failure")
IN_FILES = {name: "losses" if name == "exact" else name for name in PLAIN}  # what older versions wrote and read
MAX_ROWS = 20_000  # of losses, evaluations, checkpoints and changes each; a million steps have about 1,500
MAX_NAME, MAX_FAILURE = 80, 500  # characters
WORD = "[0-9A-Za-z_-]{1,64}"  # ids and digests
LAST_STEP = 2 * KNOB["steps"].high  # single steps are possible beyond the limit of the knob
LAST_SECOND = 1e11  # in the year 5138
LARGEST = 1e300  # absolute limit of any other number
NO_TEXT = regex.compile(r"[\p{C}\p{Zl}\p{Zp}]")  # control characters; same Unicode version as core/data/reading.py


class RunFileError(ValueError):
    """A file that is not a valid run. The message is one sentence that a page can show."""


# ---------------------------------------------------------------- writing and reading


def about(saved: SavedRun) -> dict:
    """The short fields of a run, without tensors and long lists, as JSON-able data."""
    history = saved.history
    short = {"config": history.config, "changes": history.changes, "paths": history.paths}
    of_words = {} if saved.most is None else {"most": saved.most}
    return {IN_FILES[name]: getattr(saved, name) for name in PLAIN} | short | of_words


def past(saved: SavedRun) -> dict:
    """The long lists of a run's history, without checkpoints, as JSON-able data."""
    return {name: getattr(saved.history, name) for name in ("losses", "evaluations", "clock")}


def check_about(value: object) -> dict:
    """Check the JSON of `about`. `start` and `config` in the result are Configs: at step 0, and after all changes.

    A run that was saved before there were paths was computed by TORCH. Only runs on words have a `most`.
    """
    value = {"paths": [[0, TORCH]], "most": None} | value if isinstance(value, dict) else value
    is_dict(value, *IN_FILES.values(), "config", "changes", "paths", "most")
    most = value["most"]
    check(
        most is None or is_whole(most, FEWEST_WORDS, MOST_WORDS), mark("its vocabulary has a size that none can have")
    )
    step = _whole(value["step"], LAST_STEP, mark("its step"))
    start, changes = _config(value["config"]), _changes(value["changes"], step)
    losses, test, failure = value["losses"], value["test"], value["failure"]
    check(isinstance(losses, list) and len(losses) == 3, mark("its last losses are not three numbers"))
    return {
        "id": _matching(value["id"], WORD, mark("its id")),
        "name": clean_name(_string(value["name"], mark("its name"))),
        "created": _number(value["created"], mark("its date"), 0.0, LAST_SECOND),
        "step": step,
        "seconds": _number(value["seconds"], mark("its time"), 0.0),
        "exact": (_whole(losses[0], step, mark("its last losses")), *_numbers(losses[1:], mark("its last losses"))),
        "test": None if test is None else _number(test, mark("its test loss")),
        "itos": _itos(value["itos"]) if most is None else _words(value["itos"], most),
        "most": most,
        "data": clean_name(_string(value["data"], mark("the name of its data"))),
        "digest": _matching(value["digest"], WORD, mark("the digest of its data")),
        "failure": None if failure is None else clean_name(_string(failure, mark("why it stopped")), MAX_FAILURE),
        "start": start,
        "config": start.with_(**moves.of_knobs(changes)),
        "changes": changes,
        "paths": _paths(value["paths"], step),
    }


Rows = list[tuple[int, bytes]]


def restore(fields: dict, past: object, frozen: bytes, checkpoints: Rows, embeddings: Rows = ()) -> SavedRun:
    """A SavedRun. fields: from `check_about`; past: the JSON of `past`; parameters: bytes from `unpack`.

    embeddings: as core/engine/embeddings.py packs them, each checked by `check_packed`.
    """
    is_dict(past, "losses", "evaluations", "clock")
    step, batch = fields["step"], KNOB["batch_size"]
    losses = [
        (at, *_numbers(numbers, mark("its losses")), _knob(batch, size))
        for at, *numbers, size in _rows(past["losses"], 4, step - 1, mark("its losses"))
    ]
    evaluations = [
        (at, *_numbers(numbers, mark("its exact losses")))
        for at, *numbers in _rows(past["evaluations"], 3, step, mark("its exact losses"))
    ]
    clock = [
        (at, _number(seconds, mark("its clock"), 0.0))
        for at, seconds in _rows(past["clock"], 2, step, mark("its clock"))
    ]
    _rows([list(row) for row in checkpoints], 2, step, mark("its checkpoints"))
    _rows([list(row) for row in embeddings], 2, step, mark("its embeddings"))
    for rows in (evaluations, checkpoints):
        check(rows and rows[0][0] == 0, mark("its first step is missing"))
    history = History(
        fields["start"].to_dict(), losses, evaluations, list(checkpoints), list(fields["changes"]), clock,
        fields["paths"], list(embeddings),
    )  # fmt: skip
    return SavedRun(
        history=history.freeze(), frozen=frozen, most=fields["most"], **{name: fields[name] for name in PLAIN}
    )


def clean_name(text: str, longest: int = MAX_NAME) -> str:
    """`text` on one line, without control characters, cut to `longest` characters."""
    shown = "".join(" " if unicodedata.category(c)[0] == "C" else c for c in text)
    return " ".join(shown.split())[:longest].strip()


# ---------------------------------------------------------------- checks


def need(met: bool, sentence: str) -> None:
    if not met:
        raise RunFileError(sentence)


def check(met: bool, fault: str, **values) -> None:
    """RunFileError with the sentence that says what is wrong, if it is. fault: a message; values: of messages, too."""
    if not met:
        what = tr(fault, **{name: tr(value) if isinstance(value, str) else value for name, value in values.items()})
        raise RunFileError(tr("The run file is damaged or was changed: {what}; download the run again.", what=what))


def is_dict(value: object, *keys: str) -> None:
    check(isinstance(value, dict) and value.keys() == set(keys), mark("parts are missing or unknown"))


def _number(value: object, what: str, low: float = -LARGEST, high: float = LARGEST) -> float:
    check(
        is_number(value, low, high), mark("{what} must be a finite number in its range"), what=what
    )  # NaN compares false
    return float(value)


def _numbers(values: list, what: str) -> list[float]:
    return [_number(value, what) for value in values]


def _whole(value: object, high: int, what: str) -> int:
    check(is_whole(value, 0, high), mark("{what} must be a step of the run"), what=what)
    return value


def _string(value: object, what: str) -> str:
    check(isinstance(value, str), mark("{what} must be text"), what=what)
    return value


def _matching(value: object, pattern: str, what: str) -> str:
    check(re.fullmatch(pattern, _string(value, what), re.ASCII) is not None, mark("{what} is not valid"), what=what)
    return value


def _rows(value: object, columns: int, last: int, what: str) -> list[list]:
    """Check rows of `columns` values whose first value is a step: strictly increasing, at most `last`."""
    check(isinstance(value, list) and len(value) <= MAX_ROWS, mark("{what} must be a list, not too long"), what=what)
    before, each = -1, tr("each row of {what}", what=tr(what))
    for row in value:
        check(
            isinstance(row, list) and len(row) == columns,
            mark("{what} must be rows of {columns}"),
            what=what,
            columns=columns,
        )
        check(before < _whole(row[0], last, each), mark("{what} must be in order"), what=what)
        before = row[0]
    return value


def _move(name: str, value: object) -> str:
    try:
        return moves.checked_change(name, value)
    except ConfigError as error:
        raise RunFileError(tr("This is not a run file: {error}", error=error)) from None


def _changes(value: object, last: int) -> tuple:
    check(isinstance(value, list) and len(value) <= MAX_ROWS, mark("its changes must be a list, not too long"))
    changes = []
    for row in value:
        check(
            isinstance(row, list) and len(row) == 3 and isinstance(row[1], str), mark("its changes must be rows of 3")
        )
        step, name, new = row
        known = moves.is_move(name) or (name in KNOB and KNOB[name].live)
        check(known, mark("it changes what cannot change during a run"))
        earliest = changes[-1][0] if changes else 0
        check(earliest <= _whole(step, last, mark("each change")), mark("its changes must be in order"))
        changes.append((step, name, _move(name, new) if moves.is_move(name) else _knob(KNOB[name], new)))
    return tuple(changes)


def _paths(value: object, last: int) -> list[tuple[int, str]]:
    rows = _rows(value, 2, last, mark("its paths"))
    check(rows and rows[0][0] == 0, mark("its first path is missing"))
    check(all(path in PATHS for _, path in rows), mark("it took a path that this version does not know"))
    return [(at, path) for at, path in rows]


def _config(value: object) -> Config:
    """A Config from JSON; a knob that is not in the file (an older version) gets its default."""
    check(
        isinstance(value, dict) and value.keys() <= KNOB.keys(), mark("it has settings that this version does not know")
    )
    return Config(**{name: _knob(KNOB[name], given) for name, given in value.items()})


def _knob(knob, value: object):
    try:
        return knob.check(value)
    except ConfigError as error:
        said = str(error) if len(str(error)) < 200 else tr("{label} cannot be what it says.", label=tr(knob.label))
        raise RunFileError(tr("The run file cannot be used: {said}", said=said)) from None


def _itos(value: object) -> tuple[str, ...]:
    sound = isinstance(value, list) and 2 <= len(value) <= MAX_SYMBOLS + 1 and value[0] == BOUNDARY
    sound = sound and all(isinstance(s, str) and _is_symbol(s) for s in value[1:])
    check(sound and value[1:] == sorted({*value[1:]}), mark("its characters are not those of a word list"))
    return tuple(value)


def _words(value: object, most: int) -> tuple[str, ...]:
    """The vocabulary of a run on words: its two symbols that are none, and different tokens (core/data/text.py)."""
    sound = isinstance(value, list) and 3 <= len(value) <= most and value[:2] == [START, UNKNOWN]
    sound = sound and all(isinstance(word, str) and len(word) <= MAX_TEXT_BYTES for word in value)
    sound = sound and len({*value}) == len(value) and all(TOKEN.fullmatch(word) for word in value[2:])
    check(sound, mark("its words are not those of a text"))
    return tuple(value)


def _is_symbol(s: str) -> bool:
    """Whether `s` is a letter with its marks that core/data/reading.py accepts."""
    sound = len(s) <= MAX_SYMBOL_LENGTH and BOUNDARY not in s and unicodedata.is_normalized("NFC", s)
    return sound and CLUSTER.fullmatch(s) is not None and NO_TEXT.search(s) is None
