"""core/engine/embeddings.py: C of the words on a map, kept densely in time, in 16 bits and within bounds."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from core.config import KNOB, WORD_PRESETS, Config
from core.data.dataset import Dataset
from core.data.sentences import read_text
from core.engine import embeddings
from core.engine.embeddings import LEVELS, MAX_BYTES, SHOWN, is_packed, pack, packed_size, per_decade, unpack
from core.engine.history import History, checkpoints_per_decade, next_on_grid, on_grid, steps_between
from core.engine.model import Parameters, Shape
from core.engine.run import Run
from tests.support.few_checkpoints import FEW, few_checkpoints
from tests.support.story import STORY

SMALL = Config(n_embd=4, n_hidden=6, optimiser="Adagrad", tied=True, init="frequency", batch_size=32, steps=200)


@pytest.fixture(autouse=True)
def few(monkeypatch):
    few_checkpoints(monkeypatch)


def made(until: int, **config) -> Run:
    run = Run(SMALL.with_(**config), Dataset.of_corpus(read_text(STORY, "story", 500).corpus, 3))
    run.advance(until)
    return run


# ---------------------------------------------------------------- packing


@given(st.integers(1, 40), st.integers(1, 8), st.floats(-30, 30), st.integers(0, 99))
def test_a_number_changes_by_half_a_level_at_most(rows, n_embd, magnitude, seed):
    C = torch.randn(rows, n_embd, generator=torch.Generator().manual_seed(seed)) * 10**magnitude
    back, scale = unpack(pack(C), n_embd), float(C.abs().max())
    assert back.shape == C.shape and back.dtype == torch.float32
    assert float((back.double() - C.double()).abs().max()) <= scale * (0.5 / LEVELS + 1e-7)
    assert is_packed(pack(C), rows, n_embd) and len(pack(C)) == packed_size(rows, n_embd)


def test_rows_that_are_all_zero_stay_zero():
    assert torch.equal(unpack(pack(torch.zeros(3, 2)), 2), torch.zeros(3, 2))


def test_only_the_words_on_the_map_are_kept():
    C = torch.arange(2.0 * (SHOWN + 7)).view(-1, 2)
    assert len(unpack(pack(C), 2)) == SHOWN and is_packed(pack(C), SHOWN + 7, 2)


@pytest.mark.parametrize(
    "value",
    [None, "text", b"", pack(torch.ones(3, 2))[:-1], pack(torch.ones(4, 2)), b"\xff" * packed_size(3, 2),
     embeddings.SCALE.pack(-1.0) + bytes(12), embeddings.SCALE.pack(1e300) + bytes(12)],
)  # fmt: skip
def test_what_is_no_packed_C_is_refused(value):
    assert not is_packed(value, 3, 2)


# ---------------------------------------------------------------- when, and how much


@pytest.mark.parametrize("V", [500, 2_000, 5_000, 17_000])
@pytest.mark.parametrize("name", [*WORD_PRESETS, "widest"])
def test_all_of_the_longest_run_fit_into_24_megabytes_and_are_dense(name, V, monkeypatch):
    monkeypatch.undo()
    widest = Config(n_embd=KNOB["n_embd"].high, n_hidden=KNOB["n_hidden"].high, direct=True, optimiser="Adagrad")
    config = WORD_PRESETS.get(name, widest)
    numbers = len(Parameters(Shape.of(config, V)).flat)
    whole, rate = checkpoints_per_decade(numbers), per_decade(True, V, config.n_embd, numbers)
    assert max(rate, whole) >= 10, "too few to scrub through"
    if rate:
        most, between = KNOB["steps"].high, {*grid(rate)} - {*grid(whole)}
        assert rate > whole and len(between) * packed_size(V, config.n_embd) <= MAX_BYTES
        assert {*grid(whole)} <= {*grid(rate)} and steps_between(0, most, rate, whole) == len(grid(rate))
    assert per_decade(False, V, config.n_embd, numbers) == 0.0, "not on characters"


def grid(per_decade: float) -> list[int]:
    """Its steps after 0 of the longest run."""
    steps = [1]
    while steps[-1] < KNOB["steps"].high:
        steps.append(next_on_grid(steps[-1], per_decade))
    return [*steps[:-1], KNOB["steps"].high]


def test_a_run_keeps_them_on_their_grid_between_checkpoints_however_it_was_sliced():
    whole, sliced = made(150), made(0)
    while sliced.step < 150:
        sliced.advance(7)
    sliced.advance(0)
    rate = per_decade(True, len(whole.dataset.vocabulary), 4, len(whole.parameters.flat))
    kept = [step for step, _ in whole.history.embeddings]
    assert kept == [s for s in range(151) if on_grid(s, rate) and not on_grid(s, FEW)] and len(kept) > 50
    assert sliced.history.until(150).embeddings == whole.history.embeddings
    exact = made(kept[-1])
    assert whole.history.embeddings[-1][1] == pack(exact.parameters.C)


def test_a_run_that_goes_on_or_is_forked_has_those_of_one_that_never_stopped():
    whole, first = made(150), made(60)
    again = Run.resume(first.history, first.dataset, 60, first.parameters.freeze())
    again.advance(90)
    assert again.history == whole.history and again.history.embeddings
    at = first.history.checkpoints[-2][0]
    forked = first.fork(at)
    assert forked.history.embeddings and forked.history.embeddings[-1][0] < at
    forked.advance(150 - at)
    assert forked.history == whole.history
    assert History.from_dict(whole.history.to_dict()).embeddings == whole.history.embeddings
    assert History.from_dict({k: v for k, v in whole.history.to_dict().items() if k != "embeddings"}).embeddings == []
    sizes = [len(kept) for rows in (whole.history.checkpoints, whole.history.embeddings) for _, kept in rows]
    assert whole.history.size == sum(sizes)


def test_a_run_that_failed_takes_back_those_after_its_last_finite_step():
    run = made(5_000, learning_rate=3.0, optimiser="SGD", weight_decay=1.0)
    assert run.failure and run.history.embeddings and run.history.embeddings[-1][0] <= run.step
