"""The Structure chart: valid for Plotly, every number on it one that was given, in line with the loss chart."""

import json
import re
from itertools import pairwise

import plotly.graph_objects as go
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.analysis.structure import Separation, separation
from core.config import Config
from core.data.shown import Shown
from core.data.vocabulary import Vocabulary
from core.engine.history import History
from core.engine.model import Parameters, Shape
from core.engine.recorded import RECORDING
from core.plots import LIGHT, STEP_MARGIN, step_axis, step_place
from core.plots.loss import loss_figure
from core.plots.structure import ENDS, silhouette_range, structure_figure

LETTERS = Shown.of(Vocabulary((".", *"abcdefghijklmnopqrstuvwxyz")))
CALLED = LETTERS.names


@pytest.fixture(scope="module")
def recorded() -> History:
    return History.load(RECORDING)


@pytest.fixture(scope="module")
def measured(recorded) -> list[tuple[int, Separation]]:
    """Of every checkpoint of the recorded run."""
    shape = Shape.of(Config(**recorded.config), len(LETTERS))
    thawed = [Parameters.thaw(shape, recorded.parameters_at(i)) for i in range(len(recorded.checkpoints))]
    return [(step, separation(p.C, LETTERS.roles)) for (step, _), p in zip(recorded.checkpoints, thawed)]


def valid(figure: dict) -> go.Figure:
    """Every key and value checked by Plotly, and by JSON."""
    assert json.loads(json.dumps(figure, allow_nan=False)) == figure
    return go.Figure(figure)


def rounded(numbers) -> list[float]:
    return [round(number, 5) for number in numbers]


@pytest.mark.parametrize("log_steps", [True, False])
@pytest.mark.parametrize("n", [0, 1, 2, 60])
def test_the_chart_is_valid_from_no_score_to_a_whole_run(measured, n, log_steps):
    rows = measured[:n]
    figure = structure_figure(rows, 50_000, CALLED, log_steps)
    valid(figure)
    *_, scores, now = figure["data"]
    assert len(figure["data"]) == 5
    assert scores["y"] == rounded(one.score for _, one in rows) and now["y"] == scores["y"][-1:]
    assert scores["x"] == rounded(step_place(log_steps)(step) for step, _ in rows) and now["x"] == scores["x"][-1:]


def test_hover_has_the_exact_step_score_and_band(measured):
    scores = structure_figure(measured, 50_000, CALLED)["data"][3]
    assert scores["customdata"] == [[step, round(one.low, 5), round(one.high, 5)] for step, one in measured]
    assert all(part in scores["hovertemplate"] for part in ("%{customdata[0]:,}", "%{y:.4f}", "%{customdata[2]:.4f}"))
    assert scores["hoverinfo"] != "skip" and scores["line"] == {"color": LIGHT["vowel"], "width": 2.6}


@pytest.mark.parametrize("log_steps", [True, False])
def test_the_band_is_filled_between_its_edges_and_begins_a_little_before_the_first_step(measured, log_steps):
    rows = measured[3:]
    low, high, middle, scores, _ = structure_figure(rows, 50_000, CALLED, log_steps)["data"]
    found = [rows[0][1], *(one for _, one in rows)]
    for trace, name in ((low, "low"), (high, "high"), (middle, "middle")):
        assert trace["y"] == rounded(getattr(one, name) for one in found)
        assert trace["x"][1:] == scores["x"] and trace["hoverinfo"] == "skip"
        assert 0 < trace["x"][1] - trace["x"][0] <= 0.0151 * step_place(log_steps)(50_000)
    assert high["fill"] == "tonexty" and "fill" not in low and "fill" not in middle
    assert middle["line"] == {"color": LIGHT["baseline"], "width": 1, "dash": "dash"}


def test_a_single_steps_band_reaches_from_the_edge_of_the_chart_to_it(measured):
    figure = structure_figure(measured[:1], 50_000, CALLED)
    assert figure["data"][0]["x"] == [figure["layout"]["xaxis"]["range"][0], 0]


@pytest.mark.parametrize("log_steps", [True, False])
def test_its_steps_stand_below_those_of_the_loss_chart(recorded, measured, log_steps):
    ours = structure_figure(measured, 50_000, CALLED, log_steps)["layout"]
    loss = loss_figure(Config(**recorded.config), 50_000, recorded, {}, log_steps=log_steps)["layout"]
    assert ours["xaxis"] == loss["xaxis"] == step_axis(50_000, log_steps)
    assert ours["margin"] == loss["margin"] == STEP_MARGIN


def test_labels_stand_on_the_picture_away_from_the_curves(measured):
    for n in (1, 20, 60):
        figure = structure_figure(measured[:n], 50_000, CALLED)
        (label,), now = figure["layout"]["annotations"], figure["data"][-1]
        bottom, top = figure["layout"]["yaxis"]["range"]
        assert label["text"] == "what shuffled labels give (95 %)" and label["yanchor"] == "top"
        assert label["y"] == min(figure["data"][0]["y"]) and label["y"] - bottom >= 0.08 * (top - bottom)
        late = measured[:n][-1][0] > 50_001**0.5 - 1  # right of the middle of a log axis: text to its left
        assert now["text"] == ["<b>vowels</b>"] and now["textposition"] == ("top left" if late else "top right")
    assert structure_figure([], 50_000, CALLED)["layout"]["annotations"] == []


silhouette = st.floats(-1, 1)
bands = st.lists(silhouette, min_size=3, max_size=3).map(sorted)
found_ones = st.builds(lambda score, band: Separation(score, *band), silhouette, bands)


@given(st.lists(found_ones))
def test_every_score_and_band_lies_inside_the_frame_which_has_a_few_sizes(found):
    bottom, top = silhouette_range(found)
    for one in found:
        assert bottom < min(one.score, one.low) and max(one.score, one.high) < top
    assert {-bottom, top} <= set(ENDS)


def test_the_frame_is_as_small_as_the_numbers_need():
    assert silhouette_range([Separation(0.04, -0.05, 0.0, 0.05)]) == (-0.12, 0.12)
    assert silhouette_range([Separation(0.45, -0.12, 0.0, 0.15)]) == (-0.25, 0.5)
    assert silhouette_range([Separation(0.46, -0.3, 0.0, 0.15)]) == (-0.5, 0.75)
    assert silhouette_range([Separation(-1.0, -1.0, 0.0, 1.0)]) == (-1.2, 1.2)


def test_the_frame_moves_rarely_over_a_recorded_run(measured):
    frames = [silhouette_range([one for _, one in measured[:n]]) for n in range(1, len(measured) + 1)]
    assert sum(a != b for a, b in pairwise(frames)) <= 3


def test_every_colour_is_in_the_palette_so_that_dark_can_replace_it(measured):
    used = set(re.findall(r'"(#[0-9a-f]{6}|rgba\([^)]*\))"', json.dumps(structure_figure(measured, 50_000, CALLED))))
    assert used - {"rgba(0,0,0,0)"} <= set(LIGHT.values())


def test_the_curve_has_the_name_and_the_colour_of_the_first_group_that_is_compared(measured):
    others = {"boundary": "start and end", "third": "<b>signs</b>", "fourth": "digits"}
    *_, scores, now = structure_figure(measured, 50_000, others)["data"]
    assert now["text"] == ["<b>&lt;b&gt;signs&lt;/b&gt;</b>"]  # typed by a person: shown, not obeyed
    assert scores["line"]["color"] == now["marker"]["color"] == now["textfont"]["color"] == LIGHT["third"]
    valid(structure_figure([], 50_000, {"boundary": "start and end", "vowel": "letters"}))  # nothing to compare
