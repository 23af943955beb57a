"""Sizes of one network, and where its buffers lie in a program's memory.

A matrix is padded to whole vectors of eight. The padding of weights is 0 and stays 0, as its
gradients are; that of b2 is NO_SYMBOL, whose exp is 0.
"""

from dataclasses import dataclass, field
from functools import cached_property

from core.engine.kernel.builder import WIDTH
from core.engine.kernel.products import rows_of_a_tile, up
from core.engine.model import Shape

LINE = 16  # float32 in a cache line: every buffer begins with one
TABLES = 2**21  # numbers that the tables of the first layers may take (8 MB)
NO_SYMBOL = -1e30  # the logit of a column of padding
SLICE = 256  # symbols that the backward pass through W2 takes at a time, if there are more than twice as many


@dataclass(frozen=True)
class Layout:
    """Buffers of float32 for `rows` contexts at a time; `passes.Pass` uses them by name.

    training: with buffers for gradients. whole: a step sums the gradients of a whole split, some
    rows at a time, before the update. gap: unused numbers between two buffers, for tests that check
    that nothing writes there. tile: the rows of a product's tile.
    """

    shape: Shape
    rows: int
    training: bool = True
    whole: bool = False
    gap: int = 0
    tile: int = field(default_factory=rows_of_a_tile)

    @property
    def V(self) -> int:
        return self.shape.vocabulary_size

    @property
    def E(self) -> int:
        return self.shape.n_embd

    @property
    def K(self) -> int:
        return self.shape.block_size * self.E

    @property
    def H(self) -> int:
        return self.shape.n_hidden

    @cached_property
    def parameters(self) -> dict[str, tuple[int, int]]:
        """Rows and padded columns of each parameter. C is not padded, as it is read by the number."""
        Hp, Vp = up(self.H), up(self.V)
        sizes = {"C": (self.V, self.E), "W1": (self.K, Hp), "b1": (1, Hp), "W2": (Hp, Vp), "b2": (1, Vp)}
        return sizes | ({"Wd": (self.K, Vp)} if self.shape.direct else {})

    @cached_property
    def inputs(self) -> dict[str, int]:
        """The parameters that x is multiplied by, and their columns without padding."""
        return ({"W1": self.H} if self.H else {}) | ({"Wd": self.V} if self.shape.direct else {})

    @cached_property
    def tables(self) -> bool:
        """Whether x @ W1 is summed from rows of C[symbol] @ W1[place], made once a pass.

        That is less work once there are more rows than about two for each symbol.
        """
        many = self.rows > 2 * self.V or self.whole or not self.training
        return many and self.shape.block_size * self.V * sum(map(up, self.inputs.values())) <= TABLES

    @cached_property
    def buffers(self) -> dict[str, tuple[int, int]]:
        """Rows and columns of each, parameters first. There is room for what is read and written past the last row."""
        rows, places, (Hp, Vp) = (
            up(self.rows, self.tile) + WIDTH,
            self.shape.block_size * self.V,
            (up(self.H), up(self.V)),
        )
        each = (1, rows)
        sizes = self.parameters | {"h": (rows, Hp), "o": (rows, Vp)}
        sizes |= {"context": each, "count": each, "top": each, "total": each}
        if self.tables:
            sizes |= {f"table {name}": (places, up(columns)) for name, columns in self.inputs.items()}
        else:
            sizes["x"] = rows, up(self.K)
        if not self.training:
            return sizes
        sizes["W2T"] = Vp, Hp
        if self.V > 2 * SLICE:
            sizes["dh"] = rows, Hp
        if self.tables:
            sizes |= {f"sums {name}": (places + 1, up(columns)) for name, columns in self.inputs.items()}
        else:
            sizes["dx"] = rows, up(self.K)
        if self.tables or self.whole:
            sizes["dC"] = self.V + 1, up(self.E)
        if self.whole:
            summed = ("b1", "W2", "b2") if self.tables else ("W1", "b1", "W2", "b2", "Wd")
            sizes |= {f"d{name}": self.parameters[name] for name in summed if name in self.parameters}
        else:
            sizes |= {"picked": (1, self.rows), "place": (1, self.rows)}
        return sizes

    @cached_property
    def offsets(self) -> dict[str, int]:
        """Where each buffer begins, and behind "" where all of them end."""
        found, end = {}, 0
        for name, (rows, columns) in self.buffers.items():
            found[name] = end
            end += up(rows * columns + WIDTH, LINE) + self.gap
        return found | {"": end}
