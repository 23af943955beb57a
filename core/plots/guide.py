"""The paper's results on one line: the position of each perplexity."""

import math
from collections.abc import Sequence

from core.lessons.paper import Result

MARGIN = 4  # perplexity between the ends of the line and the first and last value
TICKS = 4  # about this many ticks


def track(results: Sequence[Result]) -> dict:
    """Positions of validation and test perplexity and of the ticks, in percent of the line's width from the left."""
    all_of_them = [ppl for result in results for ppl in (result.valid, result.test)]
    low, high = min(all_of_them) - MARGIN, max(all_of_them) + MARGIN
    place = lambda ppl: round(100 * (ppl - low) / (high - low), 2)
    every = _round_step((high - low) / TICKS)
    return {
        "places": [[place(result.valid), place(result.test)] for result in results],
        "ticks": [[place(tick), str(tick)] for tick in range(math.ceil(low / every) * every, high + 1, every)],
    }


def _round_step(width: float) -> int:
    """The largest of 1, 2, 5, 10, 20, 50 ... that is not above `width`."""
    power = 10 ** math.floor(math.log10(width))
    return next(m * power for m in (5, 2, 1) if m * power <= width)
