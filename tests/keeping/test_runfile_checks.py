"""core/keeping/runfile.py: what is no run, or makes no sense, is refused with a sentence."""

import io
import json
import math
import pickle
import struct
import zipfile

import pytest
import safetensors.torch
import torch

from core.config import FULL, MAX_SYMBOL_LENGTH, MAX_SYMBOLS, Config
from core.keeping import runfile
from core.keeping.runfile import MAX_RUN_BYTES, from_bytes, to_bytes
from core.keeping.runtext import RunFileError
from tests.support.runs_kept import closed, forged, opened

CHANGES = ((3, "learning_rate", 0.3), (3, "batch_size", FULL), (7, "schedule", "cosine"))
RAW = to_bytes(forged(Config(n_hidden=2, block_size=2, seed=7), 9, CHANGES))


def header_only(header: object) -> bytes:
    raw = json.dumps(header).encode()
    return struct.pack("<Q", len(raw)) + raw


def refused(raw: bytes, what: str) -> None:
    """With one sentence that says what was wrong and what to do."""
    with pytest.raises(RunFileError, match=what) as caught:
        from_bytes(raw)
    sentence = str(caught.value)
    assert sentence.endswith(".") and "\n" not in sentence and len(sentence) < 400


def zipped() -> bytes:
    with zipfile.ZipFile(file := io.BytesIO(), "w", zipfile.ZIP_DEFLATED) as bomb:
        bomb.writestr("run.json", b"0" * 10_000_000)
    return file.getvalue()


def torched() -> bytes:
    torch.save({"C": torch.zeros(27, 2)}, file := io.BytesIO())  # a pickle in a zip
    return file.getvalue()


@pytest.mark.parametrize(
    "raw",
    [
        b"", b"\0", bytes(8), bytes(100), b"[]", pickle.dumps({"run": 1}), pickle.dumps([1] * 99, 0), zipped(),
        b"\x89PNG\r\n\x1a\n" + bytes(99), struct.pack("<Q", 2**63) + b"{}", struct.pack("<Q", 2) + b"{]",
        struct.pack("<Q", 10**18) + RAW[8:], torched(),
        header_only([]), header_only({}), header_only({"__metadata__": 3}), header_only({"__metadata__": {"a": "b"}}),
        header_only({"__metadata__": {"letterspace": "x"}}), header_only({"__metadata__": {"letterspace": "[1]"}}),
        header_only({"__metadata__": {"letterspace": "[" * 100_000}}), struct.pack("<Q", 99_999) + b"[" * 99_999,
        safetensors.torch.save({"C": torch.zeros(2, 2)}),
    ],
)  # fmt: skip
def test_what_is_no_run_is_refused_and_says_which_file_to_choose(raw):
    refused(raw, r"not a run saved by Letterspace; choose a \.safetensors file")


def test_a_truncated_file_is_refused_wherever_it_ends():
    for length in range(0, len(RAW), 7):
        refused(RAW[:length], "download" if length > 8 else "not a run")


def test_sizes_are_refused_before_anything_is_parsed(monkeypatch):
    monkeypatch.setattr(runfile, "deserialize", None)  # calling it would be a TypeError
    refused(bytes(MAX_RUN_BYTES + 1), "larger than 80 MB")
    metadata = {"letterspace": json.dumps(opened(RAW)[0])}
    tensors = {f"{i}": {"dtype": "F32", "shape": [], "data_offsets": [0, 0]} for i in range(100_000)}
    refused(header_only({"__metadata__": metadata} | tensors), "not a run")  # 6 MB of header
    few = dict(list(tensors.items())[:27])
    refused(header_only({"__metadata__": metadata} | few), "holds 28 tensors; a run has at most 26")


def with_header(old: str, new: str) -> bytes:
    """The file with another text in its header, all else in its place."""
    end = 8 + int.from_bytes(RAW[:8], "little")
    header = RAW[8:end].decode()
    assert header.count(old) == 1
    changed = header.replace(old, new).encode()
    return struct.pack("<Q", len(changed)) + changed + RAW[end:]


B2, C = '"b2":{"dtype":"F32","shape":[27],', '"C":{"dtype":"F32","shape":[27,2],'


@pytest.mark.parametrize(
    ("old", "new", "what"),
    [
        (B2, f"{B2[:-5]}[{10**18}],", "cut short or damaged"),
        (B2, f"{B2[:-5]}[{2**63},{2**63}],", "cut short or damaged"),
        (B2, f"{B2[:-5]}{'[' * 9_999}27{']' * 9_999},", "not a run"),
        (B2, f'"C":{B2[5:]}', "not a run"),
        (B2, f'"W1":{B2[5:]}', "not a run"),
        ('"__metadata__":{', '"__metadata__":{"letterspace":"{}",', "not a run"),
        ('\\"step\\": 9,', '\\"step\\": 9, \\"step\\": 9,', "not a run"),
        (C + '"data_offsets":[0,216]', C + '"data_offsets":[216,432]', "cut short or damaged"),
        (C + '"data_offsets":[0,216]', C + '"data_offsets":[0,10000000]', "cut short or damaged"),
        (C + '"data_offsets":[0,216]', C + '"data_offsets":[216,0]', "cut short or damaged"),
    ],
    ids=["10^18 numbers", "2^126 numbers", "deep", "C twice", "W1 twice", "metadata twice", "step twice", "overlap",
         "beyond the end", "backwards"],
)  # fmt: skip
def test_a_header_that_lies_is_refused(old, new, what):
    refused(with_header(old, new), what)


def put(path: str, value: object):
    """A change of the JSON at a dotted path."""

    def change(text: dict, tensors: dict) -> None:
        *way, last = [int(key) if key.isdigit() else key for key in path.split(".")]
        for key in way:
            text = text[key]
        text[last] = value

    return change


def fill(name: str, value: float):
    def change(text: dict, tensors: dict) -> None:
        tensors[name].view(-1)[-1] = value

    return change


def replace(name: str, tensor: torch.Tensor):
    def change(text: dict, tensors: dict) -> None:
        tensors[name] = tensor

    return change


FINITE = "must be a finite number"
CASES = {
    "NaN weight": (fill("W1", math.nan), "W1 holds numbers that are not finite"),
    "infinite bias": (fill("b2", math.inf), "b2 holds numbers that are not finite"),
    "NaN checkpoint": (fill("checkpoints.C", math.nan), "checkpoints.C holds"),
    "wrong shape": (replace("W2", torch.zeros(27, 2)), "tensors do not fit"),
    "float64": (replace("C", torch.zeros(27, 2, dtype=torch.float64)), "tensors do not fit"),
    "another type": (replace("C", torch.zeros(27, 2, dtype=torch.float8_e4m3fn)), "tensors do not fit"),
    "extra tensor": (replace("Wd", torch.zeros(4, 27)), "tensors do not fit"),
    "direct without Wd": (put("run.config.direct", True), "tensors do not fit"),
    "wider": (put("run.config.n_hidden", 3), "tensors do not fit"),
    "too much to say": (put("run.config.n_hidden", 10**400), "Hidden units cannot be what it says"),
    "too wide": (put("run.config.n_hidden", 10**9), "between 0 and 500"),
    "unknown setting": (put("run.config.colour", 1), "settings that this version does not know"),
    "config a list": (put("run.config", []), "settings that"),
    "version": (put("version", 3), "format 3; this Letterspace reads format 2"),
    "unknown part": (put("run.more", 1), "parts are missing or unknown"),
    "run a number": (put("run", 3), "parts are missing"),
    "history a list": (put("history", [1]), "parts are missing"),
    "step": (put("run.step", 1e9), "its step"),
    "step negative": (put("run.step", -1), "its step"),
    "step true": (put("run.step", True), "its step"),
    "step beyond all": (put("run.step", 10**400), "its step"),
    "earlier than its past": (put("run.step", 8), "its last losses|each change|losses"),
    "NaN loss": (put("run.losses.1", math.nan), FINITE),
    "two losses": (put("run.losses", [9, 1.0]), "not three numbers"),
    "losses of later": (put("run.losses.0", 10), "its last losses"),
    "infinite test": (put("run.test", math.inf), FINITE),
    "test a huge whole number": (put("run.test", 10**400), FINITE),
    "NaN minibatch loss": (put("history.losses.3.1", math.nan), FINITE),
    "loss of the next step": (put("history.losses.8.0", 9), "each row of its losses"),
    "losses unsorted": (put("history.losses.3.0", 5), "in order"),
    "loss row short": (put("history.losses.3", [3, 1.0]), "rows of 4"),
    "loss row a text": (put("history.losses.3", "abcd"), "rows of 4"),
    "batch size": (put("history.losses.3.3", 5_000), "between 1 and 4,096"),
    "many losses": (put("history.losses", [[i, 1.0, 0.1, 32] for i in range(20_001)]), "not too long"),
    "evaluation later": (put("history.evaluations.4.0", 10), "exact losses"),
    "no first evaluation": (put("history.evaluations", []), "first step is missing"),
    "clock backwards": (put("history.clock.2.0", 1), "in order"),
    "negative clock": (put("history.clock.2.1", -1), FINITE),
    "no checkpoints": (put("checkpoints", []), "no checkpoints"),
    "checkpoint too many": (put("checkpoints", [0, 2, 4, 6, 8, 9]), "tensors do not fit"),
    "checkpoint later": (put("checkpoints.4", 10), "checkpoints"),
    "no checkpoint 0": (put("checkpoints.0", 1), "first step is missing"),
    "checkpoints unsorted": (put("checkpoints.1", 5), "in order"),
    "cold change": (put("run.changes.0.1", "n_hidden"), "cannot change during a run"),
    "unknown change": (put("run.changes.0.1", "__class__"), "cannot change during a run"),
    "change of a list": (put("run.changes.0.1", []), "rows of 3"),
    "change out of range": (put("run.changes.0.2", 1e9), "Learning rate must be between"),
    "changes unsorted": (put("run.changes.0.0", 8), "in order"),
    "change later": (put("run.changes.2.0", 10), "each change"),
    "symbols twice": (put("run.itos.3", "a"), "characters are not"),
    "symbols of two": (put("run.itos.26", "zz"), "characters are not"),
    "markup": (put("run.itos.26", "<b>"), "characters are not"),
    "no boundary": (put("run.itos.0", ","), "characters are not"),
    "control character": (put("run.itos.26", "\x9f"), "characters are not"),
    "symbol with too many marks": (put("run.itos.26", "z" + "\u0323" * MAX_SYMBOL_LENGTH), "characters are not"),
    "symbol not composed": (put("run.itos.26", "z\u0323"), "characters are not"),
    "symbol that turns the text": (put("run.itos.26", "\u202e"), "characters are not"),
    "symbol with a mark of direction": (put("run.itos.26", "z\u200f"), "characters are not"),
    "no symbol": (put("run.itos.26", ""), "characters are not"),
    "boundary with a mark": (put("run.itos.1", ".\u0301"), "characters are not"),
    "line break": (put("run.itos.26", "\u2028"), "characters are not"),
    "symbols unsorted": (put("run.itos.26", "A"), "characters are not"),
    "many symbols": (put("run.itos", [".", *map(chr, range(0x4E00, 0x4E00 + MAX_SYMBOLS + 1))]), "characters are"),
    "id": (put("run.id", "../../x"), "its id"),
    "digest": (put("run.digest", "x" * 65), "digest"),
    "name a number": (put("run.name", 5), "must be text"),
    "failure a number": (put("run.failure", 5), "must be text"),
    "created": (put("run.created", 1e12), FINITE),
    "created a truth": (put("run.created", True), FINITE),
}


@pytest.mark.parametrize("case", CASES)
def test_what_makes_no_sense_is_refused_with_a_sentence(case):
    change, what = CASES[case]
    text, tensors = opened(RAW)
    change(text, tensors)
    refused(closed(text, tensors), what)


def test_texts_are_bounded_and_cleaned():
    text, tensors = opened(RAW)
    text["run"] |= {"name": "x" * 999, "data": "a\n\x00b \u202e\ud800", "failure": "y" * 9_999}
    back = from_bytes(closed(text, tensors))
    assert back.name == "x" * 80 and back.data == "a b" and back.failure == "y" * 500
