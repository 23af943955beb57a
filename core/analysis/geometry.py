"""Geometry of an embedding: projection to a plane, alignment of two pictures, distances. Functions of tensors."""

from dataclasses import dataclass, replace
from itertools import repeat

import numpy as np
import torch

TURN = 0.1  # share of the rotation made at each checkpoint, so a large rotation takes about a doubling of the steps
MANY = 300  # rows
CROWD = 1.4  # a character is far out if it is so many times as far from the middle one as CLOSE of all are
CLOSE = 0.75
ROUNDING = 1e-12  # a spread below this share of the coordinates is only the rounding error of the mean


@dataclass(frozen=True)
class Projection:
    """points (V, 2) or (V, 3); the share of the embedding's variance that each axis shows; for a principal
    component projection the two orthonormal directions it looks along, basis (2, n_embd).

    residual: the difference from the previous picture after alignment, |points - previous| /
    |previous|, both centred, Frobenius norms. Raw coordinates are not rotated, so for them it is how
    far they moved. 0.0 without a previous picture, or if that was a single point.
    """

    points: torch.Tensor
    explained: tuple[float, ...]
    basis: torch.Tensor | None = None
    residual: float = 0.0


@dataclass(frozen=True)
class Aligned:
    """points (V, k), aligned to a target (V, k); residual: |points - target| / |target centred|, from 0.0
    (the same shape) to 1.0 (nothing in common)."""

    points: torch.Tensor
    residual: float


def project(C: torch.Tensor, previous: torch.Tensor | None = None) -> Projection:
    """C (V, n_embd) on a plane.

    n_embd 2: the raw coordinates; 1: the raw coordinate and zero. Above 2: the two `directions`, rotated and
    reflected (orthogonal Procrustes) to be as close as possible to `previous` (V, 2), so that the picture moves only
    if the embedding does; without `previous`, the sign of each axis makes its largest loading positive.
    """
    C = C.double()
    if C.shape[1] == 1:
        return _projection(C, torch.cat([C, torch.zeros_like(C)], 1), None, previous)
    if C.shape[1] == 2:
        return _projection(C, C, None, previous)
    centred, basis = C - C.mean(0), directions(C)
    basis = basis * basis.gather(1, basis.abs().argmax(1, keepdim=True)).sign()
    if previous is not None:
        basis = rotation_onto(centred @ basis.T, previous).T @ basis
    return _projection(C, centred @ basis.T, basis, previous)


def directions(C: torch.Tensor) -> torch.Tensor:
    """The two directions (2, n_embd) in which C (V, n_embd), float64, varies most: of its `crowd`.

    More than MANY rows are words, the most frequent first, and row i counts 1 / sqrt(i + 1), about the root of how
    often the word occurs (Zipf). Counting each word once gives the plane to the many rare ones, which have moved
    least; counting it as often as it occurs, to a handful: of the ways that `python -m tests.bench.projection`
    compares, this one keeps most of the words' nearest, and of their parts of speech.
    """
    if len(C) <= MANY:
        near = C[crowd(C)]
        return torch.linalg.svd(near - near.mean(0), full_matrices=False)[2][:2]
    weights = torch.arange(1, len(C) + 1, dtype=C.dtype) ** -0.5
    weights = weights / weights.sum()
    away = C - weights @ C  # by the covariance it is 20 times as fast
    return torch.linalg.eigh(away.T @ (weights[:, None] * away)).eigenvectors[:, -2:].flip(1).T


def crowd(C: torch.Tensor) -> torch.Tensor:
    """(V,) bool: which rows of C (V, n_embd) are not far out; all if it would be fewer than four.

    Letters that hardly occur stay far out where they began, and a plane that is to show as much as it
    can of the whole variance would show them, and the letters that training moved as one heap.
    """
    apart = distances(C)
    away = apart[apart.sum(1).argmin()]  # from the row that is nearest to all
    near = away <= CROWD * away.quantile(CLOSE)
    return near if int(near.sum()) >= 4 else torch.ones_like(near)


def pair(C: torch.Tensor, i: int, j: int, k: int | None = None) -> Projection:
    """Dimensions i and j (and k: points in space), counted from 0, of C (V, n_embd) as they are.

    ValueError if C has no such dimensions.
    """
    n_embd, axes = C.shape[1], [i, j] if k is None else [i, j, k]
    if len({*axes} & {*range(n_embd)}) < len(axes):
        said = " and ".join(f"{axis + 1}" for axis in axes)
        raise ValueError(
            f"Choose {('two', 'three')[len(axes) - 2]} different dimensions from 1 to {n_embd}, not {said}."
        )
    C = C.double()
    return _projection(C, C[:, axes])


def follow(C: torch.Tensor, last: Projection) -> Projection:
    """The projection of C that follows `last`, without sudden rotations.

    When two principal components swap their order, their plane rotates although C hardly moved. The
    plane of the picture then rotates only `TURN` of the way towards theirs. It is still an exact
    projection of C, with the variance of its own plane, and reaches theirs after some pictures.
    """
    C = C.double()
    there = project(C, last.points)
    if there.basis is None or last.basis is None:
        return there
    U, _, Vt = torch.linalg.svd(last.basis + TURN * (there.basis - last.basis), full_matrices=False)
    basis = U @ Vt  # the nearest orthonormal directions
    part = _projection(C, (C - C.mean(0)) @ basis.T, basis, last.points)
    return min(there, part, key=lambda seen: seen.residual)


def _projection(
    C: torch.Tensor, points: torch.Tensor, basis: torch.Tensor | None = None, previous: torch.Tensor | None = None
) -> Projection:
    (found,) = projections(C.unsqueeze(0), points.unsqueeze(0), previous)
    return replace(found, basis=basis)


def projections(
    embeddings: torch.Tensor, points: torch.Tensor, previous: torch.Tensor | None = None
) -> list[Projection]:
    """P embeddings (P, V, n_embd) at these points (P, V, k), both float64: each the picture after the one before it.

    previous (V, k): the picture before the first.
    """
    spread, flat = _centred(embeddings.numpy()), points.numpy()
    total = np.square(spread).sum((1, 2)) / max(1, len(spread[0]) - 1)
    explained = flat.var(1, ddof=1) / np.where(total == 0, 1.0, total)[:, None]
    now = _centred(flat)
    before = np.concatenate([_centred(previous.numpy()[None]) if previous is not None else now[:1], now[:-1]])
    residuals = _shares(now - before, before)
    return [Projection(*part) for part in zip(points, map(tuple, explained.tolist()), repeat(None), residuals)]


def rotation_onto(points: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
    """The orthogonal R (k, k) that minimises |points R - target|, both (V, k), once both are centred."""
    U, _, Vt = torch.linalg.svd((points - points.mean(0)).T @ (target - target.mean(0)))
    return U @ Vt


def procrustes(points: torch.Tensor, target: torch.Tensor) -> Aligned:
    """points (V, k) translated, rotated or reflected, and scaled, to be as close as possible to target (V, k).

    P. H. Schönemann and R. M. Carroll, "Fitting one matrix to another under choice of a central
    dilation and a rigid motion", Psychometrika 35 (1970). The residual is the square root of what
    `scipy.spatial.procrustes` calls disparity: the same in both directions and at any scale.
    Points that are all equal are moved to the mean of the target, with residual 1.0.
    """
    _check_shapes(points, target)
    target = target.double()
    centred, wanted = (torch.from_numpy(_centred(part.double().numpy()[None])[0]) for part in (points, target))
    turned = centred @ rotation_onto(centred, target)
    size = float(turned.square().sum()) or 1.0
    scale = float((turned * wanted).sum()) / size
    aligned = scale * turned
    (residual,) = _shares((aligned - wanted).numpy()[None], wanted.numpy()[None])
    return Aligned(aligned + target.mean(0), residual)


def _shares(differences: np.ndarray, targets: np.ndarray) -> list[float]:
    """|difference| / |target| of each of P pairs (P, V, k), targets centred; 0.0 when a target is a single point."""
    sizes, far = (np.sqrt(np.square(part).sum((1, 2))) for part in (targets, differences))
    return np.divide(far, sizes, out=np.zeros_like(far), where=sizes != 0).tolist()


def _centred(points: np.ndarray) -> np.ndarray:
    """points (P, V, k), float64, about their means; exactly zero when they are all in one place."""
    centred = points - points.mean(1, keepdims=True)
    flat = np.abs(centred).max((1, 2)) <= ROUNDING * np.abs(points).max((1, 2))
    centred[flat] = 0.0
    return centred


def _check_shapes(one: torch.Tensor, other: torch.Tensor) -> None:
    if one.shape != other.shape:
        raise ValueError(f"Positions must have the same shape, not {(*one.shape,)} and {(*other.shape,)}.")


def displacements(before: torch.Tensor, now: torch.Tensor) -> torch.Tensor:
    """How far each character moved, (V,): Euclidean, in the full space; before and now (V, n_embd)."""
    _check_shapes(before, now)
    return (now.double() - before.double()).norm(dim=1)


def distances(C: torch.Tensor) -> torch.Tensor:
    """Euclidean distances (V, V) between the rows of C (V, n_embd), in the full space; (P, V, V) of P embeddings.

    Computed from differences: the quicker way, by a matrix product, gives about 1e-8 between equal rows.
    """
    C = C.double()
    return torch.cdist(C, C, compute_mode="donot_use_mm_for_euclid_dist")


def nearest_to(C: torch.Tensor, i: int, k: int) -> list[int]:
    """The k nearest others of row i of C (V, n_embd), nearest first: Euclidean, in the full space."""
    far = (C.double() - C[i].double()).norm(dim=1)
    far[i] = torch.inf
    return far.topk(min(k, len(C) - 1), largest=False).indices.tolist()


def neighbours(C: torch.Tensor, k: int) -> list[list[int]]:
    """For each row of C (V, n_embd) the k nearest others, nearest first: Euclidean, in the full space.

    Of P embeddings (P, V, n_embd) a list of such lists.
    """
    far = distances(C).numpy()
    far[..., range(len(far[0])), range(len(far[0]))] = np.inf
    return far.argsort(-1, kind="stable")[..., :k].tolist()
