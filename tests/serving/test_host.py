"""core/serving/host.py: whose turn it is, by a clock that needs no waiting; errors; readers that are slow, or gone."""

import gc
import mmap
import threading
from collections import Counter
from dataclasses import replace
from itertools import pairwise
from multiprocessing.connection import Pipe

import pytest

from core.config import Config
from core.engine.run import Run
from core.engine.snapshot import PAUSED, READY, STOPPED, TRAINING, Snapshot
from core.serving import memory, training
from core.serving.host import Host, HostedRun
from core.serving.training import TICK, Training, untrained
from core.serving.wire import Receiver
from tests.support.waiting import FakeClock, eventually

SMALL = Config(n_hidden=8, steps=1_000_000)


class Talk:
    """A host in a thread of its own, and the other end of its connection."""

    def __init__(self, clock):
        self.near, far = Pipe()
        self.thread = threading.Thread(target=Host(far, mmap.mmap(-1, mmap.PAGESIZE), clock).serve, daemon=True)
        self.thread.start()
        self._receivers: dict[int, Receiver] = {}
        self.heard = Counter()  # messages of each guest

    def hang_up(self) -> None:
        self.near.close()
        self.thread.join(10)
        assert not self.thread.is_alive()

    def hear(self) -> tuple:
        """The next thing that is said, put together again."""
        assert self.near.poll(10), "the host says nothing"
        key, kind, what, ticket = self.near.recv()
        receiver = self._receivers.setdefault(key, Receiver())
        self.heard[key] += 1
        if kind != "refused":
            what = receiver.saved(what) if kind == "keep" else receiver.snapshot(what)
        return key, kind, what, ticket

    def ask(self, key: int, name: str, **values) -> Snapshot:
        """What is said in answer; other things are heard meanwhile."""
        self.near.send((key, name, values, key))
        while (said := self.hear())[3] != key:
            pass
        return said[2]

    def begin(self, key: int, snapshot: Snapshot) -> Snapshot:
        assert self.ask(key, "open", snapshot=snapshot).state == snapshot.state
        return self.ask(key, "start")


@pytest.fixture
def talk():
    """talk(clock) -> a Talk, hung up in the end."""
    made = []

    def talk(clock) -> Talk:
        made.append(Talk(clock))
        return made[-1]

    yield talk
    for one in made:
        one.hang_up()


@pytest.fixture
def clock(monkeypatch) -> FakeClock:
    """Each step takes a millisecond by it, and nothing else takes any time."""
    clock, advance = FakeClock(), Run.advance

    def walked(self, n):
        before = self.step
        advance(self, n)
        clock.now += 0.001 * (self.step - before)

    monkeypatch.setattr(Run, "advance", walked)
    return clock


@pytest.fixture
def first(few):
    """first(seed) -> a run before its first step, to be trained as fast as it goes."""
    return lambda seed=1: untrained(SMALL.with_(seed=seed), few(3), "max")


@pytest.fixture
def turns(monkeypatch) -> list[tuple[str, float, float]]:
    """Every turn that any Training takes: whose, and when it began and ended by its own clock."""
    taken, tick = [], Training.tick

    def noted(self, interrupted):
        began = self._clock()
        tick(self, interrupted)
        taken.append((self.run.id, began, self._clock()))

    monkeypatch.setattr(Training, "tick", noted)
    return taken


def test_the_answer_to_train_has_the_first_steps_already_and_comes_within_a_slice(talk, clock, first):
    one = talk(clock)
    answered = one.begin(1, first())
    assert answered.state == TRAINING and 0 < answered.step <= 2_000 * training.SLICE
    assert answered.history.checkpoints[1][0] == 1


def test_a_run_that_was_closed_is_gone_and_then_its_memory_is_given_back(talk, clock, first, monkeypatch):
    left = []  # runs that are still in memory whenever some is given back
    hosted = lambda: sorted(one.key for one in gc.get_objects() if type(one) is HostedRun and one.key > 1_000)
    monkeypatch.setattr(memory, "give_back", lambda: left.append(hosted()))
    host = talk(clock)
    for key in (1_001, 1_002):
        host.begin(key, first(key))
    host.ask(1_001, "close", problem=None)
    eventually(lambda: left == [[1_002]])
    host.ask(1_002, "close", problem=None)
    eventually(lambda: left == [[1_002], []])


# ---------------------------------------------------------------- turns


def test_all_train_each_in_turn_for_about_a_tick(talk, clock, first, turns):
    host, count = talk(clock), 4
    ids = [host.begin(key, first(key)).id for key in range(count)]
    begun = len(turns)
    eventually(lambda: host.hear() and len(turns) > begun + 10 * count)
    taken = turns[begun + count :]  # the last command came in the middle of a round
    assert all(TICK <= end - began < TICK + 0.03 for _, began, end in taken)
    for start in range(len(taken) - count):
        assert sorted(id for id, _, _ in taken[start : start + count]) == sorted(ids)
    steps = [host.ask(key, "pause").step for key in range(count)]
    assert min(steps) > 100 and max(steps) < 3 * min(steps)


def test_who_comes_and_goes_leaves_the_others_their_turns(talk, clock, first, turns):
    host = talk(clock)
    stays, left = host.begin(0, first(0)).id, set()
    for key in range(1, 6):
        id = host.begin(key, first(key)).id
        while id not in {id for id, _, _ in turns}:
            host.hear()
        assert host.ask(key, "close", problem="Enough.").problem == "Enough."
        left.add(id)
        begun = len(turns)
        while len(turns) < begun + 5:
            host.hear()
        assert {id for id, _, _ in turns[begun + 1 :]} == {stays}
    assert len(left) == 5


def test_a_command_in_the_middle_of_anothers_turn_is_carried_out_soon(talk, first, turns, monkeypatch):
    host, advance, begun = talk(FakeClock()), Run.advance, threading.Event()

    def noted(self, n):
        begun.set()
        advance(self, n)

    monkeypatch.setattr(Run, "advance", noted)
    host.begin(0, first(0))  # the clock stands still: its turn does not end before somebody asks for something
    assert begun.wait(10)
    assert host.ask(1, "open", snapshot=first(1)).state == READY
    for step in range(1, 6):
        assert host.ask(1, "step").step == step
    assert host.ask(0, "pause").state == PAUSED
    assert {id for id, _, _ in turns} == {host.ask(0, "pause").id}


def test_with_many_steps_due_at_once_a_turn_is_a_turn_all_the_same(talk, clock, first, turns):
    host = talk(clock)
    slow = host.begin(0, first(0)).id
    host.ask(0, "speed", speed="x100")
    host.begin(1, first(1))
    clock.now += 3_600
    jumped = clock.now  # a turn may be in progress while the clock jumps: only those that begin later count
    eventually(lambda: host.hear() and len(turns) > 20)
    mine = [end - began for id, began, end in turns if id == slow and began >= jumped]
    assert 0 < max(mine) < TICK + 0.03 and len(mine) > 5


# ---------------------------------------------------------------- readers


def test_a_run_does_not_wait_for_who_does_not_read_and_its_last_word_is_not_left_out(
    talk, clock, first, turns, monkeypatch
):
    monkeypatch.setattr(training, "KEEP", 1e9)  # what is to be kept is never left out
    host = talk(clock)
    host.begin(0, first())
    eventually(lambda: len(turns) > 60)  # nobody hears any of it
    so_far = host.heard[0]
    host.near.send((0, "pause", {}, 0))
    while (said := host.hear())[3] != 0:
        pass
    assert said[2].state == PAUSED and host.heard[0] - so_far < 20


def test_what_was_heard_only_goes_forward_and_is_whole(talk, clock, first):
    host = talk(clock)
    size = len(host.begin(0, first()).frozen)
    said = [what for _, kind, what, _ in (host.hear() for _ in range(60)) if kind == "snapshot"]
    assert all(a.step <= b.step for a, b in pairwise(said)) and len({s.step for s in said}) > 10
    assert all(len(s.frozen) == size and s.history.losses[-1][0] < s.step for s in said)


def test_it_ends_when_the_other_end_is_gone_in_whatever_it_is_doing(talk, first):
    for begin in (False, True):
        host = talk(FakeClock())
        if begin:
            host.begin(0, first())
        host.hang_up()


# ---------------------------------------------------------------- errors


def test_a_snapshot_that_cannot_be_is_refused_in_a_sentence_and_harms_nobody_else(talk, clock, first):
    host, good = talk(clock), first()
    host.begin(0, good)
    for key, forged in enumerate((replace(good, frozen=good.frozen[:-4]), replace(good, history=None)), start=1):
        host.near.send((key, "open", {"snapshot": forged}, key))
        host.near.send((key, "start", {}, -1))
        while (said := host.hear())[0] != key:
            pass
        assert said[1] == "refused" and said[3] == key
        assert said[2].startswith("This run cannot go on (") and said[2].endswith(").")
    before = host.ask(0, "speed", speed="max")
    assert before.state == TRAINING
    eventually(lambda: host.hear()[2].step > before.step)


def break_run(monkeypatch, method: str, after: int) -> None:
    """From its `after`-th call on, a method of Run raises."""
    calls, whole = [], getattr(Run, method)

    def broken(self, *arguments):
        calls.append(arguments)
        if len(calls) > after:
            raise RuntimeError("the roof is on fire")
        return whole(self, *arguments)

    monkeypatch.setattr(Run, method, broken)


@pytest.mark.parametrize(("method", "after"), [("advance", 0), ("advance", 3), ("_remember_losses", 6)])
def test_an_error_at_any_moment_of_training_is_a_sentence_and_the_host_lives_on(
    talk, clock, few, monkeypatch, method, after
):
    host = talk(clock)
    host.ask(0, "open", snapshot=untrained(SMALL.with_(steps=500), few(3), "max"))
    break_run(monkeypatch, method, after)
    host.near.send((0, "start", {}, 0))
    while getattr(shown := host.hear()[2], "state", None) != STOPPED:  # or a run that is to be kept
        pass
    sentence = "Training stopped on an error (RuntimeError: the roof is on fire). Reset starts a new run."
    assert (shown.problem, shown.steps_per_second) == (sentence, 0)
    monkeypatch.undo()
    assert host.ask(0, "reset").state == READY and host.ask(0, "step").step == 1


def test_an_error_when_the_run_comes_to_rest_at_its_end_is_a_sentence_too(talk, clock, few, monkeypatch):
    host = talk(clock)
    monkeypatch.setattr(Training, "_settle", lambda self, state: 1 / 0)
    host.begin(0, untrained(SMALL.with_(steps=30), few(3), "max"))
    while getattr(shown := host.hear()[2], "state", None) != STOPPED:  # or a run that is to be kept
        pass
    assert "ZeroDivisionError" in shown.problem


def test_a_command_for_nobody_is_no_trouble(talk, clock, first):
    host = talk(clock)
    host.near.send((7, "start", {}, 0))
    assert host.ask(0, "open", snapshot=first()).state == READY


def test_while_nobody_looks_one_snapshot_a_second_is_sent(few):
    """And as often as somebody looks while they do."""
    clock, (near, far) = FakeClock(), Pipe()
    run = HostedRun(0, far, lambda corpus, block_size: few(block_size), clock, untrained(SMALL, few(3), "slow"))

    def sent(turns: int) -> int:
        """How many snapshots come of so many turns."""
        came = Counter()
        for _ in range(turns):
            clock.now += TICK
            run.turn(lambda: False)
            while near.poll():
                came[near.recv()[1]] += 1
        return came["snapshot"]

    run.carry_out("start", {}, 1)
    assert sent(1) == 2, "the answer, and what comes of it at once"
    assert sent(20) == 20
    clock.now += 60
    assert 3 <= sent(40) <= 5
    run.look(0.5)
    assert 3 <= sent(20) <= 5
    near.close()
    far.close()
