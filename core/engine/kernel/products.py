"""Products of matrices with rows padded to whole vectors, in tiles whose sums stay in registers.

A sum over k is taken in the order of k, one fma after the other, so it does not depend on the
tile. Only `dots`, whose sums go along the rows, adds eight partial sums, in the order of
`functions.sums`.
"""

from collections.abc import Callable
from dataclasses import dataclass

from core.engine.kernel.builder import FLOAT, WIDTH, Builder, Value
from core.engine.kernel.functions import sums

ROWS, VECTORS = 3, 4  # of a tile: twelve sums, three numbers and a vector fill AVX2's sixteen registers


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
        offsets = [i * n for i, n in ((r, self.row), (c, self.column))]
        return self.b.at(self.base, *offsets, down * self.row + right * self.column)

    def vector(self, r, c=0, down: int = 0, right: int = 0) -> Value:
        """Eight numbers from there on."""
        return self.b.load(self.at(r, c, down, right))

    def number(self, r, c=0, down: int = 0, right: int = 0) -> Value:
        return self.b.load(self.at(r, c, down, right), FLOAT)

    def put(self, x: Value, r, c=0, down: int = 0, right: int = 0) -> None:
        self.b.store(x, self.at(r, c, down, right))

    def transposed(self) -> "Matrix":
        """Its transpose, in the same memory."""
        return Matrix(self.b, self.base, self.column, self.row)

    def part(self, r=0, c=0) -> "Matrix":
        """The part that begins at (r, c)."""
        return Matrix(self.b, self.at(r, c), self.row, self.column)


def panels(columns: int, most: int = VECTORS) -> list[tuple[int, int, int]]:
    """Columns (whole vectors) divided nearly evenly: (first column, how many panels, vectors in each)."""
    vectors = columns // WIDTH
    if not vectors:
        return []
    small, more = divmod(vectors, -(-vectors // most))
    pieces = -(-vectors // most)
    cut = [(0, more, small + 1), (more * (small + 1) * WIDTH, pieces - more, small)]
    return [panel for panel in cut if panel[1]]


def product(
    shape: tuple,
    left: Matrix,
    right: Matrix,
    first: Callable[[Value, Value, int, int], Value],
    finish: Callable[[Value, Value, int, int, Value], None],
    rows: int = ROWS,
) -> None:
    """left @ right for shape (M, K, N): sums begin as `first(m, n, i, j)` and go to `finish(m, n, i, j, sum)`.

    Both get the position of the vector: row m + i, column n + j. N: an int, whole vectors. M: an
    int, or an i64 that is a multiple of `rows`. K: either.
    """
    b, (M, K, N) = left.b, shape

    def tile(m, n, height: int, width: int) -> None:
        cells = [(i, WIDTH * j) for i in range(height) for j in range(width)]

        def add(k, *sums):
            out = dict(zip(cells, sums))
            number = lambda i: b.splat(left.number(m, k, i))
            vector = lambda j: right.vector(k, n, 0, j)
            if width >= height:  # hold what is fewer: a tile's numbers or its vectors
                numbers = [number(i) for i in range(height)]
                for j in range(0, WIDTH * width, WIDTH):
                    column = vector(j)
                    out |= {(i, j): b.fma(numbers[i], column, out[i, j]) for i in range(height)}
            else:
                vectors = {WIDTH * j: vector(WIDTH * j) for j in range(width)}
                for i in range(height):
                    row = number(i)
                    out |= {(i, j): b.fma(row, vectors[j], out[i, j]) for j in vectors}
            return [out[cell] for cell in cells]

        begun = [first(m, n, i, j) for i, j in cells]
        for (i, j), value in zip(cells, b.loop(K, add, begun)):
            finish(m, n, i, j, value)

    def column(n, width: int) -> None:
        if isinstance(M, int):
            whole = M - M % rows
            b.loop(whole, lambda m: tile(m, n, rows, width), step=rows)
            if M % rows:
                tile(whole, n, M % rows, width)
        else:
            b.loop(M, lambda m: tile(m, n, rows, width), step=rows)

    for start, count, width in panels(N):
        b.loop(count, lambda i, s=start, w=width: column(i * (w * WIDTH) + s, w))


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

        vectors = sums(b, b.loop(K, add, [b.vector(0.0)] * len(cells), WIDTH))
        for place, (i, j) in enumerate(cells):
            value = b.instruction(FLOAT, f"extractelement <8 x float> {vectors[0].text}, i32 {place}")
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

    def panel(n, width: int) -> None:
        add = lambda r, *sums: [s + source.vector(r, n, 0, WIDTH * j) for j, s in enumerate(sums)]
        for j, value in enumerate(b.loop(rows, add, [b.vector(0.0)] * width)):
            finish(n, WIDTH * j, value)

    for start, count, width in panels(columns):
        b.loop(count, lambda i, s=start, w=width: panel(i * (w * WIDTH) + s, w))


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
