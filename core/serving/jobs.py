"""A batch of runs, trained in worker processes; the results are their histories. POSIX only.

`Jobs` starts workers (core/serving/worker.py), one for each core, and gives each a share of the list. It has no
thread: the caller polls. A worker reads and writes files without a name, and ends when its standard input is
closed, so nothing is left when this process ends, however it ends.

Batches do not run in the hosts (core/serving/host.py) because they differ in all that a host does: a host changes
between its runs every 0.1 s and streams snapshots, while a job keeps its core for `TURN` seconds and only its last
history is used. A job is cancelled within a second by killing its process, which would end other visitors' runs in
a host, and only the operating system can run it at a lower priority. A host for both would have two kinds of work,
of messages and of turns.

Where there is a cluster (core/serving/cluster.py) the workers run on its cores.
"""

import contextlib
import json
import os
import tempfile
import time
import weakref
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import Protocol

from core.analysis.seeds import checked_seeds
from core.config import Config
from core.data.corpus import WORD, Corpus
from core.engine.history import Change, History
from core.engine.job import Job, Progress
from core.messages import said, unpacked
from core.serving import processes
from core.serving.turns import Turns

NICE = 10  # so much lower in priority than this process: pages and their runs come first
TURN = 20.0  # seconds that a process trains before it gives way to another
STILL_HERE, GIVE_UP = b"\n", b"!\n"  # what a worker reads from its standard input
TURNS = Turns()  # for all visitors of this server together
MAX_LOST = 3  # workers of a job that may be lost before the job is given up


class Worker(Protocol):
    """Some jobs of a list, at work somewhere.

    asked: whether it was asked to give way. began: by `time.monotonic`. lost: it ended through no fault of its work.
    """

    work: list[dict]
    asked: bool
    began: float
    lost: bool

    def status(self) -> int | None:
        """None while it is at work; 0 if it ended as it should."""

    def say(self, what: bytes) -> None: ...
    def messages(self) -> list[dict]: ...
    def end(self) -> None: ...


class Jobs:
    """Jobs that run in other processes, from now on or as soon as it is their turn. For one thread at a time.

    jobs: at least one, whose results are histories; or answers to be checked (core/serving/checking.py), whose results
    are the fields of a `CheckResult`. words: what they learn from. ConfigError, in one sentence, for what cannot be.
    All `Jobs` of a server together have one process for each core; see `Turns`.
    """

    def __init__(self, jobs: Sequence[Job], words: Corpus, turns: Turns = TURNS):
        work = [{"job": i} | job.checked() for i, job in enumerate(jobs)]
        self._jobs, self._at, self._words, self._turns = tuple(jobs), [0] * len(jobs), words, turns
        self._done: dict[int, History | dict] = {}
        self._failed: dict[int, str] = {}
        self._broke: set[int] = set()
        self._lost: Counter[int] = Counter()  # workers of each job
        self._workers: list[Worker] = []
        self._end = weakref.finalize(self, _end, self._workers)  # at the latest with the interpreter
        # a process with a text of words holds some 600 MB: one at a time
        at_once = 1 if words.level == WORD else min(len(jobs), turns.places)
        self._shares = [work[i::at_once] for i in range(at_once)]  # not yet given to a process
        self.renew()

    def poll(self) -> Progress:
        """How far it is now, without waiting."""
        for worker in list(self._workers):
            status = worker.status()  # before reading, so that nothing it wrote is missed
            for message in worker.messages():
                self._take(**message)
            if status is not None:
                self._workers.remove(worker)
                worker.end()
                self._ended(worker, status)
        place = self.renew()
        goals = [job.steps for job in self._jobs]
        steps = sum(goals[i] if i in self._failed else at for i, at in enumerate(self._at))
        done = dict(sorted(self._done.items()))
        return Progress(done, dict(self._failed), steps / sum(goals), frozenset(self._broke), place)

    def renew(self) -> int:
        """Tell the workers that the results are still wanted; else they end after `core.serving.worker.LEASE` seconds.

        A lease, because Streamlit does not reliably say when a visitor has left. Starts the workers that
        are due. Returns the position in the queue, 0 if it does not wait.
        """
        for worker in self._workers:
            worker.say(STILL_HERE)
        return self._turns.ask(self)

    def cancel(self) -> None:
        """Kill all its processes and wait for their end. `poll` still returns the finished results."""
        self._shares.clear()
        self._end()

    # ------------------------------------------------------------ its turn (core/serving/turns.py)

    def held(self) -> int:
        return sum(worker.status() is None for worker in list(self._workers))

    def wants(self) -> bool:
        return bool(self._shares)

    def take(self) -> None:
        work = self._shares.pop(0)
        try:
            self._workers.append(start_worker(self._words, work))
        except OSError as error:  # no more processes, or no room for a file
            why = error.strerror
            self._failed |= {
                one["job"]: said(
                    "The process of {name} could not be started ({why}); try again later.",
                    name=unpacked(one["name"]),
                    why=why,
                )
                for one in work
            }

    def give_up(self, n: int) -> None:
        for worker in self._workers[:n]:
            if time.monotonic() - worker.began > TURN:
                worker.asked = True
                worker.say(GIVE_UP)

    # ------------------------------------------------------------ what comes of it

    def _take(
        self, job: int, step=0, history: dict | None = None, result: dict | None = None,
        error: list | None = None, broke=False,
    ) -> None:  # fmt: skip
        goal = self._jobs[job].steps
        if history or result:
            self._done[job] = result or History.from_dict(history).freeze()
        elif error:
            self._failed[job] = unpacked(error)
            self._broke |= {job} if broke else set()
        self._at[job] = goal if history or result else max(self._at[job], min(step, goal - 1))

    def _ended(self, worker: Worker, status: int) -> None:
        left = [one for one in worker.work if one["job"] not in self._done.keys() | self._failed.keys()]
        if worker.asked and status == 0 and left:
            self._shares.append(left)
            self._turns.move_to_back(self)
            return
        if worker.lost and left and self._lost[left[0]["job"]] < MAX_LOST:
            self._lost[left[0]["job"]] += 1
            self._shares.append(left)
            return
        for one in left:
            name = unpacked(one["name"])
            self._failed[one["job"]] = said(
                "The process of {name} ended too early (status {status}); start it again.", name=name, status=status
            )


def as_json(words: Corpus, work: list[dict]) -> str:
    """What a worker is given; see core/serving/worker.py."""
    text = {"name": words.name, "words": words.units, "level": words.level, "most": words.most}
    return json.dumps(text | {"jobs": work})


class LocalWorker:
    """One process, and the two files without a name that it reads and writes."""

    lost = False

    def __init__(self, words: Corpus, work: list[dict]):
        self.work, self._read, self.asked, self.began = work, 0, False, time.monotonic()
        with contextlib.ExitStack() as unless_started, tempfile.TemporaryFile("w+") as given:
            given.write(as_json(words, work))
            given.seek(0)
            self._output = unless_started.enter_context(tempfile.TemporaryFile())
            heard, said = os.pipe()
            self._input = unless_started.enter_context(open(said, "wb", buffering=0))
            with open(heard, "rb") as stdin:
                fds = [given.fileno()]
                self.process = processes.start("core.serving.worker", fds, stdin.fileno(), self._output.fileno())
            unless_started.callback(self._end_process)
            mine = os.getpriority(os.PRIO_PROCESS, 0)
            os.setpriority(os.PRIO_PROCESS, self.process.pid, mine + NICE)
            unless_started.pop_all()

    def status(self) -> int | None:
        return self.process.poll()

    def say(self, what: bytes) -> None:
        with contextlib.suppress(BrokenPipeError):  # it has ended, and `poll` will say so
            self._input.write(what)

    def messages(self) -> list[dict]:
        """What it wrote since the last call. (`pread`: the file offset is shared with the worker.)"""
        file = self._output.fileno()
        raw = os.pread(file, os.fstat(file).st_size - self._read, self._read)
        whole = raw[: raw.rfind(b"\n") + 1]
        self._read += len(whole)
        return [json.loads(line) for line in whole.splitlines()]

    def end(self) -> None:
        self._end_process()
        self._output.close()

    def _end_process(self) -> None:
        self.process.kill()
        self.process.wait()
        self._input.close()


start_worker: Callable[[Corpus, list[dict]], Worker] = LocalWorker  # replaced where there is a cluster


def _end(workers: list[Worker]) -> None:
    while workers:
        workers.pop().end()


class Batch(Jobs):
    """One experiment with up to eight seeds, training in other processes; see `Jobs`.

    config: at step 0; its seed does not matter. changes: (step, knob, value), live ones.
    steps: how far each run goes, at least 1. words: what they learn from. ConfigError, in one
    sentence, for what cannot be.
    """

    def __init__(
        self,
        config: Config,
        changes: Iterable[Change],
        steps: int,
        seeds: Sequence[int],
        words: Corpus,
        turns: Turns = TURNS,
    ):
        self._seeds, changes = checked_seeds(seeds), tuple(changes)
        super().__init__(
            [Job(said("seed {n}", n=s), config.with_(seed=s), changes, steps) for s in self._seeds], words, turns
        )

    def poll(self) -> Progress:
        """How far it is now, without waiting; `done` and `failed` are by seed."""
        progress = super().poll()
        done, failed = ({self._seeds[i]: what for i, what in part.items()} for part in (progress.done, progress.failed))
        return replace(progress, done=done, failed=failed, broke=frozenset(self._seeds[i] for i in progress.broke))
