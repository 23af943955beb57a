"""Text of LLVM IR, written by ordinary Python arithmetic.

A `Value` stands for a number of the machine code: `a + b` writes an instruction and returns its
result. Python's ints and floats are constants, and arithmetic on them is done here. So the text
needs no optimiser to fold constants.

    float, double       a number
    <8 x float>         a vector, the unit of all arithmetic, on every machine; <4 x float>, half of one
    i32, i64, <8 x i32> whole numbers
    ptr                 an address; offsets from it count float32
"""

import struct
from collections.abc import Callable, Sequence
from typing import NamedTuple

WIDTH = 8  # numbers in a vector; with another width, sums would have other bits
FLOAT, DOUBLE, VECTOR, HALF = "float", "double", "<8 x float>", "<4 x float>"
I1, I32, I64, INTS, POINTER = "i1", "i32", "i64", "<8 x i32>", "ptr"
FRACTIONS = (FLOAT, DOUBLE, VECTOR, HALF)


def literal(x: float) -> str:
    """float32(x) as LLVM writes it: the bits of the double that equals it."""
    (single,) = struct.unpack("f", struct.pack("f", x))
    return "0x" + struct.pack(">d", single).hex().upper()


class Value:
    """A result of an instruction, an argument, or a constant, of one type."""

    __slots__ = ("b", "text", "type")

    def __init__(self, b: "Builder", type: str, text: str):
        self.b, self.type, self.text = b, type, text

    def _with(self, fraction: str, whole: str, other, swapped: bool = False) -> "Value":
        name = fraction if self.type in FRACTIONS else whole
        a, b = self, self.b.constant(other, self.type)
        if swapped:
            a, b = b, a
        return self.b.instruction(self.type, f"{name} {self.type} {a.text}, {b.text}")

    def __add__(self, other):
        return self if isinstance(other, int) and other == 0 else self._with("fadd", "add", other)

    def __radd__(self, other):
        return self + other

    def __sub__(self, other):
        return self._with("fsub", "sub", other)

    def __rsub__(self, other):
        return self._with("fsub", "sub", other, swapped=True)

    def __mul__(self, other):
        return self if isinstance(other, int) and other == 1 else self._with("fmul", "mul", other)

    def __rmul__(self, other):
        return self * other

    def __truediv__(self, other):
        return self._with("fdiv", "", other)

    def __floordiv__(self, other):
        return self._with("", "udiv", other)

    def __and__(self, other):
        return self._with("", "and", other)

    def __lshift__(self, other):
        return self._with("", "shl", other)

    def __rshift__(self, other):
        return self._with("", "lshr", other)

    def __neg__(self):
        return self.b.instruction(self.type, f"fneg {self.type} {self.text}")

    def __lt__(self, other):
        return self._compare("olt", "ult", other)

    def __gt__(self, other):
        return self._compare("ogt", "ugt", other)

    def equals(self, other) -> "Value":
        """Whether the two are equal."""
        return self._compare("oeq", "eq", other)

    def _compare(self, fraction: str, whole: str, other) -> "Value":
        how = f"fcmp {fraction}" if self.type in FRACTIONS else f"icmp {whole}"
        text = f"{how} {self.type} {self.text}, {self.b.constant(other, self.type).text}"
        return self.b.instruction("<8 x i1>" if self.type in (VECTOR, INTS) else I1, text)


class Module(NamedTuple):
    """The text of a module with one function, of these arguments."""

    name: str
    types: tuple[str, ...]
    text: str


class Builder:
    """Writes one function `name` that returns nothing. `arguments` are its types, `self.arguments` their values."""

    def __init__(self, name: str, arguments: Sequence[str]):
        self.name, self._count, self._block = name, 0, "start"
        self.arguments = [Value(self, type, f"%a{i}") for i, type in enumerate(arguments)]
        heads = ", ".join(
            f"{a.type} noalias {a.text}" if a.type == POINTER else f"{a.type} {a.text}" for a in self.arguments
        )
        self._lines = [f'define void @"{name}"({heads}) nounwind {{', "start:"]
        self._known: dict[str, Value] = {}

    def module(self) -> "Module":
        fma = [f"declare {t} @llvm.fma.{n}({t}, {t}, {t})" for t, n in ((FLOAT, "f32"), (VECTOR, "v8f32"))]
        text = "\n".join([*self._lines, "  ret void", "}", *fma, ""])
        return Module(self.name, tuple(a.type for a in self.arguments), text)

    # ------------------------------------------------------------ instructions

    def instruction(self, type: str, text: str, pure: bool = True) -> Value:
        """The result of `text`. If it is `pure` and was written before, that result is used again."""
        if pure and text in self._known:
            return self._known[text]
        value = self._fresh(type)
        self._lines.append(f"  {value.text} = {text}")
        if pure:
            self._known[text] = value
        return value

    def constant(self, x, type: str) -> Value:
        """`x` itself if it is a Value, else a constant of this type."""
        if isinstance(x, Value):
            return x
        if type in (VECTOR, HALF):
            return Value(self, type, f"splat (float {literal(x)})")
        if type == INTS:
            return Value(self, type, f"splat (i32 {x})")
        return Value(self, type, literal(x) if type in FRACTIONS else str(int(x)))

    def vector(self, x: float) -> Value:
        return self.constant(x, VECTOR)

    def cast(self, how: str, x: Value, type: str) -> Value:
        return self.instruction(type, f"{how} {x.type} {x.text} to {type}")

    def fma(self, a: Value, x: Value, c) -> Value:
        """a * x + c, rounded once."""
        c, name = self.constant(c, a.type), "v8f32" if a.type == VECTOR else "f32"
        x = self.constant(x, a.type)
        return self.instruction(
            a.type, f"call {a.type} @llvm.fma.{name}({a.type} {a.text}, {a.type} {x.text}, {a.type} {c.text})"
        )

    def select(self, condition: Value, a, b) -> Value:
        a, b = (self.constant(x, (a if isinstance(a, Value) else b).type) for x in (a, b))
        return self.instruction(
            a.type, f"select {condition.type} {condition.text}, {a.type} {a.text}, {b.type} {b.text}"
        )

    def least(self, a: Value, b: Value) -> Value:
        """The smaller one; b if either is NaN."""
        return self.select(a < b, a, b)

    def most(self, a: Value, b: Value) -> Value:
        """The larger one; b if either is NaN."""
        return self.select(a > b, a, b)

    def splat(self, x: Value) -> Value:
        """A vector of eight times this number."""
        v = self.instruction(VECTOR, f"insertelement {VECTOR} poison, float {x.text}, i32 0")
        return self.instruction(VECTOR, f"shufflevector {VECTOR} {v.text}, {VECTOR} poison, <8 x i32> zeroinitializer")

    def shuffle(self, a: Value, b: Value, places: Sequence[int]) -> Value:
        """The numbers at these places of a, and of b, whose places follow those of a."""
        n = len(places)
        mask = f"<{n} x i32> <{', '.join(f'i32 {i}' for i in places)}>"
        return self.instruction(f"<{n} x float>", f"shufflevector {a.type} {a.text}, {b.type} {b.text}, {mask}")

    def twice(self, four: Value) -> Value:
        """A vector of four numbers, and the same four again."""
        return self.shuffle(four, four, range(WIDTH))

    def number(self, v: Value, place: int) -> Value:
        """The number at this place of a vector."""
        return self.instruction(FLOAT, f"extractelement {VECTOR} {v.text}, i32 {place}")

    # ------------------------------------------------------------ memory

    def at(self, base: Value, *offsets, size: str = FLOAT) -> Value:
        """The address so many numbers of the type `size` after `base`; constants last, as processors add them."""
        fixed, total = sum(o for o in offsets if isinstance(o, int)), None
        for offset in offsets:
            if isinstance(offset, Value):
                total = offset if total is None else total + offset
        p = base
        for part in (total, fixed or None):
            if part is not None:
                text = f"getelementptr {size}, ptr {p.text}, i64 {self.constant(part, I64).text}"
                p = self.instruction(POINTER, text)
        return p

    def load(self, p: Value, type: str = VECTOR) -> Value:
        return self.instruction(type, f"load {type}, ptr {p.text}, align {8 if type in (I64, DOUBLE) else 4}", False)

    def store(self, x: Value, p: Value) -> None:
        self._lines.append(f"  store {x.type} {x.text}, ptr {p.text}, align {8 if x.type in (I64, DOUBLE) else 4}")

    def index(self, p: Value) -> Value:
        """The int32 at p, not negative, as an i64."""
        return self.cast("zext", self.load(p, I32), I64)

    # ------------------------------------------------------------ flow

    def loop(self, n, body: Callable, carried: Sequence[Value] = (), step: int = 1) -> list[Value]:
        """`for k in range(0, n, step): carried = body(k, *carried)`; returns the last `carried`.

        n: an int or an i64. An int that allows at most one iteration makes no loop.
        """
        carried = list(carried)
        if isinstance(n, int) and n <= step:
            return list(body(0, *carried) or ()) if n > 0 else carried
        before, known, head, after = self._block, dict(self._known), self._label(), self._label()
        n = self.constant(n, I64)
        if n.text.startswith("%"):
            some = self.constant(0, I64) < n
            self._lines.append(f"  br i1 {some.text}, label %{head}, label %{after}")
        else:
            self._lines.append(f"  br label %{head}")
        self._open(head)
        k, *phis = (self._fresh(type) for type in (I64, *(value.type for value in carried)))
        place = len(self._lines)
        out = list(body(k, *phis) or ())
        following, last = k + step, self._block
        ends = zip([k, *phis], [self.constant(0, I64), *carried], [following, *out])
        heads = [f"  {phi.text} = phi {phi.type} [{a.text}, %{before}], [{z.text}, %{last}]" for phi, a, z in ends]
        self._lines[place:place] = heads
        self._lines.append(f"  br i1 {(following < n).text}, label %{head}, label %{after}")
        self._open(after)
        self._known = known
        if not n.text.startswith("%"):
            return out
        ends = [f"phi {z.type} [{a.text}, %{before}], [{z.text}, %{last}]" for a, z in zip(carried, out)]
        return [self.instruction(z.type, end) for z, end in zip(out, ends)]

    def when(self, condition: Value, body: Callable[[], None]) -> None:
        """`if condition: body()`."""
        known, inside, after = dict(self._known), self._label(), self._label()
        self._lines.append(f"  br i1 {condition.text}, label %{inside}, label %{after}")
        self._open(inside)
        body()
        self._lines.append(f"  br label %{after}")
        self._open(after)
        self._known = known

    def _label(self) -> str:
        self._count += 1
        return f"b{self._count}"

    def _open(self, label: str) -> None:
        self._lines.append(f"{label}:")
        self._block = label

    def _fresh(self, type: str) -> Value:
        self._count += 1
        return Value(self, type, f"%v{self._count}")
