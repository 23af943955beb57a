"""The three programs of machine code: steps on minibatches, one step on a whole split, and its exact loss.

Each makes a module with one function of the same name. Its text is 100 to 350 KB and takes 5 ms to write, so it is kept
for the next run of the same shape. `contexts` is the table of the split's distinct contexts, (M, block_size) int32;
`first` (M + 1) int64, `next` int32 and `counts` float32 are what came after each of them, and how often
(core/data/packed.py).
"""

from collections.abc import Callable, Sequence
from functools import lru_cache

from core.data.packed import NEXT_BITS
from core.engine.kernel.builder import DOUBLE, FLOAT, I32, I64, POINTER, Builder, Module, Value
from core.engine.kernel.layout import Layout
from core.engine.kernel.machine import KEPT
from core.engine.kernel.passes import Pass
from core.engine.kernel.products import fewest


@lru_cache(KEPT)
def steps(layout: Layout) -> Module:
    """steps(work, contexts, slots, records, rates, keeps, logp, n): n steps of SGD.

    slots: (M,) int32, of any content. records: (n, B) int64. rates, keeps: (n,) float32.
    logp: (n, B) float32, filled with the log-probability of each target before its step.
    """
    b = Builder("steps", [POINTER] * 7 + [I64])
    work, contexts, slots, records, rates, keeps, logp, n = b.arguments
    B, write = layout.rows, Pass(b, layout, work, contexts)
    picked, place, top, o = (write.at[name] for name in ("picked", "place", "top", "o"))

    def step(s) -> None:
        write.set_update(b.load(b.at(rates, s), FLOAT), b.load(b.at(keeps, s), FLOAT))
        n, rows = _distinct(write, b.at(records, s * B, size=I64), slots)
        write.prepare()
        write.tabulate()
        write.forward(rows)
        b.loop(B, lambda i: picked.put(b.load(b.at(o.base, b.index(place.at(0, i))), FLOAT), 0, i))
        write.softmax(rows, b.constant(1 / B, FLOAT))
        b.loop(B, lambda i: answer(s, i))
        write.backward(n, rows)
        write.finish()

    def answer(s, i) -> None:
        where = b.index(place.at(0, i))
        b.store(picked.number(0, i) - top.number(0, where // o.row), b.at(logp, s * B, i))
        p = b.at(o.base, where)
        b.store(b.load(p, FLOAT) - 1 / B, p)

    b.loop(n, step)
    return b.module()


def _distinct(write: Pass, records: Value, slots: Value) -> tuple[Value, Value]:
    """Write the distinct contexts of a minibatch, in order of their first example, and their counts.

    slots[context] is the row of a context, if "context" of that row confirms it. Returns how many
    rows they are, and how many together with those that fill the last tile.
    """
    b, o, B = write.b, write.o, write.layout.rows
    context, count, place = (write.at[name] for name in ("context", "count", "place"))

    def example(i, n) -> list[Value]:
        record = b.load(b.at(records, i, size=I64), I64)
        wanted = b.cast("trunc", record >> NEXT_BITS, I32)
        slot = b.at(slots, record >> NEXT_BITS)
        old = b.index(slot)
        inside = old < n
        there = b.load(context.at(0, b.select(inside, old, 0)), I32).equals(wanted)
        known = b.instruction("i1", f"and i1 {inside.text}, {there.text}")
        row = b.select(known, old, n)
        b.store(wanted, context.at(0, row))
        b.store(b.cast("trunc", row, I32), slot)
        so_far = b.select(known, count.number(0, row), 0.0)
        count.put(so_far + 1.0, 0, row)
        b.store(b.cast("trunc", row * o.row + (record & (2**NEXT_BITS - 1)), I32), place.at(0, i))
        return [b.select(known, n, n + 1)]

    (n,) = b.loop(B, example, [b.constant(0, I64)])
    return n, _whole_tiles(write, n)


def _whole_tiles(write: Pass, n: Value) -> Value:
    """n rows, rounded up to what tiles can be made of, by copies of the first row with count 0."""
    b, context, count = write.b, write.at["context"], write.at["count"]

    def copy(i) -> None:
        b.store(b.load(context.at(0, 0), I32), context.at(0, n + i))
        count.put(b.constant(0.0, FLOAT), 0, n + i)

    least = fewest(write.layout.tile)
    rows = (n + (least - 1)) // least * least
    b.loop(rows - n, copy)
    return rows


@lru_cache(KEPT)
def whole(layout: Layout) -> Module:
    """whole(work, contexts, first, next, counts, sum, M, scale, rate, keep): one step along the exact gradient.

    scale: 1 / the number of examples. sum: a float64, set to the sum of the log-probabilities of
    all targets before the step.
    """
    b = Builder("whole", [POINTER] * 6 + [I64] + [FLOAT] * 3)
    work, contexts, *pairs, sum, M, scale, rate, keep = b.arguments
    write = Pass(b, layout, work, contexts)

    def chunk(m, n, rows) -> None:
        def right(r, next, count) -> None:
            write.o.put(write.o.number(r, next) - count * scale, r, next)

        write.softmax(rows, scale)
        b.loop(n, lambda r: _answers(b, pairs, m + r, lambda next, count: right(r, next, count)))
        write.backward(n, rows)

    write.set_update(rate, keep)
    write.prepare()
    _chunks(write, M, pairs, sum, chunk)
    write.finish()
    return b.module()


@lru_cache(KEPT)
def exact_loss(layout: Layout) -> Module:
    """exact_loss(work, contexts, first, next, counts, sum, M): the sum as in `whole`, without a step."""
    b = Builder("exact_loss", [POINTER] * 6 + [I64])
    work, contexts, *pairs, sum, M = b.arguments
    write = Pass(b, layout, work, contexts)
    _chunks(write, M, pairs, sum, lambda m, n, rows: write.softmax(rows))
    return b.module()


def _chunks(write: Pass, M: Value, pairs: list[Value], sum: Value, body: Callable) -> None:
    """All M contexts, some rows at a time: their logits, then body(first context, how many, rows), which sets "top".

    A log-probability is logit - top, so their sum is the sum of the targets' logits minus that of the tops.
    """
    b, context, count, top, o = write.b, *(write.at[name] for name in ("context", "count", "top", "o"))
    double = lambda x: b.cast("fpext", x, DOUBLE)

    def logits(r, m) -> None:
        def add(next, n, total, all) -> list[Value]:
            return [total + double(n) * double(o.number(r, next)), all + n]

        begun = [b.load(sum, DOUBLE), b.constant(0.0, FLOAT)]
        total, all = _answers(b, pairs, m + r, add, begun)
        b.store(total, sum)
        count.put(all, 0, r)

    def chunk(m) -> None:
        n = b.select(M - m < write.layout.rows, M - m, write.layout.rows)
        b.loop(n, lambda r: b.store(b.cast("trunc", m + r, I32), context.at(0, r)))
        rows = _whole_tiles(write, n)
        write.forward(rows)
        b.loop(n, lambda r: logits(r, m))
        body(m, n, rows)
        less = lambda r, total: [total - double(count.number(0, r)) * double(top.number(0, r))]
        b.store(b.loop(n, less, [b.load(sum, DOUBLE)])[0], sum)

    b.store(b.constant(0.0, DOUBLE), sum)
    write.tabulate()
    b.loop(M, chunk, step=write.layout.rows)


def _answers(b: Builder, pairs: list[Value], context: Value, body: Callable, carried: Sequence[Value] = ()) -> list:
    """`carried = body(next, count, *carried)` for each symbol that follows a context."""
    first, next, counts = pairs
    start, stop = (b.load(b.at(first, context, i, size=I64), I64) for i in (0, 1))

    def one(k, *carried):
        return body(b.index(b.at(next, start + k)), b.load(b.at(counts, start + k), FLOAT), *carried)

    return b.loop(stop - start, one, carried)
