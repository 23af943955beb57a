"""core/runfile.py: a run goes out and comes back to the bit, and nothing else is let in."""

import dataclasses
import io
import json
import math
import pickle
import struct
import zipfile

import pytest
import safetensors.torch
import torch
from hypothesis import given
from hypothesis import strategies as st

from core import runfile
from core.config import FULL, KNOBS, MAX_SYMBOLS, Config
from core.model import Parameters, Shape
from core.run import Run
from core.runfile import MAX_RUN_BYTES, RunFileError, clean_name, from_bytes, to_bytes
from core.saved import SavedRun
from tests.keeping import ITOS, forged, saved

TINY = Config(n_hidden=2, block_size=2, seed=7)
EXPLODES = Config(learning_rate=10, n_hidden=0, direct=True, weight_decay=1.0)
CHANGES = ((3, "learning_rate", 0.3), (3, "batch_size", FULL), (7, "schedule", "cosine"))
VALID = forged(TINY, 9, CHANGES, name="a name", test=2.5)
RAW = to_bytes(VALID)


def same(one: SavedRun, other: SavedRun) -> bool:
    return one == other and one.history.clock == other.history.clock  # == leaves the clock out


def opened(raw: bytes) -> tuple[dict, dict]:
    """The JSON and the tensors of a file, to be changed."""
    (length,) = struct.unpack("<Q", raw[:8])
    return json.loads(json.loads(raw[8 : 8 + length])["__metadata__"]["letterspace"]), safetensors.torch.load(raw)


def closed(text: object, tensors: dict) -> bytes:
    return safetensors.torch.save(tensors, {"letterspace": json.dumps(text)})


def header_only(header: object) -> bytes:
    raw = json.dumps(header).encode()
    return struct.pack("<Q", len(raw)) + raw


# ---------------------------------------------------------------- there and back


@pytest.mark.parametrize(
    "config",
    [TINY, TINY.with_(direct=True), TINY.with_(n_hidden=0), Config(), EXPLODES],
    ids=["tiny", "direct", "no hidden units", "default", "fails"],
)
def test_a_run_comes_back_to_the_bit(few, config):
    run = Run(config, few(config.block_size))
    run.advance(20)
    run.set(learning_rate=config.learning_rate * 1.5, batch_size=64)
    run.advance(300)
    run.set(steps=30)
    kept = saved(run, test=run.evaluate("test"), created=1.7e9, name="ein Näme 🙂")
    assert (run.failure is not None) == (config == EXPLODES)
    assert same(from_bytes(to_bytes(kept)), kept)
    assert to_bytes(from_bytes(to_bytes(kept))) == to_bytes(kept)


finite = st.floats(-1e300, 1e300)
positive = st.floats(0, 1e9)
configs = st.builds(
    Config, block_size=st.integers(1, 3), n_embd=st.integers(1, 3), n_hidden=st.integers(0, 3), direct=st.booleans(),
    seed=st.integers(0, 99), learning_rate=st.floats(1e-6, 100), batch_size=st.integers(1, 4096) | st.just(FULL),
)  # fmt: skip


@given(
    configs, st.integers(0, 6), st.text(max_size=90).map(clean_name), positive, positive, finite | st.none(), finite,
    st.data(),
)  # fmt: skip
def test_any_run_comes_back_to_the_bit(config, step, name, seconds, created, test, loss, data):
    kept = forged(config, step, name=name, seconds=seconds, created=created, test=test, losses=(step, loss, loss))
    count = len(kept.frozen) // 4
    weights = data.draw(st.lists(st.floats(width=32, allow_nan=False, allow_infinity=False), min_size=1, max_size=9))
    frozen = struct.pack(f"<{count}f", *(weights * count)[:count])
    kept = dataclasses.replace(kept, frozen=frozen)
    assert same(from_bytes(to_bytes(kept)), kept)


def test_a_run_that_comes_back_goes_on_bit_for_bit(few):
    run = Run(TINY, few(2))
    run.advance(25)
    back = from_bytes(to_bytes(saved(run)))
    twin = Run.resume(back.history, few(2), back.step, back.frozen)
    for each in (run, twin):
        each.set(learning_rate=0.5)
        each.advance(25)
    assert twin.history == run.history
    assert torch.equal(twin.parameters.flat, run.parameters.flat)


def test_any_safetensors_reader_finds_the_parameters_by_the_lectures_names():
    tensors = safetensors.torch.load(RAW)
    shape = Shape.of(TINY, len(ITOS))
    for name, tensor in Parameters.thaw(shape, VALID.frozen).named().items():
        assert torch.equal(tensors[name], tensor)
    for index, (step, _) in enumerate(VALID.history.checkpoints):
        assert opened(RAW)[0]["checkpoints"][index] == step
        for name, tensor in Parameters.thaw(shape, VALID.history.parameters_at(index)).named().items():
            assert torch.equal(tensors[f"checkpoints.{name}"][index], tensor)


def test_a_knob_that_an_older_file_does_not_know_has_its_default():
    text, tensors = opened(RAW)
    del text["run"]["config"]["direct"]
    assert from_bytes(closed(text, tensors)) == VALID


def test_a_file_that_could_not_be_read_back_is_not_written(monkeypatch):
    monkeypatch.setattr(runfile, "MAX_RUN_BYTES", len(RAW) - 1)
    with pytest.raises(RunFileError, match="larger than"):
        to_bytes(VALID)


# ---------------------------------------------------------------- hostile files


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


@pytest.mark.parametrize(
    "raw",
    [
        b"", b"\0", bytes(8), bytes(100), b"[]", pickle.dumps({"run": 1}), pickle.dumps([1] * 99, 0), zipped(),
        b"\x89PNG\r\n\x1a\n" + bytes(99), struct.pack("<Q", 2**63) + b"{}", struct.pack("<Q", 2) + b"{]",
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
    few = dict(list(tensors.items())[:13])
    refused(header_only({"__metadata__": metadata} | few), "holds 14 tensors; a run has at most 12")


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
    "version": (put("version", 2), "format 2; this Letterspace reads format 1"),
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


def survives(raw: bytes) -> None:
    """Refused with a sentence, or a run that can be used."""
    try:
        run = from_bytes(raw)
    except RunFileError as error:
        assert str(error).endswith(".")
        return
    assert run.config == run.history.config_now()
    assert bool(run.parameters().flat.isfinite().all())
    assert same(from_bytes(to_bytes(run)), run)


@given(st.binary(max_size=300))
def test_arbitrary_bytes_are_refused(raw):
    with pytest.raises(RunFileError):
        from_bytes(raw)


@given(st.lists(st.tuples(st.integers(0, len(RAW) - 1), st.integers(0, 255)), min_size=1, max_size=4))
def test_a_file_with_a_few_other_bytes_is_refused_or_a_run(edits):
    raw = bytearray(RAW)
    for place, byte in edits:
        raw[place] = byte
    survives(bytes(raw))


@given(st.integers(0, len(RAW)), st.integers(0, 40), st.binary(max_size=40))
def test_a_file_with_something_cut_out_or_put_in_is_refused_or_a_run(place, length, inserted):
    survives(RAW[:place] + inserted + RAW[place + length :])


def paths(value: object, way=()) -> list[tuple]:
    keys = value.keys() if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ()
    return [way, *(path for key in keys for path in paths(value[key], (*way, key)))]


PATHS = [path for path in paths(opened(RAW)[0]) if path]
numbers = st.integers() | st.floats() | st.sampled_from([10**400, -1, 0, 1, 9, 10, 2**63])
words = st.text(max_size=5) | st.sampled_from(["full", *(knob.name for knob in KNOBS)])
anything = st.recursive(
    st.none() | st.booleans() | numbers | words,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(words, inner, max_size=4),
    max_leaves=6,
)


@given(st.lists(st.tuples(st.sampled_from(PATHS), anything), min_size=1, max_size=3))
def test_a_file_with_any_other_json_in_it_is_refused_or_a_run(edits):
    text, tensors = opened(RAW)
    for path, value in edits:
        inner = text
        try:
            for key in path[:-1]:
                inner = inner[key]
            inner[path[-1]] = value
        except (TypeError, KeyError, IndexError):
            continue  # an edit before took this place away
    survives(closed(text, tensors))
