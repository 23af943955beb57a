"""core/data/plain.py: which of the things that a page can say are numbers."""

import math

import pytest

from core.data.plain import is_number, is_whole


@pytest.mark.parametrize("said", [True, False, None, "1", [1], {}, math.nan])
def test_what_is_no_number_is_none(said):
    assert not is_number(said) and not is_whole(said)


@pytest.mark.parametrize(("said", "number", "whole"), [(0, True, True), (5, True, True), (2.0, True, False),
    (-1, False, False), (6, False, False), (10**400, False, False), (math.inf, False, False)])  # fmt: skip
def test_a_number_is_taken_within_its_range_and_an_int_only_as_a_whole_one(said, number, whole):
    assert (is_number(said, 0, 5), is_whole(said, 0, 5)) == (number, whole)
