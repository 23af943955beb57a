"""What a watcher's eye keeps: the same view of the same snapshot, steady trails, a steady frame, no flips."""

from itertools import pairwise

import pytest
import torch

from core import replay
from core.config import Config
from core.data import Vocabulary
from core.geometry import neighbours
from core.history import History
from core.model import initialise
from core.run import Run
from core.scene import FILLED, MARGIN, NEAREST, TRAIL, Scene, Window, steady_window
from core.snapshot import TRAINING, Snapshot

VOCABULARY = Vocabulary((".", *"abcdefghijklmnopqrstuvwxyz"))


def shot(C: torch.Tensor, step: int, number: int = 1) -> Snapshot:
    """A snapshot whose embedding is C."""
    config = Config(n_embd=C.shape[1], n_hidden=0)
    parameters = initialise(config, len(VOCABULARY))
    parameters.C.copy_(C)
    past = History(config.to_dict(), evaluations=[(step, 3.3, 3.3)])
    frozen = parameters.freeze()
    return Snapshot(number, config, VOCABULARY, TRAINING, step, past.evaluations[0], 0.0, frozen, past)


MIRROR = torch.tensor([[-1.0, 0.0], [0.0, 1.0]], dtype=torch.float64)
TURNS = [MIRROR, -MIRROR, -MIRROR @ MIRROR]
TURNS += [torch.tensor([[0.0, a], [b, 0.0]], dtype=torch.float64) for a in (1, -1) for b in (1, -1)]


def drawn(n_embd: int, seed: int = 0) -> torch.Tensor:
    return torch.randn(27, n_embd, generator=torch.Generator().manual_seed(seed))


def test_the_same_snapshot_gives_the_same_view():
    scene = Scene()
    view = scene.look(shot(drawn(2), 5))
    assert scene.look(shot(drawn(2), 5)) is view
    assert scene.look(shot(drawn(2, 1), 6)) is not view


@pytest.mark.parametrize("n_embd", [1, 2, 3, 10])
def test_trails_are_of_constant_length_and_end_at_the_letters(n_embd):
    scene, C = Scene(), drawn(n_embd)
    for step in range(2 * TRAIL):
        view = scene.look(shot(C + 0.01 * step, step))
        assert len(view.trails) == TRAIL + 1 and all(past.shape == (27, 2) for past in view.trails)
        assert torch.equal(view.trails[-1], view.points)


def test_a_trail_holds_the_newest_positions_oldest_first():
    scene, C = Scene(), drawn(2)
    views = [scene.look(shot(C * (1 + step / 100), step)) for step in range(TRAIL + 5)]
    for past, view in zip(views[-1].trails, views[-TRAIL - 1 :]):
        assert torch.equal(past, view.points)


def test_an_old_view_does_not_change_when_the_scene_goes_on():
    scene, C = Scene(), drawn(3)
    view = scene.look(shot(C, 0))
    kept = [past.clone() for past in view.trails]
    for step in range(1, 20):
        scene.look(shot(C + step, step))
    assert all(torch.equal(a, b) for a, b in zip(view.trails, kept))


@pytest.mark.parametrize("later", [shot(drawn(2, 3), 9, number=2), shot(drawn(2, 3), 1), shot(drawn(5, 3), 0, 2)])
def test_another_run_or_an_earlier_step_starts_trails_and_frame_afresh(later):
    scene = Scene()
    for step in range(2, 8):
        scene.look(shot(drawn(2) * step, step))
    view = scene.look(later)
    assert all(torch.equal(past, view.points) for past in view.trails)
    assert view.window == Scene().look(later).window
    assert torch.equal(view.points, Scene().look(later).points)


@pytest.mark.parametrize("n_embd", [1, 2])
def test_up_to_two_dimensions_are_shown_raw(n_embd):
    C = drawn(n_embd)
    points = Scene().look(shot(C, 0)).points
    assert torch.equal(points[:, :n_embd].float(), C)
    assert n_embd == 2 or not points[:, 1].any()


def test_the_nearest_are_found_in_the_full_space():
    C = drawn(10)
    view = Scene().look(shot(C, 0))
    assert view.nearest == neighbours(C, NEAREST)
    for i, near in enumerate(view.nearest):
        distances = {j: float((C[i] - C[j]).norm()) for j in range(27) if j != i}
        assert near == sorted(distances, key=distances.get)[:3]


@pytest.fixture(scope="module")
def trained_in_ten_dimensions(few):
    """(points, C) every ten steps of a run in which the second and third component change places."""
    run, scene, seen = Run(Config(n_embd=10, n_hidden=30, learning_rate=0.3), few(3)), Scene(), []
    for _ in range(60):
        run.advance(10)
        history, exact = run.history.freeze(), run.history.evaluations[-1]
        frozen, vocabulary = run.parameters.freeze(), run.dataset.vocabulary
        view = scene.look(Snapshot(1, run.config, vocabulary, TRAINING, run.step, exact, 0.0, frozen, history))
        seen.append((view.points, view.C))
    return seen


def test_a_projection_does_not_flip_while_a_network_trains(trained_in_ten_dimensions):
    for (last, _), (points, _) in pairwise(trained_in_ten_dimensions):
        moved = float((points - last).norm())  # no mirror image or turn of it lies nearer to the picture before
        assert all(moved <= float((points @ other - last).norm()) + 1e-9 for other in TURNS)


def test_a_projection_moves_about_as_much_as_the_embedding(trained_in_ten_dimensions):
    for (last, before), (points, C) in pairwise(trained_in_ten_dimensions):
        moved = float((points - last).norm() / last.norm())
        assert moved < 5 * float((C - before).norm() / (before - before.mean(0)).norm())


def test_mirrored_principal_axes_are_turned_back():
    scene, C = Scene(), drawn(3) * torch.tensor([3.0, 2.0, 1.0])
    before = scene.look(shot(C, 0)).points
    mirrored = C * torch.tensor([-1.0, 1.0, 1.0])  # the same figure, as another sign of a component would draw it
    assert torch.allclose(scene.look(shot(mirrored, 1)).points, before, atol=1e-5)


# ---------------------------------------------------------------- the frame

SQUARE = torch.tensor([[-1.0, -1.0], [1.0, 1.0], [0.0, 0.5]])


def test_a_new_frame_has_room_around_the_letters():
    assert steady_window(SQUARE + 3, None) == Window(3.0, 3.0, pytest.approx(MARGIN))


def test_the_frame_stays_while_the_letters_fit_and_fill_it():
    window = steady_window(SQUARE, None)
    for share in (FILLED[0] + 0.01, 0.75, FILLED[1] - 0.01):
        assert steady_window(SQUARE * window.half * share, window) is window


@pytest.mark.parametrize("share", [FILLED[0] - 0.02, FILLED[1] + 0.02, 3.0, 0.01])
def test_the_frame_is_drawn_anew_when_they_leave_it_or_shrink(share):
    window = steady_window(SQUARE, None)
    points = SQUARE * window.half * share
    fresh = steady_window(points, window)
    assert fresh == steady_window(points, None)
    assert steady_window(points, fresh) is fresh  # and then stays


def test_one_place_for_all_letters_still_has_a_frame():
    assert steady_window(torch.zeros(27, 2), None).half > 0
    far = torch.full((27, 2), 5.0)
    assert steady_window(far, steady_window(SQUARE, None)).x == 5.0


def test_the_frame_moves_rarely_over_a_recorded_run(datasets):
    history = History.load(replay.RECORDING)
    scene, windows = Scene(), []
    for frame in replay.snapshots(history, datasets(3).vocabulary):
        view = scene.look(frame)
        windows.append(view.window)
        w = view.window
        assert float((view.points - torch.tensor([w.x, w.y])).abs().max()) <= w.half
    assert sum(a != b for a, b in pairwise(windows)) <= 8
