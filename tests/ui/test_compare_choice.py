"""Which runs the Compare page chooses by itself."""

import math
from types import SimpleNamespace

from core.ui.compare.comparison import telling


def test_the_pair_that_tells_most_is_the_best_and_the_newest_other_one_on_the_same_words():
    row = lambda id, dev, digest="names": SimpleNamespace(id=id, digest=digest, most=None, exact=(9, dev, dev))
    ids = lambda *rows: [one.id for one in telling(rows)]  # the newest first
    assert ids(row("d", 2.5), row("c", 2.4), row("b", 2.2), row("a", 2.3)) == ["b", "d"]
    assert ids(row("d", 2.1), row("c", 2.4), row("b", 2.2)) == ["c", "d"]
    assert ids(row("d", 2.5), row("c", 0.1, "others"), row("b", math.nan), row("a", 2.6)) == ["b", "d"]
    assert ids(row("d", 2.5), row("c", 0.1, "others")) == ["c", "d"]
    assert ids(row("d", 2.5)) == ["d"] and ids() == []
