"""Text of LLVM IR -> functions of machine code for this processor, by llvmlite.

No optimisation passes run: they double the time and gain nothing. No fast-math flag is set, so
sums are computed in the order in which they are written, on every processor; a processor without
fma calls the C library's, which is slow and gives the same bits. All its calls, eight for a vector,
stand in one function: written out at each place they make the code three times as long, and as slow to compile.
"""

import ctypes
from functools import cache, lru_cache

import numpy as np

from core.engine.kernel import objects
from core.engine.kernel.builder import FLOAT, I64, VECTOR, Module

QUICK, BEST = 0, 2  # LLVM's levels: they affect registers and the order of instructions, not results
KEPT = 32  # functions that a process holds beside those in use
FMA, CALLED = f"call {VECTOR} @llvm.fma.v8f32(", f"call {VECTOR} @fma_of_vectors("
CALLED_FMA = f"""
define private {VECTOR} @fma_of_vectors({VECTOR} %a, {VECTOR} %x, {VECTOR} %c) noinline nounwind {{
  %y = {FMA}{VECTOR} %a, {VECTOR} %x, {VECTOR} %c)
  ret {VECTOR} %y
}}
"""
C_TYPES = {FLOAT: ctypes.c_float, I64: ctypes.c_int64}  # of arguments; all others are addresses


class Function:
    """A function in memory, as long as this object exists. It releases the GIL while it runs."""

    def __init__(self, module: Module, code: bytes):
        llvm = _llvm()
        self._engine = llvm.create_mcjit_compiler(llvm.parse_assembly(""), _target())  # owns its target
        self._engine.add_object_file(llvm.ObjectFileRef.from_data(code))
        self._engine.finalize_object()
        address = self._engine.get_function_address(module.name)
        if not address:
            raise RuntimeError(f"{module.name} is not in the code that was made for it")
        self._call = ctypes.CFUNCTYPE(None, *(C_TYPES.get(type, ctypes.c_void_p) for type in module.types))(address)

    def __call__(self, *arguments) -> None:
        """Numbers as they are; NumPy arrays by their addresses, which the caller keeps alive."""
        self._call(*(a.ctypes.data if isinstance(a, np.ndarray) else a for a in arguments))


@lru_cache(KEPT)
def quick(module: Module) -> Function:
    """The function of a module, compiled in a third of the time but five times as slow; the same bits."""
    return Function(module, compile(module.text, QUICK))


def is_kept(module: Module) -> bool:
    """Whether `function` will find it on the disk."""
    return objects.load(_key(module)) is not None


def _key(module: Module) -> str:
    return "\n".join((*processor(), module.text))


@lru_cache(KEPT)
def function(module: Module) -> Function:
    """The function of a module, compiled or from the disk."""
    key = _key(module)
    code = objects.load(key)
    if code is not None:
        try:
            return Function(module, code)
        except RuntimeError:  # intact, but not code for this function
            pass
    code = compile(module.text)
    objects.keep(key, code)
    return Function(module, code)


def compile(text: str, effort: int = BEST) -> bytes:
    """Object code for this processor."""
    if "-fma" in processor()[3].split(","):
        text = text.replace(FMA, CALLED) + CALLED_FMA
    return _target(effort).emit_object(_llvm().parse_assembly(text))


@cache
def processor() -> tuple[str, str, str, str]:
    """What code for this machine depends on: llvmlite's version, triple, processor and its features."""
    import llvmlite

    llvm = _llvm()
    features = llvm.get_host_cpu_features().flatten()
    return llvmlite.__version__, llvm.get_process_triple(), llvm.get_host_cpu_name(), features


@cache
def _llvm():
    import llvmlite.binding as llvm

    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()
    return llvm


def _target(effort: int = BEST):
    _, triple, cpu, features = processor()
    target = _llvm().Target.from_triple(triple)
    return target.create_target_machine(cpu=cpu, features=features, opt=effort, codemodel="jitdefault", jit=True)
