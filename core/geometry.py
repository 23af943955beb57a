"""Plain-array geometry of an embedding: projection to a plane, alignment, neighbours."""

from dataclasses import dataclass

import torch


@dataclass(frozen=True)
class Projection:
    """points (V, 2) and, for each axis, the share of the embedding's variance that it shows."""

    points: torch.Tensor
    explained: tuple[float, float]


def project(C: torch.Tensor, previous: torch.Tensor | None = None) -> Projection:
    """C (V, n_embd) on a plane.

    n_embd 2: the raw coordinates; 1: the raw coordinate and zero. Above: the first two
    principal components, turned and mirrored (orthogonal Procrustes) to lie as near as
    possible to `previous` (V, 2), so that a picture moves only when the embedding does;
    without `previous`, each axis points where its largest loading is positive.
    """
    C = C.double()
    if C.shape[1] == 1:
        points = torch.cat([C, torch.zeros_like(C)], 1)
    elif C.shape[1] == 2:
        points = C
    else:
        centred = C - C.mean(0)
        basis = torch.linalg.svd(centred, full_matrices=False)[2][:2]  # (2, n_embd)
        largest = basis.gather(1, basis.abs().argmax(1, keepdim=True))
        points = centred @ (basis * largest.sign()).T
        if previous is not None:
            points = points @ rotation_onto(points, previous)
    total = float(C.var(0).sum()) or 1.0
    return Projection(points, tuple((points.var(0) / total).tolist()))


def rotation_onto(points: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
    """The orthogonal R (2, 2) that minimises |points R - target| once both are centred."""
    U, _, Vt = torch.linalg.svd((points - points.mean(0)).T @ (target - target.mean(0)))
    return U @ Vt


def neighbours(C: torch.Tensor, k: int) -> list[list[int]]:
    """For each row of C (V, n_embd) the k nearest others, nearest first: Euclidean, in the full space."""
    distances = torch.cdist(C.double(), C.double())
    distances.fill_diagonal_(torch.inf)
    return distances.argsort(1)[:, :k].tolist()
