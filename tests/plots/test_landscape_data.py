"""Landscapes as the page takes them: whole numbers, and sentences that say the truth."""

import json

import pytest
import torch

from core.analysis.survey import Descent, Field, Grid, Territories
from core.analysis.timeline import Timeline
from core.config import Config
from core.data.vocabulary import Vocabulary
from core.engine.run import Run
from core.plots.landscape import (
    descent_data,
    directions,
    field_data,
    fields_data,
    grid_of,
    sentence,
    territories_data,
)
from tests.support.snapshots import shot

VOCABULARY = Vocabulary.of(["abcde"])
GRID = Grid((0.0, 1.0), (2.0, 1.5), 2)


def field(letter: int = 5, now: float = 2.5, least: float = 2.4, elsewhere=(2.5, 2.6, 2.5, 2.5, 2.5, 2.5)) -> Field:
    losses = torch.tensor([[2.7, 2.6], [2.4, 2.55]], dtype=torch.float64)
    others = torch.tensor(elsewhere, dtype=torch.float64)
    return Field(letter, GRID, losses, (0.25, 0.5), now, (0.1, -0.02), (-2.0, 2.5), least, others)


def frame(few, n_embd: int, axes=()):
    return Timeline().update(shot(Run(Config(n_embd=n_embd, n_hidden=5), few(3))), axes)


def test_costs_are_whole_hundred_thousandths_of_a_nat_compared_with_where_the_letter_is():
    data = field_data(field(), VOCABULARY)
    assert data["costs"] == [20000, 10000, -10000, 5000] and data["least"] == -10000
    assert data["there"] == [0, 10000, 0, 0, 0, 0] and data["name"] == "e"
    assert data["down"] == [-0.1, 0.02] and data["grid"] == [0.0, 1.0, 2.0, 1.5, 2]


def test_what_is_no_number_is_said_to_cost_much_and_all_of_it_is_json():
    broken = field()
    broken.losses[0, 0], broken.losses[0, 1] = torch.nan, torch.inf
    data = fields_data([broken], 7, 21, VOCABULARY, False)
    assert data["of"][0]["costs"][:2] == [9_900_000, 9_900_000]
    json.dumps(data, allow_nan=False)


def test_one_letter_is_at_its_best_place_or_is_told_what_that_would_save():
    assert sentence([field(now=2.40005)], VOCABULARY, False) == (
        "e is already within 0.0001 nats of the best place for it."
    )
    assert sentence([field()], VOCABULARY, False) == (
        "At the best place for e in the picture (×) the loss is 0.1000 nats lower."
    )


def test_above_two_dimensions_it_is_said_that_this_is_a_plane():
    assert "in this plane" in sentence([field(now=2.4)], VOCABULARY, True)
    assert "in this plane" in sentence([field()], VOCABULARY, True)
    assert "in this plane" in sentence([field(), field(1)], VOCABULARY, True)


def test_two_letters_are_told_what_changing_places_would_cost_each():
    other = field(1, now=2.5, elsewhere=(2.5,) * 5 + (2.498,))
    assert sentence([field(), other], VOCABULARY, False) == (
        "e where a stands costs 0.1000 nats, a where e stands saves 0.0020 nats."
    )


def test_a_way_down_says_how_many_steps_and_from_which_loss_to_which():
    places = torch.tensor([[1.0, 1.0], [0.5, 0.25]], dtype=torch.float64)
    data = descent_data(Descent(5, places, torch.tensor([2.7, 2.4])), VOCABULARY)
    assert data["path"] == [[1.0, 1.0], [0.5, 0.25]]
    assert data["said"] == "Let go there, e rolls down in 1 of its own gradient steps: loss 2.7000 → 2.4000."
    assert "stays where it was put" in descent_data(Descent(5, places[:1], torch.tensor([2.7])), VOCABULARY)["said"]


def test_a_letter_in_no_context_has_no_land():
    costs = torch.stack([torch.zeros(2, 2), torch.full((2, 2), torch.inf)]).double()
    assert territories_data(Territories(GRID, costs))["costs"] == [[0, 0, 0, 0], []]


@pytest.mark.parametrize(("aspect", "half"), [(2.0, (2, 1)), (0.5, (1, 2)), (1.0, (1, 1)), (99.0, (3, 1))])
def test_the_grid_covers_the_picture_widened_as_the_chart_widens_it(few, aspect, half):
    shown = frame(few, 2)
    grid = grid_of(shown, aspect, 9)
    assert grid.centre == shown.window.centre and grid.n == 9
    assert grid.half == pytest.approx([k * shown.window.half for k in half])


def test_directions_are_those_of_the_picture(few):
    assert directions(frame(few, 1), ()) == ((1.0,),)
    assert directions(frame(few, 2), ()) == ((1.0, 0.0), (0.0, 1.0))
    assert directions(frame(few, 4, (3, 1)), (3, 1)) == ((0.0, 0.0, 0.0, 1.0), (0.0, 1.0, 0.0, 0.0))
    shown = frame(few, 4)
    basis = torch.tensor(directions(shown, ()))
    assert torch.allclose(basis @ basis.T, torch.eye(2), atol=1e-6)
    points = (shown.C - shown.C.mean(0)) @ basis.T
    assert torch.allclose(points, shown.seen.points.float(), atol=1e-5)
