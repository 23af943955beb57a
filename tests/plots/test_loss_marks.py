"""What the loss chart says besides its curves: the run before, and changes that a person made."""

import math

import plotly.graph_objects as go

from core.config import Config
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


def test_without_a_run_before_and_changes_there_is_no_name_and_no_mark(few):
    run = Run(Config(), few(3))
    figure = loss_figure(run.config, 0, run.history, {})
    assert named(figure) == [] and figure["data"][-3]["x"] == []


def test_a_run_before_that_ended_at_once_has_no_name_over_those_of_the_new_run(few):
    run = Run(Config(), few(3))
    run.advance(2)
    assert named(loss_figure(run.config, run.step, run.history, {}, run.history)) == []
