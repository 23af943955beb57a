"""Adagrad, tied output weights and initial weights by frequency, against autograd, torch.optim and counting."""

import pytest
import torch
import torch.nn.functional as F
from hypothesis import given
from hypothesis import strategies as st

from core.analysis.updates import Updates
from core.config import ADAGRAD, FULL, Config, ConfigError, parameter_counts
from core.counting.ngrams import CountModel
from core.engine.gradients import Workspace, places
from core.engine.history import FALLBACK, TORCH
from core.engine.minibatches import Minibatches
from core.engine.model import Parameters, Shape, forward, initial_weights, initialise, loss
from core.engine.paths import describe, possible
from core.engine.run import Run
from core.engine.wide import Wide

SMALL = Config(n_embd=5, n_hidden=12, seed=3, steps=1_000_000)
ADA, TIED = SMALL.with_(optimiser=ADAGRAD), SMALL.with_(tied=True)
BOTH = SMALL.with_(optimiser=ADAGRAD, tied=True, init="frequency", direct=True)
configs = pytest.mark.parametrize("config", [ADA, TIED, BOTH], ids=["Adagrad", "tied", "both"])


def by_torch(config: Config, dataset, steps: int) -> dict[str, torch.Tensor]:
    """The run's parameters after so many steps, by autograd and torch.optim, in float64."""
    start = initial_weights(config, dataset.train)
    leaves = {name: tensor.double().clone().requires_grad_() for name, tensor in start.named().items()}
    optimiser = {"SGD": torch.optim.SGD, "Adagrad": torch.optim.Adagrad}[config.optimiser]
    by = optimiser(leaves.values(), lr=config.learning_rate)
    drawn = Minibatches(dataset.train, config.seed, config.batch_size, config.n_embd)
    for step in range(steps):
        number, row = divmod(step, drawn.steps)
        picks = drawn.picks(number)[row]
        X, Y = dataset.train.X[picks], dataset.train.Y[picks]
        x = leaves["C"][X].flatten(1)
        out = torch.tanh(x @ leaves["W1"] + leaves["b1"]) @ leaves["W2"]
        logits = (out @ leaves["C"].T if config.tied else out) + leaves["b2"]
        if config.direct:
            logits = logits + x @ leaves["Wd"]
        by.zero_grad()
        F.cross_entropy(logits, Y).backward()
        by.step()
    return {name: leaf.detach() for name, leaf in leaves.items()}


@configs
def test_a_run_makes_the_steps_of_torch_optim(config, few):
    run = Run(config, few(3))
    run.advance(60)
    expected = by_torch(config, few(3), 60)
    assert list(run.parameters.named()) == list(expected)
    for name, tensor in run.parameters.named().items():
        torch.testing.assert_close(tensor.double(), expected[name], rtol=2e-3, atol=2e-4, msg=name)


@pytest.mark.parametrize(
    "config",
    [SMALL, SMALL.with_(direct=True), ADA, TIED, BOTH, ADA.with_(n_hidden=0, direct=True), BOTH.with_(n_hidden=0)],
    ids=["plain", "direct", "Adagrad", "tied", "both", "no hidden", "no hidden, both"],
)
@pytest.mark.parametrize("cached", [1 << 19, 200], ids=["in one part", "in five parts"])
def test_so_does_one_with_thousands_of_symbols(config, cached, few, monkeypatch):
    """Trained in parts of the vocabulary: the same steps, but for rounding, and the same losses before each."""
    config = config.with_(weight_decay=0.01)
    narrow, wide = Run(config, few(3), path=FALLBACK), Run(config, few(3), path=FALLBACK)
    narrow.advance(60)
    monkeypatch.setattr("core.engine.paths.WIDE", 2)
    monkeypatch.setattr("core.engine.wide.CACHED", cached)
    wide.advance(60)
    for name, tensor in wide.parameters.everything().items():
        torch.testing.assert_close(tensor, narrow.parameters.everything()[name], rtol=2e-3, atol=2e-4, msg=name)
    assert [row[1] for row in wide.history.losses] == pytest.approx([row[1] for row in narrow.history.losses], abs=1e-3)
    again = Run(config, few(3), path=FALLBACK)
    for n in (1, 40, 19):
        again.advance(n)
    assert again.parameters.freeze() == wide.parameters.freeze()


@configs
@pytest.mark.parametrize("batch_size", [32, FULL])
def test_the_same_bits_however_it_is_sliced_resumed_and_forked(config, batch_size, few):
    config = config.with_(batch_size=batch_size, weight_decay=0.01)
    whole, sliced = Run(config, few(3)), Run(config, few(3))
    whole.advance(70)
    for n in (1, 2, 30, 7):
        sliced.advance(n)
    resumed = Run.resume(sliced.history.freeze(), few(3), sliced.step, sliced.parameters.freeze())
    resumed.advance(30)
    step = next(at for at, _ in whole.history.checkpoints if at >= 20)
    forked = whole.fork(step)
    forked.advance(70 - step)
    for other in (resumed, forked):
        assert other.parameters.freeze() == whole.parameters.freeze()
        assert other.history.evaluations == whole.history.evaluations


def test_squares_are_the_sums_of_the_squared_gradients(few):
    run, config = Run(ADA, few(3)), ADA
    total = torch.zeros(len(run.parameters.weights))
    drawn = Minibatches(few(3).train, config.seed, config.batch_size, config.n_embd)
    for step in range(20):
        X, Y = (part[step] for part in drawn.block(0))
        workspace = Workspace(run.parameters.clone(), config.batch_size)
        workspace.gradient(X, Y)
        total += workspace.gradients.flat.square()
        run.advance(1)
    torch.testing.assert_close(run.parameters.squares.flat, total, rtol=1e-4, atol=1e-9)


@configs
def test_the_update_for_diagnosis_is_what_a_run_then_does(config, few):
    run = Run(config.with_(weight_decay=0.1), few(3))
    run.advance(10)
    before = run.parameters.clone()
    updates = Updates(before.clone(), run.config, few(3))
    _, update = updates.loss_and_update(run.step, run.config.learning_rate_at(run.step))
    run.advance(1)
    torch.testing.assert_close(before.flat + update.flat, run.parameters.flat, rtol=1e-5, atol=1e-7)


shapes = st.builds(
    Shape, st.integers(2, 9), st.integers(1, 4), st.integers(1, 5), st.integers(0, 6), st.booleans(), st.booleans(),
    st.booleans(),
)  # fmt: skip


@given(shapes)
def test_everything_freezes_and_thaws_by_name(shape):
    p = Parameters(shape)
    p.flat.copy_(torch.arange(len(p.flat)))
    assert torch.equal(Parameters.thaw(shape, p.freeze()).flat, p.flat)
    parts = p.everything()
    assert sum(tensor.numel() for tensor in parts.values()) == len(p.flat) == len(p.freeze()) // 4
    assert torch.cat([tensor.flatten() for tensor in parts.values()]).unique().numel() == len(p.flat)
    assert [name.removeprefix("squares.") for name in parts] == [*p.named()] * (1 + shape.squares)


@given(shapes)
def test_the_outputs_are_the_weights_of_the_logits(shape):
    p = Parameters(shape._replace(direct=False), dtype=torch.float64)
    p.flat.copy_(torch.linspace(-1, 1, len(p.flat)))
    seen = forward(p, torch.zeros(3, shape.block_size, dtype=torch.int64))
    torch.testing.assert_close(seen.h @ p.outputs + p.b2, seen.logits)


@pytest.mark.parametrize("config", [SMALL, TIED, BOTH])
def test_parameter_counts_know_tied_weights_and_not_squares(config):
    p = initialise(config, 27, counts=torch.ones(27))
    assert {name: tensor.numel() for name, tensor in p.named().items()} == parameter_counts(config, 27)


@pytest.mark.parametrize("tied", [False, True])
def test_by_frequency_a_run_starts_as_the_unigram_does(tied, dataset):
    weights = initial_weights(Config(init="frequency", tied=tied, n_embd=10), dataset.train)
    unigram = CountModel.fit(dataset.train, 1, 1.0)
    assert loss(weights, dataset.dev) == pytest.approx(unigram.loss(dataset.dev), abs=5e-3)
    assert float(weights.C.std()) == pytest.approx(0.1, rel=0.1)


def test_weights_of_another_optimiser_do_not_fit(few):
    run = Run(ADA, few(3))
    with pytest.raises(ConfigError, match="do not fit"):
        Run.resume(Run(SMALL, few(3)).history, few(3), 0, run.parameters.freeze())


def test_the_kernel_makes_neither_and_that_is_said(few):
    assert Run(BOTH, few(3)).history.path == possible(None, TIED) == FALLBACK
    assert possible(TORCH, ADA) == TORCH
    assert describe(FALLBACK, BOTH) == (
        "Numbers by torch (torch 1): the kernel does not make steps with Adagrad and tied output weights."
    )


@pytest.mark.parametrize("way", [Workspace, Wide])
def test_a_weight_that_has_no_gradient_does_not_move(way, few):
    """The rows of symbols that no example has stay as they are, whatever the squares are."""
    parameters = initial_weights(ADA, few(3).train)
    before = parameters.clone()
    X = torch.full((1, 8, 3), 5)
    way(parameters, 8).train(places(X, ADA.n_embd), torch.full((1, 8), 7), [0.1])
    moved = (parameters.C != before.C).any(1).nonzero().flatten().tolist()
    assert moved == [5] and parameters.flat.isfinite().all()


def test_a_step_reads_and_writes_only_the_rows_of_c_that_it_needs(few):
    """What of C no example has can hold anything, if the output does not use it: it is not looked at."""
    parameters = initial_weights(ADA, few(3).train)
    rest = [i for i in range(len(parameters.C)) if i not in (3, 5)]
    parameters.C[rest], parameters.squares.C[rest] = float("nan"), float("nan")
    X, Y = torch.tensor([[[5, 3, 5], [3, 3, 3]]]), torch.tensor([[7, 1]])
    logp = Wide(parameters, 2).train(places(X, ADA.n_embd), Y, [0.1])
    assert logp.isfinite().all() and parameters.C[[3, 5]].isfinite().all()
    assert all(parameters.everything()[name].isfinite().all() for name in ("W1", "b1", "W2", "b2"))
    assert (parameters.squares.C[[3, 5]] > 0).all() and parameters.C[rest].isnan().all()
