"""The same bits on other machines: `python -m tests.bench.machines`.

Each of some networks makes a few steps on minibatches, one on its whole split, and an exact
loss, in code for each of these processors; a sha256 of all the numbers stands in the table. Other
x86 processors are this one with less of what it can do. aarch64 is emulated by qemu-aarch64
(Debian: qemu-user), for which aarch64-linux-gnu-as and -ld make a program of the code (Debian:
binutils-aarch64-linux-gnu): it reads all arrays from standard input, calls the function, and
writes them to standard output. Ends with status 1 if two machines differ.
"""

import pathlib
import shutil
import subprocess
import sys
import tempfile
from functools import cache

import llvmlite.binding as llvm
import numpy as np

from core.engine.kernel import check, machine
from core.engine.kernel.builder import FLOAT, POINTER, Module
from core.engine.model import Shape
from tests.bench.timing import print_table

X86 = {"x86-64": "-fma", "x86-64-v2": "-fma", "x86-64-v3, no fma": "-fma", "haswell": "", "znver3": ""}
ARM = ("cortex-a53", "neoverse-n1", "apple-m1")
TRIPLE = "aarch64-unknown-linux-gnu"
NETWORKS = {
    "(2, 100), 32": (Shape(27, 3, 2, 100, False), 32),
    "(10, 200), 256": (Shape(27, 3, 10, 200, False), 256),
    "direct, 9": (Shape(40, 4, 7, 30, True), 9),
    "V = 600, 20": (Shape(600, 2, 9, 33, True), 20),
    "no hidden, 70": (Shape(27, 3, 5, 0, True), 70),
}
READ, WRITE, EXIT = 63, 64, 93  # Linux's system calls on aarch64
TRANSFER = """
    mov x20, 0                      // of all arrays: {name}
1:  mov x0, {file}
    add x1, x19, x20
    ldr x2, ={size}
    sub x2, x2, x20
    mov x8, {call}
    svc 0
    add x20, x20, x0
    cmp x0, 0
    bgt 1b"""


class Emulated:
    """A function of machine code for an aarch64 processor, as `machine.Function` is one for this processor."""

    def __init__(self, module: Module, cpu: str):
        self._module, self._cpu = module, cpu

    def __call__(self, *arguments) -> None:
        arrays = [a for a in arguments if isinstance(a, np.ndarray)]
        ends = np.cumsum([0, *(-(-a.nbytes // 64) * 64 for a in arrays)]).tolist()
        raw = bytearray(ends[-1])
        for begin, array in zip(ends, arrays):
            raw[begin : begin + array.nbytes] = array.tobytes()
        numbers = tuple(a for a in arguments if not isinstance(a, np.ndarray))
        command = ["qemu-aarch64", str(program(self._module, self._cpu, tuple(ends), numbers))]
        done = subprocess.run(command, input=bytes(raw), capture_output=True, check=True)
        for begin, array in zip(ends, arrays):
            array[...] = np.frombuffer(done.stdout, array.dtype, array.size, begin).reshape(array.shape)


@cache
def program(module: Module, cpu: str, ends: tuple[int, ...], numbers: tuple) -> pathlib.Path:
    """An executable that calls the module's function with arrays of standard input that begin at `ends`."""
    llvm.initialize_all_targets()
    llvm.initialize_all_asmprinters()
    place = pathlib.Path(tempfile.mkdtemp(prefix="letterspace-"))
    target = llvm.Target.from_triple(TRIPLE).create_target_machine(cpu=cpu, opt=2)
    (place / "code.o").write_bytes(target.emit_object(llvm.parse_assembly(module.text)))
    (place / "start.s").write_text(start(module, ends, numbers))
    subprocess.run(["aarch64-linux-gnu-as", "-o", place / "start.o", place / "start.s"], check=True)
    subprocess.run(["aarch64-linux-gnu-ld", "-o", place / "code", place / "start.o", place / "code.o"], check=True)
    return place / "code"


def start(module: Module, ends: tuple[int, ...], numbers: tuple) -> str:
    """`_start` in assembler, which reads, calls and writes: at most 8 whole numbers and addresses, and 8 floats."""
    begins, left, whole, floats = iter(ends), iter(numbers), 0, 0
    lines = [".globl _start", "_start: ldr x19, =file", TRANSFER.format(name="read", file=0, call=READ, size=ends[-1])]
    for type in module.types:
        if type == FLOAT:
            lines += [f"    ldr w9, ={np.float32(next(left)).view(np.uint32)}", f"    fmov s{floats}, w9"]
            floats += 1
        else:
            lines.append(f"    ldr x{whole}, =" + (f"file + {next(begins)}" if type == POINTER else f"{next(left)}"))
            whole += 1
    lines += [f"    bl {module.name}", TRANSFER.format(name="write", file=1, call=WRITE, size=ends[-1])]
    lines += ["    mov x0, 0", f"    mov x8, {EXIT}", "    svc 0"]
    return "\n".join([*lines, ".ltorg", ".bss", ".balign 64", f"file: .skip {ends[-1]}", ""])


def fingerprints(function) -> list[str]:
    """Of all networks, with `function` in the place of `machine.function`."""
    usual, machine.function = machine.function, function
    try:
        return [check.fingerprint(*network, whole=True) for network in NETWORKS.values()]
    finally:
        machine.function = usual


def on_x86(name: str, features: str) -> list[str]:
    """In code for another x86 processor."""
    version, triple, *_ = machine.processor()
    usual, machine.processor = machine.processor, lambda: (version, triple, name, features)
    try:
        return fingerprints(lambda module: machine.Function(module, machine.compile(module.text)))
    finally:
        machine.processor = usual


def main() -> int:
    _, triple, name, _ = machine.processor()
    rows = {f"{triple.partition('-')[0]}, {name} (here)": fingerprints(machine.function)}
    if triple.startswith("x86_64"):
        rows |= {f"x86_64, {name}": on_x86(name.partition(",")[0], features) for name, features in X86.items()}
    if shutil.which("qemu-aarch64") and shutil.which("aarch64-linux-gnu-ld"):
        rows |= {f"aarch64, {cpu} (qemu)": fingerprints(lambda m, cpu=cpu: Emulated(m, cpu)) for cpu in ARM}
    digits = {name: [one[:8] for one in found] for name, found in rows.items()}
    print_table("first digits of sha256", list(NETWORKS), digits)
    same = len({tuple(found) for found in rows.values()}) == 1
    print("\nThe same bits everywhere." if same else "\nThey differ.")
    return 0 if same else 1


if __name__ == "__main__":
    sys.exit(main())
