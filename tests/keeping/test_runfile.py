"""core/keeping/runfile.py: a run goes out and comes back to the bit, and nothing else is let in."""

import dataclasses
import struct
import unicodedata

import pytest
import safetensors.torch
import torch
from hypothesis import given
from hypothesis import strategies as st

from core.config import FULL, KNOB, KNOBS, MAX_SYMBOLS, Config
from core.data.dataset import Dataset
from core.engine.model import Parameters, Shape
from core.engine.run import Run
from core.engine.saved import SavedRun
from core.keeping import runfile
from core.keeping.runfile import from_bytes, to_bytes
from core.keeping.runtext import RunFileError, clean_name
from tests.support.runs_kept import ITOS, closed, forged, opened, saved

TINY = Config(n_hidden=2, block_size=2, seed=7)
EXPLODES = Config(learning_rate=10, n_hidden=0, direct=True, weight_decay=1.0)
CHANGES = ((3, "learning_rate", 0.3), (3, "batch_size", FULL), (7, "schedule", "cosine"))
VALID = forged(TINY, 9, CHANGES, name="a name", test=2.5)
RAW = to_bytes(VALID)


def same(one: SavedRun, other: SavedRun) -> bool:
    return one == other and one.history.clock == other.history.clock  # == leaves the clock out


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
    optimiser=st.sampled_from(KNOB["optimiser"].options), tied=st.booleans(),
)  # fmt: skip


@given(
    configs, st.integers(0, 6), st.text(max_size=90).map(clean_name), positive, positive, finite | st.none(), finite,
    st.data(),
)  # fmt: skip
def test_any_run_comes_back_to_the_bit(config, step, name, seconds, created, test, loss, data):
    kept = forged(config, step, name=name, seconds=seconds, created=created, test=test, exact=(step, loss, loss))
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


@pytest.mark.parametrize(
    "words",
    [
        ["ก็", "กี่", "ที่นี่", "สวัสดี"], ["שָׁלוֹם", "תּוֹרָה"], ["e\u0301te\u0323\u0301", "ã"],
        ["कमल", "क्षत्रिय", "नमस्ते"],
        ["a b", "x-y", "l'é", "<b>", "1,2"], ["👍🏽👍", "🇫🇮🇸🇪"], [chr(0x4E00 + i) for i in range(MAX_SYMBOLS)],
    ],
    ids=["Thai", "Hebrew", "Vietnamese", "Hindi", "signs", "emoji", "257 symbols"],
)  # fmt: skip
def test_a_run_on_any_alphabet_comes_back_to_the_bit(words):
    words = [unicodedata.normalize("NFC", word) for word in words for _ in range(5)]
    run = Run(TINY, Dataset.of(words, 2))
    run.advance(20)
    kept = saved(run)
    assert len(kept.itos) > 2 and same(from_bytes(to_bytes(kept)), kept)


@pytest.mark.parametrize("direct", [False, True])
@pytest.mark.parametrize("tied", [False, True])
@pytest.mark.parametrize("optimiser", KNOB["optimiser"].options)
@pytest.mark.parametrize("n_hidden", [0, 2])
def test_a_packed_network_is_a_safetensors_file(direct, tied, optimiser, n_hidden):
    kept = forged(TINY.with_(direct=direct, tied=tied, optimiser=optimiser, n_hidden=n_hidden), 1)
    count = len(kept.frozen) // 4
    frozen = struct.pack(f"<{count}f", *range(count))
    found = safetensors.torch.load(runfile.pack(kept, frozen))
    expected = Parameters.thaw(Shape.of(kept.config, len(ITOS)), frozen).everything()
    assert found.keys() == expected.keys()
    assert all(torch.equal(found[name], expected[name]) for name in found)


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
