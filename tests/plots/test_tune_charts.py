"""The Tune page's charts: valid for Plotly from nothing to everything, and at the places of the numbers."""

import json
import math
import time
from itertools import pairwise

import plotly.graph_objects as go
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.analysis.diagnosis import Examination
from core.analysis.finder import EXPLODES, GOOD, TOO_LOW, Findings, Trial, smoothed
from core.config import Config
from core.plots import LIGHT, PALETTE
from core.plots.tune import activity_figure, curves_figure, finder_figure, norms_figure, ratios_figure, shown_trials
from core.serving.client import keep_nothing
from core.serving.training import Training, untrained


def valid(figure: dict) -> go.Figure:
    """Every key and value checked by Plotly, and by JSON; every colour one of those that a dark page swaps."""
    assert json.loads(json.dumps(figure, allow_nan=False)) == json.loads(json.dumps(figure))
    known = {light for light, _ in PALETTE.values()} | {"rgba(0,0,0,0)"}
    assert set(colours(figure)) <= known
    return go.Figure(figure)


def colours(part) -> list[str]:
    if isinstance(part, dict):
        here = [value for key, value in part.items() if key == "color" and isinstance(value, str)]
        return here + [colour for value in part.values() for colour in colours(value)]
    return [colour for value in part for colour in colours(value)] if isinstance(part, list) else []


def trial(rate: float, *losses: float, broke: int = 0, start: float = 3.3) -> Trial:
    curve = ((0, start), (100, losses[0])) if losses else ()
    return Trial(rate, curve, losses, broke)


def findings(*trials: Trial, swept=(), start: float | None = 3.3) -> Findings:
    return Findings(tuple(swept), smoothed(swept), trials, start if trials else None)


SWEPT = [(10 ** (-3 + i / 33), 3.3 - i / 100) for i in range(100)]
VALLEY = findings(
    trial(0.001, 3.2, 3.25), trial(0.01, 2.9), trial(0.1, 2.5, 2.4, 2.6), trial(0.32, 2.52), trial(1.0, 40.0),
    trial(10.0, broke=3), swept=SWEPT,
)  # fmt: skip


def named(figure: dict, name: str) -> dict:
    return next(trace for trace in figure["data"] if trace.get("name") == name)


def test_the_valley_stands_at_the_rates_and_their_losses_and_can_be_clicked():
    figure = finder_figure(VALLEY, 0.1, -3, 1)
    valid(figure)
    rates = named(figure, "rates")
    assert rates["x"] == [-3.0, -2.0, -1.0, pytest.approx(math.log10(0.32), abs=1e-4), 0.0]
    assert rates["y"][:4] == [3.225, 2.9, 2.5, 2.52]
    assert [row[0] for row in rates["customdata"]] == [0.001, 0.01, 0.1, 0.32, 1.0]
    assert [row[3] for row in rates["customdata"]] == [TOO_LOW, TOO_LOW, GOOD, GOOD, EXPLODES]
    assert rates["customdata"][2][1:3] == ["2.5000", "median of 3 runs"] and rates["customdata"][1][2] == "one run"
    best = figure["data"][-1]
    assert (best["x"], best["y"], best["text"]) == ([-1.0], [2.5], ["<b>0.1</b>"])
    broken = figure["data"][-2]
    assert broken["x"] == [1.0] and broken["customdata"] == [10.0]


def test_what_is_far_above_the_start_stays_at_the_rim_and_does_not_flatten_the_valley():
    figure = finder_figure(VALLEY, 0.1, -3, 1)
    low, high = figure["layout"]["yaxis"]["range"]
    assert 10**low < 2.5 < 3.3 < 10**high < 5
    assert named(figure, "rates")["y"][-1] == pytest.approx(10**high, abs=1e-4)


@pytest.mark.parametrize("found", [findings(), findings(swept=SWEPT), findings(trial(0.1, broke=2)), VALLEY])
@pytest.mark.parametrize("own", [1e-6, 0.1, 100.0])
def test_both_charts_are_valid_from_nothing_known_to_everything(found, own):
    figure = finder_figure(found, own, -3, 0)
    valid(figure)
    valid(curves_figure(found, 100))
    assert len(figure["layout"]["shapes"]) == len(figure["layout"]["annotations"]) == (own == 0.1)


@given(st.floats(0.5, 60), st.floats(1.01, 40))
def test_the_ticks_of_a_loss_axis_are_a_few_that_do_not_touch(least, times):
    figure = finder_figure(findings(trial(0.1, least, start=least * times), start=least * times), 1.0, -3, 0)
    low, high = figure["layout"]["yaxis"]["range"]
    ticks = [math.log10(tick) for tick in figure["layout"]["yaxis"]["tickvals"]]
    assert len(ticks) <= 7 and all(low <= tick <= high for tick in ticks)
    assert all(b - a > (high - low) / 7.001 for a, b in pairwise(ticks))


def test_the_curves_that_are_named_are_the_lowest_the_best_the_highest_and_two_between():
    shown = shown_trials(VALLEY)
    assert [t.rate for t in shown] == [0.001, 0.01, 0.1, 0.32, 1.0] and shown_trials(findings()) == []
    many = findings(*[trial(10 ** (-3 + i / 4), 3 - i / 10 if i < 9 else 2.2 + i / 10) for i in range(13)])
    indices = [many.trials.index(t) for t in shown_trials(many)]
    assert indices == [0, 4, 8, 10, 12] and many.best is many.trials[8]
    figure = curves_figure(VALLEY, 100)
    texts = [label["text"] for label in figure["layout"]["annotations"]]
    assert texts == [
        "<b>0.001</b> too low",
        "<b>0.01</b> too low",
        "<b>0.1</b> good",
        "<b>0.32</b> good",
        "<b>1</b> explodes",
    ]
    assert [trace["line"]["color"] for trace in figure["data"]] == [
        LIGHT[name] for name in ("part1", "part1", "train", "train", "part2")
    ]


@pytest.mark.parametrize(
    "config",
    [Config(n_hidden=20), Config(n_hidden=0), Config(n_hidden=5, direct=True, learning_rate=50.0)],
    ids=range(3),
)
@pytest.mark.parametrize("step", [0, 1, 60])
def test_the_insides_of_a_run_stand_at_its_checkpoints(few, ready, config, step):
    training = Training(untrained(config, few(3)), ready, time.monotonic, keep_nothing)
    training.run.advance(step)
    examination, snapshot = Examination(), training.snapshot()
    examination.update(snapshot, few(3))
    checkups = examination.checkups
    for figure in (
        activity_figure(checkups, config.n_hidden, 100), ratios_figure(checkups, 100), norms_figure(checkups, 100)
    ):  # fmt: skip
        valid(figure)
        assert len(figure["layout"]["annotations"]) == len(figure["data"])
    saturated, flat, dead = activity_figure(checkups, config.n_hidden, 100)["data"]
    assert saturated["customdata"] == [c.step for c in checkups]
    assert flat["y"] == [round(c.activity.flat, 4) for c in checkups]
    assert dead["y"] == [round(c.dead / max(1, config.n_hidden), 4) for c in checkups]
    norms = norms_figure(checkups, 100)
    for trace, label in zip(norms["data"], norms["layout"]["annotations"]):
        name = label["text"].replace("<b>", "").replace("</b>", "")
        there = [(c.step, round(math.log10(c.norms[name]), 4)) for c in checkups if c.norms[name] > 0]
        assert list(zip(trace["customdata"], trace["y"])) == there


def test_the_rule_of_thumb_is_drawn_at_a_thousandth():
    assert ratios_figure([], 10)["layout"]["shapes"][0]["y0"] == -3
    valid(ratios_figure([], 10))
