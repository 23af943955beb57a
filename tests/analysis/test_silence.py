"""The cost of silencing a hidden unit against the loss of a network without it."""

import time

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from core.analysis.silence import WORK, affordable, silencing_costs
from core.config import Config
from core.data.dataset import Examples
from core.engine.model import Parameters, Shape, initialise, loss
from core.engine.run import Run

shapes = st.tuples(
    st.integers(2, 7), st.integers(1, 4), st.integers(1, 4), st.integers(0, 9), st.booleans(), st.booleans(),
    st.integers(0, 999),
)  # fmt: skip


def network(V: int, block_size: int, n_embd: int, n_hidden: int, direct: bool, tied: bool, seed: int) -> Parameters:
    config = Config(block_size=block_size, n_embd=n_embd, n_hidden=n_hidden, direct=direct, tied=tied, seed=seed)
    parameters = initialise(config, V, dtype=torch.float64)
    parameters.flat.add_(torch.randn(parameters.flat.shape, generator=torch.Generator().manual_seed(seed)), alpha=0.3)
    return parameters


def examples(V: int, block_size: int, seed: int, n: int = 300) -> Examples:
    """Random ones of few symbols, so that contexts repeat."""
    generator = torch.Generator().manual_seed(seed)
    X = torch.randint(V, (n, block_size), generator=generator)
    return Examples.counted(X, torch.randint(V, (n,), generator=generator), V)


@pytest.fixture(scope="module")
def trained(dataset) -> Parameters:
    run = Run(Config(learning_rate=0.3), dataset)
    run.advance(500)
    return run.parameters


@given(shapes)
def test_each_cost_is_that_of_the_loss_recomputed_with_the_units_output_weights_at_zero(shape):
    V, block_size, *_, seed = shape
    parameters, data = network(*shape), examples(V, block_size, seed)
    before, costs = loss(parameters, data), silencing_costs(parameters, data)
    assert costs.shape == (parameters.shape.n_hidden,)
    for unit, cost in enumerate(costs.tolist()):
        without = parameters.clone()
        without.W2[unit] = 0
        assert loss(without, data) - before == pytest.approx(cost, abs=1e-9)
        others = [other for other in range(len(costs)) if other != unit]
        assert loss(parameters.only(others, direct=True), data) - before == pytest.approx(cost, abs=1e-9)


def test_a_hundred_units_of_a_trained_network_take_less_than_a_second_of_processor(dataset, trained):
    assert affordable(trained, dataset.dev)
    begun = time.process_time()
    costs = silencing_costs(trained, dataset.dev)
    assert time.process_time() - begun < 1
    before = loss(trained, dataset.dev)
    for unit in (int(costs.argmax()), int(costs.argmin()), 0):
        without = trained.clone()
        without.W2[unit] = 0
        assert loss(without, dataset.dev) - before == pytest.approx(float(costs[unit]), abs=3e-7)


def test_what_would_take_too_long_is_known_before(dataset):
    most = WORK // (27 * len(dataset.dev.contexts))
    shape = Shape(vocabulary_size=27, block_size=3, n_embd=2, n_hidden=int(most), direct=False)
    assert affordable(Parameters(shape), dataset.dev)
    assert not affordable(Parameters(shape._replace(n_hidden=int(most) + 1)), dataset.dev)
