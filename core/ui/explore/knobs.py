"""Knobs as the sidebar shows them: presets, the stops of sliders, and which live knobs change over the live line."""

from typing import NamedTuple

from core.config import KNOB, PRESET_WORDS, PRESETS, WORD_PRESETS, Config, ConfigError, Knob
from core.data.corpus import WORD, Corpus
from core.data.plain import is_number
from core.engine.snapshot import Snapshot
from core.messages import mark, tr

NO_KNOB = mark("There is no such knob, or it cannot change while a run goes on.")
LONGEST = 40  # characters of a value
FAR = 1e12  # numbers beyond it are no knob's


class Slider(NamedTuple):
    """Of one knob, as a page's script drew it. key: of the widget. shows: the value that it shows; two while a command
    that changes it is being carried out."""

    key: str
    shows: tuple


def presets(corpus: Corpus) -> dict[str, Config]:
    """Those for a run on this corpus."""
    return WORD_PRESETS if corpus.level == WORD else PRESETS


def preset_of(shown: Snapshot) -> str | None:
    """The preset that a run has, if it has one."""
    sized = lambda name: PRESET_WORDS.get(name, shown.corpus.most) == shown.corpus.most
    named = (name for name, preset in presets(shown.corpus).items() if preset == shown.config and sized(name))
    return next(named, None)


def has_slider(knob: Knob) -> bool:
    return not (knob.kind is bool or knob.options or knob.name == "seed")


def changes_over_the_line(knob: Knob) -> bool:
    """Whether the browser itself says how this knob's slider was moved, so that no script has to run."""
    return knob.live and has_slider(knob)


def stops(knob: Knob, value) -> list:
    """The slider's stops, and `value`, its first value, if it is not one of them."""
    numbers = sorted({stop for stop in (*knob.stops, value) if not isinstance(stop, str)})
    return numbers + [stop for stop in knob.stops if isinstance(stop, str)]


def checked(value: object) -> tuple[str, object, str]:
    """What a browser says of a knob, which can be anything: its name, its value, and the key of its slider.

    ConfigError if it is no such thing, or no value of this knob.
    """
    if not isinstance(value, list) or len(value) != 3:
        raise ConfigError(tr(NO_KNOB))
    name, chosen, key = value
    if not (isinstance(name, str) and isinstance(key, str) and name in KNOB and KNOB[name].live):
        raise ConfigError(tr(NO_KNOB))
    if not (is_number(chosen, -FAR, FAR) or (isinstance(chosen, str) and len(chosen) <= LONGEST)):
        raise ConfigError(tr(NO_KNOB))
    return name, KNOB[name].check(chosen), key
