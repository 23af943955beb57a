"""core/engine/model.py: the pass and its hand-written gradients against autograd, torch.nn and finite differences."""

import math
import warnings
from typing import NamedTuple

import pytest
import torch
import torch.nn.functional as F
from hypothesis import given
from hypothesis import strategies as st
from torch.utils._python_dispatch import TorchDispatchMode

from core.config import PRESETS, Config, parameter_counts
from core.data.dataset import Examples, Split
from core.data.vocabulary import Vocabulary
from core.engine import model
from core.engine.gradients import Workspace, gradients
from core.engine.minibatches import EXAMPLES_AT_ONCE, Minibatches
from core.engine.model import NUMBERS, Parameters, Shape, forward, initialise, loss, pair_log_probabilities

F64 = torch.float64


class Case(NamedTuple):
    """A network and examples for it."""

    parameters: Parameters
    examples: Examples

    @property
    def weights(self) -> torch.Tensor:
        """How much each (context, next) weighs in the mean: (M, V), sum 1."""
        (row, next, times), examples = self.examples.pairs, self.examples
        table = torch.zeros(len(examples.contexts), examples.vocabulary_size, dtype=F64)
        return table.index_put((row, next), times / len(examples))


@st.composite
def cases(draw, counted: bool | None = None) -> Case:
    """Any shape; few enough characters that they repeat within a context; float64. counted: contexts come often."""
    V, block_size = draw(st.integers(2, 30)), draw(st.integers(1, 8))
    sizes = draw(st.integers(1, 16)), draw(st.integers(0, 64))
    shape = Shape(V, block_size, *sizes, draw(st.booleans()), draw(st.booleans()))
    generator = torch.Generator().manual_seed(draw(st.integers(0, 2**31)))
    parameters = Parameters(shape, dtype=F64)
    parameters.flat.copy_(torch.randn(parameters.flat.shape, generator=generator, dtype=F64))
    rows = draw(st.integers(1, 40))
    X = torch.randint(0, min(V, draw(st.integers(1, 30))), (rows, block_size), generator=generator)
    if draw(st.booleans()) if counted is None else counted:
        which = torch.cat([torch.arange(rows), torch.randint(rows, (8 * rows,), generator=generator)])
        return Case(parameters, Examples.counted(X[which], torch.randint(V, which.shape, generator=generator), V))
    return Case(parameters, Examples.uncounted(X, torch.randint(V, (rows,), generator=generator), V))


def by_autograd(case: Case) -> torch.Tensor:
    """d loss / d flat, through the readable `forward`."""
    flat = case.parameters.flat.clone().requires_grad_()
    logp = forward(Parameters(case.parameters.shape, flat), case.examples.contexts).log_probabilities
    return torch.autograd.grad(-(logp * case.weights).sum(), flat)[0]


def first_five(words) -> Split:
    return Split.of(words[:5], 3, Vocabulary.of(words))


def descend(parameters: Parameters, split: Split, steps: int) -> list[float]:
    """Full-batch gradient descent at 0.1: the loss before each step, and after the last."""
    losses = [loss(parameters, split)]
    for _ in range(steps):
        parameters.flat.sub_(gradients(parameters, split).flat, alpha=0.1)
        losses.append(loss(parameters, split))
    return losses


# ---------------------------------------------------------------- golden numbers (DESIGN.md section 5)


def test_the_sine_and_cosine_network_descends_as_measured(words):
    p = Parameters(Shape(27, 3, 2, 100, False), dtype=F64)
    p.C.copy_(torch.arange(54, dtype=F64).sin().view(27, 2))
    p.W1.copy_(torch.arange(600, dtype=F64).cos().view(6, 100) * 0.5)
    p.b1.copy_(torch.arange(100, dtype=F64).sin() * 0.1)
    p.W2.copy_(torch.arange(2700, dtype=F64).sin().view(100, 27) * 0.2)
    p.b2.copy_(torch.arange(27, dtype=F64).cos() * 0.1)
    losses = descend(p, first_five(words), 10)
    assert losses[:3] == pytest.approx([3.2921907974, 3.1717519882, 3.0676966484], abs=1e-9)
    assert losses[10] == pytest.approx(2.5890271615, abs=1e-9)


def test_the_lectures_seed_starts_at_17_77_and_overfits_five_names_to_0_256(words):
    p = initialise(Config(n_embd=2, n_hidden=100, init="lecture", seed=2147483647), 27)
    losses = descend(p, first_five(words), 1_000)
    assert losses[0] == pytest.approx(17.7697, abs=1e-4)
    assert losses[-1] == pytest.approx(0.256, abs=2e-3)
    assert min(losses) > 5 * math.log(5) / 32  # see the next test


def test_no_network_can_do_better_on_five_names_than_0_2515(words):
    split = first_five(words)
    counts = torch.stack([split.followers(row) for row in range(len(split.contexts))])
    P = counts / counts.sum(1, keepdim=True)
    assert float(-torch.xlogy(counts, P).sum() / 32) == pytest.approx(0.2514746738, abs=1e-10)  # 5 ln 5 / 32


def test_with_an_output_layer_of_zeros_any_network_guesses_uniformly(words):
    p = initialise(Config(init="lecture"), 27, F64)
    p.W2.zero_(), p.b2.zero_()
    split = first_five(words)
    assert loss(p, split) == pytest.approx(3.295836866, abs=1e-9)  # ln 27


# ---------------------------------------------------------------- gradients


@given(cases())
def test_gradients_are_those_of_autograd(case):
    found = gradients(*case)
    assert found.shape == case.parameters.shape
    torch.testing.assert_close(found.flat, by_autograd(case), rtol=1e-10, atol=1e-12)


@given(cases(counted=True))
def test_gradients_by_way_of_distinct_contexts_are_those_of_every_example_in_turn(case):
    p, examples = case
    each = Examples.uncounted(examples.X, examples.Y, examples.vocabulary_size)
    assert len(each.contexts) > len(examples.contexts)
    torch.testing.assert_close(gradients(p, examples).flat, gradients(p, each).flat, rtol=1e-10, atol=1e-12)
    assert loss(p, examples) == pytest.approx(loss(p, each), rel=1e-12)


@given(cases(counted=False))
def test_the_network_and_its_gradients_are_those_of_torch_nn(case):
    p, (X, Y) = case.parameters, (case.examples.X, case.examples.Y)
    shape = p.shape
    K = shape.block_size * shape.n_embd
    embedding = torch.nn.Embedding.from_pretrained(p.C.clone(), freeze=False)
    outputs = shape.n_embd if shape.tied else shape.vocabulary_size
    sizes = (K, shape.n_hidden), (shape.n_hidden, outputs), (K, shape.vocabulary_size)
    with warnings.catch_warnings(), torch.no_grad():
        warnings.filterwarnings("ignore", "Initializing zero-element tensors")  # n_hidden 0
        hidden, output, direct = (torch.nn.Linear(*size, dtype=F64) for size in sizes)
        hidden.weight.copy_(p.W1.T), hidden.bias.copy_(p.b1)
        output.weight.copy_(p.W2.T), output.bias.copy_(torch.zeros(outputs) if shape.tied else p.b2)
        direct.weight.zero_(), direct.bias.zero_()
        if p.Wd is not None:
            direct.weight.copy_(p.Wd.T)
    x = embedding(X).view(len(X), K)
    logits, b2 = output(torch.tanh(hidden(x))), p.b2.clone().requires_grad_()
    if shape.tied:
        logits = F.linear(logits, embedding.weight, b2)
    logits = logits + direct(x)
    seen = forward(p, X)
    torch.testing.assert_close(seen.logits, logits.detach(), rtol=1e-10, atol=1e-12)
    nats = F.cross_entropy(logits, Y)
    assert loss(*case) == pytest.approx(nats.item(), rel=1e-10)
    nats.backward()
    expected = {"C": embedding.weight.grad, "W1": hidden.weight.grad.T, "b1": hidden.bias.grad}
    expected |= {"W2": output.weight.grad.T, "b2": b2.grad if shape.tied else output.bias.grad}
    expected |= {"Wd": direct.weight.grad.T} if shape.direct else {}
    torch.testing.assert_close(gradients(*case).named(), expected, rtol=1e-10, atol=1e-12)


@given(cases(), st.integers(0, 2**31))
def test_gradients_are_the_slopes_of_the_loss(case, seed):
    p, examples = case
    slopes, e = gradients(*case).flat, 1e-5
    at = lambda flat: loss(Parameters(p.shape, flat), examples)
    generator = torch.Generator().manual_seed(seed)
    coordinates = torch.eye(len(p.flat), dtype=F64)[torch.randint(0, len(p.flat), (10,), generator=generator)]
    everywhere = F.normalize(torch.randn(3, len(p.flat), generator=generator, dtype=F64))
    for way in (*coordinates, *everywhere):
        slope = (at(p.flat + e * way) - at(p.flat - e * way)) / (2 * e)
        assert slope == pytest.approx(float(slopes @ way), rel=1e-5, abs=1e-7)


@given(cases())
def test_gradients_in_float32_are_those_of_float64_rounded(case):
    p = case.parameters
    rounded = gradients(Parameters(p.shape, p.flat.float()), case.examples).flat
    torch.testing.assert_close(rounded.double(), gradients(*case).flat, rtol=1e-3, atol=1e-4)


@given(cases())
def test_asking_for_gradients_changes_nothing(case):
    kept = case.parameters.flat, case.examples.contexts, *case.examples.pairs
    before = [tensor.clone() for tensor in kept]
    first = gradients(*case).flat.clone()
    assert all(map(torch.equal, before, kept))
    assert torch.equal(first, gradients(*case).flat)


# ---------------------------------------------------------------- the pass


def test_every_intermediate_has_the_shape_the_lecture_gives_it():
    p = initialise(Config(block_size=4, n_embd=3, n_hidden=50, direct=True), 27)
    shapes = {name: tuple(t.shape) for name, t in forward(p, torch.zeros(7, 4, dtype=torch.int64))._asdict().items()}
    layers = {"emb": (7, 4, 3), "preactivation": (7, 50), "h": (7, 50)}
    assert shapes == layers | {"logits": (7, 27), "log_probabilities": (7, 27)}


@given(cases())
def test_probabilities_sum_to_one(case):
    P = forward(case.parameters, case.examples.X).log_probabilities.exp()
    torch.testing.assert_close(P.sum(1), torch.ones(len(P), dtype=F64))


def test_the_loss_by_distinct_contexts_is_the_mean_over_all_examples(dataset):
    p = initialise(Config(n_embd=10, init="lecture"), 27, F64)
    split = dataset.dev
    expected = F.cross_entropy(forward(p, split.X).logits, split.Y).item()
    assert loss(p, split) == pytest.approx(expected, rel=1e-12)


@given(cases())
def test_pairs_are_as_likely_as_the_pass_says(case):
    row, next, _ = case.examples.pairs
    expected = forward(case.parameters, case.examples.contexts).log_probabilities[row, next]
    torch.testing.assert_close(pair_log_probabilities(*case), expected)


@given(cases(counted=True), st.integers(1, 50))
def test_how_many_rows_a_pass_takes_at_once_makes_no_difference(case, rows):
    asked = lambda: (pair_log_probabilities(*case), gradients(*case).flat, torch.tensor(loss(*case), dtype=F64))
    whole = asked()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(model, "ROWS", rows)
        torch.testing.assert_close(asked(), whole, rtol=1e-10, atol=1e-12)


class Largest(TorchDispatchMode):
    """While it is on: the most numbers that a tensor had which an operation gave."""

    numbers = 0

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        given = func(*args, **(kwargs or {}))
        for tensor in given if isinstance(given, (tuple, list)) else (given,):
            if isinstance(tensor, torch.Tensor):
                self.numbers = max(self.numbers, tensor.numel())
        return given


def test_with_thousands_of_symbols_nothing_as_large_as_all_contexts_times_all_symbols_is_made():
    V, N, config = 5_000, 3_000, Config(n_embd=4, n_hidden=8, block_size=4)
    generator = torch.Generator().manual_seed(1)
    with Largest() as largest:
        X, Y = torch.randint(V, (N, 4), generator=generator), torch.randint(V, (N,), generator=generator)
        examples, parameters = Examples.counted(X, Y, V), initialise(config, V)
        found = gradients(parameters, examples)
        assert loss(parameters, examples) == pytest.approx(math.log(V), abs=0.1)
        pair_log_probabilities(parameters, examples)
        Workspace(parameters, 32).train(*Minibatches(examples, 1, 32, 4).block(0), [0.1] * 5)
    assert len(examples.contexts) * V > 5 * NUMBERS and largest.numbers <= max(NUMBERS, EXAMPLES_AT_ONCE * 16)
    assert found.b2.sum() == pytest.approx(0, abs=1e-5), "probabilities and shares both sum to 1"


# ---------------------------------------------------------------- parameters


@pytest.mark.parametrize("preset", PRESETS)
def test_parameters_are_as_many_as_the_config_says(preset):
    p = initialise(PRESETS[preset], 27)
    assert {name: t.numel() for name, t in p.named().items()} == parameter_counts(PRESETS[preset], 27)
    assert len(p.flat) == sum(t.numel() for t in p.named().values())


@given(cases())
def test_every_parameter_is_a_view_into_one_vector_and_no_two_overlap(case):
    p = case.parameters
    for i, tensor in enumerate(p.named().values()):
        tensor.fill_(i)
    sizes = [t.numel() for t in p.named().values()]
    assert sorted(p.flat.tolist()) == [i for i, n in enumerate(sizes) for _ in range(n)]


@given(cases())
def test_frozen_parameters_thaw_to_the_same_and_lie_as_saved_files_have_them(case):
    p = case.parameters
    frozen = p.freeze()
    thawed = Parameters.thaw(p.shape, frozen, F64)
    assert isinstance(frozen, bytes) and torch.equal(thawed.flat, p.flat)
    order = [t.flatten() for t in (p.C, p.W1, p.b1, p.Wd, p.b2, p.W2) if t is not None]
    assert torch.equal(torch.frombuffer(bytearray(frozen), dtype=F64), torch.cat(order))
    thawed.flat.zero_()
    assert p.freeze() == frozen, "a thawed copy shares nothing with what it came from"
