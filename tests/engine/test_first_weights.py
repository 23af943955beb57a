"""core/engine/model.py: where a run begins, by a generator of our own and by the lecture's."""

import hashlib
import math

import pytest
import torch

from core.config import Config
from core.engine.model import initialise, loss


def test_first_weights_depend_on_the_config_alone():
    config = Config(seed=7, direct=True)
    one, other = initialise(config, 27), initialise(config, 27)
    torch.manual_seed(0)
    assert one.freeze() == other.freeze() == initialise(config, 27).freeze()
    assert one.freeze() != initialise(config.with_(seed=8), 27).freeze()
    changed = config.with_(learning_rate=1.0, batch_size=8, steps=10, schedule="cosine", weight_decay=0.1)
    assert initialise(changed, 27).freeze() == one.freeze()


def test_the_lectures_weights_are_plain_randn_in_the_lectures_order():
    found = initialise(Config(init="lecture", seed=2147483647, direct=True), 27).named()
    g = torch.Generator().manual_seed(2147483647)
    shapes = {"C": (27, 2), "W1": (6, 100), "b1": (100,), "W2": (100, 27), "b2": (27,), "Wd": (6, 27)}
    assert list(found) == list(shapes)
    for name, shape in shapes.items():
        assert torch.equal(found[name], torch.randn(shape, generator=g)), name


def test_scaled_weights_are_the_same_on_every_machine():
    found = initialise(Config(seed=7, n_embd=10, direct=True), 27)
    assert hashlib.sha256(found.freeze()).hexdigest() == (
        "66c7e9b277823b4f9ffdb35bf01a09af8eca58fddf43dfd514425ece1aa6f5b9"
    )
    same = initialise(Config(seed=7, n_embd=10, n_hidden=200), 27)
    assert torch.equal(found.C, same.C)  # each parameter is drawn for itself
    assert not found.b1.any() and not found.b2.any()
    assert float(found.C.std()) == pytest.approx(1, abs=0.1)
    assert float(found.W1.std()) == pytest.approx(5 / 3 / math.sqrt(30), rel=0.05)
    assert float(found.W2.std()) == pytest.approx(0.01, rel=0.05)
    assert float(found.Wd.std()) == pytest.approx(0.01, rel=0.1)


@pytest.mark.parametrize("direct", [False, True])
def test_scaled_weights_are_the_lectures_draws_made_smaller_and_start_near_uniform(dataset, direct):
    config = Config(n_embd=10, n_hidden=200, direct=direct)
    scaled, plain = (initialise(config.with_(init=init), 27, by_torch=True) for init in ("scaled", "lecture"))
    factors = {"C": 1, "W1": 5 / 3 / math.sqrt(30), "b1": 0, "W2": 0.01, "b2": 0, "Wd": 0.01}
    for name, tensor in scaled.named().items():
        torch.testing.assert_close(tensor, plain.named()[name] * factors[name])
    train = dataset.train
    assert loss(scaled, train) == pytest.approx(math.log(27), abs=0.02)
    assert loss(plain, train) > 15
