"""The check of the gradients finds them right, and finds wrong ones."""

import pytest

from core.analysis import gradient_check
from core.config import ADAGRAD, Config
from core.engine.model import initial_weights


@pytest.mark.parametrize(
    "config",
    [
        Config(),
        Config(direct=True, n_embd=5),
        Config(tied=True, optimiser=ADAGRAD, n_embd=4),
        Config(n_hidden=0, direct=True),
    ],
)
def test_gradients_by_hand_are_those_by_differences_and_the_network_stays_the_same(few, config):
    train = few(3).train
    parameters = initial_weights(config, train)
    before = parameters.freeze()
    rows = gradient_check.check(parameters, train)
    assert [row.name for row in rows] == [name for name, tensor in parameters.named().items() if tensor.numel()]
    assert all(row.apart < 1e-6 for row in rows) and all(abs(row.by_hand) > 0 for row in rows if row.name == "b2")
    assert parameters.freeze() == before


def test_a_wrong_gradient_is_found(few, monkeypatch):
    train, right = few(3).train, gradient_check.gradients

    def wrong(parameters, examples):
        found = right(parameters, examples)
        found.b2.mul_(1.01)
        return found

    monkeypatch.setattr(gradient_check, "gradients", wrong)
    rows = {row.name: row.apart for row in gradient_check.check(initial_weights(Config(), train), train)}
    assert rows["b2"] == pytest.approx(0.01, rel=0.05) and rows["C"] < 1e-6
