"""A few hosts (core/serving/host.py), among which the runs of all visitors are distributed.

They are processes of this machine; where there is a cluster (core/serving/cluster.py), runs are opened in its hosts.

A run whose host died goes on in another host from the newest snapshot that was received, and unanswered
requests are sent again.
"""

import atexit
import errno
import logging
import os
import threading
import time
import weakref
from collections.abc import Callable
from dataclasses import replace

from core.engine.saved import SavedRun
from core.engine.snapshot import PAUSED, TRAINING
from core.messages import mark
from core.serving.hosts import END_TIMEOUT, Started
from core.serving.links import CLOSE, ClientLike, HostLink, Request, RunLink

LEASE = 120.0  # seconds without a look after which a run is paused, and its host forgets it
MAX_TRAINING = 50  # runs in training at once, measured on two cores
FOR_EACH_DISTANT = 25  # runs in training for each host of a cluster, if that is more
ADMITTED = 5.0  # seconds that an admitted run has to begin training
MAX_HOSTS_LOST = 3  # hosts that may die one after the other in a run's turn, at the same step, before it is paused
TOO_MANY = mark("As many runs are in training on this server as it takes at once; try again in a few minutes.")
UNATTENDED = mark("Paused: nobody had looked for two minutes.")
HOST_DIED = mark("Paused: the process that trained this run ended unexpectedly. Train goes on from here.")

log = logging.getLogger(__name__)


class Pool:
    """start: starts a host. hosts: how many; by default as many as there are cores. For any thread."""

    def __init__(
        self,
        start: Callable[[], Started],
        hosts: int | None = None,
        clock: Callable[[], float] = time.monotonic,
    ):
        self._start, self.clock = start, clock
        self._host_count = hosts or os.cpu_count() or 1
        self._hosts: list[HostLink] = []
        self._admitted: weakref.WeakKeyDictionary[ClientLike, float] = weakref.WeakKeyDictionary()
        self._lock, self._stopped = threading.Lock(), False
        self._keeper, self._to_keep = None, {}
        _pools.add(self)

    # ------------------------------------------------------------ links

    def ready(self) -> None:
        """Start the hosts that are missing. OSError if there is none, and none can be started."""
        with self._lock:
            self._fill()

    def _fill(self) -> None:
        if self._stopped:
            raise OSError(errno.ECANCELED, "the server is stopping")
        try:
            while len(self._local) < self._host_count:
                self._hosts.append(HostLink(self, self._start))
        except OSError:
            if not self._hosts:
                raise

    @property
    def _local(self) -> list[HostLink]:
        return [host for host in list(self._hosts) if not host.host.distant]

    @property
    def distant(self) -> int:
        """How many hosts are in a cluster."""
        return len(self._hosts) - len(self._local)

    def add(self, start: Callable[[], Started]) -> None:
        """Add a host of a cluster; while there are any, runs are opened there. OSError if it cannot be.

        One that ends is not started again here; whoever started it adds another.
        """
        with self._lock:
            if self._stopped:
                raise OSError(errno.ECANCELED, "the server is stopping")
            self._hosts.append(HostLink(self, start))

    def open_link(self, client: ClientLike) -> RunLink:
        """Open the client's run, from its snapshot, in the host with the fewest runs in training.

        The caller holds the client's lock. OSError as `ready`.
        """
        with self._lock:  # as in `host_died`: no link is opened to a host that has ended
            self._fill()
            host = min(self._hosts, key=lambda host: (not host.host.distant, host.load))
            link = client.link = RunLink(client, host)
            host.links[id(link)] = link
            link.request("open", snapshot=client.snapshot)
        return link

    def admit(self, client: ClientLike) -> bool:
        """Whether one more run may train now."""
        with self._lock:
            now = self.clock()
            for one, since in list(self._admitted.items()):
                if one.snapshot.state != TRAINING and now - since >= ADMITTED:
                    del self._admitted[one]
            if client not in self._admitted and len(self._admitted) >= self._limit:
                return False
            self._admitted[client] = now
            return True

    @property
    def _limit(self) -> int:
        return max(MAX_TRAINING, FOR_EACH_DISTANT * self.distant)

    def load(self) -> float:
        """How many runs train for each host."""
        return sum(host.load[0] for host in list(self._hosts)) / (self.distant or self._host_count)

    def sweep(self, host: HostLink) -> None:
        """Close the links of those whose leases have run out."""
        now = self.clock()
        for link in list(host.links.values()):
            if now > link.client.leased_until and not link.closing:
                link.request(CLOSE, problem=UNATTENDED)

    def host_died(self, host: HostLink) -> None:
        """Move its runs to other hosts, except a run in whose turn several hosts have died."""
        with self._lock:
            self._hosts.remove(host)
            links = dict(host.links)
        for key, link in links.items():
            closing = link.closing is not None
            client, unanswered = link.client, link.end()
            with client.lock:
                if client.link is link:  # else it is in another host already
                    client.link = None
                    self._count_lost_host(client, key == host.host.whose_turn)
                    if not (closing or self._stopped) and (unanswered or client.snapshot.state == TRAINING):
                        unanswered = self._move(client, unanswered)
            link.release(unanswered)

    def _count_lost_host(self, client: ClientLike, in_turn: bool) -> None:
        """Count this run's hosts that died in its turn, each within a lease of the one before.

        If one dies in another's turn, or after this run has gone on, the count begins anew: whatever ends hosts, it is
        not this run, which would do so again at the same step.
        """
        if not in_turn:
            client.hosts_lost = 0
            return
        now, step = self.clock(), client.snapshot.step
        again = now - client.lost_at < LEASE and step <= client.lost_step
        client.hosts_lost = client.hosts_lost + 1 if again else 1
        client.lost_at, client.lost_step = now, step

    def _move(self, client: ClientLike, requests: list[Request]) -> list[Request]:
        """Go on in another host, and send it the unanswered requests. Returns those that it did not take."""
        try:
            if client.hosts_lost <= MAX_HOSTS_LOST:
                link = self.open_link(client)
                return [request for request in requests if request.name != "open" and not link.resend(request)]
        except OSError:
            pass
        state = PAUSED if client.snapshot.state == TRAINING else client.snapshot.state
        client.take(replace(client.snapshot, state=state, problem=HOST_DIED, steps_per_second=0.0))
        return requests

    # ------------------------------------------------------------ keeping

    def keep(self, client: ClientLike, saved: SavedRun) -> None:
        """Keep the run in a thread of its own, because a disk can be slow; of each run only the newest state."""
        with self._lock:
            self._to_keep[client, saved.id] = saved
            if self._keeper is None:
                keeper = threading.Thread(target=self._keep, name="letterspace-keeper", daemon=True)
                try:
                    keeper.start()
                    self._keeper = keeper
                except RuntimeError:  # no more threads: the next call tries again
                    log.exception("A run waits to be kept.")

    def _keep(self) -> None:
        while True:
            with self._lock:
                if not self._to_keep:
                    self._keeper = None
                    return
                client, id = next(iter(self._to_keep))
                saved = self._to_keep.pop((client, id))
            try:
                client.keep(saved)
            except Exception:  # the others are still kept
                log.exception("A run could not be kept.")

    # ------------------------------------------------------------ the end

    def stop(self) -> None:
        """Pause what trains, keep it, and end all hosts."""
        with self._lock:
            self._stopped, hosts = True, list(self._hosts)
        links = [link for host in hosts for link in list(host.links.values())]
        closing = [done for link in links if (done := link.request(CLOSE, problem=None))]
        until = time.monotonic() + END_TIMEOUT
        for done in closing:
            done.wait(max(0.0, until - time.monotonic()))
        for host in hosts:
            host.hang_up()
        for host in hosts:
            host.wait()
        keeper = self._keeper
        if keeper:
            keeper.join(END_TIMEOUT)


_pools: weakref.WeakSet[Pool] = weakref.WeakSet()


@atexit.register
def _stop_all() -> None:
    """Keep what trains, and let no thread that uses torch outlive the interpreter."""
    for pool in list(_pools):
        pool.stop()
