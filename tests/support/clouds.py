"""Embeddings for the tests of geometry."""

import math

import torch
from hypothesis import strategies as st

F64 = torch.float64


@st.composite
def clouds(draw, low: int = 1, high: int = 32):
    """Embeddings (V, n_embd) with unequal spread along their axes, off the origin, float64."""
    V, n_embd = draw(st.integers(2, 40)), draw(st.integers(low, high))
    g = torch.Generator().manual_seed(draw(st.integers(0, 2**31)))
    spread = torch.rand(n_embd, generator=g, dtype=F64) + 0.1
    return torch.randn(V, n_embd, generator=g, dtype=F64) * spread + 3 * torch.randn(n_embd, generator=g, dtype=F64)


def turn(angle: float, mirrored: bool) -> torch.Tensor:
    """A rotation (2, 2), or one with a reflection."""
    c, s = math.cos(angle), math.sin(angle)
    R = torch.tensor([[c, s], [-s, c]], dtype=F64)
    return R.flip(0) if mirrored else R


turns = st.builds(turn, st.floats(-math.pi, math.pi), st.booleans())


def close(a, b) -> bool:
    return torch.allclose(a, b, rtol=1e-8, atol=1e-8)
