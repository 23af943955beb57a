"""The landscape of a letter against the network itself, with the letter moved."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from core.analysis.geometry import project
from core.analysis.landscape import Landscape, LetterContexts, Slice
from core.config import Config
from core.data.dataset import Examples
from core.engine.gradients import gradients
from core.engine.model import Parameters, Shape, initialise, loss
from core.engine.run import Run
from tests.support.landscapes import landscape, loss_with, slice_of

EXACT, SLOPE = 3e-7, 1e-4
E = 5  # the index of "e"


@pytest.fixture(scope="module")
def trained(dataset) -> Parameters:
    run = Run(Config(learning_rate=0.3), dataset)
    run.advance(1500)
    return run.parameters


def examples(V: int, block_size: int, seed: int, n: int = 400) -> Examples:
    """Random ones; few symbols, so that contexts repeat one and the same letter at many places."""
    generator = torch.Generator().manual_seed(seed)
    X = torch.randint(V, (n, block_size), generator=generator)
    return Examples.counted(X, torch.randint(V, (n,), generator=generator), V)


def network(V: int, block_size: int, n_embd: int, n_hidden: int, direct: bool, seed: int) -> Parameters:
    config = Config(block_size=block_size, n_embd=n_embd, n_hidden=n_hidden, direct=direct, seed=seed, init="scaled")
    parameters = initialise(config, V)
    parameters.flat.add_(torch.randn(parameters.flat.shape, generator=torch.Generator().manual_seed(seed)), alpha=0.2)
    return parameters


shapes = st.tuples(
    st.integers(2, 6), st.integers(1, 6), st.integers(1, 5), st.integers(0, 12), st.booleans(), st.integers(0, 999)
)


# ---------------------------------------------------------------- exact


def test_at_the_letter_the_field_is_the_exact_train_loss(trained, dataset):
    for letter in range(27):
        here = landscape(trained, dataset.train, letter)
        assert here.now == pytest.approx(loss(trained, dataset.train), abs=EXACT)


@given(shapes, st.integers(0, 5))
def test_everywhere_the_field_is_the_loss_of_the_network_whose_letter_stands_there(shape, letter):
    V, block_size, *_, seed = shape
    letter, data, parameters = letter % V, examples(V, block_size, seed), network(*shape)
    places = 2 * torch.randn(7, 2, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)
    here = landscape(parameters, data, letter)
    found = here.losses(places).tolist()
    assert found == pytest.approx(
        [loss_with(parameters, data, letter, row) for row in here.slice.rows(places)], abs=5 * EXACT
    )
    assert here.now == pytest.approx(loss(parameters, data), abs=EXACT)


@given(shapes, st.integers(0, 5))
def test_the_gradient_is_the_rows_of_the_training_code(shape, letter):
    V, block_size, *_, seed = shape
    letter, data, parameters = letter % V, examples(V, block_size, seed), network(*shape)
    whole = gradients(parameters, data).C[letter]
    assert torch.allclose(landscape(parameters, data, letter).gradient(), whole, atol=1e-6)


def test_the_slope_of_the_field_is_the_rows_gradient(trained, dataset):
    h = 2e-2
    cross = torch.tensor([[h, 0], [-h, 0], [0, h], [0, -h]], dtype=torch.float64)
    whole = gradients(trained, dataset.train).C
    for letter in (0, 1, E, 17, 26):
        here = landscape(trained, dataset.train, letter)
        right, left, up, down = here.losses(here.slice.at + cross).tolist()
        measured = [(right - left) / (2 * h), (up - down) / (2 * h)]
        assert measured == pytest.approx(whole[letter].tolist(), abs=SLOPE)
        assert here.slope().tolist() == pytest.approx(whole[letter].tolist(), abs=1e-6)


def test_in_float64_slope_and_gradient_agree_to_nine_places(dataset):
    parameters = Parameters(Shape(27, 3, 2, 20, True), dtype=torch.float64)
    parameters.flat.copy_(torch.randn(len(parameters.flat), generator=torch.Generator().manual_seed(3)).double() * 0.3)
    here, h = landscape(parameters, dataset.train, E), 1e-4
    for axis, slope in enumerate(here.slope().tolist()):
        step = h * torch.eye(2, dtype=torch.float64)[axis]
        up, down = here.losses(torch.stack([here.slice.at + step, here.slice.at - step])).tolist()
        assert (up - down) / (2 * h) == pytest.approx(slope, abs=1e-9)


# ---------------------------------------------------------------- kinds of contexts and networks


def test_contexts_fall_into_patterns_by_where_the_letter_stands_in_them(dataset):
    contexts = LetterContexts.of(dataset.train, E)
    seen = {positions: examples.contexts for positions, examples in contexts.patterns}
    assert set(seen) <= {(0,), (1,), (2,), (0, 1), (0, 2), (1, 2), (0, 1, 2)} and len(seen) >= 6
    for positions, rows in seen.items():
        assert all(((rows == E).nonzero()[:, 1].view(len(rows), -1) == torch.tensor(positions)).flatten())
    assert sum(map(len, seen.values())) + len(contexts.without.contexts) == len(dataset.train.contexts)
    assert not (contexts.without.contexts == E).any()
    times = [e.pairs.times.sum() for e in (contexts.without, *(examples for _, examples in contexts.patterns))]
    assert float(sum(times)) == len(dataset.train)


def test_the_letters_contexts_know_their_examples(dataset):
    within = LetterContexts.of(dataset.train, E).within
    assert len(within) == int((dataset.train.X == E).any(1).sum()) == float(within.pairs.times.sum())
    assert torch.equal(within.contexts[within.which], within.X)
    assert torch.equal(within.pairs.next[within.pair], within.Y)


def test_preactivations_beyond_what_an_exponential_holds(dataset):
    """Then tanh is taken as it is."""
    parameters = network(27, 3, 2, 10, False, 1)
    parameters.W1.mul_(100)
    here = landscape(parameters, dataset.train, E)
    places = torch.tensor([[0.0, 0.0], [30.0, -40.0]], dtype=torch.float64)
    expected = [loss_with(parameters, dataset.train, E, row) for row in here.slice.rows(places)]
    assert here.losses(places).tolist() == pytest.approx(expected, abs=1e-5)


def test_a_letter_in_no_context_lies_in_a_plain_without_a_slope():
    data = examples(4, 2, 1)
    parameters = network(5, 2, 2, 6, True, 1)  # the symbol 4 never occurs
    wider = Examples(5, *[getattr(data, name) for name in ("X", "Y", "contexts", "pairs", "pair")])
    here = landscape(parameters, wider, 4)
    losses = here.losses(torch.tensor([[0.0, 0.0], [5.0, 1.0]], dtype=torch.float64))
    assert losses[0] == losses[1] == pytest.approx(loss(parameters, wider), abs=EXACT)
    assert here.slope().tolist() == [0, 0]


def test_above_two_dimensions_it_is_the_slice_in_the_plane_that_is_shown(datasets):
    data, parameters = datasets(2).train, network(27, 2, 6, 15, False, 4)
    seen = project(parameters.C)
    here = landscape(parameters, data, E, Slice(parameters.C[E], seen.points[E], seen.basis.float()))
    assert torch.allclose(here.slice.rows(seen.points[E].unsqueeze(0))[0], parameters.C[E])
    place = seen.points[E] + torch.tensor([0.7, -1.1])
    row = here.slice.rows(place.unsqueeze(0))[0]
    shown = (row.double() - parameters.C.double().mean(0)) @ seen.basis.T
    assert torch.allclose(shown, place, atol=1e-5)
    off = (row - parameters.C[E]).double()
    assert torch.allclose(off, off @ seen.basis.T @ seen.basis, atol=1e-6)  # it stays in the plane
    assert float(here.losses(place.unsqueeze(0))) == pytest.approx(loss_with(parameters, data, E, row), abs=EXACT)


def test_nothing_of_the_network_is_changed(trained, dataset):
    before = trained.flat.clone()
    here = Landscape(trained, LetterContexts.of(dataset.train, E), slice_of(trained, E))
    here.losses(torch.randn(5, 2, dtype=torch.float64)), here.slope(torch.tensor([1.0, 1.0], dtype=torch.float64))
    assert torch.equal(trained.flat, before)
