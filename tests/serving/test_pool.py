"""core/serving/pool.py: runs whose hosts fall go on elsewhere; places that nobody needs are given back; so
many and no more.
"""

import threading
from dataclasses import replace

import pytest

from core.config import Config
from core.engine.run import Run
from core.engine.snapshot import PAUSED, READY, STOPPED, TRAINING, Snapshot
from core.serving import pool as module
from core.serving.client import Client, keep_nothing
from core.serving.host import HostedRun
from core.serving.hosts import in_process, in_thread
from core.serving.pool import HOST_DIED, LEASE, MAX_HOSTS_LOST, TOO_MANY, UNATTENDED, Pool
from core.serving.training import untrained
from tests.support.clients import past
from tests.support.waiting import FakeClock, eventually

SMALL = Config(n_hidden=8, steps=10_000_000)


@pytest.fixture
def make_pool():
    """make_pool(...) -> a Pool, stopped in the end."""
    made = []

    def make_pool(start=in_thread, hosts: int = 2, **more) -> Pool:
        made.append(Pool(start, hosts, **more))
        return made[-1]

    yield make_pool
    for one in made:
        one.stop()


@pytest.fixture
def train(few):
    """train(pool) -> a Client of a small run, each of another seed, as fast as it goes."""
    seeds = iter(range(1_000))

    def train(pool: Pool, keep=keep_nothing, speed: str = "max") -> Client:
        return Client(untrained(SMALL.with_(seed=next(seeds)), few(3), speed), pool, keep)

    return train


def undisturbed(snapshot: Snapshot, few) -> bool:
    """Whether it is, to the last bit, what a run is that nothing ever happened to."""
    run = Run(Config().with_(**snapshot.history.config), few(3), list(snapshot.history.changes))
    run.advance(snapshot.step)
    return (run.parameters.freeze(), run.history.freeze()) == (snapshot.frozen, snapshot.history)


def hosts() -> set[threading.Thread]:
    return {thread for thread in threading.enumerate() if thread.name == "letterspace-training"}


def links(pool: Pool) -> int:
    return sum(len(host.links) for host in pool._hosts)


# ---------------------------------------------------------------- a host ends


def test_what_a_killed_host_trained_goes_on_in_another_to_the_same_bits_and_nobody_else_notices(make_pool, train, few):
    pool = make_pool(in_process)
    pool.ready()
    hit, spared, rests = (train(pool, speed="x100") for _ in range(3))
    for one in (hit, spared):
        one.start()
        past(one, 0, 60)
    assert hit.link.host is not spared.link.host, "each has a core"
    rests.step()
    for _ in range(2):
        victim, beside = hit.link.host, spared.link.host
        hit.set(learning_rate=0.2 if hit.snapshot.config.learning_rate == 0.1 else 0.1)
        victim.host.process.kill()
        eventually(lambda: hit.link and hit.link.host is not victim)  # noqa: B023
        past(hit, hit.snapshot.step, 60)
        assert hit.snapshot.problem is None and hit.snapshot.state == TRAINING
        assert spared.link.host is beside and past(spared, spared.snapshot.step)
    assert all(undisturbed(one.pause(), few) for one in (hit, spared))
    assert len(hit.snapshot.history.changes) == 2
    step = rests.snapshot.step
    assert rests.step().step == step + 1 and undisturbed(rests.snapshot, few)


def test_a_run_that_brings_down_its_hosts_is_paused_and_says_so_and_train_tries_again(
    make_pool, train, few, monkeypatch
):
    def turn(run, interrupted):
        run._connection.close()  # its host ends
        raise EOFError

    pool = make_pool(hosts=1)
    one, other = train(pool), train(pool)
    other.step()
    with monkeypatch.context() as patch:
        patch.setattr(HostedRun, "turn", turn)
        one.start()
        eventually(lambda: one.snapshot.problem)
    shown = one.snapshot
    assert (shown.state, shown.problem, shown.steps_per_second) == (PAUSED, HOST_DIED, 0.0)
    assert one.link is None and other.snapshot.problem is None and one.hosts_lost == MAX_HOSTS_LOST + 1
    assert one.start().problem is None
    past(one, shown.step)
    assert undisturbed(one.pause(), few) and other.step().step == 2


def test_a_run_that_goes_on_between_is_not_what_ends_its_hosts_however_many_end_in_its_turn(make_pool, train, few):
    one = train(make_pool(hosts=1))
    one.start()
    for _ in range(3 * MAX_HOSTS_LOST):
        at, host = past(one, one.snapshot.step).step, one.link.host
        host.hang_up()
        eventually(lambda: one.link and one.link.host is not host)  # noqa: B023
        past(one, at)
        assert one.snapshot.problem is None
    assert undisturbed(one.pause(), few)


def test_a_run_at_rest_stays_so_when_its_host_ends_and_loses_nothing(make_pool, train, few):
    pool = make_pool(hosts=1)
    one = train(pool)
    shown, old = one.step(), one.link
    eventually(lambda: old.host.host.whose_turn == 0)  # the answer is sent before its turn is over
    old.host.hang_up()
    eventually(lambda: one.link is None)
    assert one.snapshot is shown and one.hosts_lost == 0
    assert old.request("step") is None, "nobody waits for what nobody hears"
    assert one.step().step == 2 and undisturbed(one.snapshot, few)


def test_where_no_host_can_be_started_a_command_says_so_and_later_it_is_carried_out(make_pool, train):
    trouble = [OSError(11, "Resource temporarily unavailable")]

    def start():
        if trouble:
            raise trouble[0]
        return in_thread()

    one = train(make_pool(start, hosts=1))
    shown = one.start()
    assert (shown.state, shown.step) == (READY, 0)
    assert shown.problem == "Training cannot be started here (Resource temporarily unavailable)."
    trouble.clear()
    assert one.start().state == TRAINING and one.snapshot.problem is None
    past(one, 0)
    trouble.append(OSError(12, "Cannot allocate memory"))
    one.link.host.hang_up()
    eventually(lambda: one.snapshot.problem == HOST_DIED)
    assert one.snapshot.state == PAUSED, "a stopped run is not shown as training"


def test_one_host_that_cannot_be_started_is_no_matter_while_there_is_another(make_pool, train):
    started = []

    def start():
        if started:
            raise OSError(12, "Cannot allocate memory")
        started.append(in_thread())
        return started[-1]

    one = train(make_pool(start, hosts=2))
    assert one.step().step == 1 and one.snapshot.problem is None


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_host_that_cannot_be_understood_is_as_one_that_has_ended(make_pool, train, monkeypatch):
    pool, before = make_pool(hosts=1), hosts()
    one = train(pool)
    one.start()
    host = past(one, 0) and one.link.host
    (lost,) = hosts() - before
    monkeypatch.setattr(one.link, "received", lambda *message: 1 / 0)
    eventually(lambda: one.link and one.link.host is not host)
    past(one, one.snapshot.step)
    assert not lost.is_alive()


def test_a_run_that_is_refused_says_why_and_harms_nobody(make_pool, train, few):
    pool = make_pool(hosts=1)
    good, first = train(pool), untrained(SMALL, few(3))
    good.start()
    forged = Client(replace(first, frozen=first.frozen[:-4]), pool)
    for command in (forged.start, forged.step):
        shown = command()
        assert shown.state == STOPPED and "The weights of that run do not fit its network" in shown.problem
        eventually(lambda: links(pool) == 1)
    past(good, good.snapshot.step)


# ---------------------------------------------------------------- leases


@pytest.mark.parametrize("start", [in_thread, in_process], ids=["thread", "process"])
def test_a_run_that_nobody_looks_at_rests_is_kept_as_interrupted_and_goes_on_at_a_word(make_pool, train, few, start):
    clock, kept = FakeClock(), []
    pool = make_pool(start, hosts=1, clock=clock)
    one, watched = train(pool, kept.append), train(pool)
    one.start()
    watched.start()
    past(one, 100, 60)
    for _ in range(3):
        clock.now += LEASE / 2 - 1
        watched.renew_lease()
    eventually(lambda: links(pool) == 1)
    shown = one.snapshot
    assert (shown.state, shown.problem, shown.steps_per_second) == (PAUSED, UNATTENDED, 0.0)
    eventually(lambda: kept and kept[-1].step == shown.step)
    assert kept[-1].training, "nobody asked it to rest: after a restart it is offered"
    past(watched, watched.snapshot.step)
    assert one.start().state == TRAINING and one.snapshot.problem is None
    past(one, shown.step)
    assert undisturbed(one.pause(), few)


def test_140_that_nobody_touches_any_more_leave_no_place(make_pool, train):
    clock = FakeClock()
    pool = make_pool(clock=clock)
    clients = [train(pool, speed="slow") for _ in range(140)]
    for number, one in enumerate(clients):
        one.start() if number % 3 == 0 else one.step()
    assert links(pool) == 140
    clock.now += LEASE + 1
    eventually(lambda: links(pool) == 0, 60)
    assert {one.snapshot.state for one in clients} == {PAUSED}
    again = clients[5].step()
    assert (again.step, links(pool)) == (2, 1)


# ---------------------------------------------------------------- admission


def test_beyond_so_many_a_start_is_refused_and_goes_in_once_another_rests(make_pool, train, monkeypatch):
    monkeypatch.setattr(module, "MAX_TRAINING", 3)
    clock = FakeClock()
    pool = make_pool(clock=clock)
    *inside, late = [train(pool, speed="slow") for _ in range(4)]
    assert [one.start().state for one in inside] == [TRAINING] * 3
    for refused in (late.start(), late.rebuild(SMALL, step=50)):
        assert (refused.state, refused.problem) == (READY, TOO_MANY)
    assert late.link is None
    assert late.step().step == 1 and late.snapshot.problem is None, "what does not train is not refused"
    assert inside[0].start().state == TRAINING, "who is in is in"
    inside[1].pause()
    clock.now += module.ADMITTED  # until then it might have been about to begin
    assert late.start().state == TRAINING
    assert inside[1].start().problem == TOO_MANY
    assert pool.load() == 1.5


def test_who_was_let_in_and_never_began_makes_room(make_pool, train, monkeypatch):
    monkeypatch.setattr(module, "MAX_TRAINING", 1)
    clock = FakeClock()
    pool = make_pool(clock=clock)
    one, other = train(pool), train(pool)
    assert pool.admit(one) and not pool.admit(other)
    clock.now += module.ADMITTED + 1
    assert pool.admit(other) and not pool.admit(one)


def test_runs_are_shared_out_evenly(make_pool, train):
    pool = make_pool(hosts=2)
    for _ in range(6):
        train(pool, speed="slow").start()
    assert [host.load for host in pool._hosts] == [(3, 3), (3, 3)]
