"""core/serving/processes.py: processes that are copies of one, and such that are started anew."""

import os
import pathlib
import signal
import subprocess
from contextlib import contextmanager

import psutil
import pytest

from core.serving import processes
from core.serving.hosts import Started, in_process
from core.serving.processes import LOST
from tests.support.waiting import eventually

linux = pytest.mark.skipif(not processes.FORKS, reason="forks on Linux only")
both = pytest.mark.parametrize("forks", [pytest.param(True, marks=linux), False], ids=["forked", "started anew"])


@contextmanager
def a_host():
    """A host that has answered."""
    host = in_process()
    try:
        yield answers(host)
    finally:
        host.connection.close()
        host.reap()


def answers(host: Started) -> Started:
    host.connection.send((0, "ping", {}, 7))
    assert host.connection.poll(60), "a process imports torch first"
    assert host.connection.recv() == (0, "pong", None, 7)
    return host


def sockets() -> int:
    """How many this process holds."""
    return len(psutil.Process().net_connections("unix"))


def fork_server() -> psutil.Process:
    return processes._server.process


@both
def test_a_host_serves_ends_when_it_is_left_and_its_end_is_reported(monkeypatch, forks):
    monkeypatch.setattr(processes, "FORKS", forks)
    with a_host() as host:
        assert host.process.poll() is None and host.process.pid != os.getpid()
        assert host.processor_time() >= 0
        with pytest.raises(subprocess.TimeoutExpired):
            host.process.wait(0.01)
    assert host.process.poll() == 0 and host.processor_time() is None
    host = in_process()
    host.kill()
    assert host.process.wait(10) == -signal.SIGKILL
    host.kill()  # nothing happens
    host.connection.close()


@linux
def test_copies_share_one_process_and_its_memory_and_have_nothing_of_one_another():
    with a_host():
        before = sockets()
    with a_host() as one, a_host() as other:
        both = [psutil.Process(host.process.pid) for host in (one, other)]
        assert [process.parent() for process in both] == [fork_server()] * 2
        assert [process.num_threads() for process in (fork_server(), *both)] == [1] * 3
        assert [process.name() for process in both] == ["host"] * 2
        assert {os.getsid(process.pid) for process in both} == {process.pid for process in both}
        assert both[0].num_fds() == both[1].num_fds(), "the second has no file of the first"
        assert both[0].memory_full_info().uss < fork_server().memory_info().rss / 4
    assert sockets() == before - 2, "of a host there is a connection, and a socket for reports"


@both
def test_a_process_has_the_environment_of_the_moment_its_files_and_its_status(monkeypatch, forks, tmp_path, capfd):
    monkeypatch.setattr(processes, "FORKS", forks)
    monkeypatch.setenv("LETTERSPACE_TRIED", "yes")
    assert told(tmp_path, "heard") == (3, "yes given heard\n")
    monkeypatch.delenv("LETTERSPACE_TRIED")
    assert told(tmp_path, "again") == (3, "None given again\n")
    assert told(tmp_path, "fail") == (1, "")


def told(folder: pathlib.Path, heard: str) -> tuple[int, str]:
    """The status and the words of a process that is given a file, and `heard` as its input."""
    (given, read), output = [folder / name for name in ("given", "input")], folder / "output"
    given.write_text("given")
    read.write_text(heard)
    with given.open() as file, read.open() as stdin, output.open("w") as stdout:
        process = processes.start("tests.support.say_what_i_am", [file.fileno()], stdin.fileno(), stdout.fileno())
    return process.wait(60), output.read_text()


@linux
def test_when_the_fork_server_is_killed_its_copies_go_on_and_another_is_started():
    with a_host() as one:
        old = fork_server()
        old.kill()
        eventually(lambda: processes._server.ended)
        assert one.process.poll() is None
        answers(one)
        with a_host() as other:
            assert psutil.Process(other.process.pid).parent() == fork_server() != old
            one.kill()
            assert one.process.wait(10) == LOST


def from_a_hanging_fork_server(monkeypatch) -> Started:
    """A host that it has not made; who asked for it did not wait for long."""
    with a_host():
        pass
    fork_server().suspend()
    with monkeypatch.context() as patch:
        patch.setattr(processes, "END_TIMEOUT", 0.1)
        return in_process()


@linux
def test_a_fork_server_that_hangs_is_killed_with_those_it_has_not_made(monkeypatch):
    hanging, server = from_a_hanging_fork_server(monkeypatch), processes._server
    assert hanging.processor_time() == hanging.processor_time() > 0, "of the fork server, which does nothing"
    hanging.kill()
    assert not psutil.pid_exists(server.process.pid), "no dead process is left either"
    assert server.ended and hanging.process.wait(10) == LOST
    with pytest.raises(ChildProcessError):
        hanging.process.pid  # noqa: B018
    with a_host():
        assert processes._server is not server


@linux
def test_whoever_needs_to_know_that_a_process_has_begun_does_not_wait_for_ever(monkeypatch):
    monkeypatch.setattr(processes, "STARTING", 0.2)
    hanging = from_a_hanging_fork_server(monkeypatch)
    with pytest.raises(ChildProcessError):
        hanging.process.pid  # noqa: B018
    hanging.connection.close()
    with a_host():
        pass
