"""The calculator's numbers against the paper's formula, torch's layers, and torch's count of operations."""

import dataclasses

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.utils.flop_counter import FlopCounterMode

from core.config import ConfigError
from core.engine.model import Parameters, Shape
from core.lessons.papermodel import INPUTS, KNOWN, LAYERS, entered, layers, sentences, shape

LECTURE = KNOWN["As in the lecture"]
sizes = st.builds(
    Shape, st.integers(2, 60), st.integers(1, 6), st.integers(1, 12), st.integers(0, 30), st.booleans(),
    tied=st.just(False), squares=st.just(False),
)  # fmt: skip
anything = st.fixed_dictionaries(
    {name: st.booleans() if knob.kind is bool else st.integers(knob.low, knob.high) for name, knob in INPUTS.items()}
)


def total(size: Shape, what: str = "parameters") -> int:
    return sum(getattr(layer, what) for layer in layers(size))


class Network(torch.nn.Module):
    """The paper's equation 1 out of torch's own layers."""

    def __init__(self, size: Shape):
        super().__init__()
        V, K, H = size.vocabulary_size, size.block_size * size.n_embd, size.n_hidden
        self.C, self.H, self.U = torch.nn.Embedding(V, size.n_embd), torch.nn.Linear(K, H), torch.nn.Linear(H, V)
        self.W = torch.nn.Linear(K, V, bias=False) if size.direct else None

    def forward(self, X):
        x = self.C(X).flatten(1)
        y = self.U(torch.tanh(self.H(x)))
        return y if self.W is None else y + self.W(x)


# ---------------------------------------------------------------- parameters


@pytest.mark.parametrize(("direct", "expected"), [(False, 2_236_100), (True, 3_766_100)])
def test_the_papers_network_with_17_000_words(direct, expected):
    assert total(LECTURE._replace(direct=direct)) == expected


@given(anything)
def test_with_direct_connections_it_is_the_papers_formula(values):
    """|V|(1 + nm + h) + h(1 + (n - 1)m), section 2 of Bengio et al. 2003; without them |V|(n - 1)m less."""
    size = shape(**values)
    V, m, h, n = size.vocabulary_size, size.n_embd, size.n_hidden, size.block_size + 1
    free = V * (1 + n * m + h) + h * (1 + (n - 1) * m)
    assert total(size) == (free if size.direct else free - V * (n - 1) * m)


@given(sizes)
def test_it_has_as_many_parameters_as_the_network_that_trains_here(size):
    assert total(size) == Parameters(size).flat.numel()
    arrays = {name: tuple(tensor.shape) for name, tensor in Parameters(size).named().items()}
    assert {layer.name: layer.shape for layer in layers(size)} == arrays


@given(sizes.filter(lambda size: size.n_hidden))  # torch warns of empty layers
def test_torchs_own_layers_hold_as_many(size):
    assert total(size) == sum(p.numel() for p in Network(size).parameters())


# ---------------------------------------------------------------- multiplications


@given(sizes.filter(lambda size: size.n_hidden))
def test_torch_counts_as_many_multiplications_for_one_example(size):
    network, X = Network(size), torch.zeros(1, size.block_size, dtype=torch.int64)
    with FlopCounterMode(display=False) as counter:
        network(X)
    assert total(size, "multiplications") * 2 == counter.get_total_flops()  # torch counts additions, too


@given(anything)
def test_shares_are_of_the_whole(values):
    found = layers(shape(**values))
    assert sum(layer.parameter_share for layer in found) == pytest.approx(1)
    multiplied = sum(layer.multiplication_share for layer in found)
    assert multiplied == (pytest.approx(1) if any(layer.multiplications for layer in found) else 0)
    assert {layer.name for layer in found} <= LAYERS.keys()


# ---------------------------------------------------------------- words, and what it takes


def test_it_says_which_layer_costs_most():
    assert sentences(LECTURE) == (
        "2,236,100 parameters, 76.0 % of them in W2. 1,709,000 multiplications for one example, 99.5 % of them in W2."
    )
    linear, nothing = sentences(Shape(17_000, 3, 30, 0, True)), sentences(Shape(27, 3, 2, 0, False))
    assert linear.endswith(" 1,530,000 multiplications for one example, 100 % of them in Wd.")
    assert nothing.endswith(" No multiplications: without hidden units or direct connections only b2 predicts.")


def test_what_is_known_can_be_entered():
    for size in KNOWN.values():
        assert shape(**entered(size)) == size
    assert {name: knob.default for name, knob in INPUTS.items()} == entered(LECTURE)


@pytest.mark.parametrize("name", INPUTS)
@pytest.mark.parametrize("value", [-1, 10**9, 2.5, "17000", None, float("nan"), float("inf")])
def test_anything_else_is_refused_in_a_sentence(name, value):
    with pytest.raises(ConfigError, match=rf"^{INPUTS[name].label} must be .*\.$"):
        shape(**(entered(LECTURE) | {name: value}))


def test_it_takes_all_five_numbers():
    with pytest.raises(ConfigError):
        shape(n_hidden=3)


def test_a_layer_cannot_change():
    with pytest.raises(dataclasses.FrozenInstanceError):
        layers(LECTURE)[0].parameters = 0
