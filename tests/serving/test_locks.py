"""What happens between threads: requests that cross an end, messages that come late, hosts that hang."""

import mmap
import threading
from dataclasses import replace
from multiprocessing.connection import Pipe

import psutil
import pytest

from core.config import Config
from core.engine.snapshot import PAUSED
from core.serving import client as clients
from core.serving import jobs
from core.serving.client import Client
from core.serving.hosts import Started, in_process, in_thread
from core.serving.links import CLOSE, LOOK, PING
from core.serving.pool import LEASE, Pool
from core.serving.training import untrained
from core.serving.visitors import Visitors
from core.serving.wire import Sender
from tests.support.processes import started
from tests.support.waiting import FakeClock, eventually

SMALL = Config(n_hidden=8, steps=10_000_000)


class Scripted:
    """A host that answers only what it is told to. requests: what it was asked."""

    def __init__(self):
        self.far, self._senders = None, {}

    def __call__(self) -> Started:
        near, self.far = Pipe()
        return Started(near, lambda: None, mmap.mmap(-1, mmap.PAGESIZE))

    def read(self) -> tuple:
        eventually(lambda: self.far)
        while True:
            assert self.far.poll(10), "nothing is asked"
            if (asked := self.far.recv())[1] not in (LOOK, PING):
                return asked

    def answer(self, key: int, snapshot, ticket: int | None = None) -> None:
        self.far.send((key, "snapshot", self._senders.setdefault(key, Sender()).snapshot(snapshot), ticket))

    def refuse(self, key: int, ticket: int) -> None:
        self.far.send((key, "refused", "It cannot be.", ticket))


@pytest.fixture
def scripted():
    host = Scripted()
    pool = Pool(host, hosts=1)
    yield host, pool
    host.far and host.far.close()
    pool.stop()


@pytest.fixture
def make(few):
    return lambda pool, **more: Client(untrained(SMALL, few(3), "max"), pool, **more)


def asking(command) -> threading.Thread:
    thread = threading.Thread(target=command)
    thread.start()
    return thread


# ---------------------------------------------------------------- requests that cross an end


def test_a_command_requested_while_the_run_is_being_refused_waits_for_nothing(scripted, make):
    host, pool = scripted
    one = make(pool)
    first = asking(one.step)
    key, name, _, ticket = host.read()
    second = asking(one.pause)
    (_, _, _, _), (_, _, _, _) = host.read(), host.read()
    assert name == "open"
    host.refuse(key, ticket)
    for command in (first, second):
        command.join(5)
        assert not command.is_alive(), "it waits for an answer that never comes"
    assert one.snapshot.problem == "It cannot be."
    assert one.link.request("step") is None, "nothing is sent over a link that is over"


def test_who_waits_for_a_command_renews_the_lease(make, monkeypatch):
    monkeypatch.setattr(clients, "RENEWAL", 0.01)
    host, clock = Scripted(), FakeClock()
    pool = Pool(host, hosts=1, clock=clock)
    one = make(pool)
    waiting = asking(one.step)
    key, _, _, ticket = host.read()
    clock.now += LEASE + 1
    eventually(lambda: one.leased_until > clock.now)
    host.refuse(key, ticket)
    waiting.join(10)
    pool.stop()


def test_nothing_is_sent_after_a_close_and_the_command_goes_over_the_next_link(scripted, make):
    host, pool = scripted
    one = make(pool)
    first = asking(one.step)
    key, *_, ticket = host.read()
    host.answer(key, one.snapshot, ticket)
    host.answer(key, at_one := replace(one.snapshot, step=1, state=PAUSED), host.read()[3])
    first.join(10)
    done = one.link.request(CLOSE, problem=None)  # as `Pool.stop` and a lease that has run out do
    second = asking(one.step)
    _, name, _, last = host.read()
    assert name == CLOSE and not done.is_set()
    host.answer(key, at_one, last)
    other, name, values, _ = host.read()
    assert (name, values["snapshot"]) == ("open", at_one) and other != key
    _, name, _, ticket = host.read()
    host.answer(other, replace(at_one, step=2), ticket)
    second.join(10)
    assert name == "step" and one.snapshot.step == 2


def test_messages_of_a_link_that_was_left_never_replace_newer_ones(scripted, make, monkeypatch):
    monkeypatch.setattr(clients, "COMMAND_TIMEOUT", 0.05)
    host, pool = scripted
    one = make(pool)
    one.step()
    key = host.read()[0]
    old = one.link
    old.request(CLOSE, problem=None)
    one.step()  # does not wait for ever
    assert one.link is not old
    newest = replace(one.snapshot, step=7)
    host.answer(id(one.link), newest)
    eventually(lambda: one.snapshot == newest)
    (late,) = [ticket for asked, name, _, ticket in (host.read() for _ in range(4)) if (asked, name) == (key, CLOSE)]
    for step in range(1, 6):
        host.answer(key, replace(newest, step=step))
    host.answer(key, replace(newest, step=6), late)
    assert old.closing.wait(10), "its last message has arrived"
    assert one.snapshot == newest


def test_what_was_requested_of_a_host_that_ended_is_requested_of_the_next(make, few):
    hosts = []

    def start() -> Started:
        hosts.append(Scripted() if not hosts else in_thread())
        return hosts[0]() if len(hosts) == 1 else hosts[-1]

    pool = Pool(start, hosts=1)
    try:
        one = make(pool)
        step = asking(one.step)
        eventually(lambda: hosts and hosts[0].far)
        assert [hosts[0].read()[1] for _ in range(2)] == ["open", "step"]
        hosts[0].far.close()
        step.join(10)
        assert not step.is_alive() and one.snapshot.step == 1
    finally:
        pool.stop()


# ---------------------------------------------------------------- threads and processes that cannot start


def _no_more_threads(self):
    raise RuntimeError("can't start new thread")


def test_a_thread_that_cannot_start_leaves_no_host_and_is_said(make, monkeypatch):
    pool, children = Pool(in_process, hosts=1), started()
    one = make(pool)
    with monkeypatch.context() as patch:
        patch.setattr(threading.Thread, "start", _no_more_threads)
        assert one.step().problem == "Training cannot be started here (can't start new thread)."
    eventually(lambda: started() <= children)
    try:
        one.step()
        eventually(lambda: one.snapshot.step == 1, 60)  # a process imports torch first
    finally:
        pool.stop()


def test_a_run_is_kept_by_the_next_thread_that_can_start(make, monkeypatch, caplog):
    pool, kept, start = Pool(in_thread, hosts=1), [], threading.Thread.start
    one = make(pool, keep=kept.append)
    one.pause()

    def fail_keepers(self):
        if self.name == "letterspace-keeper":
            raise RuntimeError("can't start new thread")
        start(self)

    try:
        with monkeypatch.context() as patch:
            patch.setattr(threading.Thread, "start", fail_keepers)
            assert one.step().step == 1
        eventually(lambda: caplog.records)
        one.step()
        eventually(lambda: [run.step for run in kept] == [2])
    finally:
        pool.stop()


def test_a_worker_whose_priority_cannot_be_set_is_not_left_alone(monkeypatch, small):
    children = started()

    def fail(*_):
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(jobs.os, "setpriority", fail)
    batch = jobs.Jobs([jobs.Job("one", SMALL, steps=1)], small)
    assert "could not be started (Operation not permitted)" in batch.poll().failed[0]
    eventually(lambda: all(child.status() == psutil.STATUS_ZOMBIE for child in _new(children)))


def _new(children: set) -> set:
    return {child for child in started() - children if child.is_running()}


# ---------------------------------------------------------------- who is remembered


def test_a_client_that_is_gone_does_not_take_up_a_place_among_those_that_train(make):
    pool = Pool(in_thread, hosts=1, clock=FakeClock())
    for _ in range(60):
        assert pool.admit(make(pool)), "those before are gone"
    pool.stop()


def test_a_visitor_who_arrives_slowly_holds_up_nobody():
    free, begun = threading.Event(), threading.Event()

    class Slow:
        def __init__(self, token):
            self.token, self.client = token, self
            self.leased_until = 1.0

        def renew_lease(self):
            pass

    def make(token: str):
        if token == "a" * 32:
            begun.set()
            assert free.wait(30)
        return Slow(token)

    visitors, found = Visitors(make, lambda: 0.0), []
    known, _ = visitors.find("b" * 32)
    slow = [asking(lambda: found.append(visitors.find("a" * 32))) for _ in range(2)]
    assert begun.wait(10)
    try:
        assert visitors.find("b" * 32) == (known, True) and visitors.find("c" * 32)[1] is False
    finally:
        free.set()
    for one in slow:
        one.join(10)
    assert found[0][0] is found[1][0] and {was_known for _, was_known in found} == {False, True}
