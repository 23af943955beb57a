"""A letter that is dragged on the map: what a copy of the network says, while the run stays as it is."""

import math

import pytest
import torch

from core.config import Config
from core.engine.model import loss
from core.engine.probe import next_char
from core.engine.run import Run
from core.engine.snapshot import TRAINING
from core.ui import server
from core.ui.explore.commands import OTHER_RUN
from core.ui.explore.moving import Move, parse_move
from tests.support.visitor import Visitor

E = 5


@pytest.fixture
def visitor():
    visitor = Visitor()
    yield visitor
    visitor.client.stop()


def dragged(visitor: Visitor, letter: int, x: float, y: float) -> dict | None:
    """What the page is told once a letter was dragged there."""
    visitor.live.hear("moved", [visitor.snapshot.number, visitor.snapshot.step, letter, x, y])
    return visitor.told["moved"]


def test_the_copy_answers_with_its_exact_losses_and_the_run_stays_as_it_is(visitor):
    visitor.press("Step")
    before, shown = visitor.told, visitor.snapshot
    told, after = dragged(visitor, E, 1.5, -0.5), visitor.told
    copy, data = shown.parameters(), server.dataset(shown.corpus, shown.config.block_size)
    copy.C[E] = torch.tensor([1.5, -0.5])
    assert told["dev"] == pytest.approx(loss(copy, data.dev), abs=6e-5)
    assert told["train"] == pytest.approx(loss(copy, data.train), abs=6e-5)
    assert told["next"] == pytest.approx(next_char(copy, data.vocabulary, "em"), abs=6e-5)
    assert after["status"]["text"] == told["said"] and f"dev loss {told['dev']:.4f}" in told["said"]
    assert after["head"] == before["head"] and visitor.snapshot.frozen == shown.frozen
    visitor.live.hear("moved", None)
    assert visitor.told["moved"] is None and visitor.told["status"] == before["status"]


def test_above_two_dimensions_it_moves_in_the_plane_that_is_shown_and_keeps_what_that_does_not_show(visitor):
    visitor.set("Embedding dimensions", 5)
    visitor.press("Step")
    x, y = visitor.told["head"]["points"][2 * E : 2 * E + 2]
    there = dragged(visitor, E, x, y)
    assert there["dev"] == pytest.approx(visitor.told["head"]["dev"], abs=2e-4)  # where it stands: nothing changes
    assert dragged(visitor, E, x + 1, y)["dev"] != there["dev"]


def test_a_move_is_of_one_step_of_one_run(visitor):
    assert dragged(visitor, E, 1, 1)
    visitor.press("Step")
    assert visitor.told["moved"] is None
    assert dragged(visitor, E, 1, 1)
    visitor.live.cursor = 0
    assert visitor.told["moved"] is None


@pytest.mark.parametrize(
    "said", [None, [], 5, "x", [1, 2, 3, 4], [0, 0, 27, 0, 0], [0, 0, 5, math.nan, 0], [0, 0, 5, 1e9, 0],
             [True, 0, 5, 0, 0], [0, 0, -1, 0, 0], [0, 0, 5, "1", 0], {"letter": 5}],
)  # fmt: skip
def test_what_cannot_be_a_move_is_none(said):
    assert parse_move(said, 27) is None


def test_a_move_comes_through_as_it_was_made():
    assert parse_move([3, 200, 5, 1, -2.5], 27) == Move(3, 200, 5, (1.0, -2.5))


def test_going_on_from_there_trains_another_run_whose_link_holds_the_move(visitor):
    visitor.press("Step")
    before = visitor.snapshot
    visitor.send("speed", "slow")
    visitor.send("move", [before.number, before.step, E, 1.5, -0.5])
    assert visitor.snapshot.number == before.number + 1 and visitor.snapshot.state == TRAINING
    visitor.until(lambda: visitor.snapshot.step > before.step)
    visitor.press("Pause")
    run = visitor.snapshot
    assert run.history.changes == ((before.step, "moved_5", "1.5:-0.5"),)
    dataset = server.dataset(run.corpus, run.config.block_size)
    again = Run(Config(**run.history.config), dataset, run.history.changes, run.history.paths[0][1])
    again.advance(run.step)
    assert again.parameters.freeze() == run.frozen, "its changes make it again, to the last bit"
    assert "1.moved_5.1.5%3A-0.5" in visitor.told["address"]
    visitor.press("Undo")
    assert visitor.snapshot.frozen == before.frozen and visitor.snapshot.history.changes == ()


@pytest.mark.parametrize(
    "value", [None, "x", [], [1, 0, 5, 1.0], [1, 0, 99, 1.0, 1.0], [7, 0, 5, 1.0, 1.0], [1, 3, 5, 1, 1]]
)
def test_what_is_not_of_this_run_at_this_step_goes_on_from_nowhere(visitor, value):
    before = visitor.snapshot
    assert visitor.answer("move", value) == OTHER_RUN
    assert visitor.snapshot.number == before.number
