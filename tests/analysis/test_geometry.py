"""core/analysis/geometry.py against numpy's decompositions and brute force."""

import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from core.analysis.geometry import crowd, follow, pair, project, rotation_onto
from tests.support.clouds import F64, close, clouds, turn, turns


def distance(a, b) -> float:
    return float(((a - a.mean(0) - b + b.mean(0)) ** 2).sum())


# ---------------------------------------------------------------- projection


@given(clouds(2, 2))
def test_two_dimensions_are_shown_as_they_are(C):
    seen = project(C)
    assert torch.equal(seen.points, C) and torch.equal(project(C, torch.randn(C.shape, dtype=F64)).points, C)
    share = C.numpy().var(0) / C.numpy().var(0).sum()
    assert seen.explained == pytest.approx(share) and sum(seen.explained) == pytest.approx(1)


@given(clouds(1, 1))
def test_one_dimension_is_shown_as_it_is_on_a_line(C):
    seen = project(C)
    assert torch.equal(seen.points[:, :1], C) and not seen.points[:, 1].any()
    assert seen.explained == pytest.approx((1, 0))


def outliers(seed: int) -> torch.Tensor:
    """Twenty characters in five dimensions that spread most along the first two, and four far out along the last."""
    g = torch.Generator().manual_seed(seed)
    C = (2 * torch.rand(24, 5, generator=g, dtype=F64) - 1) * torch.tensor([3, 2, 0.3, 0.3, 0.3], dtype=F64)
    C[20:, 4] += torch.tensor([30, -30, 40, -40], dtype=F64)
    return C


@given(clouds(3))
def test_more_dimensions_show_the_two_in_which_the_crowd_varies_most(C):
    seen, near = project(C), crowd(C)
    part = (C[near] - C[near].mean(0)).numpy()
    shown = seen.points[near] - seen.points[near].mean(0)
    singular = np.linalg.svd(part, compute_uv=False)
    assert (shown**2).sum(0).tolist() == pytest.approx(singular[:2] ** 2, rel=1e-9, abs=1e-9)
    assert abs(float(shown[:, 0] @ shown[:, 1])) < 1e-7 * max(1.0, singular[0] ** 2)
    total = (C - C.mean(0)).numpy().var(0).sum()
    assert seen.explained == pytest.approx((seen.points.numpy().var(0) / total), abs=1e-9)
    assert seen.points.mean(0).tolist() == pytest.approx([0, 0], abs=1e-9)


@given(st.integers(0, 2**31))
def test_letters_far_out_do_not_turn_the_picture_away_from_the_others(seed):
    C = outliers(seed)
    assert not crowd(C)[20:].any()
    basis = project(C).basis
    assert float(basis[:, :2].norm()) > 1.2  # of at most sqrt(2): the first two dimensions are seen
    whole = torch.linalg.svd(C - C.mean(0))[2][:2]
    assert float(whole[0, 4].abs()) > 0.99  # where all letters count, the far ones are what is seen


@given(clouds(3))
def test_an_axis_points_where_its_largest_loading_is_positive(C):
    near = C[crowd(C)]
    near = near - near.mean(0)
    for direction in project(C).basis:
        if float((near @ direction).square().sum()) > 1e-6:
            assert direction[direction.abs().argmax()] > 0


@given(clouds(3))
def test_the_same_embedding_always_gives_the_same_picture(C):
    assert torch.equal(project(C).points, project(C.clone()).points)
    assert close(project(C).points, project(C + 5).points)


def test_an_embedding_without_spread_is_a_point_and_explains_nothing():
    for n_embd in (1, 2, 3, 10):
        seen = project(torch.full((27, n_embd), 0.5))
        assert seen.points.isfinite().all() and seen.explained == (0.0, 0.0)


def test_float32_embeddings_are_projected_in_float64():
    assert project(torch.randn(27, 10, generator=torch.Generator().manual_seed(1))).points.dtype == F64


# ---------------------------------------------------------------- alignment


@given(clouds(3), turns)
def test_a_turned_or_mirrored_picture_comes_back_to_the_previous_one(C, R):
    previous = project(C).points @ R
    seen = project(C, previous)
    assert close(seen.points, previous)
    assert sum(seen.explained) == pytest.approx(sum(project(C).explained))


@given(clouds(3))
def test_an_embedding_that_turned_or_moved_as_a_whole_leaves_the_picture_still(C):
    g = torch.Generator().manual_seed(len(C))
    Q = torch.linalg.qr(torch.randn(C.shape[1], C.shape[1], generator=g, dtype=F64))[0]
    before = project(C)
    near = C[crowd(C)]
    variances = torch.linalg.svdvals(near - near.mean(0)) ** 2
    if len(near) > 3 and variances[1] > 1.01 * variances[2]:  # otherwise "the first two" is not one plane
        assert torch.allclose(project(C @ Q + 1, before.points).points, before.points, atol=1e-6)


@given(clouds(2, 2), turns, st.floats(-5, 5))
def test_the_rotation_onto_a_turned_copy_is_the_turn(points, R, shift):
    if len(points) > 2:
        assert close(rotation_onto(points, points @ R + shift), R)


@given(clouds(2, 2), st.integers(0, 2**31))
def test_no_other_rotation_or_mirroring_lies_nearer(points, seed):
    target = torch.randn(points.shape, generator=torch.Generator().manual_seed(seed), dtype=F64)
    R = rotation_onto(points, target)
    assert close(R @ R.T, torch.eye(2, dtype=F64))
    best = distance(points @ R, target)
    for mirrored in (False, True):
        for angle in torch.linspace(-math.pi, math.pi, 73).tolist():
            assert best <= distance(points @ turn(angle, mirrored), target) + 1e-9


def test_small_steps_of_training_move_the_picture_a_little():
    g = torch.Generator().manual_seed(0)
    C = torch.randn(27, 10, generator=g, dtype=F64)
    picture = project(C).points
    for _ in range(200):
        step = 0.003 * torch.randn(27, 10, generator=g, dtype=F64)
        C, before = C + step, picture
        picture = project(C, before).points
        assert float((picture - before).abs().max()) < 0.5, "a letter jumped"


@given(clouds(1), st.integers(0, 2**31))
def test_the_residual_is_what_alignment_left_as_a_share_of_the_previous_picture(C, seed):
    previous = torch.randn(len(C), 2, generator=torch.Generator().manual_seed(seed), dtype=F64)
    P, Q = project(C, previous).points.numpy(), previous.numpy()
    left = np.linalg.norm((P - P.mean(0)) - (Q - Q.mean(0))) / np.linalg.norm(Q - Q.mean(0))
    assert project(C, previous).residual == pytest.approx(left)


@given(clouds(1))
def test_nothing_is_left_without_a_previous_picture_or_when_it_was_the_same(C):
    first = project(C)
    assert first.residual == 0
    assert project(C, first.points).residual == pytest.approx(0, abs=1e-9)
    assert follow(C + 3, first).residual == pytest.approx(0, abs=1e-9)


@given(clouds(3), turns)
def test_turning_a_picture_leaves_nothing_and_growing_leaves_the_growth(C, R):
    assert project(C, project(C).points @ R).residual == pytest.approx(0, abs=1e-8)
    if len(C) > 2:
        assert project(1.5 * C, project(C).points).residual == pytest.approx(0.5)


@given(clouds(3), st.integers(0, 2**31))
def test_a_picture_that_follows_leaves_no_more_than_one_that_jumps(C, seed):
    before = project(C + torch.randn(C.shape, generator=torch.Generator().manual_seed(seed), dtype=F64))
    followed, jumped = follow(C, before), project(C, before.points)
    assert 0 <= followed.residual <= jumped.residual + 1e-12
    assert followed.residual == pytest.approx(
        (distance(followed.points, before.points) / distance_to_middle(before)) ** 0.5
    )


def distance_to_middle(seen) -> float:
    return distance(seen.points, torch.zeros_like(seen.points))


@pytest.mark.parametrize("n_embd", [1, 2, 3, 10])
def test_after_a_picture_of_one_point_there_is_no_residual(n_embd):
    g = torch.Generator().manual_seed(0)
    point = torch.full((28, n_embd), 0.7, dtype=F64)  # the mean of 28 of them is not quite 0.7
    assert (point - point.mean(0)).any()
    C = torch.randn(28, n_embd, generator=g)
    assert project(C, project(point).points).residual == follow(C, project(point)).residual == 0


# ---------------------------------------------------------------- pairs of dimensions


@given(clouds(2), st.data())
def test_a_pair_of_dimensions_is_shown_as_it_is_with_the_variance_of_each(C, data):
    i, j = data.draw(st.permutations(range(C.shape[1])))[:2]
    seen = pair(C, i, j)
    assert torch.equal(seen.points[:, 0], C[:, i]) and torch.equal(seen.points[:, 1], C[:, j])
    shares = C.numpy().var(0) / C.numpy().var(0).sum()
    assert seen.explained == pytest.approx((shares[i], shares[j]))
    assert seen.basis is None and seen.residual == 0


@pytest.mark.parametrize("n_embd", [3, 10])
def test_three_dimensions_are_points_in_space(n_embd):
    C = torch.randn(27, n_embd, generator=torch.Generator().manual_seed(0))
    seen = pair(C, 0, 1, 2)
    assert torch.equal(seen.points, C[:, :3].double())
    assert seen.explained == pytest.approx((C.var(0) / C.var(0).sum())[:3].tolist())
    with pytest.raises(ValueError, match=rf"three different dimensions from 1 to {n_embd}, not 1 and 2 and 2\."):
        pair(C, 0, 1, 1)


def test_of_two_dimensions_the_pair_is_the_projection_and_together_they_show_all():
    C = torch.randn(27, 2, generator=torch.Generator().manual_seed(0))
    assert torch.equal(pair(C, 0, 1).points, project(C).points) and sum(pair(C, 0, 1).explained) == pytest.approx(1)


@pytest.mark.parametrize(("i", "j"), [(0, 3), (3, 0), (-1, 0), (1, 1), (10**9, 0)])
def test_a_pair_that_is_not_there_is_refused_in_the_words_of_a_person_who_counts_from_one(i, j):
    with pytest.raises(ValueError, match=rf"two different dimensions from 1 to 3, not {i + 1} and {j + 1}\."):
        pair(torch.zeros(27, 3), i, j)


def test_components_after_a_raw_pair_are_shown_at_once():
    C = torch.randn(27, 5, generator=torch.Generator().manual_seed(0))
    raw = pair(C, 0, 4)
    seen, expected = follow(C, raw), project(C, raw.points)
    assert torch.equal(seen.points, expected.points) and seen.residual == expected.residual > 0


# ---------------------------------------------------------------- following


def uncorrelated(*spreads: float) -> torch.Tensor:
    """A cloud in three dimensions whose principal components are its axes, with these standard deviations."""
    g = torch.Generator().manual_seed(3)
    C = torch.randn(27, 3, generator=g, dtype=F64)
    C = C / C.norm(dim=1, keepdim=True)  # nothing is far out
    U = torch.linalg.svd(C - C.mean(0), full_matrices=False)[0]
    return U * torch.tensor(spreads, dtype=F64) * 26**0.5


def test_components_that_change_places_turn_the_picture_slowly_and_all_the_way():
    last, after = project(uncorrelated(3.0, 1.01, 1.0)), uncorrelated(3.0, 1.0, 1.01)
    swung, seen = project(after, last.points), follow(after, last)
    assert float((swung.points - last.points).norm()) > 5 * float((seen.points - last.points).norm())
    for _ in range(400):
        seen = follow(after, seen)
    assert sum(seen.explained) == pytest.approx(sum(swung.explained), abs=1e-9)


@given(clouds(3), st.integers(0, 2**31))
def test_a_picture_that_follows_is_a_projection_and_says_what_it_shows(C, seed):
    if len(C) < 4:
        return
    before = C + torch.randn(C.shape, generator=torch.Generator().manual_seed(seed), dtype=F64)
    seen = follow(C, project(before))
    assert close(seen.basis @ seen.basis.T, torch.eye(2, dtype=F64))
    assert close(seen.points, (C - C.mean(0)) @ seen.basis.T)
    assert seen.explained == pytest.approx((seen.points.var(0) / C.var(0).sum()).tolist())


def test_two_dimensions_need_no_following():
    C = torch.randn(27, 2, dtype=F64, generator=torch.Generator().manual_seed(0))
    assert torch.equal(follow(C + 1, project(C)).points, C + 1)
