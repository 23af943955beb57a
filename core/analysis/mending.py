"""What would mend the most serious problem of a run: one value of one knob. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from core.config import HIGH_RATE, KNOB, Config, lower_rate
from core.messages import mark, tr

ANEW, NOW = mark("Mend it: a new run with {what}"), mark("Mend it: {what} from here on")


@dataclass(frozen=True)
class Mend:
    """knob and its value; anew: whether it takes a new run, or can change while this one goes on."""

    knob: str
    value: object
    anew: bool

    @property
    def label(self) -> str:
        """What a button says."""
        if self.knob == "direct":
            return tr("Mend it: a new run with direct connections")
        if self.knob == "init":
            what = tr("{kind} initialisation", kind=KNOB["init"].value_text(self.value))
        else:
            what = tr("learning rate {rate:g}", rate=self.value)
        return tr(ANEW if self.anew else NOW, what=what)


def mend(alarms: Sequence[str], config: Config, highest: float) -> Mend | None:
    """What to do about the first of the alarms, names as in core/analysis/diagnosis.py; None if no one knob is known.

    A run that broke down has "not_learning" as its first. highest: the learning rate at its highest so far; config:
    as it is now.
    """
    first = alarms[0] if alarms else None
    if first == "blind":
        return Mend("direct", True, True)
    if first in ("first_loss", "initialisation") and config.init == "lecture":
        return Mend("init", "scaled", True)
    if first == "not_learning" and highest <= HIGH_RATE:
        return Mend("init", "scaled", True) if config.init == "lecture" else None
    if first in ("not_learning", "saturated"):
        return _rate(lower_rate(highest), True)
    if config.schedule != "constant":
        return None  # the rate of now is not the knob's
    if first == "large_updates":
        return _rate(lower_rate(config.learning_rate), False)
    return _rate(10 * config.learning_rate, False) if first == "small_updates" else None


def _rate(rate: float, anew: bool) -> Mend | None:
    knob = KNOB["learning_rate"]
    return Mend("learning_rate", rate, anew) if knob.low <= rate <= knob.high else None
