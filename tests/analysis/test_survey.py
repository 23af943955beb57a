"""What is asked of a landscape: the field, the lowest place, the way down, territories."""

import pytest
import torch

from core.analysis.survey import Grid, roll, survey, territories
from core.config import Config
from core.engine.model import Parameters, loss
from core.engine.run import Run
from tests.support.landscapes import finished, landscape, loss_with

E = 5
GRID = Grid((0.0, 0.0), (3.0, 2.5), 9)


@pytest.fixture(scope="module")
def trained(few) -> Parameters:
    run = Run(Config(n_hidden=20, learning_rate=0.3), few(3))
    run.advance(400)
    return run.parameters


@pytest.fixture(scope="module")
def data(few):
    return few(3).train


def test_the_places_of_a_grid_go_by_rows_from_the_left_and_from_the_bottom():
    places = Grid((1.0, 2.0), (3.0, 4.0), 3).places()
    assert places[0].tolist() == [[-2, -2], [1, -2], [4, -2]] and places[2, 2].tolist() == [4, 6]


def test_a_field_is_the_loss_at_each_place_and_says_where_the_letter_is(trained, data):
    field = finished(survey(landscape(trained, data, E), GRID))
    assert field.losses.shape == (9, 9) and field.at == pytest.approx(trained.C[E].tolist())
    for i, j in ((0, 0), (2, 7), (8, 4)):
        row = GRID.places()[i, j].float()
        assert float(field.losses[i, j]) == pytest.approx(loss_with(trained, data, E, row), abs=1e-6)
    assert field.now == pytest.approx(loss(trained, data), abs=3e-7)


def test_a_field_is_made_in_small_pieces(trained, data):
    assert sum(1 for _ in survey(landscape(trained, data, E), GRID)) >= 9


def test_no_place_of_the_grid_is_better_than_the_lowest_nor_is_the_letters_own(trained, data):
    for letter in range(1, 12):
        field = finished(survey(landscape(trained, data, letter), GRID))
        assert field.least <= min(field.now, float(field.losses.min()))
        there = torch.tensor(field.lowest).float()
        assert field.least == pytest.approx(loss_with(trained, data, letter, there), abs=1e-6)


def test_a_letter_that_stands_at_its_best_place_is_said_to(trained, data):
    best = trained.clone()
    for _ in range(3):  # gradient descent reaches what the grid then does not beat by more than a little
        down = finished(roll(landscape(best, data, E), tuple(best.C[E].tolist()), 3.0))
        best.C[E] = down.places[-1].float()
    field = finished(survey(landscape(best, data, E), Grid(tuple(best.C[E].tolist()), (0.8, 0.8), 9)))
    assert 0 <= field.now - field.least < 1e-4


def test_with_one_dimension_heights_make_no_difference(few):
    run = Run(Config(n_embd=1, n_hidden=10), few(3))
    run.advance(50)
    field = finished(survey(landscape(run.parameters, few(3).train, E), GRID))
    assert torch.equal(field.losses[0], field.losses[8]) and field.slope[1] == 0


def test_a_letter_rolls_down_and_never_up(trained, data):
    down = finished(roll(landscape(trained, data, E), (2.5, 2.0), 3.0))
    assert down.places[0].tolist() == [2.5, 2.0] and len(down.losses) > 3
    assert (down.losses.diff() < 0).all()
    for place, said in zip(down.places[::3], down.losses[::3]):
        assert float(said) == pytest.approx(loss_with(trained, data, E, place.float()), abs=1e-6)


def test_every_step_of_the_way_is_against_the_gradient_there(trained, data):
    here = landscape(trained, data, E)
    down = finished(roll(here, (2.5, 2.0), 3.0))
    for place, step in zip(down.places[:-1], down.places.diff(dim=0)):
        slope = here.slope(place)
        assert float(step @ slope) == pytest.approx(-float(step.norm() * slope.norm()), rel=1e-5)


def test_a_letter_that_occurs_in_no_context_stays_where_it_is_put(trained, data):
    unused = next(i for i in range(27) if not (data.contexts == i).any())
    down = finished(roll(landscape(trained, data, unused), (1.0, 1.0), 3.0))
    assert down.places.tolist() == [[1.0, 1.0]]


def test_territories_are_what_each_letter_loses_an_example_that_has_it(trained, data):
    grid = Grid((0.0, 0.0), (2.0, 2.0), 3)
    made = finished(territories([landscape(trained, data, letter) for letter in range(27)], grid))
    assert made.costs.shape == (27, 3, 3)
    own, N = int((data.X == E).any(1).sum()), len(data)
    there = loss_with(trained, data, E, grid.places()[0, 2].float())
    assert float(made.costs[E, 0, 2]) == pytest.approx((there - loss(trained, data)) * N / own, abs=1e-5)
    absent = [i for i in range(27) if not (data.contexts == i).any()]
    assert made.costs[absent].isinf().all() and made.costs.isfinite().any(0).all()
