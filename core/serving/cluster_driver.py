"""`python -m core.serving.cluster_driver FD ADDRESS [look|workers]`: the only process of the server that talks to Ray.

core/serving/cluster.py starts it and reads FD, one end of a connection. A process of its own, because one that is
connected to a cluster costs 100 MB, and is ended by Ray when the cluster is gone. When it ends, or the connection
does, Ray ends all that it started.

It sends tuples: ("cores", nodes, cores) at first and whenever that changes; ("at", id, address, key) once an actor
(core/serving/cluster_actors.py) waits there for who has the key; ("used", id, seconds) of processor time;
("ended", id); ("trouble", sentence) before it ends because there is no cluster.
It starts a host on every core that is free. It receives ("worker", id), to start one that leaves all cores free for
others and has a lower priority; ("used", id); ("kill", id). With "workers" it starts no hosts; with "look" it only says
how large the cluster is.
"""

import os
import pathlib
import re
import secrets
import shutil
import socket
import sys
import tempfile
import threading
from contextlib import suppress
from itertools import count
from multiprocessing.connection import Connection

from core.serving.cluster_actors import HostActor, WorkerActor

LOOK = 1.0  # seconds between two looks for free cores
PARTS = ("core", "assets")  # all that leaves the server; nothing that visitors made is in it
REACHED = 5.0  # seconds in which an address has to answer
ADDRESS = re.compile(r"[^:/]+:\d+")
INSTALL = 'pip install "ray[default]"'


class Trouble(Exception):
    """There is no cluster. The message is one sentence."""


class Driver:
    def __init__(self, ray, line: Connection):
        self._ray, self._line = ray, line
        self._lock, self._ids = threading.Lock(), count(1)  # the lock: one message at a time
        self._actors, self._opening, self._seen = {}, 0, None

    def run(self, hosts: bool) -> None:
        """Until the connection ends."""
        while True:
            self.count()
            if hosts:
                self._start_hosts()
            if self._line.poll(LOOK):
                self._carry_out(*self._line.recv())

    def count(self) -> None:
        """Say how large the cluster is, if that has changed."""
        alive = [node["Resources"] for node in self._ray.nodes() if node["Alive"]]
        seen = len(alive), int(sum(has.get("CPU", 0) for has in alive))
        if seen != self._seen:
            self._seen = seen
            self._say("cores", *seen)

    def _start_hosts(self) -> None:
        if not self._opening:  # those count among the free ones until they have started
            for _ in range(int(self._ray.available_resources().get("CPU", 0))):
                self._opening += 1
                self._start(f"host {next(self._ids)}", HostActor, num_cpus=1)

    def _carry_out(self, name: str, id: str) -> None:
        actor = self._actors.get(id)
        if name == "worker":
            self._start(id, WorkerActor, num_cpus=0, scheduling_strategy="SPREAD")
        elif name == "kill" and actor:
            self._ray.kill(actor)
        elif name == "used" and actor:
            self._thread(self._tell_used, id, actor)

    def _tell_used(self, id: str, actor) -> None:
        with suppress(self._ray.exceptions.RayError):  # it has ended, or says nothing
            self._say("used", id, self._ray.get(actor.used.remote(), timeout=REACHED))

    def _start(self, id: str, kind: type, **where) -> None:
        key = secrets.token_bytes(32)
        actor = self._ray.remote(kind).options(max_concurrency=2, **where).remote(key)
        self._actors[id] = actor
        self._thread(self._attend, id, actor, key, kind is HostActor)

    def _attend(self, id: str, actor, key: bytes, is_host: bool) -> None:
        """Wait for the actor's address, then for its end."""
        try:
            try:
                self._say("at", id, self._ray.get(actor.address.remote()), key)
            finally:
                self._opening -= is_host
            self._ray.get(actor.serve.remote())
        except self._ray.exceptions.RayError:
            pass
        self._actors.pop(id, None)
        self._ray.kill(actor)  # so that its core is free
        self._say("ended", id)

    def _thread(self, target, *arguments) -> None:
        threading.Thread(target=target, args=arguments, daemon=True).start()

    def _say(self, *message) -> None:
        with self._lock:
            self._line.send(message)


def connected(address: str, parts: str):
    """Ray, connected to the cluster at this address. Trouble if that cannot be."""
    try:
        import ray
    except ImportError as error:
        raise Trouble(f"Ray is not installed ({INSTALL}).") from error
    if address != "auto":
        _try(address)
    try:
        env = {"working_dir": parts}
        ray.init(address, namespace="letterspace", runtime_env=env, log_to_driver=False, logging_level="ERROR")
    except ConnectionError as error:
        raise Trouble("No Ray cluster runs on this machine (ray start starts or joins one).") from error
    except Exception as error:  # whatever Ray says
        said = " ".join(str(error).split())[:200]
        raise Trouble(f"The Ray cluster at {address!r} cannot be used ({type(error).__name__}: {said}).") from error
    return ray


def _try(address: str) -> None:
    """Trouble at once if nobody is there: Ray itself would wait for a minute."""
    if not ADDRESS.fullmatch(address):
        raise Trouble(f"{address!r} is not auto or the HOST:PORT of a Ray cluster that this machine is a node of.")
    host, _, port = address.rpartition(":")
    try:
        socket.create_connection((host, int(port)), REACHED).close()
    except (OSError, OverflowError) as error:
        raise Trouble(f"No Ray cluster answers at {address!r} ({error}).") from error


def copy_parts(place: pathlib.Path) -> None:
    """Copy what the nodes need."""
    house = pathlib.Path(__file__).parent.parent.parent
    for part in PARTS:
        shutil.copytree(house / part, place / part, ignore=shutil.ignore_patterns("__pycache__"))


def main() -> None:
    line, address = Connection(int(sys.argv[1])), sys.argv[2]
    with tempfile.TemporaryDirectory(prefix="letterspace-cluster-") as parts:
        try:
            copy_parts(pathlib.Path(parts))
            ray = connected(address, parts)
        except Trouble as trouble:
            line.send(("trouble", str(trouble)))
            return
    driver = Driver(ray, line)
    with suppress(EOFError, OSError):
        driver.count() if sys.argv[3:] == ["look"] else driver.run(hosts=not sys.argv[3:])
    ray.shutdown()
    os._exit(0)  # threads wait for actors that have ended


if __name__ == "__main__":
    main()
