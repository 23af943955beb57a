"""Hosts that hang, and runs whose hosts end again and again."""

import mmap
import time
from dataclasses import replace
from multiprocessing.connection import Pipe

import psutil
import pytest

from core.config import Config
from core.engine.run import Run
from core.engine.snapshot import PAUSED, TRAINING
from core.serving import links
from core.serving.client import Client
from core.serving.host import KEY
from core.serving.hosts import Started, in_process, in_thread
from core.serving.links import HostLink
from core.serving.pool import HOST_DIED, LEASE, Pool
from core.serving.training import untrained
from tests.support.waiting import FakeClock, eventually

SMALL = Config(n_hidden=8, steps=10_000_000)
SOON = 0.5  # seconds in place of `links.HUNG`


@pytest.fixture
def make(few):
    return lambda pool: Client(untrained(SMALL, few(3), "max"), pool)


@pytest.fixture
def scripted_turns():
    """A pool with one host at a time, which trains nothing, and a function that ends it in the turn of a client."""
    started = []

    def start() -> Started:
        near, far = Pipe()
        started.append((far, mmap.mmap(-1, mmap.PAGESIZE)))
        return Started(near, lambda: None, started[-1][1])

    def end(client: Client) -> None:
        far, turn = started[-1]
        host = client.link.host
        KEY.pack_into(turn, 0, id(client.link))
        far.close()
        host.wait()

    pool = Pool(start, hosts=1)
    yield pool, end
    for far, _ in started:
        far.close()
    pool.stop()


def soon_noticed(monkeypatch, pool: Pool, host: HostLink) -> None:
    """Wait until this host is given up, sooner than always; the next one has as long as always."""
    with monkeypatch.context() as patch:
        patch.setattr(links, "HUNG", SOON)
        patch.setattr(links, "POLL", 0.1)
        eventually(lambda: host not in pool._hosts, 20)


def test_a_host_that_hangs_is_noticed_and_its_runs_go_on_elsewhere_to_the_same_bits(monkeypatch, few):
    pool = Pool(in_process, hosts=1)
    one = Client(untrained(SMALL, few(3), "x100"), pool)
    try:
        one.start()
        eventually(lambda: one.snapshot.step > 100, 60)
        host = one.link.host
        psutil.Process(host.host.process.pid).suspend()
        began = time.monotonic()
        soon_noticed(monkeypatch, pool, host)
        noticed = time.monotonic() - began
        at = one.snapshot.step
        eventually(lambda: one.snapshot.step > at, 60)
        shown = one.pause()
        assert (shown.state, shown.problem) == (PAUSED, None)
        run = Run(SMALL, few(3))
        run.advance(shown.step)
        assert run.parameters.freeze() == shown.frozen
        assert noticed > SOON, "one that is only busy is given time"
        assert links.HUNG + 2 * links.POLL < 5
    finally:
        pool.stop()


def test_a_host_that_cannot_even_be_killed_is_given_up(monkeypatch, few):
    monkeypatch.setattr(Started, "kill", lambda self: None)  # as while it waits for a disk
    pool = Pool(in_process, hosts=1)
    one = Client(untrained(SMALL, few(3), "x100"), pool)
    try:
        one.start()
        eventually(lambda: one.snapshot.step > 100, 60)
        host = one.link.host
        psutil.Process(host.host.process.pid).suspend()
        at = one.snapshot.step
        soon_noticed(monkeypatch, pool, host)
        eventually(lambda: one.snapshot.step > at + 50, 60)
    finally:
        pool.stop()


def test_a_run_whose_hosts_end_now_and_then_is_no_suspect(make):
    clock = FakeClock()
    pool = Pool(in_thread, hosts=1, clock=clock)
    one = make(pool)
    try:
        one.start()
        for _ in range(6):
            step, host = one.snapshot.step, one.link.host
            eventually(lambda: one.snapshot.step > step)  # noqa: B023
            host.hang_up()
            eventually(lambda: one.link and one.link.host is not host)  # noqa: B023
            one.renew_lease()
            clock.now += LEASE - 1
            one.renew_lease()
            clock.now += 2
        assert one.snapshot.problem is None
        assert one.hosts_lost <= 1, "none, if the last one ended while it read a message"
    finally:
        pool.stop()


def test_a_run_is_no_suspect_if_one_of_its_hosts_died_in_the_turn_of_another(make, scripted_turns):
    pool, end = scripted_turns
    one, other = make(pool), make(pool)
    for client in (one, other):
        client.take(replace(client.snapshot, state=TRAINING))
        with client.lock:
            pool.open_link(client)
    for in_turn in (one, one, other, one, other, one, one, one):
        end(in_turn)
        assert [client.snapshot.state for client in (one, other)] == [TRAINING] * 2
    end(one)
    assert [client.snapshot.problem for client in (one, other)] == [HOST_DIED, None]


def test_a_host_that_works_on_something_long_is_left_alone(monkeypatch, few):
    monkeypatch.setattr(links, "HUNG", 0.3)
    monkeypatch.setattr(links, "POLL", 0.1)
    looks = []
    monkeypatch.setattr(Started, "processor_time", lambda self: looks.append(self) or len(looks))  # as if it computed
    pool = Pool(in_process, hosts=1)
    one = Client(untrained(SMALL, few(3), "x100"), pool)
    try:
        one.start()
        eventually(lambda: one.snapshot.step > 100, 60)
        host = one.link.host
        psutil.Process(host.host.process.pid).suspend()  # it answers nothing
        at = len(looks)
        eventually(lambda: len(looks) > at + 20, 60)
        assert host in pool._hosts
        monkeypatch.setattr(Started, "processor_time", lambda self: 0.0)
        eventually(lambda: host not in pool._hosts, 60)
    finally:
        pool.stop()
