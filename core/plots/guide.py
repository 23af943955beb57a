"""The paper's results on one line: where each perplexity stands, for the page to draw."""

import math
from collections.abc import Sequence

from core.lessons.paper import Result

MARGIN = 4  # perplexity: so far from the rim stands the nearest
TICKS = 4  # about so many numbers on the line


def track(results: Sequence[Result]) -> dict:
    """Where validation and test perplexity stand, and the ticks: percent of the line's width, the lowest left."""
    all_of_them = [ppl for one in results for ppl in (one.valid, one.test)]
    low, high = min(all_of_them) - MARGIN, max(all_of_them) + MARGIN
    place = lambda ppl: round(100 * (ppl - low) / (high - low), 2)
    every = _round_step((high - low) / TICKS)
    return {
        "places": [[place(one.valid), place(one.test)] for one in results],
        "ticks": [[place(tick), str(tick)] for tick in range(math.ceil(low / every) * every, high + 1, every)],
    }


def _round_step(width: float) -> int:
    """The largest of 1, 2, 5, 10, 20, 50 ... that is not above `width`."""
    power = 10 ** math.floor(math.log10(width))
    return next(m * power for m in (5, 2, 1) if m * power <= width)
