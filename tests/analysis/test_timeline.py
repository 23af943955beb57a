"""A run as pictures: a function of the run alone, steady windows, no flips, nothing old that changes."""

from itertools import pairwise

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from core.analysis.geometry import neighbours
from core.analysis.structure import separation
from core.analysis.timeline import (
    FILLED,
    MARGIN,
    NEAREST,
    Frame,
    Timeline,
    Window,
    exact_at,
    inliers,
    steady_window,
)
from core.config import Config
from core.data.corpus import Corpus
from core.data.vocabulary import Vocabulary
from core.engine.history import History
from core.engine.model import initialise
from core.engine.recorded import RECORDING
from core.engine.recorded import recorded as snapshot_of
from core.engine.run import Run
from core.engine.snapshot import TRAINING, Snapshot
from tests.support.runs import FAIL_SLOWLY
from tests.support.snapshots import shot

LETTERS = "abcdefghijklmnopqrstuvwxyz"
WORDS, VOCABULARY = Corpus("letters", tuple(LETTERS)), Vocabulary((".", *LETTERS))


def stills(*embeddings: torch.Tensor, number: int = 1) -> Snapshot:
    """A run whose embedding at step 0, 1, 2 ... was each of these in turn."""
    config = Config(n_embd=embeddings[0].shape[1], n_hidden=0)
    parameters = initialise(config, len(VOCABULARY))
    history = History(config.to_dict(), evaluations=[(0, 3.3, 3.3)])
    for step, C in enumerate(embeddings):
        parameters.C.copy_(C)
        history.checkpoints.append((step, parameters.freeze()))
    return Snapshot(
        id="still", history=history.freeze(), step=step, frozen=parameters.freeze(), exact=(0, 3.3, 3.3),
        number=number, corpus=WORDS, state=TRAINING,
    )  # fmt: skip


def plain(frame: Frame) -> tuple:
    """All of a frame, to be compared to the last bit."""
    basis = None if frame.seen.basis is None else frame.seen.basis.tolist()
    numbers = frame.C.tolist(), frame.seen.points.tolist(), frame.seen.explained, frame.seen.residual, basis
    return frame.step, *numbers, frame.nearest, frame.window, frame.middle, frame.apart, frame.exact


def drawn(n_embd: int, seed: int = 0) -> torch.Tensor:
    return torch.randn(27, n_embd, generator=torch.Generator().manual_seed(seed))


# ---------------------------------------------------------------- a function of the run alone

AXES = {2: [(), (1, 0)], 3: [(), (0, 2), (0, 1, 2)], 10: [(), (9, 4)]}


@settings(max_examples=12)
@given(looks=st.sets(st.integers(0, 149), max_size=30), n_embd=st.sampled_from([2, 3, 10]), data=st.data())
def test_frames_are_the_same_to_the_last_bit_whoever_looked_when(few, looks, n_embd, data):
    axes, run = data.draw(st.sampled_from(AXES[n_embd])), Run(Config(n_embd=n_embd, n_hidden=8), few(3))
    often = Timeline()
    for step in sorted(looks):
        run.advance(step - run.step)
        often.update(shot(run), axes)
    run.advance(150 - run.step)
    once = Timeline()
    assert plain(often.update(shot(run), axes)) == plain(once.update(shot(run), axes))
    assert list(map(plain, often.frames)) == list(map(plain, once.frames))


def test_there_is_a_frame_for_each_checkpoint_with_what_was_known_then(few):
    run, timeline = Run(Config(n_hidden=8), few(3)), Timeline()
    run.advance(500)
    timeline.update(shot(run))
    assert [frame.step for frame in timeline.frames] == [step for step, _ in run.history.checkpoints]
    for index, frame in enumerate(timeline.frames):
        assert torch.equal(frame.C, shot(run).checkpoint(index).C)
        assert frame.exact == max(row for row in run.history.evaluations if row[0] <= frame.step)
    assert len({frame.exact for frame in timeline.frames}) == len(run.history.evaluations)


def test_the_frame_of_this_moment_is_the_checkpoint_s_where_there_is_one_and_else_goes_on_from_it(few):
    run, timeline = Run(Config(n_embd=10, n_hidden=8), few(3)), Timeline()
    run.advance(100)
    assert plain(timeline.update(shot(run))) == plain(timeline.frames[-1])
    run.advance(2)  # 100 and 105 are checkpoints
    head = timeline.update(shot(run))
    assert (head.step, timeline.frames[-1].step) == (102, 100)
    assert torch.equal(head.C, run.parameters.C) and head.seen.residual < 0.1


@pytest.mark.parametrize("case", FAIL_SLOWLY)
def test_when_a_run_fails_the_frames_of_steps_that_were_undone_are_forgotten(few, case):
    run, watched = Run(FAIL_SLOWLY[case], few(3)), Timeline()
    while run.failure is None:
        run.advance(1)
        watched.update(shot(run))
    afterwards = Timeline()
    assert plain(watched.update(shot(run))) == plain(afterwards.update(shot(run)))
    assert list(map(plain, watched.frames)) == list(map(plain, afterwards.frames))
    assert watched.frames[-1].step <= run.step


def test_frames_of_steps_that_a_run_went_back_on_are_forgotten_and_made_anew():
    past = [drawn(2, seed) for seed in range(6)]
    timeline = Timeline()
    timeline.update(stills(*past))
    kept = timeline.frames[:3]
    timeline.update(stills(*past[:3]))
    assert timeline.frames == kept
    other = stills(*past[:3], drawn(2, 77))
    timeline.update(other)
    assert timeline.frames[:3] == kept and torch.equal(timeline.frames[3].C, drawn(2, 77))


@pytest.mark.parametrize("later", [stills(drawn(2, 3), number=2), stills(drawn(5, 3), number=2)])
def test_another_run_starts_afresh(later):
    timeline = Timeline()
    timeline.update(stills(*(drawn(2) * n for n in range(1, 8))))
    fresh = Timeline()
    assert plain(timeline.update(later)) == plain(fresh.update(later))
    assert list(map(plain, timeline.frames)) == list(map(plain, fresh.frames))


def test_other_axes_make_all_frames_anew_and_raw_ones_show_those_dimensions():
    past = [drawn(3) * (1 + n / 10) for n in range(4)]
    timeline = Timeline()
    for axes in [(), (0, 1), (2, 0), (0, 1, 2), ()]:
        timeline.update(stills(*past), axes)
        assert len(timeline.frames) == 4
        for frame, C in zip(timeline.frames, past):
            if axes:
                assert torch.equal(frame.seen.points.float(), C[:, axes])
            assert len(frame.window.centre) == frame.seen.points.shape[1] == (len(axes) or 2)


def test_nothing_of_an_old_frame_changes_when_the_timeline_goes_on():
    past, timeline = [drawn(3) * (1 + n / 10) for n in range(20)], Timeline()
    timeline.update(stills(*past[:5]))
    frames, before = list(timeline.frames), list(map(plain, timeline.frames))
    timeline.update(stills(*past))
    assert timeline.frames[:5] == frames and list(map(plain, frames)) == before


def test_the_newest_exact_losses_at_a_checkpoint_are_never_of_a_later_step():
    history = History({}, evaluations=[(0, 3.0, 3.1), (4, 2.0, 2.1), (9, 1.0, 1.1)])
    history.checkpoints = [(step, "") for step in (0, 3, 4, 8, 9, 12)]
    assert [exact_at(history, step)[0] for step, _ in history.checkpoints] == [0, 0, 4, 4, 9, 9]


# ---------------------------------------------------------------- what is seen


@pytest.mark.parametrize("n_embd", [1, 2])
def test_up_to_two_dimensions_are_shown_raw(n_embd):
    C = drawn(n_embd)
    points = Timeline().update(stills(C)).seen.points
    assert torch.equal(points[:, :n_embd].float(), C)
    assert n_embd == 2 or not points[:, 1].any()


@pytest.mark.parametrize("axes", [(), (0, 1)])
def test_the_nearest_are_found_in_the_full_space(axes):
    C = drawn(10)
    frame = Timeline().update(stills(C), axes)
    assert list(map(list, frame.nearest)) == neighbours(C, NEAREST)
    for i, near in enumerate(frame.nearest):
        distances = {j: float((C[i] - C[j]).norm()) for j in range(27) if j != i}
        assert list(near) == sorted(distances, key=distances.get)[:3]


@pytest.fixture(scope="module")
def trained_in_ten_dimensions(few) -> list[Frame]:
    """The frames of a run in which the second and third component change places."""
    run, timeline = Run(Config(n_embd=10, n_hidden=30, learning_rate=0.3), few(3)), Timeline()
    run.advance(600)
    timeline.update(shot(run))
    return timeline.frames


MIRROR = torch.tensor([[-1.0, 0.0], [0.0, 1.0]], dtype=torch.float64)
TURNS = [MIRROR, -MIRROR, -MIRROR @ MIRROR]
TURNS += [torch.tensor([[0.0, a], [b, 0.0]], dtype=torch.float64) for a in (1, -1) for b in (1, -1)]


def test_a_projection_does_not_flip_while_a_network_trains(trained_in_ten_dimensions):
    for last, frame in pairwise(trained_in_ten_dimensions):
        before, points = last.seen.points, frame.seen.points
        moved = float((points - before).norm())  # no mirror image or turn of it lies nearer to the picture before
        assert all(moved <= float((points @ other - before).norm()) + 1e-9 for other in TURNS)


def test_a_projection_moves_about_as_much_as_the_embedding(trained_in_ten_dimensions):
    for last, frame in pairwise(trained_in_ten_dimensions):
        moved = float((frame.seen.points - last.seen.points).norm() / last.seen.points.norm())
        assert moved < 5 * float((frame.C - last.C).norm() / (last.C - last.C.mean(0)).norm())


def test_mirrored_principal_axes_are_turned_back():
    C = drawn(3) * torch.tensor([3.0, 2.0, 1.0])
    mirrored = C * torch.tensor([-1.0, 1.0, 1.0])  # the same figure, as another sign of a component would draw it
    timeline = Timeline()
    timeline.update(stills(C, mirrored))
    before, after = (frame.seen.points for frame in timeline.frames)
    assert torch.allclose(after, before, atol=1e-5)


# ---------------------------------------------------------------- the window

SQUARE = torch.tensor([[-1.0, -1.0], [1.0, 1.0], [0.0, 0.5]])


def test_a_new_window_has_room_around_the_letters():
    assert steady_window(SQUARE + 3, None) == Window((3.0, 3.0), pytest.approx(MARGIN))


def test_the_window_stays_while_the_letters_fit_and_fill_it():
    window = steady_window(SQUARE, None)
    for share in (FILLED[0] + 0.01, 0.75, FILLED[1] - 0.01):
        assert steady_window(SQUARE * window.half * share, window) is window


@pytest.mark.parametrize("share", [FILLED[0] - 0.02, FILLED[1] + 0.02, 3.0, 0.01])
def test_the_window_is_drawn_anew_when_they_leave_it_or_shrink(share):
    window = steady_window(SQUARE, None)
    points = SQUARE * window.half * share
    fresh = steady_window(points, window)
    assert fresh == steady_window(points, None)
    assert steady_window(points, fresh) is fresh  # and then stays


@pytest.mark.parametrize("axes", [2, 3])
def test_one_place_for_all_letters_still_has_a_window(axes):
    assert steady_window(torch.zeros(27, axes), None).half > 0
    far, near = torch.full((27, axes), 5.0), steady_window(torch.randn(27, axes), None)
    assert steady_window(far, near).centre == (5.0,) * axes


@given(st.integers(0, 10_000), st.integers(0, 5), st.floats(20, 1e6))
@settings(max_examples=30)
def test_the_middle_leaves_out_what_is_far_and_shows_all_others_large(seed, outliers, far):
    C = drawn(2, seed).clamp(-2, 2)
    C[:outliers] *= far / C[:outliers].abs().amax(1, keepdim=True).clamp(min=1e-3)
    assert not inliers(C)[:outliers].any()
    frame = Timeline().update(stills(C))
    near = C[inliers(C)]
    assert ((near - torch.tensor(frame.middle.centre)).abs() <= frame.middle.half).all()
    assert frame.middle.half <= 2 * MARGIN and frame.window.half >= frame.middle.half
    assert (frame.middle == frame.window) == bool(inliers(C).all())


def test_a_frame_says_whether_vowels_are_apart_from_consonants_as_the_score_does():
    together = drawn(2)
    together[[VOCABULARY.stoi[s] for s in "aeiou"]] += 9
    frames = Timeline()
    frames.update(stills(drawn(2), together, torch.zeros(27, 2)))
    assert [frame.apart for frame in frames.frames] == [False, True, False]
    roles = stills(together).corpus.shown.roles
    assert [bool((s := separation(frame.C, roles)) and s.above) for frame in frames.frames] == [False, True, False]


def test_letters_in_one_place_are_no_outliers():
    assert inliers(torch.zeros(27, 2)).all()


def test_the_window_moves_rarely_over_a_recorded_run(datasets):
    timeline = Timeline()
    timeline.update(snapshot_of(History.load(RECORDING), datasets(3)))
    for frame in timeline.frames:
        points = frame.seen.points
        assert float((points - points.new_tensor(frame.window.centre)).abs().max()) <= frame.window.half
    assert len(timeline.frames) == 60  # thinned when it was recorded
    assert sum(a.window != b.window for a, b in pairwise(timeline.frames)) <= 8
