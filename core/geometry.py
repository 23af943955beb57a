"""Plain-array geometry of an embedding: projection to a plane, alignment, neighbours."""

from dataclasses import dataclass

import torch

TURN = 0.1  # of the way, five times a second: a swing takes about two seconds


@dataclass(frozen=True)
class Projection:
    """points (V, 2); the share of the embedding's variance that each axis shows; for a principal
    component projection the two orthonormal directions it looks along, basis (2, n_embd)."""

    points: torch.Tensor
    explained: tuple[float, float]
    basis: torch.Tensor | None = None


def project(C: torch.Tensor, previous: torch.Tensor | None = None) -> Projection:
    """C (V, n_embd) on a plane.

    n_embd 2: the raw coordinates; 1: the raw coordinate and zero. Above: the first two
    principal components, turned and mirrored (orthogonal Procrustes) to lie as near as
    possible to `previous` (V, 2), so that a picture moves only when the embedding does;
    without `previous`, each axis points where its largest loading is positive.
    """
    C = C.double()
    if C.shape[1] == 1:
        return _projection(C, torch.cat([C, torch.zeros_like(C)], 1))
    if C.shape[1] == 2:
        return _projection(C, C)
    centred = C - C.mean(0)
    basis = torch.linalg.svd(centred, full_matrices=False)[2][:2]
    basis = basis * basis.gather(1, basis.abs().argmax(1, keepdim=True)).sign()
    if previous is not None:
        basis = rotation_onto(centred @ basis.T, previous).T @ basis
    return _projection(C, centred @ basis.T, basis)


def follow(C: torch.Tensor, last: Projection) -> Projection:
    """The picture of C that comes after `last`.

    Where two principal components change places, their plane swings round although C hardly
    moved. The picture's plane then turns only `TURN` of the way towards theirs: still a true
    projection of C, with the variance that this plane shows, and after a few pictures theirs.
    """
    C = C.double()
    there = project(C, last.points)
    if there.basis is None:
        return there
    U, _, Vt = torch.linalg.svd(last.basis + TURN * (there.basis - last.basis), full_matrices=False)
    basis = U @ Vt  # the nearest orthonormal directions
    part = _projection(C, (C - C.mean(0)) @ basis.T, basis)
    return min(there, part, key=lambda seen: float((seen.points - last.points).norm()))


def _projection(C: torch.Tensor, points: torch.Tensor, basis: torch.Tensor | None = None) -> Projection:
    total = float(C.var(0).sum()) or 1.0
    return Projection(points, tuple((points.var(0) / total).tolist()), basis)


def rotation_onto(points: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
    """The orthogonal R (2, 2) that minimises |points R - target| once both are centred."""
    U, _, Vt = torch.linalg.svd((points - points.mean(0)).T @ (target - target.mean(0)))
    return U @ Vt


def neighbours(C: torch.Tensor, k: int) -> list[list[int]]:
    """For each row of C (V, n_embd) the k nearest others, nearest first: Euclidean, in the full space."""
    distances = torch.cdist(C.double(), C.double())
    distances.fill_diagonal_(torch.inf)
    return distances.argsort(1)[:, :k].tolist()
