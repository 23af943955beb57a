"""core/serving/pool.py: hosts that do not read, runs that are slow to be kept, and the end of all of it."""

import contextlib
import mmap
import subprocess
import sys
import threading
import time
from multiprocessing.connection import Connection, Pipe

import psutil
import pytest

from core.config import Config
from core.engine.snapshot import PAUSED, READY, TRAINING, Snapshot
from core.serving import client as clients
from core.serving import pool as module
from core.serving import processes
from core.serving.client import Client
from core.serving.hosts import Started, in_process, in_thread
from core.serving.links import PING
from core.serving.pool import LEASE, Pool
from core.serving.training import untrained
from core.serving.wire import Sender
from tests.support.clients import past
from tests.support.house import HOUSE
from tests.support.processes import piped, started
from tests.support.waiting import FakeClock, eventually

SMALL = Config(n_hidden=8, steps=10_000_000)


@pytest.fixture
def make(few):
    """make(pool) -> a Client of a small run, as fast as it goes."""
    return lambda pool, **more: Client(untrained(SMALL, few(3), "max"), pool, **more)


@pytest.fixture
def pool():
    pool = Pool(in_thread, hosts=1)
    yield pool
    pool.stop()


def ours() -> set[threading.Thread]:
    return {thread for thread in threading.enumerate() if thread.name.startswith("letterspace-")}


# ---------------------------------------------------------------- a host that does not read


class ByHand:
    """A host that says and reads only what it is told to."""

    def __init__(self):
        self.far: Connection | None = None
        self._senders: dict[int, Sender] = {}

    def __call__(self):
        near, self.far = Pipe()
        return Started(near, lambda: None, mmap.mmap(-1, mmap.PAGESIZE))

    def read(self) -> tuple:
        while True:
            assert self.far.poll(10), "nothing is asked"
            if (asked := self.far.recv())[1] != PING:
                return asked

    def say(self, key: int, snapshot: Snapshot, ticket: int | None = None) -> None:
        self.far.send((key, "snapshot", self._senders.setdefault(key, Sender()).snapshot(snapshot), ticket))


@pytest.fixture
def by_hand(monkeypatch):
    """A host by hand, its pool of which it is the only one, and the pool's clock; commands do not wait long."""
    monkeypatch.setattr(clients, "COMMAND_TIMEOUT", 0.05)
    monkeypatch.setattr(module, "END_TIMEOUT", 0.05)
    host, clock = ByHand(), FakeClock()
    pool = Pool(host, hosts=1, clock=clock)
    yield host, pool, clock
    pool.stop()


def test_a_host_that_never_reads_holds_up_nobody_for_long(by_hand, make, few):
    _, pool, _ = by_hand
    large = untrained(Config(n_hidden=500, n_embd=32), few(3))
    ones = [make(pool), *(Client(large, pool) for _ in range(8))]  # far more than a socket holds
    began = time.monotonic()
    assert [one.step().state for one in ones] == [READY] * 9
    pool.stop()
    assert time.monotonic() - began < 5
    assert ones[0].step().problem == "Training cannot be started here (the server is stopping)."


def test_a_host_is_listened_to_while_it_does_not_read_itself(by_hand, make, few):
    host, pool, clock = by_hand
    one, leaves = make(pool), make(pool)
    leaves.step()
    key, *_ = host.read()
    host.say(key, leaves.snapshot)
    large = untrained(Config(n_hidden=500, n_embd=32), few(3))
    for _ in range(8):
        Client(large, pool).step()  # the line to the host is full now
    clock.now += LEASE + 1
    one.step()
    host.say(key, leaves.snapshot)  # whoever hears this finds that a lease has run out
    eventually(lambda: leaves.link.closing)
    said = threading.Thread(target=lambda: [host.say(key, large) for _ in range(20)])  # and that line is full too
    said.start()
    said.join(10)
    assert not said.is_alive()
    asked = {(key, name) for key, name, *_ in (host.read() for _ in range(20))}
    assert (key, "close") in asked and (id(one.link), "open") in asked


def test_last_words_that_nobody_waited_for_are_not_the_newest(by_hand, make):
    host, pool, clock = by_hand
    one = make(pool)
    first = one.start()
    key, _, values, _ = host.read()
    assert values["snapshot"] == first
    host.say(key, training := _at(first, 5, TRAINING))
    eventually(lambda: one.snapshot == training)
    clock.now += LEASE + 1
    closing = eventually(lambda: one.link.closing)
    one.step()  # waits for the last words, though not for ever
    assert id(one.link) != key and not closing.is_set()
    (late,) = [ticket for asked, name, _, ticket in (host.read() for _ in range(4)) if (asked, name) == (key, "close")]
    host.say(id(one.link), newest := _at(first, 6, PAUSED))
    eventually(lambda: one.snapshot == newest)
    host.say(key, _at(first, 5, PAUSED), late)
    eventually(closing.is_set)
    assert one.snapshot == newest
    eventually(lambda: len(pool._hosts[0].links) == 1)


def _at(snapshot: Snapshot, step: int, state: str) -> Snapshot:
    return Snapshot(**{**vars(snapshot), "step": step, "state": state})


# ---------------------------------------------------------------- keeping


def test_a_slow_keep_delays_nobody_and_the_newest_wins(pool, make):
    free, begun, kept, others = threading.Event(), threading.Event(), [], []

    def slow(run) -> None:
        begun.set()
        free.wait(30)
        kept.append(run)

    one, other = make(pool, keep=slow), make(pool, keep=others.append)
    try:
        first = one.step()
        assert begun.wait(10)
        for _ in range(5):
            newest = one.step()
        assert (newest.step, one.reset().number) == (6, 2), "no command waits for it"
        second = one.step()
        assert other.step().step == 1
    finally:
        free.set()
    eventually(lambda: others and len(kept) >= 3)
    ids, steps = [run.id for run in kept], [run.step for run in kept]
    assert (steps, ids) == ([1, 6, 1], [first.id, first.id, second.id])
    assert kept[1].frozen == newest.frozen and kept[1].test is not None
    eventually(lambda: not any(thread.name == "letterspace-keeper" for thread in ours()))


def test_a_keep_that_fails_is_logged_and_the_next_ones_are_kept_all_the_same(pool, make, caplog):
    kept = []

    def failing(run) -> None:
        kept.append(run.step)
        if run.step == 1:
            raise RuntimeError("the roof is on fire")

    one = make(pool, keep=failing)
    one.step()
    eventually(lambda: kept == [1])
    one.step()
    eventually(lambda: kept == [1, 2])
    (record,) = caplog.records
    assert record.getMessage() == "A run could not be kept." and "the roof is on fire" in str(record.exc_info[1])


def test_two_visitors_who_have_the_same_run_both_keep_it(pool, make, few):
    free, kept = threading.Event(), []
    first = untrained(SMALL, few(3))
    blocked = make(pool, keep=lambda run: free.wait(30))
    blocked.step()
    ones = [Client(first, pool, keep=lambda run, who=who: kept.append((who, run.id))) for who in range(2)]
    for one in ones:
        one.step()
    free.set()
    eventually(lambda: sorted(kept) == [(0, first.id), (1, first.id)])


# ---------------------------------------------------------------- the end


@pytest.mark.parametrize("start", [in_thread, in_process], ids=["thread", "process"])
def test_stop_keeps_what_trains_and_leaves_no_thread_and_no_process(make, start):
    threads, children, kept = ours(), started(), {}
    pool = Pool(start, hosts=2)
    ones = [make(pool, keep=lambda run, who=who: kept.update({who: run})) for who in range(4)]
    for one in ones:
        one.start()
        past(one, 0, 60)
    pool.stop()
    eventually(lambda: ours() <= threads)
    assert started() <= children
    for who, one in enumerate(ones):
        assert (one.snapshot.state, one.snapshot.problem) == (PAUSED, None)
        assert (kept[who].step, kept[who].frozen, kept[who].training) == (one.snapshot.step, one.snapshot.frozen, True)
    pool.stop()  # once more: nothing happens
    assert ones[0].start().problem == "Training cannot be started here (the server is stopping)."
    assert ones[0].snapshot.state == PAUSED and ours() <= threads


def test_a_host_that_is_held_is_killed_in_the_end(make, monkeypatch):
    children = started()
    pool = Pool(in_process, hosts=1)
    one = make(pool)
    one.start()
    past(one, 0, 60)
    (host,) = started() - children
    host.suspend()
    monkeypatch.setattr(module, "END_TIMEOUT", 0.1)  # for its last words
    monkeypatch.setattr(processes, "END_TIMEOUT", 1.0)  # to end by itself
    try:
        pool.stop()
        assert not host.is_running()
    finally:
        with contextlib.suppress(psutil.NoSuchProcess):
            host.kill()


def gone(process: psutil.Process) -> bool:
    """Whether it has ended; what is left of it may wait for somebody who asks how."""
    try:
        return process.status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def test_a_server_that_is_killed_leaves_no_host():
    with piped("tests.support.train_until_killed") as server:
        host = psutil.Process(int(server.said.readline()))
        assert server.said.readline() == b"training\n" and not gone(host)
        server.process.kill()
        eventually(lambda: gone(host))


def test_a_program_that_ends_while_it_trains_has_everything_kept_and_leaves_no_host():
    command, pipe = [sys.executable, "-m", "tests.support.train_until_killed"], subprocess.PIPE
    with subprocess.Popen(command, cwd=HOUSE, stdin=pipe, stdout=pipe, text=True) as process:
        host = psutil.Process(int(process.stdout.readline()))
        assert process.stdout.readline() == "training\n"
        said, _ = process.communicate(timeout=30)
    assert process.returncode == 0 and gone(host)
    step, training = said.splitlines()[-1].split()
    assert int(step) > 100 and training == "True"
