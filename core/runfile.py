"""A run as one file that goes out and comes back, checked before any of it is used.

One safetensors file: tensors by the lecture's names (C, W1, b1, W2, b2[, Wd], and
checkpoints.C ... with one row a checkpoint), everything else as JSON in its metadata. No zip
around the two: a zip brings names, compression and bombs to guard against, and the header of
a safetensors file is JSON already. Any safetensors reader opens it; nothing in it can run.
"""

import json
import re
import unicodedata

import torch
from safetensors import SafetensorError, deserialize
from safetensors.torch import save

from core.config import KNOB, MAX_SYMBOLS, Config, ConfigError
from core.data import BOUNDARY
from core.history import History
from core.model import Parameters, Shape
from core.saved import SavedRun

VERSION = 1
KEY = "letterspace"  # of the JSON in the metadata
PLAIN = ("id", "name", "created", "step", "seconds", "losses", "test", "itos", "data", "digest", "failure")
MAX_RUN_BYTES = 80_000_000  # the checkpoints of the largest network over the longest run take 48 million
MAX_HEADER_BYTES = 4_000_000  # a million steps take about 100,000
MAX_TENSORS = 12
MAX_ROWS = 20_000  # of losses, evaluations, checkpoints, changes each; a million steps leave 1,500
MAX_NAME, MAX_FAILURE = 80, 500  # characters
WORD = "[0-9A-Za-z_-]{1,64}"  # ids and digests
LAST_STEP = 2 * KNOB["steps"].high  # single steps go on beyond the knob's end
LAST_SECOND = 1e11  # in the year 5138
LARGEST = 1e300  # of any other number


class RunFileError(ValueError):
    """A file that is no run, or a damaged one. The message is one sentence for a person."""


# ---------------------------------------------------------------- out and in


def to_bytes(saved: SavedRun) -> bytes:
    """The file. RunFileError if it is larger than `from_bytes` takes."""
    shape, history = _shape(saved.config, saved.itos), saved.history
    kept = [_named(shape, history.parameters_at(i)) for i in range(len(history.checkpoints))]
    tensors = _named(shape, saved.frozen)
    tensors |= {f"checkpoints.{name}": torch.stack([each[name] for each in kept]) for name in tensors}
    steps = [step for step, _ in history.checkpoints]
    text = {"version": VERSION, "run": about(saved), "history": past(saved), "checkpoints": steps}
    raw = save(tensors, {KEY: json.dumps(text, allow_nan=False)})
    _need(len(raw) <= MAX_RUN_BYTES, f"This run is larger than {MAX_RUN_BYTES / 1e6:g} MB as a file; fork it first.")
    return raw


def from_bytes(raw: bytes) -> SavedRun:
    """The run in a file of `to_bytes`, equal to the last bit; RunFileError for anything else."""
    text = _text_of(raw)
    _is_dict(text, "version", "run", "history", "checkpoints")
    fields, steps = check_about(text["run"]), text["checkpoints"]
    _sound(isinstance(steps, list) and 0 < len(steps) <= MAX_ROWS, "it has no checkpoints, or too many")
    shape = _shape(fields["config"], fields["itos"])
    shapes = _shapes(shape)
    tensors = _tensors(raw, shapes | {f"checkpoints.{name}": (len(steps), *shapes[name]) for name in shapes})
    kept = ({name: tensors[f"checkpoints.{name}"][i] for name in shapes} for i in range(len(steps)))
    checkpoints = [(step, _frozen(shape, each)) for step, each in zip(steps, kept)]
    return restore(fields, text["history"], _frozen(shape, tensors), checkpoints)


def pack(saved: SavedRun, frozen: bytes) -> bytes:
    """Parameters of this run, as `Parameters.freeze` gives them, as a small safetensors file."""
    return save(_named(_shape(saved.config, saved.itos), frozen))


def unpack(fields: dict, raw: object) -> bytes:
    """What `pack` was given. fields: of `check_about`. RunFileError if the tensors do not fit or are not finite."""
    _sound(isinstance(raw, bytes), "its parameters are missing")
    shape = _shape(fields["config"], fields["itos"])
    return _frozen(shape, _tensors(raw, _shapes(shape)))


# ---------------------------------------------------------------- the JSON


def about(saved: SavedRun) -> dict:
    """All that is short: the run without its tensors and long lists. JSON-able."""
    history = saved.history
    return {name: getattr(saved, name) for name in PLAIN} | {"config": history.config, "changes": history.changes}


def past(saved: SavedRun) -> dict:
    """The long lists of its history, without checkpoints. JSON-able."""
    return {name: getattr(saved.history, name) for name in ("losses", "evaluations", "clock")}


def check_about(value: object) -> dict:
    """`about`, back from JSON and checked: `start` and `config` are Configs, at step 0 and after all changes."""
    _is_dict(value, *PLAIN, "config", "changes")
    step = _whole(value["step"], LAST_STEP, "its step")
    start, changes = _config(value["config"]), _changes(value["changes"], step)
    losses, test, failure = value["losses"], value["test"], value["failure"]
    _sound(isinstance(losses, list) and len(losses) == 3, "its last losses are not three numbers")
    return {
        "id": _matching(value["id"], WORD, "its id"),
        "name": clean_name(_string(value["name"], "its name")),
        "created": _number(value["created"], "its date", 0.0, LAST_SECOND),
        "step": step,
        "seconds": _number(value["seconds"], "its time", 0.0),
        "losses": (_whole(losses[0], step, "its last losses"), *_numbers(losses[1:], "its last losses")),
        "test": None if test is None else _number(test, "its test loss"),
        "itos": _itos(value["itos"]),
        "data": clean_name(_string(value["data"], "the name of its data")),
        "digest": _matching(value["digest"], WORD, "the digest of its data"),
        "failure": None if failure is None else clean_name(_string(failure, "why it stopped"), MAX_FAILURE),
        "start": start,
        "config": start.with_(**{name: new for _, name, new in changes}),
        "changes": changes,
    }


def restore(fields: dict, past: object, frozen: bytes, checkpoints: list[tuple[int, bytes]]) -> SavedRun:
    """Put a run together. fields: of `check_about`. past: `past`, back from JSON. Parameters as of `unpack`."""
    _is_dict(past, "losses", "evaluations", "clock")
    step, batch = fields["step"], KNOB["batch_size"]
    losses = [
        (at, *_numbers(numbers, "its losses"), _knob(batch, size))
        for at, *numbers, size in _rows(past["losses"], 4, step - 1, "its losses")
    ]
    evaluations = [
        (at, *_numbers(numbers, "its exact losses"))
        for at, *numbers in _rows(past["evaluations"], 3, step, "its exact losses")
    ]
    clock = [(at, _number(seconds, "its clock", 0.0)) for at, seconds in _rows(past["clock"], 2, step, "its clock")]
    _rows([list(row) for row in checkpoints], 2, step, "its checkpoints")
    for rows in (evaluations, checkpoints):
        _sound(rows and rows[0][0] == 0, "its first step is missing")
    history = History(fields["start"].to_dict(), losses, evaluations, [], list(fields["changes"]), clock)
    for at, parameters in checkpoints:
        history.add_checkpoint(at, parameters)
    return SavedRun(history=history.freeze(), frozen=frozen, **{name: fields[name] for name in PLAIN})


def clean_name(text: str, longest: int = MAX_NAME) -> str:
    """On one line, without control characters, at most `longest` characters."""
    shown = "".join(" " if unicodedata.category(c)[0] == "C" else c for c in text)
    return " ".join(shown.split())[:longest].strip()


# ---------------------------------------------------------------- tensors


def _shape(config: Config, itos: tuple[str, ...]) -> Shape:
    return Shape.of(config, len(itos))


def _shapes(shape: Shape) -> dict[str, tuple[int, ...]]:
    return {name: tuple(tensor.shape) for name, tensor in Parameters(shape).named().items()}


def _named(shape: Shape, frozen: bytes) -> dict[str, torch.Tensor]:
    return {name: tensor.contiguous() for name, tensor in Parameters.thaw(shape, frozen).named().items()}


def _frozen(shape: Shape, tensors: dict[str, torch.Tensor]) -> bytes:
    parameters = Parameters(shape)
    for name, tensor in parameters.named().items():
        tensor.copy_(tensors[name])
    return parameters.freeze()


def _tensors(raw: bytes, shapes: dict[str, tuple[int, ...]]) -> dict[str, torch.Tensor]:
    """Exactly these tensors, float32 and finite."""
    try:
        found = dict(deserialize(raw))
    except SafetensorError:
        raise RunFileError("The run file is cut short or damaged; download the run again.") from None
    given = {name: (tensor["dtype"], tuple(tensor["shape"])) for name, tensor in found.items()}
    _sound(given == {name: ("F32", shape) for name, shape in shapes.items()}, "its tensors do not fit its config")
    tensors = {name: torch.empty(shape) for name, shape in shapes.items()}
    for name, tensor in tensors.items():
        if tensor.numel():  # frombuffer takes no empty buffer
            tensor.copy_(torch.frombuffer(found[name]["data"], dtype=torch.float32).view(tensor.shape))
        _sound(bool(tensor.isfinite().all()), f"{name} holds numbers that are not finite")
    return tensors


def _text_of(raw: bytes) -> object:
    """The JSON in the metadata, its length and the number of tensors bounded before anything is parsed."""
    _need(len(raw) <= MAX_RUN_BYTES, f"The file is larger than {MAX_RUN_BYTES / 1e6:g} MB, so it is no run from here.")
    length = int.from_bytes(raw[:8], "little")
    other = "This is not a run saved by Letterspace; choose a .safetensors file that was downloaded here."
    _need(len(raw) > 8 and 2 <= length <= MAX_HEADER_BYTES, other)
    _need(8 + length <= len(raw), "The run file is cut short; download the run again.")
    header = _json(raw[8 : 8 + length], other)
    _need(isinstance(header, dict), other)
    _need(len(header) <= 1 + MAX_TENSORS, f"The file holds {len(header):,} tensors; a run has at most {MAX_TENSORS}.")
    metadata = header.get("__metadata__")
    _need(isinstance(metadata, dict) and isinstance(metadata.get(KEY), str), other)
    text = _json(metadata[KEY], other)
    _need(isinstance(text, dict), other)
    version = text.get("version")
    _need(version == VERSION, f"The run was saved in format {version!r:.20}; this Letterspace reads format {VERSION}.")
    return text


def _json(text: str | bytes, otherwise: str) -> object:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        raise RunFileError(otherwise) from None


# ---------------------------------------------------------------- checks


def _need(sound: bool, sentence: str) -> None:
    if not sound:
        raise RunFileError(sentence)


def _sound(sound: bool, what: str) -> None:
    _need(sound, f"The run file is damaged or was changed: {what}; download the run again.")


def _is_dict(value: object, *keys: str) -> None:
    _sound(isinstance(value, dict) and value.keys() == set(keys), "parts are missing or unknown")


def _number(value: object, what: str, low: float = -LARGEST, high: float = LARGEST) -> float:
    sound = isinstance(value, (int, float)) and not isinstance(value, bool) and low <= value <= high
    _sound(sound, f"{what} must be a finite number in its range")  # NaN compares false
    return float(value)


def _numbers(values: list, what: str) -> list[float]:
    return [_number(value, what) for value in values]


def _whole(value: object, high: int, what: str) -> int:
    _sound(type(value) is int and 0 <= value <= high, f"{what} must be a step of the run")
    return value


def _string(value: object, what: str) -> str:
    _sound(isinstance(value, str), f"{what} must be text")
    return value


def _matching(value: object, pattern: str, what: str) -> str:
    _sound(re.fullmatch(pattern, _string(value, what), re.ASCII) is not None, f"{what} is not one")
    return value


def _rows(value: object, columns: int, last: int, what: str) -> list[list]:
    """Rows of `columns` values that begin with a step, each later than the one before and none after `last`."""
    _sound(isinstance(value, list) and len(value) <= MAX_ROWS, f"{what} must be a list, not too long")
    before = -1
    for row in value:
        _sound(isinstance(row, list) and len(row) == columns, f"{what} must be rows of {columns}")
        _sound(before < _whole(row[0], last, f"each row of {what}"), f"{what} must be in order")
        before = row[0]
    return value


def _changes(value: object, last: int) -> tuple:
    _sound(isinstance(value, list) and len(value) <= MAX_ROWS, "its changes must be a list, not too long")
    changes = []
    for row in value:
        _sound(isinstance(row, list) and len(row) == 3 and isinstance(row[1], str), "its changes must be rows of 3")
        step, name, new = row
        _sound(name in KNOB and KNOB[name].live, "it changes what cannot change during a run")
        earliest = changes[-1][0] if changes else 0
        _sound(earliest <= _whole(step, last, "each change"), "its changes must be in order")
        changes.append((step, name, _knob(KNOB[name], new)))
    return tuple(changes)


def _config(value: object) -> Config:
    """A knob that the file does not know yet has its default."""
    _sound(isinstance(value, dict) and value.keys() <= KNOB.keys(), "it has settings that this version does not know")
    return Config(**{name: _knob(KNOB[name], given) for name, given in value.items()})


def _knob(knob, value: object):
    try:
        return knob.check(value)
    except ConfigError as error:
        said = str(error) if len(str(error)) < 200 else f"{knob.label} cannot be what it says."
        raise RunFileError(f"The run file cannot be used: {said}") from None


def _itos(value: object) -> tuple[str, ...]:
    sound = isinstance(value, list) and 2 <= len(value) <= MAX_SYMBOLS + 1 and value[0] == BOUNDARY
    sound = sound and all(isinstance(s, str) and len(s) == 1 for s in value)
    sound = sound and all(unicodedata.category(s) not in ("Cc", "Cs", "Cn") for s in value)
    _sound(sound and value[1:] == sorted({*value[1:]} - {BOUNDARY}), "its characters are not those of a word list")
    return tuple(value)
