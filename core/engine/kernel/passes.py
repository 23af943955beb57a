"""One pass of the network over some rows, as machine code: forward, and the gradients back.

    h = tanh(x @ W1 + b1),  o = h @ W2 + b2 [+ x @ Wd],  softmax(o),  and back      (core/engine/model.py)

Rows are distinct contexts, each with its count. After `softmax` o holds the part of
d loss / d logits that comes from the probabilities; the caller subtracts that of the targets.
"""

from collections.abc import Callable, Sequence
from functools import partial

from core.engine.kernel import functions
from core.engine.kernel.builder import FLOAT, HALF, VECTOR, WIDTH, Builder, Value
from core.engine.kernel.layout import NO_SYMBOL, SLICE, Layout
from core.engine.kernel.products import Cell, Matrix, column_sums, dots, in_panels, product, transpose, up


class Pass:
    """Writes the pass to `b`. work, contexts: the program's memory, and the table of contexts (M, block_size) int32.

    Call `set_update` before `backward`.
    """

    def __init__(self, b: Builder, layout: Layout, work: Value, contexts: Value):
        self.b, self.layout, self.contexts = b, layout, contexts
        self.V, self.E, self.K, self.H = layout.V, layout.E, layout.K, layout.H
        self.Hp, self.Vp, self.block = up(self.H), up(self.V), layout.shape.block_size
        offsets = layout.offsets
        self.at = {n: Matrix(b, b.at(work, offsets[n]), columns) for n, (_, columns) in layout.buffers.items()}
        self.h, self.o = self.at["h"], self.at["o"]
        self._product = partial(product, layout.tile)

    # ------------------------------------------------------------ forward

    def tabulate(self) -> None:
        """Tables of C[symbol] @ W1[place], and Wd, which `forward` needs: once for given weights."""
        for name, columns in self.layout.inputs.items() if self.layout.tables else ():

            def place(i, table=self.at[f"table {name}"], W=self.at[name], columns=columns) -> None:
                shape, part = (self.V, self.E, columns), table.part(i * self.V)
                self._product(shape, self.at["C"], W.part(i * self.E), self._zero, self._into(part))

            self.b.loop(self.block, place)

    def forward(self, rows: Value) -> None:
        """Logits of `rows` contexts, into o."""
        b, o = self.b, self.o
        if not self.layout.tables:
            b.loop(rows, self._gather)
        if self.H:
            self._first_layer("W1", "b1", self.h, rows, lambda sums: functions.tanh(b, sums))
        if self.layout.shape.direct:
            self._first_layer("Wd", "b2", o, rows)
        begun = o if self.layout.shape.direct else self.at["b2"].repeated()
        self._product((rows, self.H, self.V), self.h, self.at["W2"], self._from(begun), self._into(o))

    def _symbols(self, r) -> list[Value]:
        """The symbols of row r."""
        context = self.b.index(self.at["context"].at(0, r))
        return [self.b.index(self.b.at(self.contexts, context * self.block, i)) for i in range(self.block)]

    def _numbers(self) -> list[tuple[int, str]]:
        """The numbers of an embedding: whole vectors, then one by one."""
        whole = self.E - self.E % WIDTH
        return [(j, VECTOR) for j in range(0, whole, WIDTH)] + [(j, FLOAT) for j in range(whole, self.E)]

    def _gather(self, r) -> None:
        C, x = self.at["C"], self.at["x"]
        for i, symbol in enumerate(self._symbols(r)):
            for j, type in self._numbers():
                x.put(self.b.load(C.at(symbol, 0, 0, j), type), r, 0, 0, i * self.E + j)

    def _first_layer(self, name: str, bias: str, out: Matrix, rows: Value, function: Callable = list) -> None:
        """out = function(x @ W + b); `function` takes several vectors."""
        b, W, bias, columns = self.b, self.at[name], self.at[bias].repeated(), self.layout.inputs[name]
        if not self.layout.tables:
            shape = rows, self.K, columns
            return self._product(shape, self.at["x"], W, self._from(bias), self._into(out), function)
        table = self.at[f"table {name}"]

        def add(r) -> None:
            places = [table.part(symbol + i * self.V) for i, symbol in enumerate(self._symbols(r))]

            def some(n, width: int, half: bool) -> None:
                vectors = range(0, width * WIDTH, WIDTH)
                sums = [bias.vector(0, n, 0, j) for j in vectors]
                for place in places:
                    sums = [v + place.vector(0, n, 0, j) for j, v in zip(vectors, sums)]
                for j, v in zip(vectors, function(sums)):
                    out.put(v, r, n, 0, j)

            in_panels(b, up(columns), some)

        b.loop(rows, add)

    def _zero(self, cell: Cell) -> Value:
        return self.b.vector(0.0)

    def _from(self, matrix: Matrix) -> Callable[[Cell], Value]:
        return lambda cell: cell.of(matrix)

    def _into(self, matrix: Matrix) -> Callable[[Cell, Value], None]:
        return lambda cell, value: cell.put(value, matrix)

    # ------------------------------------------------------------ softmax

    def softmax(self, rows: Value, scale: Value | None = None) -> None:
        """log(sum(exp(o))) of each row, into "top"; with `scale`, count * scale * softmax(o) into o.

        Each part goes over all rows before the next one, so that no row waits for the results of one part.
        """
        b, o, together = self.b, self.o, range(self.layout.tile)
        count, top, total = (self.at[name] for name in ("count", "top", "total"))

        def largest(r) -> None:
            higher = lambda n, *tops: [b.most(t, self._logits(r, n, i)) for i, t in enumerate(tops)]
            top.put(functions.largest(b, self._along(higher, [self._logits(r, 0, i) for i in together])), 0, r)

        def exp(r) -> None:
            tops = [b.splat(top.number(0, r, 0, i)) for i in together]

            def add(n, *totals) -> list[Value]:
                es = functions.exp(b, [self._logits(r, n, i) - tops[i] for i in together])
                for i, e in enumerate(es) if scale is not None else ():
                    o.put(e, r, n, i)
                return [t + e for t, e in zip(totals, es)]

            total.put(functions.sums(b, self._along(add, [b.vector(0.0)] * len(together))), 0, r)

        def logarithm(r) -> None:
            sums = total.vector(0, r)
            top.put(top.vector(0, r) + functions.log(b, sums), 0, r)
            if scale is not None:
                total.put(count.vector(0, r) * b.splat(scale) / sums, 0, r)

        def multiply(r) -> None:
            factor = b.splat(total.number(0, r))
            self._along(lambda n: o.put(o.vector(r, n) * factor, r, n) or ())

        b.loop(rows, largest, step=len(together))
        b.loop(rows, exp, step=len(together))
        b.loop(rows, logarithm, step=WIDTH)
        if scale is not None:
            b.loop(rows, multiply)

    def _logits(self, r, n, i: int) -> Value:
        """A vector of logits; in the last one, those that `product` does not compute are NO_SYMBOL."""
        if isinstance(n, int) and n + WIDTH - self.V >= WIDTH // 2:
            return self.b.shuffle(self.o.vector(r, n, i, type=HALF), self.b.constant(NO_SYMBOL, HALF), range(WIDTH))
        return self.o.vector(r, n, i)

    def _along(self, body: Callable, carried: Sequence[Value] = ()) -> Sequence[Value]:
        """`carried = body(n, *carried)` for each vector of a row of logits; the last n is an int."""
        last = self.Vp - WIDTH
        return body(last, *self.b.loop(last, body, carried, WIDTH))

    # ------------------------------------------------------------ backward

    def set_update(self, rate: Value, keep: Value) -> None:
        """Set the update: keep * w - rate * gradient, and for biases without `keep`."""
        minus = -rate
        self.numbers, self.decays = (minus, keep), keep < 1.0
        self.minus, self.keep = self.b.splat(minus), self.b.splat(keep)

    def prepare(self) -> None:
        """Before the first `backward` of a step: transpose W2 and clear the sums."""
        transpose(self.Hp, self.Vp, self.at["W2"], self.at["W2T"])
        for name in self.at:
            if name.startswith(("sums ", "d")) and name not in ("dx", "dh"):
                self._clear(name)

    def _clear(self, name: str) -> None:
        rows, columns = self.layout.buffers[name]
        self.b.loop(up(rows * columns), lambda k: self.at[name].put(self.b.vector(0.0), 0, k), step=WIDTH)

    def backward(self, n: Value, rows: Value) -> None:
        """From d loss / d logits in o: the gradients; those that are complete are applied to the weights at once."""
        b, x = self.b, self.at.get("x")
        if x is not None and self.layout.shape.direct:
            dots((n, self.Vp, self.K), self.o, self.at["Wd"], self.at["dx"])
        self._product((self.H, n, self.V), self.h.transposed(), self.o, self._zero, self._changed("W2"))
        column_sums(n, self.o, self.Vp, lambda c, j, v: self._changed("b2")(Cell(0, c, 0, j), v))
        if self.H:
            self._hidden_slopes(rows)
            column_sums(n, self.h, self.Hp, lambda c, j, v: self._changed("b1")(Cell(0, c, 0, j), v))
        if self.layout.tables:
            return b.loop(n, self._add_to_sums)
        if self.H:
            dots((n, self.Hp, self.K), self.h, self.at["W1"], self.at["dx"], more=self.layout.shape.direct)
        for name, columns in self.layout.inputs.items():
            slopes = self.h if name == "W1" else self.o
            self._product((self.K, n, columns), x.transposed(), slopes, self._zero, self._changed(name))
        if "dC" not in self.at:
            b.when(self.decays, self._decay_embeddings)
        if self.layout.inputs:
            b.loop(n, self._scatter)

    def finish(self) -> None:
        """After the last `backward` of a step."""
        if self.layout.tables:
            self.b.loop(self.block, self._embedding_slopes)
            for name in self.layout.inputs:
                self.b.loop(self.block, lambda i, name=name: self._change_place(name, i))
        for name in self.layout.parameters:
            if f"d{name}" in self.at:
                self._descend(name)

    def _changed(self, name: str) -> Callable:
        """A function that takes a gradient: adds it to its sum if there is one, else updates the parameter."""
        w, d = self.at[name], self.at.get(f"d{name}")

        def finish(cell: Cell, slope: Value) -> None:
            if d is not None:
                cell.put(cell.of(d) + slope, d)
            else:
                cell.put(self._updated(name, cell.of(w), slope), w)

        return finish

    def _updated(self, name: str, old: Value, slope: Value) -> Value:
        """A vector of a parameter after its update; biases do not decay."""
        return self.b.fma(slope, self.minus, old if name in ("b1", "b2") else old * self.keep)

    def _hidden_slopes(self, rows: Value) -> None:
        """h = (o @ W2^T) * (1 - h^2), with W2 as it was before the step."""
        b, h, W2T = self.b, self.h, self.at["W2T"]

        def finish(cell: Cell, slope: Value) -> None:
            t = cell.of(h)
            cell.put(slope * b.fma(-t, t, 1.0), h)

        if "dh" not in self.at:
            return self._product((rows, self.V, self.H), self.o, W2T, self._zero, finish)
        dh, whole = self.at["dh"], (self.V - 1) // SLICE * SLICE
        b.loop(rows * self.Hp, lambda k: dh.put(b.vector(0.0), 0, k), step=WIDTH)
        some = lambda v, n, end: self._product((rows, n, self.H), self.o.part(0, v), W2T.part(v), self._from(dh), end)
        b.loop(whole, lambda v: some(v, SLICE, self._into(dh)), step=SLICE)
        some(whole, self.V - whole, finish)

    def _decay_embeddings(self) -> None:
        C = self.at["C"]
        self.b.loop(up(self.V * self.E), lambda k: C.put(C.vector(0, k) * self.keep, 0, k), step=WIDTH)

    def _scatter(self, r) -> None:
        """Add d loss / d x of one row to its embeddings."""
        b, dx, d = self.b, self.at["dx"], self.at.get("dC")
        out, minus = d or self.at["C"], self.numbers[0]
        for i, symbol in enumerate(self._symbols(r)):
            for j, type in self._numbers():
                p = out.at(symbol, 0, 0, j)
                old, slope = b.load(p, type), b.load(dx.at(r, 0, 0, i * self.E + j), type)
                b.store(old + slope if d else b.fma(slope, self.minus if type == VECTOR else minus, old), p)

    def _add_to_sums(self, r) -> None:
        """Add the gradients of one row to the sums of each symbol at each place."""
        symbols = self._symbols(r)
        for name, columns in self.layout.inputs.items():
            slopes, table = (self.h if name == "W1" else self.o), self.at[f"sums {name}"]
            places = [table.part(symbol + i * self.V) for i, symbol in enumerate(symbols)]

            def column(n, slopes=slopes, places=places) -> None:
                v = slopes.vector(r, n)
                for place in places:
                    place.put(place.vector(0, n) + v, 0, n)

            self.b.loop(columns, column, step=WIDTH)

    def _embedding_slopes(self, i) -> None:
        for name, columns in self.layout.inputs.items():
            sums, W = self.at[f"sums {name}"].part(i * self.V), self.at[name].part(i * self.E)
            dots((self.V, columns, self.E), sums, W, self.at["dC"], more=True)

    def _change_place(self, name: str, i) -> None:
        """W1 or Wd at place i, from the sums of the whole step."""
        sums, W = self.at[f"sums {name}"].part(i * self.V), self.at[name].part(i * self.E)

        finish = lambda cell, slope: cell.put(self._updated(name, cell.of(W), slope), W)
        self._product((self.E, self.V, self.layout.inputs[name]), self.at["C"].transposed(), sums, self._zero, finish)

    def _descend(self, name: str) -> None:
        """Update a parameter by its complete gradient."""
        w, d, (rows, columns) = self.at[name], self.at[f"d{name}"], self.layout.parameters[name]
        minus, keep = self.numbers
        if name != "C":
            return self.b.loop(
                rows * columns, lambda k: w.put(self._updated(name, w.vector(0, k), d.vector(0, k)), 0, k), step=WIDTH
            )

        def symbol(c) -> None:
            for j in range(self.E):
                w.put(self.b.fma(d.number(c, 0, 0, j), minus, w.number(c, 0, 0, j) * keep), c, 0, 0, j)

        self.b.loop(rows, symbol)
