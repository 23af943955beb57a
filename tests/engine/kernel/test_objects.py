"""core/engine/kernel/objects.py: code on disk is used again when it is sound, and never in the way when it is not."""

import os
import pathlib

import numpy as np
import pytest

from core.engine.kernel import check, kernel, machine, objects
from core.engine.kernel.builder import Module
from core.engine.kernel.kernel import Kernel
from core.engine.model import Shape
from tests.support import processes
from tests.support.processes import piped


@pytest.fixture(autouse=True)
def place(tmp_path, monkeypatch):
    """A directory of its own for each test."""
    monkeypatch.setenv(objects.VARIABLE, str(tmp_path / "kernels"))
    machine.function.cache_clear()
    yield tmp_path / "kernels"
    machine.function.cache_clear()


@pytest.fixture
def compiled(monkeypatch) -> list:
    """What is compiled from here on."""
    seen, compile = [], machine.compile
    monkeypatch.setattr(machine, "compile", lambda text, *effort: seen.append(text) or compile(text, *effort))
    return seen


def again() -> str:
    machine.function.cache_clear()
    return check.fingerprint()


def test_what_was_compiled_once_is_not_compiled_again(place, compiled):
    assert again() == check.BITS
    assert len(compiled) == len(list(place.iterdir())) == 2  # the steps and the exact loss
    assert again() == check.BITS
    assert len(compiled) == 2


@pytest.mark.parametrize("damage", ["cut", "empty", "flipped", "other"])
def test_a_damaged_file_is_as_if_it_were_not_there(place, compiled, damage):
    again()
    for path in place.iterdir():
        raw = path.read_bytes()
        middle = len(raw) // 2
        flipped = raw[:middle] + bytes([raw[middle] ^ 1]) + raw[middle + 1 :]
        path.write_bytes({"cut": raw[:middle], "empty": b"", "flipped": flipped, "other": b"something else"}[damage])
    assert again() == check.BITS
    assert len(compiled) == 4
    assert again() == check.BITS  # it was mended
    assert len(compiled) == 4


def test_sound_code_without_the_function_is_made_again(place, compiled):
    objects.keep(
        "\n".join((*machine.processor(), "text")), machine.compile('define void @"other"() {\n  ret void\n}\n')
    )
    with pytest.raises(RuntimeError):  # "text" is no module, but was compiled as the object had no such function
        machine.function(Module("wanted", (), "text"))
    assert compiled[-1] == "text"


@pytest.mark.parametrize("where", ["off", "/dev/null/nowhere", "/proc/nowhere"])
def test_nowhere_to_write_is_no_error(monkeypatch, compiled, where):
    monkeypatch.setenv(objects.VARIABLE, where)
    assert again() == again() == check.BITS
    assert len(compiled) == 4


def test_a_directory_that_may_only_be_read_is_read(place, compiled):
    again()
    place.chmod(0o500)
    try:
        assert again() == check.BITS
        assert len(compiled) == 2
    finally:
        place.chmod(0o700)


def test_the_oldest_files_go(place, monkeypatch):
    monkeypatch.setattr(objects, "MAX_FILES", 3)
    for i in range(6):
        objects.keep(f"key {i}", b"code")
        os.utime(objects._path(f"key {i}"), (i, i))
        if i == 4:
            assert objects.load("key 2") == b"code"  # used: it counts as new
    assert [objects.load(f"key {i}") for i in range(6)] == [None, None, b"code", None, b"code", b"code"]


def test_files_that_another_process_deletes_meanwhile_are_no_error(place, monkeypatch):
    monkeypatch.setattr(objects, "MAX_FILES", 3)
    for i in range(3):
        objects.keep(f"key {i}", b"code")
        os.utime(objects._path(f"key {i}"), (i, i))
    glob = pathlib.Path.glob

    def listed_and_then_deleted(folder, pattern):
        found = list(glob(folder, pattern))
        objects._path("key 1").unlink()
        return found

    monkeypatch.setattr(objects, "MAX_FILES", 2)
    monkeypatch.setattr(pathlib.Path, "glob", listed_and_then_deleted)
    objects.keep("key 3", b"code")
    assert [objects.load(f"key {i}") for i in range(4)] == [None, None, b"code", b"code"]


def test_without_a_variable_it_is_the_users_cache_directory(monkeypatch):
    monkeypatch.delenv(objects.VARIABLE)
    assert objects.directory().parts[-2:] == ("letterspace", "kernels")


def test_two_processes_that_compile_at_once_share_what_they_made(place, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setenv(objects.VARIABLE, "off")
        processes.ready()  # or the process of which they are copies would compile for them
    with piped("tests.support.compile_anew") as one, piped("tests.support.compile_anew") as other:
        assert {process.said.read().decode().strip() for process in (one, other)} == {check.BITS}
    assert sorted(path.suffix for path in place.iterdir()) == [objects.SUFFIX] * 2
    assert again() == check.BITS


def test_a_new_shape_begins_in_quick_code_and_goes_on_in_good_code_with_the_same_bits(place, monkeypatch):
    made, compile = [], machine.compile
    monkeypatch.setattr(
        machine, "compile", lambda text, effort=machine.BEST: made.append(effort) or compile(text, effort)
    )
    machine.quick.cache_clear()
    monkeypatch.setattr(kernel, "WORTH_OPTIMISING", -1.0)  # better code from the second call on
    parameters, train = check.example(Shape(9, 2, 3, 11, False))
    other = parameters.clone()
    records, ones = train.records[:40].reshape(5, 8), np.ones(5, np.float32)
    for start, optimised in ((parameters, False), (other, True)):
        one = Kernel(start, optimised)
        for _ in range(3):
            one.steps(train, records, ones, ones)
    assert made == [machine.QUICK, machine.BEST] and parameters.freeze() == other.freeze()
    machine.function.cache_clear()
    Kernel(parameters).steps(train, records, ones, ones)  # and another time it begins in good code
    assert made == [machine.QUICK, machine.BEST]
