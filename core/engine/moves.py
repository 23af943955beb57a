"""A row of C that a person put elsewhere while a run rested: a change of the run like that of a live knob.

In a history it is (step, "moved_4", "0.5:-1.25"): from that step on, character 4 goes on from that row. The row is
put there as the next step begins; until then the run is as it was. So a run with moves is, like every other, a pure
function of its config and changes, and its link makes it again.
"""

import math
import re
from collections.abc import Sequence

from core.config import KNOB, ConfigError
from core.messages import tr

NAME = re.compile(r"moved_(\d{1,5})", re.ASCII)
NUMBER = re.compile(r"-?\d{1,6}(\.\d{1,20})?(e-?\d{1,2})?", re.ASCII)
FARTHEST = 1e4
LONGEST_ROW = 32  # numbers


def is_move(name: str) -> bool:
    return NAME.fullmatch(name) is not None


def written(letter: int, row: Sequence[float]) -> tuple[str, str]:
    """Name and value of the change."""
    return f"moved_{letter}", ":".join(repr(float(x)) for x in row)


def read(name: str, value: object) -> tuple[int, list[float]]:
    """Index of the character, and its row; ConfigError if no change looks like that."""
    found = NAME.fullmatch(name)
    parts = value.split(":") if isinstance(value, str) and len(value) <= 40 * LONGEST_ROW else []
    if not found or not 1 <= len(parts) <= LONGEST_ROW or not all(NUMBER.fullmatch(part) for part in parts):
        raise ConfigError(tr("A moved character needs its index and the numbers of its row."))
    row = [float(part) for part in parts]
    if not all(math.isfinite(x) and abs(x) <= FARTHEST for x in row):
        raise ConfigError(tr("A character can be moved by at most {farthest:,.0f}.", farthest=FARTHEST))
    return int(found[1]), row


def checked_change(name: str, value: object) -> float | int | str:
    """The value of a change that can be made while a run goes on; ConfigError for any other."""
    if is_move(name):
        read(name, value)
        return value
    if name not in KNOB or not KNOB[name].live:
        raise ConfigError(tr("{name!r} cannot change while a run goes on.", name=name))
    return KNOB[name].check(value)


def of_knobs(changes: Sequence[tuple]) -> dict:
    """knob -> its last value, of changes in order of steps; moves are of no knob."""
    return {name: value for _, name, value in changes if not is_move(name)}
