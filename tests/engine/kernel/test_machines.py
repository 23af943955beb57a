"""The same bits on every machine: code for other processors, run on this one, and the numbers written down.

`tests/bench/machines.py` asks aarch64 too, under qemu.
"""

import platform

import pytest

from core.engine.kernel import check, machine
from core.engine.model import Shape

CASES = {
    (Shape(27, 3, 2, 100, False), 32): "487b643a2546a216ae8db346df3286a0975959187d631698d1a848169ba84161",
    (Shape(27, 3, 10, 200, False), 256): "943b8b3b98fdbac519c22d923fe965309de79e2e1849b385acd87451ee755307",
    (Shape(40, 4, 7, 30, True), 9): "fbda3d2766df80f251e140952fb28ce5c749b7e4aa81c6c43f70c36e5a0e974d",
    (Shape(600, 2, 9, 33, True), 20): "5ec56706d6599235f1980dee60a189334d94c37654708d0a28021afe1535f347",
    (Shape(27, 3, 5, 0, True), 70): "ec3da0ceaa3c17af6d8f11efc9e49028955d7031b7c33abf46d0aedf055170b6",
}
X86 = pytest.mark.skipif(platform.machine() not in ("x86_64", "AMD64"), reason="asks for x86 code")


@pytest.fixture
def processor(monkeypatch):
    """processor(name, features): from here on code is made for that one."""

    def processor(name: str, features: str = "") -> None:
        version, triple, *_ = machine.processor.__wrapped__()
        monkeypatch.setattr(machine, "processor", lambda: (version, triple, name, features))
        machine.function.cache_clear()

    yield processor
    machine.function.cache_clear()


def fingerprints() -> list[str]:
    return [check.fingerprint(*case, whole=True) for case in CASES]


def test_the_self_check_holds():
    assert check.fingerprint() == check.BITS
    assert check.unavailable_because() is None


def test_the_bits_are_the_ones_written_down():
    assert fingerprints() == list(CASES.values())


@X86
@pytest.mark.parametrize(
    ("name", "features"), [("x86-64", "-fma"), ("x86-64-v2", "-fma"), ("x86-64-v3", "-fma"), ("haswell", "")]
)
def test_older_processors_have_the_same_bits(processor, name, features):
    """The first three have no fma and call the C library's; the last has AVX2, which this machine has to have."""
    if name == "haswell" and "+avx2" not in machine.processor()[3]:
        pytest.skip("no AVX2 here")
    processor(name, features)
    assert fingerprints() == list(CASES.values())


def test_code_that_is_made_quickly_has_the_same_bits(monkeypatch):
    monkeypatch.setattr(machine, "is_kept", lambda module: False)
    assert [check.fingerprint(*case, whole=True, quick=True) for case in CASES] == list(CASES.values())


def test_functions_come_and_go():
    """Their memory is theirs alone: one that is dropped takes nothing of the others with it."""
    for _ in range(3):
        machine.function.cache_clear()
        assert check.fingerprint() == check.BITS
