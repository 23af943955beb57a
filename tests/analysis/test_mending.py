"""What mends the most serious problem of a run: one knob, and a value that it can have."""

import pytest

from core.analysis.mending import Mend, mend
from core.config import KNOB, Config

LECTURE = Config(init="lecture")


@pytest.mark.parametrize(
    ("alarms", "config", "highest", "found"),
    [
        ([], Config(), 0.1, None),
        (["blind", "small_updates"], Config(n_hidden=0), 0.1, Mend("direct", True, True)),
        (["first_loss", "initialisation"], LECTURE, 0.1, Mend("init", "scaled", True)),
        (["initialisation"], Config(), 0.1, None),  # with scaled weights another seed may do, which no knob knows
        (["not_learning", "first_loss"], Config(learning_rate=10.0), 10.0, Mend("learning_rate", 0.1, True)),
        (["not_learning"], LECTURE, 0.1, Mend("init", "scaled", True)),
        (["saturated"], Config(learning_rate=1.0), 3.0, Mend("learning_rate", 0.1, True)),
        (["large_updates"], Config(learning_rate=3.0), 3.0, Mend("learning_rate", 0.1, False)),
        (["large_updates"], Config(learning_rate=3.0, schedule="cosine"), 3.0, None),
        (["small_updates"], Config(learning_rate=1e-3), 1e-3, Mend("learning_rate", 0.01, False)),
        (["dead"], Config(), 0.1, None),
    ],
)
def test_the_first_alarm_alone_decides(alarms, config, highest, found):
    assert mend(alarms, config, highest) == found
    if found:
        changed = config.with_(**{found.knob: found.value})
        assert changed != config and found.label.startswith("Mend it: ")
        assert found.anew or KNOB[found.knob].live
