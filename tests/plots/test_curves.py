"""core/plots/curves.py: points that were made for an earlier figure are those of one made afresh."""

from dataclasses import replace

import pytest

from core.config import Config
from core.engine.history import History
from core.engine.recorded import RECORDING
from core.plots.curves import Curves, with_points
from core.plots.loss import loss_figure, loss_form

DEV = {"uniform": 3.30, "unigram": 2.83, "bigram": 2.47}


@pytest.mark.parametrize("log_steps", [True, False])
def test_a_figure_that_goes_on_from_an_earlier_one_is_the_same_as_one_made_afresh(log_steps):
    recorded, curves = History.load(RECORDING), Curves()
    other = replace(recorded, losses=[(0, 9.0, 0.1, 32), *recorded.losses[1:]])
    before = [recorded.until(step) for step in (0, 7, 500, 40_000, 300)]
    for history in (*before, recorded, other, recorded):
        how = Config(**history.config), history.evaluations[-1][0], history, DEV, other, log_steps
        assert with_points(loss_form(*how, curves), curves) == loss_figure(*how)
