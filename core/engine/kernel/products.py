"""Products of matrices with rows padded to whole vectors, in tiles whose sums stay in registers.

A sum over k is taken in the order of k, one fma after the other, so it does not depend on the
tile. Only `dots`, whose sums go along the rows, adds eight partial sums, in the order of
`functions.sums`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

from core.engine.kernel import machine
from core.engine.kernel.builder import FLOAT, HALF, VECTOR, WIDTH, Builder, Value
from core.engine.kernel.functions import sums

VECTORS = 4  # of a row of a tile
UPPER_AND_LOWER = (0, 1, 2, 3, 12, 13, 14, 15)  # four numbers of one vector, and four of another
TOGETHER = 4  # vectors that a function is applied to at a time


def up(n: int, to: int = WIDTH) -> int:
    """n, rounded up to a multiple."""
    return -(-n // to) * to


@dataclass(frozen=True)
class Matrix:
    """Where a matrix lies: number (r, c) is `row` * r + `column` * c numbers after `base`."""

    b: Builder
    base: Value
    row: int
    column: int = 1

    def at(self, r, c=0, down: int = 0, right: int = 0) -> Value:
        """The address of (r + down, c + right)."""
        offsets = [i * n for i, n in ((r, self.row), (c, self.column)) if n]
        return self.b.at(self.base, *offsets, down * self.row + right * self.column)

    def vector(self, r, c=0, down: int = 0, right: int = 0, type: str = VECTOR) -> Value:
        """Eight numbers from there on, or another type."""
        return self.b.load(self.at(r, c, down, right), type)

    def number(self, r, c=0, down: int = 0, right: int = 0) -> Value:
        return self.vector(r, c, down, right, FLOAT)

    def put(self, x: Value, r, c=0, down: int = 0, right: int = 0) -> None:
        self.b.store(x, self.at(r, c, down, right))

    def transposed(self) -> "Matrix":
        """Its transpose, in the same memory."""
        return Matrix(self.b, self.base, self.column, self.row)

    def repeated(self) -> "Matrix":
        """A matrix whose rows are all the first row of this one."""
        return Matrix(self.b, self.base, 0)

    def part(self, r=0, c=0) -> "Matrix":
        """The part that begins at (r, c)."""
        return Matrix(self.b, self.at(r, c), self.row, self.column)


class Cell(NamedTuple):
    """A vector of a product: the numbers from row m + i, column n + j on.

    With `pair`, only four of that row, and then the same four of row m + pair: what is left of two
    rows beyond their whole vectors makes one.
    """

    m: Value
    n: Value
    i: int
    j: int
    pair: int | None = None

    def of(self, matrix: Matrix) -> Value:
        """These numbers of a matrix."""
        m, n, i, j, pair = self
        if pair is None:
            return matrix.vector(m, n, i, j)
        return matrix.b.shuffle(*(matrix.vector(m, n, k, j, HALF) for k in (i, pair)), range(WIDTH))

    def factor(self, number: Callable[[int], Value]) -> Value:
        """What a vector of the right matrix is multiplied by; number(i): eight times the left one's in row m + i."""
        one = number(self.i)
        return one if self.pair is None else one.b.shuffle(one, number(self.pair), UPPER_AND_LOWER)

    def put(self, x: Value, matrix: Matrix) -> None:
        m, n, i, j, pair = self
        if pair is None:
            return matrix.put(x, m, n, i, j)
        for k, places in ((i, range(4)), (pair, range(4, WIDTH))):
            matrix.put(matrix.b.shuffle(x, x, places), m, n, k, j)


def panels(columns: int) -> list[tuple[int, int, int, bool]]:
    """Columns divided nearly evenly: (first column, how many panels, vectors in each, whether half a vector more)."""
    half = 1 <= columns % WIDTH <= 4
    vectors = columns // WIDTH if half else up(columns) // WIDTH
    pieces = -(-(vectors + half) // VECTORS)
    small, more = divmod(vectors, pieces) if pieces else (0, 0)
    found, start = [], 0
    for count, width, last in ((more, small + 1, False), (pieces - more - half, small, False), (half, small, True)):
        found += [(start, int(count), width, last)] if count else []
        start += count * width * WIDTH
    return found


def in_panels(b: Builder, columns: int, body: Callable[[Value, int, bool], None]) -> None:
    """`body(first column, vectors, whether half a vector more)` for each panel of the columns."""
    for start, count, width, half in panels(columns):
        b.loop(count, lambda i, s=start, w=width, half=half: body(i * (w * WIDTH) + s, w, half))


def rows_of_a_tile() -> int:
    """As many as leave room for a row of vectors among this processor's 32 registers for eight numbers, or 16."""
    return 4 if "+avx512vl" in machine.processor()[3] else 3


def fewest(rows: int) -> int:
    """Rows of the smallest tile that is used for rows whose number is not known beforehand."""
    return 2 if rows % 2 == 0 else rows


def product(
    rows: int,
    shape: tuple,
    left: Matrix,
    right: Matrix,
    first: Callable[[Cell], Value],
    finish: Callable[[Cell, Value], None],
    function: Callable[[list[Value]], list[Value]] = list,
) -> None:
    """left @ right for shape (M, K, N): sums begin as `first(cell)` and go to `finish(cell, sum)`.

    On the way `function` takes some sums, and gives as many. rows: of a tile. M: an int, or an i64
    that is a multiple of `fewest(rows)`. K: either. N: an int; the padding is computed only where a
    vector, or its first half, has other columns, too.
    """
    b, (M, K, N) = left.b, shape

    def tile(m, n, height: int, width: int, half: bool) -> None:
        rest = width * WIDTH  # the column after the whole vectors
        cells = [Cell(m, n, i, j) for i in range(height) for j in range(0, rest, WIDTH)]
        cells += [Cell(m, n, i, rest, min(i + 1, height - 1)) for i in range(0, height, 2) if half]
        # What is fewer is held in registers: the numbers of the left matrix, or the vectors of the right one.
        cells.sort(key=lambda cell: cell.j if width >= height else cell.i)

        def add(k, *sums):
            number = cache(lambda i: b.splat(left.number(m, k, i)))
            vector = cache(lambda j: right.vector(k, n, 0, j) if j < rest else b.twice(right.vector(k, n, 0, j, HALF)))
            return [b.fma(cell.factor(number), vector(cell.j), s) for cell, s in zip(cells, sums)]

        sums = b.loop(K, add, [first(cell) for cell in cells])
        values = [value for k in range(0, len(sums), TOGETHER) for value in function(sums[k : k + TOGETHER])]
        for cell, value in zip(cells, values):
            finish(cell, value)

    def column(n, width: int, half: bool) -> None:
        whole = M // rows * rows
        b.loop(whole, lambda m: tile(m, n, rows, width, half), step=rows)
        if isinstance(M, int):
            if M % rows:
                tile(whole, n, M % rows, width, half)
        elif fewest(rows) < rows:
            b.when(whole < M, lambda: tile(whole, n, fewest(rows), width, half))

    in_panels(b, N, column)


def dots(shape: tuple, left: Matrix, right: Matrix, out: Matrix, more: bool = False) -> None:
    """out = left @ right^T for shape (M, K, N), or out + that with `more`; for small N.

    M: an int or an i64; where it is odd, one row more is read and written. K: an int, whole vectors.
    """
    b, (M, K, N) = left.b, shape

    def group(m, n, width: int) -> None:
        cells = [(i, j) for i in range(2) for j in range(width)]

        def add(k, *sums):
            a = [left.vector(m, k, i) for i in range(2)]
            c = [right.vector(n, k, j) for j in range(width)]
            return [b.fma(a[i], c[j], sums[i * width + j]) for i, j in cells]

        totals = sums(b, b.loop(K, add, [b.vector(0.0)] * len(cells), WIDTH))
        for place, (i, j) in enumerate(cells):
            value = b.number(totals, place)
            out.put(out.number(m, n, i, j) + value if more else value, m, n, i, j)

    def row(m) -> None:
        whole = N - N % 4
        b.loop(whole, lambda n: group(m, n, 4), step=4)
        if N % 4:
            group(m, whole, N % 4)

    b.loop(M, row, step=2)


def column_sums(rows: Value, source: Matrix, columns: int, finish: Callable[[Value, int, Value], None]) -> None:
    """The sum of each column over so many rows, to `finish(n, j, sum)`: the vector at column n + j."""
    b = source.b

    def panel(n, width: int, half: bool) -> None:
        add = lambda r, *sums: [s + source.vector(r, n, 0, WIDTH * j) for j, s in enumerate(sums)]
        for j, value in enumerate(b.loop(rows, add, [b.vector(0.0)] * width)):
            finish(n, WIDTH * j, value)

    in_panels(b, columns, panel)


def transpose(rows: int, columns: int, source: Matrix, out: Matrix) -> None:
    """out[c][r] = source[r][c], eight by eight; both sizes whole vectors."""
    b = source.b

    def block(r, c) -> None:
        lines = [source.vector(r, c, i) for i in range(WIDTH)]
        bit = 1
        while bit < WIDTH:
            low = [x if not x & bit else x - bit + WIDTH for x in range(WIDTH)]
            high = [x + bit if not x & bit else x + WIDTH for x in range(WIDTH)]
            pair = {i: (lines[i & ~bit], lines[i | bit]) for i in range(WIDTH)}
            lines = [b.shuffle(*pair[i], high if i & bit else low) for i in range(WIDTH)]
            bit *= 2
        for i, line in enumerate(lines):
            out.put(line, c, r, i)

    b.loop(rows, lambda r: b.loop(columns, lambda c: block(r, c), step=WIDTH) and None, step=WIDTH)
