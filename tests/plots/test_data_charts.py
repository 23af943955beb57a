"""The charts of the Data page: valid for Plotly, and every number on them one that was given."""

import json
import math
from dataclasses import replace
from itertools import pairwise

import plotly.graph_objects as go
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from core.counting.bigram import bigram_counts, descend
from core.counting.mixture import POINTS, Mix
from core.counting.standings import COUNTS, RUN, Standing
from core.data.word_examples import growth
from core.plots import LIGHT, step_place
from core.plots.data import TOP, descent_figure, growth_figure, matrix, mix_figure, shades, track

losses = st.floats(0.5, 20) | st.just(math.inf)


def valid(figure: dict) -> go.Figure:
    """Every key and value checked by Plotly, and by JSON."""
    assert json.loads(json.dumps(figure, allow_nan=False)) == figure
    return go.Figure(figure)


def mixed(curve, best=0.3, test=2.2) -> Mix:
    values = tuple(curve(i / (POINTS - 1)) for i in range(POINTS))
    return Mix(values, best, curve(best), test)


# ---------------------------------------------------------------- losses on one line


@given(st.lists(st.tuples(losses, losses), min_size=1, max_size=20))
def test_places_keep_the_order_of_the_losses_and_stay_on_the_line(pairs):
    lines = [Standing(f"{i}", COUNTS, "", 1, *pair, None) for i, pair in enumerate([(2.0, 2.1), *pairs])]
    found = track(lines)
    places = [place for pair in found["places"] for place in pair]
    given = [min(loss, TOP) for line in lines for loss in (line.train, line.dev)]
    assert all(0 <= place <= 100 for place in places)
    ordered = sorted(zip(given, places))
    assert all(a <= b for (_, a), (_, b) in pairwise(ordered))


def test_ticks_stand_where_such_losses_would():
    lines = [Standing("a", COUNTS, "", 1, 2.0, 2.5, None), Standing("b", RUN, "", 3, 3.0, 3.3, None, 1)]
    found = track(lines)
    at = {text: place for place, text in found["ticks"]}
    assert list(at) == ["2.0", "2.5", "3.0"]
    assert [at["2.0"], at["2.5"]] == found["places"][0] and at["3.0"] == found["places"][1][0]


def test_a_shade_is_the_root_of_a_counts_share_of_the_largest():
    assert shades(torch.tensor([[0.0, 1.0], [25.0, 100.0]])) == [0, 10, 50, 100]


def test_a_matrix_says_what_follows_each_character_most_often():
    P = torch.tensor([[0.1, 0.2, 0.3, 0.4], [0.97, 0.01, 0.02, 0.0], [0.25, 0.25, 0.5, 0.0], [0.0, 0.0, 0.0, 1.0]])
    found = matrix(P, list("abcd"))
    assert found["shades"] == shades(P)
    assert found["likeliest"][0] == ["a", [["d", "0.400"], ["c", "0.300"], ["b", "0.200"]]]
    assert [row[0] for row in found["likeliest"]] == list("abcd") and found["likeliest"][3][1][0] == ["d", "1.000"]


# ---------------------------------------------------------------- charts


def test_growth_shows_every_count_on_a_log_axis_and_none_where_there_is_none(datasets):
    parts = datasets(5)
    found = growth(parts.train, parts.dev, parts.vocabulary)
    figure = growth_figure(found, 3)
    valid(figure)
    possible, train, dev, unseen = (trace["y"] for trace in figure["data"])
    assert possible == [27, 729, 19_683, 531_441, 14_348_907]
    assert (train, dev) == ([one.train for one in found], [one.dev for one in found])
    assert unseen == [None, *(one.unseen for one in found[1:])] and found[0].unseen == 0
    low, high = figure["layout"]["yaxis"]["range"]
    assert figure["layout"]["yaxis"]["type"] == "log" and low < 0 and high > math.log10(possible[-1])
    assert [shape["x0"] for shape in figure["layout"]["shapes"]] == [3]
    assert growth_figure(found, 8)["layout"]["shapes"] == []  # a run that reads more than was counted


def test_names_of_lines_that_end_together_stand_apart(datasets):
    parts = datasets(5)
    layout = growth_figure(growth(parts.train, parts.dev, parts.vocabulary), 3)["layout"]
    heights = sorted(note["y"] for note in layout["annotations"])
    low, high = layout["yaxis"]["range"]
    assert min(b - a for a, b in pairwise(heights)) > 0.06 * (high - low)


def test_a_descent_is_drawn_step_by_step_with_its_target(dataset):
    train, dev = bigram_counts(dataset.train), bigram_counts(dataset.dev)
    descent = descend(train, dev, 2.6, 50.0)
    figure = descent_figure(descent)
    valid(figure)
    for trace, losses in zip(figure["data"], zip(*(row[1:] for row in descent.losses))):
        assert trace["y"] == pytest.approx(losses, abs=1e-5)
        assert trace["customdata"] == [step for step, _, _ in descent.losses]
        assert trace["x"] == pytest.approx([step_place(True)(step) for step in trace["customdata"]], abs=1e-5)
    assert [trace["line"]["color"] for trace in figure["data"]] == [LIGHT["train"], LIGHT["dev"]]
    assert figure["layout"]["shapes"][0]["y0"] == 2.6


def test_a_mix_is_a_curve_with_its_least_and_its_half_marked():
    mix = mixed(lambda w: 2.2 + (w - 0.3) ** 2)
    figure = mix_figure(mix, "trigram")
    valid(figure)
    curve, least, half, here = figure["data"]
    assert (curve["x"][0], curve["x"][-1], len(curve["x"])) == (0.0, 1.0, POINTS)
    assert curve["y"] == pytest.approx(mix.losses, abs=1e-6)
    assert (least["x"], least["y"]) == ([0.3], [2.2])
    assert (half["x"], half["y"]) == ([0.5], pytest.approx([mix.half], abs=1e-6))
    assert here["x"] == []  # the page moves it
    low, high = figure["layout"]["yaxis"]["range"]
    assert low < min(mix.losses) and high > max(mix.losses)
    assert {note["text"] for note in figure["layout"]["annotations"]} == {"trigram alone", "network alone"}


def test_a_network_that_rules_out_what_comes_leaves_the_picture_and_not_the_others():
    mix = mixed(lambda w: 2.2 + w)
    lost = replace(mix, losses=(*mix.losses[:-1], math.inf))
    assert mix_figure(lost, "bigram")["data"][0]["y"][-1] is None
    valid(mix_figure(lost, "bigram"))
    nothing = Mix((math.nan,) * POINTS, 0.5, math.nan, math.nan)
    assert len(valid(mix_figure(nothing, "bigram")).data) == 2  # the curve and the slider's place, no marks


def test_a_flat_mix_has_a_frame_all_the_same():
    low, high = mix_figure(mixed(lambda w: 3.3), "uniform")["layout"]["yaxis"]["range"]
    assert low < 3.3 < high
