"""core/analysis/meaning.py: axes that pairs of words make, and closed groups."""

import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from core.analysis.meaning import GROUPS, along, angle, closed_groups
from core.data.sentences import english


@given(st.integers(0, 2**31), st.integers(2, 8))
def test_the_words_of_a_pair_are_at_its_ends_and_all_others_at_their_shadow(seed, n_embd):
    C = torch.randn(9, n_embd, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)
    points = along(C, [(1, 4), (7, 2)])
    for column, (i, j) in enumerate([(1, 4), (7, 2)]):
        assert points[i, column] == pytest.approx(-1) and points[j, column] == pytest.approx(1)
        a, b = C[i].tolist(), C[j].tolist()
        for k in range(9):
            t = sum((x - p) * (q - p) for x, p, q in zip(C[k].tolist(), a, b)) / math.dist(a, b) ** 2
            assert points[k, column] == pytest.approx(2 * t - 1, abs=1e-4)
    moved = along(3 * C + 5, [(1, 4), (7, 2)])
    assert torch.allclose(moved, points, atol=1e-3), "neither a shift nor a scale changes it"


def test_an_axis_without_length_has_all_words_in_the_middle():
    C = torch.tensor([[1.0, 2], [1, 2], [3, 4]])
    assert along(C, [(0, 1), (0, 2)])[:, 0].tolist() == [0, 0, 0]
    assert angle(C, (0, 1), (0, 2)) is None


def test_angles_are_those_of_the_directions():
    C = torch.tensor([[0.0, 0], [1, 0], [0, 3], [2, 2], [-4, 0]])
    assert angle(C, (0, 1), (0, 2)) == pytest.approx(90)
    assert angle(C, (0, 1), (0, 3)) == pytest.approx(45)
    assert angle(C, (0, 1), (0, 4)) == pytest.approx(180)


def test_closed_groups_that_lie_apart_are_found_and_shuffled_ones_are_not():
    groups = [group.split() for group in GROUPS.values()]
    others = [f"word{i}" for i in range(900)]
    itos = ["<s>", "<unk>", *others, *(word.capitalize() for group in groups for word in group)]
    C = torch.randn(len(itos), 5, generator=torch.Generator().manual_seed(3))
    start = 902
    for i, group in enumerate(groups):
        C[start : start + len(group)] += 100 * torch.eye(5)[i]
        start += len(group)
    found = closed_groups(C, itos)
    assert [(row.name, row.size) for row in found] == [(name, len(g.split())) for name, g in GROUPS.items()]
    assert all(row.share == 1 and row.high < 0.1 for row in found)
    mixed = closed_groups(torch.randn(len(itos), 5, generator=torch.Generator().manual_seed(4)), itos)
    assert all(row.share < 0.15 and row.low <= row.high < 0.2 for row in mixed)
    # by hand: of each month, how many of its eleven nearest are months
    months, rows = range(902, 914), torch.cdist(C, C)
    near = [sorted((j for j in range(2, len(itos)) if j != i), key=lambda j: float(rows[i, j]))[:11] for i in months]
    assert found[0].share == pytest.approx(sum(j in months for row in near for j in row) / 132)


def test_groups_that_the_vocabulary_hardly_has_are_left_out():
    assert closed_groups(torch.randn(6, 2), ["<s>", "<unk>", "Monday", "red", "blue", "the"]) == []
    usual = closed_groups(torch.randn(2000, 4), english().corpus.vocabulary.itos)
    assert {row.name: row.size for row in usual}.keys() == GROUPS.keys()
    assert all(row.size >= 3 for row in usual)
