"""A run as one file for download and upload, checked before any of it is used.

The format is safetensors: tensors with the lecture's names (C, W1, b1, W2, b2[, Wd], with Adagrad
squares.C ..., checkpoints.C ... with one row per checkpoint, and of a run on words embeddings.C, int16, and
embeddings.scales, float64: core/engine/embeddings.py), everything else as JSON in the metadata.
Not a zip of the two: a zip would need checks of file names, compression and size, and the header of a
safetensors file is JSON already. Any safetensors reader can open the file, and it cannot contain code.
"""

import json
import math
from functools import lru_cache

import torch
from safetensors import SafetensorError, deserialize
from safetensors.torch import save

from core.config import Config
from core.data.plain import is_whole
from core.engine.embeddings import SHOWN, is_packed, joined, parted
from core.engine.model import Parameters, Shape
from core.engine.saved import SavedRun
from core.keeping.runtext import MAX_ROWS, RunFileError, about, check, check_about, is_dict, need, past, restore
from core.messages import mark, tr

VERSION = 2  # version 1 had no paths
KEY = "letterspace"  # the metadata entry with the JSON
MAX_RUN_BYTES = (
    80_000_000  # over the longest run, the checkpoints of the largest network take 48 million, embeddings 24
)
MAX_HEADER_BYTES = 4_000_000  # a million steps take about 100,000
MAX_TENSORS = 26
NUMBERS, SCALES = "embeddings.C", "embeddings.scales"
DTYPES = {NUMBERS: ("I16", torch.int16), SCALES: ("F64", torch.float64)}
FLOAT = "F32", torch.float32  # of all other tensors
FROZEN = "C", "W1", "b1", "Wd", "b2", "W2"  # the order in which `Parameters.freeze` writes them


# ---------------------------------------------------------------- writing and reading


def to_bytes(saved: SavedRun) -> bytes:
    """The bytes of the file. RunFileError if they are more than `from_bytes` accepts."""
    shape, history = _shape(saved.config, saved.itos), saved.history
    kept = [_named(shape, history.parameters_at(i)) for i in range(len(history.checkpoints))]
    tensors = _named(shape, saved.frozen)
    tensors |= {f"checkpoints.{name}": torch.stack([each[name] for each in kept]) for name in tensors}
    steps = [step for step, _ in history.checkpoints]
    text = {"version": VERSION, "run": about(saved), "history": past(saved), "checkpoints": steps}
    if history.embeddings:
        text["embeddings"] = [step for step, _ in history.embeddings]
        scales, numbers = zip(*(parted(packed, shape.n_embd) for _, packed in history.embeddings))
        tensors |= {NUMBERS: torch.stack(numbers), SCALES: torch.tensor(scales, dtype=torch.float64)}
    raw = save(tensors, {KEY: json.dumps(text, allow_nan=False)})
    if len(raw) > MAX_RUN_BYTES:
        raise RunFileError(
            tr("This run is larger than {most:g} MB as a file; fork it first.", most=MAX_RUN_BYTES / 1e6)
        )
    return raw


def from_bytes(raw: bytes) -> SavedRun:
    """The run in the bytes of `to_bytes`, with exactly the same values; RunFileError for any other bytes."""
    text = _text_of(raw)
    text = {"embeddings": []} | text  # which only runs on words have
    is_dict(text, "version", "run", "history", "checkpoints", "embeddings")
    fields, steps, between = check_about(text["run"]), text["checkpoints"], text["embeddings"]
    check(isinstance(steps, list) and 0 < len(steps) <= MAX_ROWS, mark("it has no checkpoints, or too many"))
    check(isinstance(between, list) and len(between) <= MAX_ROWS, mark("it has too many embeddings"))
    shape = _shape(fields["config"], fields["itos"])
    shapes, packed, V = _shapes(shape), {}, shape.vocabulary_size
    if between:
        packed = {NUMBERS: (len(between), min(V, SHOWN), shape.n_embd), SCALES: (len(between),)}
    tensors = _tensors(raw, shapes | {f"checkpoints.{name}": (len(steps), *shapes[name]) for name in shapes} | packed)
    kept = ({name: tensors[f"checkpoints.{name}"][i] for name in shapes} for i in range(len(steps)))
    checkpoints = [(step, _frozen(shape, each)) for step, each in zip(steps, kept)]
    embeddings = []
    if between:
        rows = zip(between, tensors[SCALES].tolist(), tensors[NUMBERS])
        embeddings = [(step, checked(joined(scale, numbers), fields)) for step, scale, numbers in rows]
    return restore(fields, text["history"], _frozen(shape, tensors), checkpoints, embeddings)


def pack(saved: SavedRun, frozen: bytes) -> bytes:
    """Parameters of this run, as `Parameters.freeze` gives them, as a small safetensors file."""
    return _head(_shape(saved.config, saved.itos)) + frozen


def unpack(fields: dict, raw: object) -> bytes:
    """The inverse of `pack`. fields: from `check_about`. RunFileError if the shapes are wrong or values not finite."""
    check(isinstance(raw, bytes), mark("its parameters are missing"))
    shape = _shape(fields["config"], fields["itos"])
    return _frozen(shape, _tensors(raw, _shapes(shape)))


def checked(packed: object, fields: dict) -> bytes:
    """An embedding of this run as it is packed. fields: from `check_about`. RunFileError if it is something else."""
    check(is_packed(packed, len(fields["itos"]), fields["config"].n_embd), mark("its embeddings do not fit its config"))
    return packed


# ---------------------------------------------------------------- tensors


def _shape(config: Config, itos: tuple[str, ...]) -> Shape:
    return Shape.of(config, len(itos))


@lru_cache(64)
def _head(shape: Shape) -> bytes:
    """What a safetensors file has before its numbers, if they are what `Parameters.freeze` writes, in that order."""
    shapes, tensors, end = _shapes(shape), {}, 0
    for name in (kind + part for kind in ("", "squares.") for part in FROZEN):
        if name in shapes:
            start, end = end, end + 4 * math.prod(shapes[name])
            tensors[name] = {"dtype": FLOAT[0], "shape": shapes[name], "data_offsets": (start, end)}
    header = json.dumps(tensors).encode()
    header += b" " * (-len(header) % 8)  # the format aligns numbers
    return len(header).to_bytes(8, "little") + header


def _shapes(shape: Shape) -> dict[str, tuple[int, ...]]:
    return {name: tuple(tensor.shape) for name, tensor in Parameters(shape).everything().items()}


def _named(shape: Shape, frozen: bytes) -> dict[str, torch.Tensor]:
    return {name: tensor.contiguous() for name, tensor in Parameters.thaw(shape, frozen).everything().items()}


def _frozen(shape: Shape, tensors: dict[str, torch.Tensor]) -> bytes:
    parameters = Parameters(shape)
    for name, tensor in parameters.everything().items():
        tensor.copy_(tensors[name])
    return parameters.freeze()


def _tensors(raw: bytes, shapes: dict[str, tuple[int, ...]]) -> dict[str, torch.Tensor]:
    """Exactly these tensors, all finite, and float32 but for DTYPES."""
    try:
        found = dict(deserialize(raw))
    except SafetensorError:
        raise RunFileError(tr("The run file is cut short or damaged; download the run again.")) from None
    given = {name: (tensor["dtype"], tuple(tensor["shape"])) for name, tensor in found.items()}
    kinds = {name: DTYPES.get(name, FLOAT) for name in shapes}
    check(given == {name: (kinds[name][0], shapes[name]) for name in shapes}, mark("its tensors do not fit its config"))
    tensors = {name: torch.empty(shape, dtype=kinds[name][1]) for name, shape in shapes.items()}
    for name, tensor in tensors.items():
        if tensor.numel():  # frombuffer takes no empty buffer
            tensor.copy_(torch.frombuffer(found[name]["data"], dtype=tensor.dtype).view(tensor.shape))
        check(bool(tensor.isfinite().all()), mark("{name} holds numbers that are not finite"), name=name)
    return tensors


def _text_of(raw: bytes) -> object:
    """The JSON in the metadata, its length and the number of tensors bounded before anything is parsed."""
    need(
        len(raw) <= MAX_RUN_BYTES,
        tr("The file is larger than {most:g} MB, so it was not saved by Letterspace.", most=MAX_RUN_BYTES / 1e6),
    )
    length = int.from_bytes(raw[:8], "little")
    other = tr("This is not a run saved by Letterspace; choose a .safetensors file that was downloaded here.")
    need(len(raw) > 8 and 2 <= length <= MAX_HEADER_BYTES, other)
    need(8 + length <= len(raw), tr("The run file is cut short; download the run again."))
    header = _json(raw[8 : 8 + length], other)
    need(isinstance(header, dict), other)
    n = len(header)
    need(n <= 1 + MAX_TENSORS, tr("The file holds {n:,} tensors; a run has at most {most}.", n=n, most=MAX_TENSORS))
    metadata = header.get("__metadata__")
    need(isinstance(metadata, dict) and isinstance(metadata.get(KEY), str), other)
    text = _json(metadata[KEY], other)
    need(isinstance(text, dict), other)
    version = text.get("version")
    need(
        is_whole(version, 1, VERSION),
        tr(
            "The run was saved in format {version!r:.20}; this Letterspace reads format {ours}.",
            version=version,
            ours=VERSION,
        ),
    )
    return text


def _json(text: str | bytes, otherwise: str) -> object:
    try:
        return json.loads(text, object_pairs_hook=_once)
    except (ValueError, RecursionError):
        raise RunFileError(otherwise) from None


def _once(pairs: list[tuple[str, object]]) -> dict:
    """Reject repeated names, because JSON readers differ in which value they use."""
    if len(value := dict(pairs)) < len(pairs):
        raise ValueError("a name twice")
    return value
