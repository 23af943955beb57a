"""Examples as machine code reads them: whole numbers of 32 and 64 bits in NumPy arrays."""

from typing import NamedTuple

import numpy as np
import torch

NEXT_BITS = 16  # of a record: context << 16 | next


class Packed(NamedTuple):
    """What `pack` makes; shared by all runs on the examples, so nobody writes to it.

    contexts (M, block_size) int32: the distinct contexts. first (M + 1,) int64: where in `next`
    (int32) and `counts` (float32) the characters begin that came after each, and how often.
    records (N,) int64: context << 16 | next of every example. Examples: N.
    """

    contexts: np.ndarray
    first: np.ndarray
    next: np.ndarray
    counts: np.ndarray
    records: np.ndarray

    @staticmethod
    def size(M: int, block_size: int, pairs: int, N: int) -> int:
        """Bytes of one of these, before it is made."""
        return 4 * M * block_size + 8 * (M + 1) + 8 * pairs + 8 * N


def pack(contexts: torch.Tensor, pairs: tuple[torch.Tensor, ...], which: torch.Tensor, Y: torch.Tensor) -> Packed:
    """contexts (M, block_size); pairs: (context, next, count) in order of contexts; which, Y (N,): each example's."""
    row, next, counts = (part.numpy() for part in pairs)
    first = np.zeros(len(contexts) + 1, np.int64)
    first[1:] = np.bincount(row, minlength=len(contexts)).cumsum()
    records = (which.numpy().astype(np.int64) << NEXT_BITS) | Y.numpy()
    table = np.ascontiguousarray(contexts.numpy(), np.int32)
    return Packed(table, first, next.astype(np.int32), counts.astype(np.float32), records)
