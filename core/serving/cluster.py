"""Hosts and workers on the cores of a Ray cluster: an option, never a need.

With LETTERSPACE_RAY=auto (or HOST:PORT) a thread starts a process that is connected to Ray
(core/serving/cluster_driver.py), and adds the hosts that come of it to the pool; batches get their workers there,
too. Until then, without Ray, and after the cluster is gone, everything runs on this machine's cores. What is sent
over the connections are runs and commands; who a visitor is never leaves this process.
"""

import logging
import mmap
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from itertools import count
from multiprocessing import AuthenticationError
from multiprocessing.connection import Connection, Pipe, answer_challenge, deliver_challenge

from core.data.corpus import Corpus
from core.serving import jobs
from core.serving.cluster_actors import prompt
from core.serving.cluster_worker import ClusterWorker, shut
from core.serving.host import is_read
from core.serving.hosts import Started
from core.serving.pool import Pool
from core.serving.processes import END_TIMEOUT, HOUSE

VARIABLE = "LETTERSPACE_RAY"
CONNECT = 60.0  # seconds until a process that wants to connect to a cluster is given up
AGAIN = 60.0  # seconds until the next attempt
REACHED = 5.0  # seconds in which an actor has to answer
NO_ANSWER = "The Ray cluster did not answer in {:.0f} s."

log = logging.getLogger(__name__)


class Distant:
    """The process of a host in the cluster: as much of a `Process` as core/serving/hosts.py uses."""

    def __init__(self, tell: Callable[[str], bool]):
        self._tell, self.seconds, self.ended = tell, 0.0, threading.Event()

    def processor_time(self) -> float:
        """What was heard last, without waiting; asks for more."""
        self._tell("used")
        return self.seconds

    def kill(self) -> None:
        self._tell("kill")

    def reap(self) -> None:
        self.kill()
        self.ended.wait(END_TIMEOUT)


class Cluster:
    """Keeps a pool and the batches of this server in touch with a cluster. For any thread.

    pool: None if there are batches only, and no hosts are wanted. turns: of all batches together. `start` returns
    at once.
    """

    def __init__(self, address: str, pool: Pool | None, turns=jobs.TURNS):
        self._address, self._pool, self._turns, self._own_places = address, pool, turns, turns.places
        self._line: Connection | None = None
        self._actors: dict[str, Distant | ClusterWorker] = {}
        self._lock, self._ids, self._stopped = threading.Lock(), count(1), threading.Event()
        self._said = None  # the last sentence in the log
        self.known = threading.Event()  # that there is a cluster, or that there is none
        self._thread = threading.Thread(target=self._run, name="letterspace-cluster", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """End what runs in the cluster, and wait for it."""
        self._stopped.set()
        self._hang_up()
        self._thread.join(2 * END_TIMEOUT)

    # ------------------------------------------------------------ the process that is connected to Ray

    def _run(self) -> None:
        while not self._stopped.is_set():
            try:
                self._attempt()
            except OSError as error:
                self._report(f"The process that connects to Ray cannot be started ({error.strerror}).")
            self._stopped.wait(AGAIN)

    def _attempt(self) -> None:
        """Start the process and listen to it until it ends."""
        process, near = connecting(self._address, *([] if self._pool else ["workers"]))
        with self._lock:
            self._line = near
        if self._stopped.is_set():
            self._hang_up()
        try:
            if near.poll(CONNECT):
                while True:
                    self._take(*near.recv())
            self._report(NO_ANSWER.format(CONNECT))
        except (EOFError, OSError):
            pass
        finally:
            self._lost(near)
            end(process)

    def _lost(self, line: Connection) -> None:
        """There is no cluster any more: what ran there goes on here."""
        with self._lock:
            self._line, actors = None, list(self._actors.values())
            self._actors.clear()
        line.close()
        for actor in actors:
            actor.ended.set()
        self._turns.places = self._own_places
        jobs.start_worker = jobs.LocalWorker
        self.known.set()

    def _hang_up(self) -> None:
        with self._lock:
            if self._line:
                shut(self._line)

    def _tell(self, name: str, id: str) -> bool:
        """Tell it, without waiting. Whether it could be told."""
        with self._lock, suppress(OSError):
            if self._line and is_read(self._line):
                self._line.send((name, id))
                return True
        return False

    def _take(self, kind: str, *what) -> None:
        """A message of that process."""
        if kind == "cores":
            self._count(*what)
        elif kind == "at":
            self._reach(*what)
        elif kind == "trouble":
            self._report(f"{what[0]} Training runs on this machine alone.")
        elif kind == "used" and what[0] in self._actors:
            self._actors[what[0]].seconds = what[1]
        elif kind == "ended":
            with self._lock:
                actor = self._actors.pop(what[0], None)
            if actor:
                actor.ended.set()

    def _count(self, nodes: int, cores: int) -> None:
        self._report(f"Training runs on the Ray cluster at {self._address!r} ({size(nodes, cores)}).")
        self._turns.places = cores or self._own_places
        jobs.start_worker = self._worker if cores else jobs.LocalWorker
        self.known.set()

    def _report(self, sentence: str) -> None:
        """Log it, once. (As a warning: whoever runs the server wants to see good news of this, too.)"""
        if sentence != self._said:
            self._said = sentence
            log.warning(sentence)

    # ------------------------------------------------------------ what runs there

    def _reach(self, id: str, address: tuple[str, int], key: bytes) -> None:
        """An actor waits there: connect to it in a thread of its own."""
        with self._lock:
            actor = self._actors.setdefault(id, Distant(lambda name: self._tell(name, id)))
        arguments = id, actor, address, key
        try:
            threading.Thread(target=self._serve, args=arguments, name=f"letterspace-{id}", daemon=True).start()
        except RuntimeError:  # no more threads
            self._tell("kill", id)

    def _serve(self, id: str, actor: Distant | ClusterWorker, address: tuple[str, int], key: bytes) -> None:
        try:
            connection = reached(address, key)
        except (OSError, EOFError, AuthenticationError):
            self._tell("kill", id)
            return
        if isinstance(actor, ClusterWorker):
            actor.serve(connection)
            return
        turn = mmap.mmap(-1, mmap.PAGESIZE)
        try:
            self._pool.add(lambda: Started(connection, actor.reap, turn, actor, distant=True))
        except OSError:  # the server is stopping, or has no more threads
            connection.close()
            actor.kill()

    def _worker(self, words: Corpus, work: list[dict]) -> jobs.Worker:
        """A worker in the cluster; one on this machine if the cluster has just gone."""
        id = f"worker {next(self._ids)}"
        worker = ClusterWorker(work, jobs.as_json(words, work), lambda name: self._tell(name, id))
        with self._lock:
            self._actors[id] = worker
        if self._tell("worker", id):
            return worker
        with self._lock:
            self._actors.pop(id, None)
        return jobs.LocalWorker(words, work)


def connecting(address: str, *more: str) -> tuple[subprocess.Popen, Connection]:
    """A process that connects to Ray, and the connection with it. OSError if it cannot be started."""
    near, far = Pipe()
    with far:
        process = subprocess.Popen(
            [sys.executable, "-m", "core.serving.cluster_driver", str(far.fileno()), address, *more],
            cwd=HOUSE,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            pass_fds=[far.fileno()],
            start_new_session=True,  # Ctrl-C is for the server; this ends with it
        )
    return process, near


def end(process: subprocess.Popen) -> None:
    """Wait for the end of a process whose connection has ended; kill it if that takes long."""
    try:
        process.wait(END_TIMEOUT)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def looked_at(address: str) -> tuple[bool, str]:
    """Whether there is a cluster at this address that can be used; its size, or else a sentence."""
    process, near = connecting(address, "look")
    with near:
        try:
            kind, *what = near.recv() if near.poll(CONNECT) else ("trouble", NO_ANSWER.format(CONNECT))
        except (EOFError, OSError):
            kind, what = "trouble", ["The process that connects to Ray ended."]
    end(process)
    return kind == "cores", size(*what) if kind == "cores" else what[0]


def size(nodes: int, cores: int) -> str:
    return ", ".join(f"{n} {what}{'s' * (n != 1)}" for n, what in ((nodes, "node"), (cores, "core")))


def reached(address: tuple[str, int], key: bytes) -> Connection:
    """A connection to an actor, which knows the key, too; else AuthenticationError, OSError or EOFError."""
    line = socket.create_connection(address, REACHED)
    line.settimeout(None)
    connection = Connection(line.detach())
    try:
        prompt(connection)
        answer_challenge(connection, key)
        deliver_challenge(connection, key)
    except BaseException:
        connection.close()
        raise
    return connection


def join(pool: Pool | None) -> Cluster | None:
    """Join the cluster that the environment names, in the background; None if it names none."""
    address = os.environ.get(VARIABLE, "").strip()
    if not address:
        return None
    cluster = Cluster(address, pool)
    cluster.start()
    return cluster
