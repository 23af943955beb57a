"""core/analysis/geometry.py where it compares: shapes by Procrustes, distances, movement, neighbours. Against
brute force.
"""

import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from core.analysis.geometry import displacements, distances, neighbours, procrustes
from tests.support.clouds import F64, close, clouds, turn

# ---------------------------------------------------------------- procrustes


@given(clouds(2, 5), st.floats(0.01, 100), st.integers(0, 2**31))
def test_a_moved_turned_mirrored_and_scaled_copy_is_brought_back(target, scale, seed):
    g = torch.Generator().manual_seed(seed)
    k = target.shape[1]
    Q = torch.linalg.qr(torch.randn(k, k, generator=g, dtype=F64))[0]
    found = procrustes(scale * target @ Q + torch.randn(k, generator=g, dtype=F64), target)
    assert torch.allclose(found.points, target, atol=1e-7) and found.residual == pytest.approx(0, abs=1e-7)


def test_the_example_of_scipy():
    """scipy.spatial.procrustes' documentation: b is a turned, mirrored and doubled, disparity 0."""
    a = torch.tensor([[1, 3], [1, 2], [1, 1], [2, 1]], dtype=F64)
    b = torch.tensor([[4, -2], [4, -4], [4, -6], [2, -6]], dtype=F64)
    assert close(procrustes(b, a).points, a) and procrustes(b, a).residual == pytest.approx(0, abs=1e-9)


def test_four_corners_against_a_line_by_hand():
    """A square's corners onto the two ends of a line, two at each: singular values 4 and 0, so that
    r = 4 / sqrt(8 * 4) and the residual sqrt(1 - r^2) = sqrt(1/2)."""
    square = torch.tensor([[1, 1], [1, -1], [-1, -1], [-1, 1]], dtype=F64)
    line = torch.tensor([[1, 0], [1, 0], [-1, 0], [-1, 0]], dtype=F64)
    assert procrustes(square, line).residual == pytest.approx(0.5**0.5)
    assert torch.allclose(procrustes(square, line).points, square / 2, atol=1e-12)


@given(clouds(2, 4), st.integers(0, 2**31))
def test_the_residual_is_between_none_and_all_the_same_both_ways_and_true(points, seed):
    target = 3 + torch.randn(points.shape, generator=torch.Generator().manual_seed(seed), dtype=F64)
    there, back = procrustes(points, target), procrustes(target, points)
    assert 0 <= there.residual <= 1 and there.residual == pytest.approx(back.residual, abs=1e-6)
    middle = target.mean(0).expand_as(target)
    assert there.residual == pytest.approx(float((there.points - target).norm() / (middle - target).norm()), abs=1e-9)


@given(clouds(2, 2), st.integers(0, 2**31))
def test_no_other_turn_scale_or_place_lies_nearer(points, seed):
    g = torch.Generator().manual_seed(seed)
    target = torch.randn(points.shape, generator=g, dtype=F64)
    best = float((procrustes(points, target).points - target).norm())
    for angle in torch.linspace(-math.pi, math.pi, 37).tolist():
        for mirrored in (False, True):
            for scale in (0.1, 0.3, 1.0, 3.0):
                other = scale * (points - points.mean(0)) @ turn(angle, mirrored) + target.mean(0)
                nudged = other + 0.1 * torch.randn(2, generator=g, dtype=F64)
                assert best <= min(float((other - target).norm()), float((nudged - target).norm())) + 1e-9


@pytest.mark.parametrize("where", [0.0, 0.7, 1e6 + 0.1])
def test_points_all_in_one_place_have_no_shape_to_bring(where):
    g = torch.Generator().manual_seed(0)
    lump, cloud = torch.full((28, 2), where, dtype=F64), torch.randn(28, 2, generator=g)
    found = procrustes(lump, cloud)
    assert found.residual == pytest.approx(1) and close(found.points, cloud.double().mean(0).expand(28, 2))
    for points in (cloud, lump):
        assert procrustes(points, lump).residual == 0
        assert torch.allclose(procrustes(points, lump).points, lump)


# ---------------------------------------------------------------- neighbours, distances, movement


@given(clouds())
def test_distances_are_euclidean_in_the_full_space(C):
    D = distances(C)
    assert torch.equal(D, D.T) and not D.diagonal().any()
    expected = [[math.dist(a, b) for b in C.tolist()] for a in C.tolist()]
    assert torch.allclose(D, torch.tensor(expected, dtype=F64), rtol=1e-12)


def test_between_equal_rows_there_is_no_distance_at_all():
    C = torch.randn(1, 10, generator=torch.Generator().manual_seed(9)).repeat(40, 1)
    C[0] += 3
    assert not distances(C)[1:, 1:].any()


@given(clouds(), st.integers(0, 2**31))
def test_displacements_are_how_far_each_character_moved(C, seed):
    now = C + torch.randn(C.shape, generator=torch.Generator().manual_seed(seed), dtype=F64)
    expected = [math.dist(a, b) for a, b in zip(C.tolist(), now.tolist())]
    assert displacements(C, now).tolist() == pytest.approx(expected)
    assert not displacements(C, C).any()


@pytest.mark.parametrize("compare", [displacements, procrustes])
def test_positions_of_different_shape_are_not_compared(compare):
    with pytest.raises(ValueError, match=r"must have the same shape, not \(27, 1\) and \(27, 10\)\."):
        compare(torch.zeros(27, 1), torch.zeros(27, 10))


@given(clouds(), st.integers(1, 5))
def test_neighbours_are_the_nearest_others_in_the_full_space(C, k):
    k = min(k, len(C) - 1)
    for i, found in enumerate(neighbours(C, k)):
        distances = {j: math.dist(C[i].tolist(), C[j].tolist()) for j in range(len(C)) if j != i}
        nearest = sorted(distances.values())[:k]
        assert i not in found and len(set(found)) == k
        assert [distances[j] for j in found] == pytest.approx(nearest, abs=1e-6)


def test_characters_at_the_same_place_are_neighbours_but_never_of_themselves():
    for i, found in enumerate(neighbours(torch.zeros(5, 3), 4)):
        assert sorted([i, *found]) == [0, 1, 2, 3, 4]
