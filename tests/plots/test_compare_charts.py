"""The charts of the Compare page: valid for Plotly, names that do not touch, colours that can be told apart."""

import json
import math
import re
from itertools import combinations, pairwise

import plotly.graph_objects as go
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from core.analysis.compare import MAX_COMPARED, TOO_DIFFERENT, Entry, pictures
from core.analysis.seeds import survival
from core.config import Config
from core.engine.run import Run
from core.plots import LIGHT, PALETTE, RUNS
from core.plots.compare import (
    LABELS,
    ROW,
    band_figure,
    band_range,
    losses_figure,
    losses_range,
    map_figure,
    overlap_figure,
    spread,
)
from tests.support.entries import entry, moved
from tests.support.runs_kept import saved

HOSTILE = "<img src=x onerror=alert(1)> ![a](http://x)"


def valid(figure: dict) -> go.Figure:
    """Every key and value checked by Plotly, and by JSON; every colour in the palette, so that dark can replace it."""
    text = json.dumps(figure, allow_nan=False)
    used = set(re.findall(r'"(#[0-9a-f]{6}|rgba\([^)]*\))"', text))
    assert used - {"rgba(0,0,0,0)"} <= set(LIGHT.values())
    return go.Figure(figure)


@pytest.fixture(scope="module")
def entries(few) -> list[Entry]:
    """Six real runs: of several sizes and lengths, one that fails and one with a hostile name."""
    configs = [
        Config(n_hidden=10), Config(n_hidden=20, seed=1), Config(n_embd=10, n_hidden=10), Config(n_embd=1, n_hidden=5),
        Config(learning_rate=100, n_hidden=0, direct=True, weight_decay=1.0), Config(learning_rate=10.0, n_hidden=30),
    ]  # fmt: skip
    runs = [Run(config, few(3)) for config in configs]
    for i, run in enumerate(runs):
        run.advance(40 + 100 * i)
    assert runs[4].failure
    return [Entry.of(saved(run, id=f"{i}", name=HOSTILE if i == 1 else ""), few(3)) for i, run in enumerate(runs)]


# ---------------------------------------------------------------- losses


@pytest.mark.parametrize("over_seconds", [False, True])
@pytest.mark.parametrize("n", [2, 6])
def test_each_run_has_a_thin_and_a_bold_curve_of_its_exact_losses_in_its_own_colour(entries, n, over_seconds):
    figure = losses_figure(entries[:n], over_seconds=over_seconds)
    valid(figure)
    assert len(figure["data"]) == 3 * n
    for i, run in enumerate(entries[:n]):
        train, dev, leader = figure["data"][3 * i : 3 * i + 3]
        assert {part["line"]["color"] for part in (train, dev, leader)} == {LIGHT[RUNS[i]]}
        assert dev["line"]["width"] > 2 * train["line"]["width"]
        rows = {step: (round(a, 5), round(b, 5)) for step, a, b in (*run.history.evaluations, run.exact)}
        for k, curve in enumerate((train, dev)):
            assert curve["y"] == [rows[step][k] for step in curve["customdata"]]
            assert curve["customdata"][-1] == run.exact[0]
        clock = dict(run.history.clock)
        places = [clock.get(s, run.seconds) if over_seconds else math.log10(s + 1) for s in dev["customdata"]]
        assert dev["x"] == [round(x, 5) for x in places]
        assert (leader["x"][0], leader["y"][0]) == (dev["x"][-1], dev["y"][-1])


def test_names_stand_at_the_right_in_their_colours_cut_to_the_room_there_is(entries):
    figure = losses_figure(entries)
    labels = figure["layout"]["annotations"]
    assert [label["font"]["color"] for label in labels] == [LIGHT[name] for name in RUNS]
    assert all(label["x"] == 1 and label["xanchor"] == "left" for label in labels)
    astray = [run for run in entries if run.dev > figure["layout"]["yaxis"]["range"][1]]
    assert 0 < len(astray) < len(entries)
    for names, longest in zip(figure["layout"]["meta"], LABELS):
        shown = [re.sub(r"</?b>", "", text) for text in names["texts"]]
        assert all(len(text.replace("&lt;", "<").removesuffix(" ↑")) <= longest for text in shown)
        assert shown[1].startswith("&lt;img src") and "<img" not in "".join(names["texts"])
        assert [text.endswith(" ↑") for text in shown] == [
            run.dev > figure["layout"]["yaxis"]["range"][1] for run in entries
        ]


def test_a_name_that_is_markup_is_escaped_wherever_a_chart_shows_it(entries):
    band = [(0, 3.2, 3.3, 3.4), (10, 3.0, 3.1, 3.2)]
    for figure in (losses_figure(entries), band_figure(entries[1], band, "run2")):
        assert "<img" not in json.dumps(figure) and "&lt;img" in json.dumps(figure)


@given(st.lists(st.floats(0, 1), min_size=1, max_size=MAX_COMPARED))
def test_names_are_moved_apart_in_their_order_and_stay_in_the_picture(heights):
    placed = spread(heights, 0.0, 1.0)
    order = sorted(range(len(heights)), key=lambda i: heights[i])
    apart = [placed[i] for i in order]
    assert all(b - a >= ROW - 1e-9 for a, b in pairwise(apart))
    assert min(placed) >= 0 and max(placed) <= 1


@given(st.lists(st.floats(0.5, 1e30), min_size=1, max_size=MAX_COMPARED))
def test_the_frame_of_the_losses_holds_the_best_run_and_is_not_stretched_by_one_that_went_astray(devs):
    bottom, top = losses_range(devs, devs)
    assert bottom < min(devs) < top
    assert top <= max(3.6, 1.15 * min(devs))


# ---------------------------------------------------------------- embeddings


@pytest.fixture(scope="module")
def alike(entries) -> list[Entry]:
    """Runs whose embeddings differ by little."""
    noise = torch.Generator().manual_seed(1)
    C = entries[0].C
    return [entries[0], *(moved(entries[1], C + 0.1 * torch.randn(C.shape, generator=noise)) for _ in range(2))]


def test_maps_share_one_square_window_and_arrows_lead_from_the_first_runs_places(alike):
    entries, found = alike, pictures(alike)
    figures = [map_figure(run, picture) for run, picture in zip(entries, found)]
    ranges = {(tuple(f["layout"]["xaxis"]["range"]), tuple(f["layout"]["yaxis"]["range"])) for f in figures}
    ((across, up),) = ranges
    assert across[1] - across[0] == pytest.approx(up[1] - up[0])
    first = figures[0]["data"][-1]
    for run, figure in zip(entries, figures):
        valid(figure)
        shafts, heads, discs = figure["data"]
        V = len(run.vocabulary)
        assert len(discs["x"]) == len(discs["text"]) == len(discs["customdata"]) == V
        assert discs["marker"]["color"] == [LIGHT[group] for group in run.shown.roles]
        assert all(across[0] < x < across[1] for x in discs["x"]) and all(up[0] < y < up[1] for y in discs["y"])
        if run is entries[0]:
            assert shafts["x"] == heads["x"] == []
        else:
            assert shafts["x"][::3] == first["x"] and shafts["x"][1::3] == discs["x"] == heads["x"]
            assert shafts["y"][::3] == first["y"] and shafts["y"][1::3] == discs["y"] == heads["y"]
            assert set(shafts["x"][2::3]) == {None}


def test_embeddings_that_have_little_in_common_have_no_arrows(entries):
    found = pictures(entries)
    assert any(picture.residual and picture.residual > TOO_DIFFERENT for picture in found)
    for run, picture in zip(entries[1:], found[1:]):
        shafts, heads, discs = map_figure(run, picture)["data"]
        assert bool(shafts["x"]) == bool(heads["x"]) == (picture.residual <= TOO_DIFFERENT) and discs["x"]


def test_an_arrow_points_the_way_a_letter_went(alike):
    found = pictures(alike)
    heads = map_figure(alike[1], found[1])["data"][1]
    moves = (found[1].points - found[1].before).tolist()
    for angle, (dx, dy) in zip(heads["marker"]["angle"], moves):  # degrees, clockwise from up
        length = math.hypot(dx, dy)
        assert math.sin(math.radians(angle)) == pytest.approx(dx / length, abs=2e-3)
        assert math.cos(math.radians(angle)) == pytest.approx(dy / length, abs=2e-3)


# ---------------------------------------------------------------- other seeds


def test_the_band_is_between_the_lowest_and_highest_with_the_run_over_it(entries):
    run = entries[0]
    band = [(step, dev - 0.1, dev, dev + 0.2) for step, _, dev in run.history.evaluations]
    figure = band_figure(run, band, "run1")
    valid(figure)
    low, high, median, own = figure["data"]
    assert high["fill"] == "tonexty" and own["line"]["color"] == LIGHT["run1"]
    assert [low["y"], median["y"], high["y"]] == [[round(row[i], 5) for row in band] for i in (1, 2, 3)]
    assert own["y"] == [round(dev, 5) for *_, dev in run.history.evaluations]
    bottom, top = band_range(run, band)
    assert bottom < min(low["y"]) and own["y"][-1] < top
    valid(band_figure(entries[5], [], "ink"))


def test_each_character_has_a_bar_in_its_colour_and_chance_is_a_line(entries):
    run = entry("a", 2.3)
    found = survival([torch.randn(27, 2, generator=torch.Generator().manual_seed(seed)) for seed in range(4)])
    figure = overlap_figure(run, found)
    valid(figure)
    (bars,), (line,) = figure["data"], figure["layout"]["shapes"]
    assert bars["y"] == [round(share, 4) for share in found.overlap]
    assert bars["marker"]["color"] == [LIGHT[group] for group in run.shown.roles]
    assert figure["layout"]["xaxis"]["ticktext"] == bars["customdata"] == list(run.vocabulary.itos)
    assert line["y0"] == line["y1"] == found.chance == 3 / 26
    assert figure["layout"]["yaxis"]["range"][1] >= max(bars["y"])


# ---------------------------------------------------------------- colours


def oklab(colour: str) -> tuple[float, float, float]:
    """Björn Ottosson, "A perceptual color space for image processing" (2020): equal steps look about equal."""
    parts = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    r, g, b = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
    long = (0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b) ** (1 / 3)
    medium = (0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b) ** (1 / 3)
    short = (0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b) ** (1 / 3)
    return (
        0.2104542553 * long + 0.7936177850 * medium - 0.0040720468 * short,
        1.9779984951 * long - 2.4285922050 * medium + 0.4505937099 * short,
        0.0259040371 * long + 0.7827717662 * medium - 0.8086757660 * short,
    )


@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
def test_the_six_runs_have_colours_that_can_be_told_apart(scheme):
    assert len(RUNS) == MAX_COMPARED
    for one, other in combinations(RUNS, 2):
        assert math.dist(oklab(PALETTE[one][scheme]), oklab(PALETTE[other][scheme])) > 0.12, (one, other)
