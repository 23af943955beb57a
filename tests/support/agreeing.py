"""Whether Explore in a browser shows what a network says that is asked here."""

import math

import pytest

from core.engine.model import Parameters
from core.engine.probe import next_char, sample, score
from core.engine.run import Run
from tests.support.browser import shown


def agree(page, network: Parameters, run: Run, dataset) -> None:
    """What the page shows is what this network says, asked here."""
    C = network.C
    page.wait_for_function(
        "([x]) => Math.abs(document.querySelector('.ls-letters').data.at(-1).customdata[0][4] - x) < 1e-3",
        arg=[float(C[0, 0])],
    )
    seen, vocabulary = shown(page), dataset.vocabulary
    assert (seen["step"], seen["train"], seen["dev"]) == (
        run.step, round(run.evaluate("train"), 3), round(run.evaluate("dev"), 3)
    )  # fmt: skip
    assert seen["marker"] == pytest.approx(math.log10(run.step + 1), abs=1e-4)
    assert seen["x"] == pytest.approx(C[:, 0].tolist(), abs=1e-3)
    assert seen["y"] == pytest.approx(C[:, 1].tolist(), abs=1e-3)
    assert seen["names"] == sample(network, vocabulary, 12, run.config.seed)
    chances = next_char(network, vocabulary, "em")
    assert max(range(27), key=chances.__getitem__) == max(range(27), key=seen["bars"].__getitem__)
    assert [b / seen["bars"][1] for b in seen["bars"]] == pytest.approx([p / chances[1] for p in chances], abs=0.02)
    letters = score(network, vocabulary, "emma").letters
    assert [tile.partition(":")[0] for tile in seen["tiles"]] == [letter for letter, _ in letters]
