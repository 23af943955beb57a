"""C of the words that a map shows, kept more densely in time than whole networks: 16 bits for each number.

A checkpoint of a run on words holds all its parameters, up to 15 MB, so there are few. Going back in time over the map
needs C only, and only of the words on it.
"""

import struct
from typing import NamedTuple

import torch

from core.engine.history import CHECKPOINTS_PER_DECADE, DECADES, checkpoints_per_decade

SHOWN = 5_000  # words on a map: the most frequent
MAX_BYTES = 24_000_000  # of all that one run keeps
LEVELS = 32_767  # a number is scale * (a whole number from -LEVELS to LEVELS) / LEVELS
SCALE = struct.Struct("<d")
LARGEST = torch.finfo(torch.float32).max


class Moment(NamedTuple):
    """A step at which C is known. checkpoint: its index among those of the history; None: only C was kept, packed.

    kept: the bytes of the checkpoint (`Parameters.freeze`) or of the packed C.
    """

    step: int
    checkpoint: int | None
    kept: bytes

    def C(self, V: int, n_embd: int) -> torch.Tensor:
        """C of the words on the map (of all symbols, if there are fewer), float32, fresh: (at most SHOWN, n_embd)."""
        if self.checkpoint is None:
            return unpack(self.kept, n_embd)
        rows = min(V, SHOWN)  # C is what a checkpoint begins with
        return torch.frombuffer(bytearray(self.kept[: 4 * rows * n_embd]), dtype=torch.float32).view(rows, n_embd)


def packed_size(V: int, n_embd: int) -> int:
    """Bytes of a packed C."""
    return SCALE.size + 2 * min(V, SHOWN) * n_embd


def is_packed(value: object, V: int, n_embd: int) -> bool:
    """Whether it is what `pack` gives of a C (V, n_embd)."""
    right = isinstance(value, bytes) and len(value) == packed_size(V, n_embd)
    return right and 0.0 <= SCALE.unpack_from(value)[0] <= LARGEST


def pack(C: torch.Tensor) -> bytes:
    """The first SHOWN rows of C (V, n_embd), all finite. No number changes by more than scale / (2 LEVELS)."""
    rows = C[:SHOWN].double()
    scale = float(rows.abs().max())
    return joined(scale, (rows / (scale or 1.0) * LEVELS).round().to(torch.int16))


def joined(scale: float, numbers: torch.Tensor) -> bytes:
    """The scale and the whole numbers (rows, n_embd), int16, as one packed C."""
    return SCALE.pack(scale) + numbers.numpy().astype("<i2").tobytes()


def parted(packed: bytes, n_embd: int) -> tuple[float, torch.Tensor]:
    """The inverse of `joined`."""
    numbers = torch.frombuffer(bytearray(packed), dtype=torch.int16, offset=SCALE.size)
    return SCALE.unpack_from(packed)[0], numbers.view(-1, n_embd)


def unpack(packed: bytes, n_embd: int) -> torch.Tensor:
    """What `pack` packed: (rows, n_embd), float32."""
    scale, numbers = parted(packed, n_embd)
    return (numbers.double() * (scale / LEVELS)).float()


def grids(of_words: bool, V: int, n_embd: int, parameters: int) -> tuple[float, ...]:
    """Cells in each factor of ten in which a run has moments: of its checkpoints, and of embeddings if it keeps any."""
    rates = checkpoints_per_decade(parameters), per_decade(of_words, V, n_embd, parameters)
    return tuple(filter(None, rates))


def per_decade(of_words: bool, V: int, n_embd: int, parameters: int) -> float:
    """In how many cells of each factor of ten in steps C is kept. parameters: numbers in a checkpoint.

    A multiple of the rate of checkpoints, so that each checkpoint is in one of the cells and all are as wide. 0: never,
    as on characters, and where there are almost as many checkpoints. All of the longest run fit into MAX_BYTES.
    """
    whole = checkpoints_per_decade(parameters)
    affordable = (MAX_BYTES / packed_size(V, n_embd) - 3) / DECADES + whole  # steps 0, 1 and one to spare
    times = min(CHECKPOINTS_PER_DECADE, affordable) // whole
    return times * whole if of_words and times > 1 else 0.0
