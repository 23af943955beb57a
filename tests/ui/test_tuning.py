"""core/ui/tune/tuning.py: what the search for a learning rate says of the run as it is now."""

from types import SimpleNamespace

import pytest

from core.analysis.finder import Findings, Trial
from core.config import Config
from core.ui.tune import tuning

FOUND = Findings((), (), (Trial(0.1, (), (2.5,), 0), Trial(1.0, (), (3.1,), 0)), 3.3)
SEARCH = SimpleNamespace(config=Config(), low=-3, high=0, steps=100, progress=SimpleNamespace(failed={}, broke=()))


@pytest.mark.parametrize(
    ("rate", "said"), [(0.1, "Already your setting."), (1.0, "Yours, 1, reached 3.100: too high."), (10.0, None)]
)
def test_the_rate_that_is_called_yours_is_the_one_that_the_run_has_now(monkeypatch, rate, said):
    monkeypatch.setattr(tuning, "own", lambda: SimpleNamespace(config=Config(learning_rate=rate)))
    text = tuning.rates_text(SEARCH, FOUND)
    assert text.startswith("Best: 0.1, ")
    assert said in text if said else "ours" not in text
