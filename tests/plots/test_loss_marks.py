"""What the loss chart says besides its curves: the run before, and changes that a person made."""

import math

import plotly.graph_objects as go
import pytest

from core.config import Config
from core.engine.history import History
from core.engine.run import Run
from core.plots.loss import loss_figure

BEFORE = "run before"


def named(figure: dict) -> list[dict]:
    return [note for note in figure["layout"]["annotations"] if note["text"] == BEFORE]


def test_the_run_before_is_named_at_its_end_and_live_changes_are_marked_where_they_were_made(few):
    run = Run(Config(), few(3))
    run.advance(5)
    run.set(learning_rate=0.03)
    run.advance(5)
    run.set(batch_size=64)
    figure = loss_figure(run.config, run.step, run.history, {}, run.history)
    go.Figure(figure)
    (name,) = named(figure)
    assert (name["x"], name["y"]) == (round(math.log10(11), 5), run.history.evaluations[-1][1])
    marks = figure["data"][-3]
    assert marks["x"] == [round(math.log10(step + 1), 5) for step in (5, 10)]
    assert marks["customdata"] == [["5", "Learning rate: 0.03"], ["10", "Batch size: 64"]]


COUNTS = {"uniform": 3.30, "unigram": 2.83, "bigram": 2.47, "trigram": 2.24}


def past(*rows: tuple[int, float]) -> History:
    return History(Config().to_dict(), evaluations=[(step, loss, loss + 0.01) for step, loss in rows])


@pytest.mark.parametrize(
    ("before", "now", "side"),
    [
        ((50_000, 2.6), (300, 2.9), "bottom"),  # free: above the end of its curve
        ((50_000, 3.22), (300, 2.9), "top"),  # above it is the name of the uniform guess: below
        ((150, 2.83), (9_000, 2.9), "top"),  # above it is that of the unigram
        ((20_000, 2.5), (10_000, 2.45), None),  # the names of the splits are on both sides
        ((50_000, 9.0), (300, 2.9), None),  # outside of the picture
    ],
)
def test_the_name_of_the_run_before_touches_no_other(before, now, side):
    figure = loss_figure(Config(), now[0], past((0, 3.3), now), COUNTS, past((0, 3.3), before))
    assert [name["yanchor"] for name in named(figure)] == [side] * (side is not None)


@pytest.mark.parametrize(
    ("rows", "sides"),
    [
        ([(0, 3.3), (1_000, 3.2), (50_000, 2.6)], "rlll"),  # as it usually is: the curve falls behind the names
        ([(0, 3.3), (8, 2.95), (500, 2.9)], "rrll"),  # through that of the unigram: it is on the right
        ([(0, 3.3), (3, 2.6), (50_000, 2.2)], "rrrl"),  # and that of the bigram; it touches the trigram's on neither
        ([(0, 3.3), (8, 2.95), (50_000, 2.9)], "r-ll"),  # on both sides: it has none
    ],
)
def test_no_curve_goes_through_the_name_of_a_count_model(rows, sides):
    figure = loss_figure(Config(), rows[-1][0], past(*rows), COUNTS)
    found = {note["text"].split()[0]: note["xanchor"][0] for note in figure["layout"]["annotations"]}
    assert "".join(found.get(name, "-") for name in COUNTS) == sides
    assert len(figure["layout"]["shapes"]) == len(COUNTS), "each has its line"


@pytest.mark.parametrize("top", [3.2, 4.5, 7.0, 13.0])
@pytest.mark.parametrize(
    "counts", [COUNTS, COUNTS | {"4-gram": 2.11}, {"unigram": 5.4, "bigram": 4.07, "trigram": 3.67}]
)
def test_no_line_of_a_count_model_goes_through_the_name_of_another(top, counts):
    layout = loss_figure(Config(), 1_000, past((0, 27.0), (200, top), (1_000, top - 0.9)), counts)["layout"]
    low, high = layout["yaxis"]["range"]
    names = [note for note in layout["annotations"] if note["text"].split()[0] in counts]
    assert names
    for name in names:
        text, y = name["text"].split()[0], name["y"]
        between = (y, y + 0.1 * (high - low)) if name["yanchor"] == "bottom" else (y - 0.1 * (high - low), y)
        assert not [other for other, value in counts.items() if other != text and between[0] < value < between[1]]


def test_a_name_that_has_no_room_above_its_line_is_below_it():
    layout = loss_figure(Config(), 1_000, past((0, 3.3), (1_000, 2.9)), COUNTS | {"4-gram": 2.11})["layout"]
    assert [note["yanchor"] for note in layout["annotations"]] == ["bottom"] * 4 + ["top"]


def test_the_names_of_the_splits_do_not_lie_over_the_ticks():
    of = lambda loss: loss_figure(Config(), 900, past((0, 3.3), (900, loss)), {})["data"][-2]["textposition"]
    assert of(2.6) == ["bottom right", "top right"]
    assert of(1.98) == ["middle right", "top right"]  # the axis ends at 1.9


def test_without_a_run_before_and_changes_there_is_no_name_and_no_mark(few):
    run = Run(Config(), few(3))
    figure = loss_figure(run.config, 0, run.history, {})
    assert named(figure) == [] and figure["data"][-3]["x"] == []


def test_a_run_before_that_ended_at_once_has_no_name_over_those_of_the_new_run(few):
    run = Run(Config(), few(3))
    run.advance(2)
    assert named(loss_figure(run.config, run.step, run.history, {}, run.history)) == []
