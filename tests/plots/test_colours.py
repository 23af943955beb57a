"""The colours of groups: told apart from each other and from the curves, whoever looks."""

from itertools import combinations

import pytest
import torch

from core.plots import GROUPS, PALETTE, RUNS

SCHEMES = pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])

# How who lacks one kind of cone sees linear RGB: G. M. Machado, M. M. Oliveira, L. A. F. Fernandes, "A Physiologically-
# based Model for Simulation of Color Vision Deficiency", IEEE TVCG 15 (6), 2009, severity 1.0.
BLINDNESS = {
    "protanopia": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    "deuteranopia": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.01182, 0.04294, 0.968881]],
    "tritanopia": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.3039]],
}
TO_XYZ = [[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]
WHITE = [0.9505, 1.0, 1.089]


def linear(colour: str) -> torch.Tensor:
    c = torch.tensor([int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)])
    return torch.where(c <= 0.04045, c / 12.92, ((c + 0.055) / 1.055) ** 2.4)


def lab(rgb: torch.Tensor) -> torch.Tensor:
    """Linear RGB (3,) -> CIE L*a*b* for white D65."""
    t = torch.tensor(TO_XYZ) @ rgb.clamp(0, 1) / torch.tensor(WHITE)
    f = torch.where(t > (6 / 29) ** 3, t ** (1 / 3), t / (3 * (6 / 29) ** 2) + 4 / 29)
    return torch.stack([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


def apart(one: str, other: str, scheme: int, seen=None) -> float:
    """The distance of two colours of the palette (CIE 1976; about 2.3 can just be noticed)."""
    sees = torch.eye(3) if seen is None else torch.tensor(seen)
    a, b = (lab(sees @ linear(PALETTE[name][scheme])) for name in (one, other))
    return float((a - b).norm())


def test_the_distance_is_that_of_the_definition():
    """Black and white are 100 apart; sRGB's red and green: Lab (53.24, 80.09, 67.20) and (87.73, -86.18, 83.18)."""
    white, black = lab(linear("#ffffff")), lab(linear("#000000"))
    assert float((white - black).norm()) == pytest.approx(100, abs=0.05)
    assert lab(linear("#ff0000")).tolist() == pytest.approx([53.24, 80.09, 67.20], abs=0.1)
    assert lab(linear("#00ff00")).tolist() == pytest.approx([87.73, -86.18, 83.18], abs=0.1)


@SCHEMES
def test_groups_are_far_from_each_other_and_from_the_curves(scheme):
    assert all(apart(one, other, scheme) > 30 for one, other in combinations(GROUPS, 2))
    assert all(apart(group, curve, scheme) > 35 for group in GROUPS for curve in ("train", "dev"))


@SCHEMES
@pytest.mark.parametrize("seen", BLINDNESS.values(), ids=BLINDNESS.keys())
def test_groups_can_be_told_apart_by_who_lacks_a_kind_of_cone(seen, scheme):
    for one, other in combinations(GROUPS, 2):
        assert apart(one, other, scheme, seen) > 13, (one, other)


@SCHEMES
def test_runs_have_colours_that_mean_nothing_else_on_their_page(scheme):
    others = ("vowel", "consonant", "boundary", "train", "dev", "baseline", "ink")
    assert all(apart(run, other, scheme) > 28 for run in RUNS for other in others)
    assert all(apart(one, other, scheme) > 28 for one, other in combinations(RUNS, 2))
