"""core/analysis/repair.py: the repair of the initial weights ends at the scaled initialisation, by way of the
numbers it says.
"""

import math

import pytest
import torch

from core.analysis.diagnosis import Activity, sample_evenly
from core.analysis.repair import expected, repairs
from core.config import Config
from core.engine.model import forward, initialise, loss


@pytest.mark.parametrize("config", [Config(), Config(block_size=4, n_embd=30, n_hidden=50, direct=True, seed=7)])
def test_the_first_row_is_plain_randn_and_the_last_the_scaled_initialisation(datasets, config):
    data = datasets(config.block_size)
    for row, init in ((0, "lecture"), (-1, "scaled")):
        parameters = initialise(config.with_(init=init), 27, by_torch=True)
        repair = repairs(config, data)[row]
        assert repair.loss == loss(parameters, data.train)
        assert repair.activity == Activity.of(parameters, sample_evenly(data.train))


def test_each_change_is_what_its_line_says(few):
    """The lines, run as they stand on the parameters, lead to the same losses."""
    for config in (Config(n_embd=10, n_hidden=200), Config(direct=True)):
        data = few(3)
        parameters = initialise(config.with_(init="lecture"), len(data.vocabulary))
        losses = []
        for repair in repairs(config, data):
            exec(repair.code, {}, dict(parameters.named()))
            logp = forward(parameters, data.train.X).log_probabilities
            losses.append(-float(logp.gather(1, data.train.Y.unsqueeze(1)).double().mean()))
        assert [repair.loss for repair in repairs(config, data)] == pytest.approx(losses, abs=1e-4)


def test_the_lecture_s_numbers(dataset):
    """2147483647, (10, 200): the lecture's first loss is about 27, and near ln 27 once W2 is small and b2 zero."""
    rows = repairs(Config(n_embd=10, n_hidden=200, seed=2147483647), dataset)
    assert [repair.code for repair in rows] == ["", "b2 *= 0", "W2 *= 0.01", "W1 *= (5/3) / 30**0.5", "b1 *= 0"]
    assert 20 < rows[0].loss < 33
    assert all(abs(repair.loss - expected(27)) < 0.1 for repair in rows[2:])
    assert rows[0].activity.flat > 0.5 > 0.25 > rows[-1].activity.flat
    assert rows[2].activity == rows[0].activity, "W2 does not reach the hidden layer"


def test_a_loss_of_ln_v_is_what_a_uniform_guess_has(dataset):
    assert expected(27) == math.log(27)
    silent = initialise(Config(), 27)
    silent.W2.zero_()
    assert loss(silent, dataset.train) == pytest.approx(expected(27)) and torch.count_nonzero(silent.b2) == 0
