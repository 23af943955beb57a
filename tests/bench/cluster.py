"""`python -m tests.bench.cluster`: 40 runs on one and on two nodes of a Ray cluster, and the loss of a node.

The nodes are simulated on this machine, with one core each, beside hosts in processes of their own for comparison.
All runs train at full speed with a page that looks at each. Steps and snapshots are those that arrive at the server.
"""

import argparse
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager

import psutil

from core.config import Config
from core.data.corpus import Corpus
from core.data.dataset import Dataset, load_words
from core.serving.client import Client
from core.serving.cluster import Cluster
from core.serving.hosts import Started, in_process
from core.serving.pool import Pool
from core.serving.training import TICK, untrained
from tests.support.ray_cluster import RayCluster, ray_cluster
from tests.support.waiting import eventually

START = 300.0  # seconds that everything has to start
CONFIG = Config(n_hidden=100, steps=10_000_000)


class Count:
    """Counts the snapshots of all runs."""

    def __init__(self):
        self.snapshots = 0

    def changed(self, before, after) -> None:
        self.snapshots += after.step > before.step


def looked_at(clients: list[Client], seconds: float) -> None:
    """Pages look at all of them for so long."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        for one in clients:
            one.renew_lease(TICK)
        time.sleep(0.1)


def measured(what: str, pool: Pool, dataset: Dataset, runs: int, seconds: float) -> list[Client]:
    """Print what so many runs do in the pool; they go on training."""
    clients = [Client(untrained(CONFIG.with_(seed=seed), dataset, "max"), pool) for seed in range(runs)]
    began = time.monotonic()
    for one in clients:
        one.start()
    started = time.monotonic() - began
    eventually(lambda: all(one.snapshot.step > 0 for one in clients), START)
    looked_at(clients, 2 * TICK * runs)
    count = Count()
    for one in clients:
        one.watch(count)
    hosts = {one.link.host.host for one in clients}
    before, began, used, here = steps(clients), time.monotonic(), worked(hosts), own_time()
    looked_at(clients, seconds)
    made, taken = steps(clients) - before, time.monotonic() - began
    here, used = own_time() - here, worked(hosts) - used
    print(
        f"{what}: {made / taken:,.0f} steps/s ({made / used:,.0f} for each second of processor time, of which they "
        f"had {used / taken:.1f} a second), {count.snapshots / taken:.0f} snapshots/s, "
        f"{1000 * here / count.snapshots:.1f} ms of the server's processor time for each; "
        f"all were told to train after {started:.1f} s",
        flush=True,
    )
    began = time.monotonic()
    clients[0].pause()
    print(f"  pause is answered after {1000 * (time.monotonic() - began):.0f} ms", flush=True)
    clients[0].start()
    return clients


def own_time() -> float:
    return sum(psutil.Process().cpu_times()[:2])


def worked(hosts: set[Started]) -> float:
    """Seconds of processor time that the hosts have used, half a second ago if they are in the cluster."""
    for host in hosts:
        host.processor_time()
    time.sleep(0.5)
    return sum(host.processor_time() for host in hosts)


def steps(clients: list[Client]) -> int:
    return sum(one.snapshot.step for one in clients)


def lose(nodes: RayCluster, pool: Pool, clients: list[Client]) -> None:
    """Kill the second node, and print how long its runs stood still."""
    hosts = {one: one.link.host for one in clients}
    began = time.monotonic()
    nodes.kill(1)
    lost = eventually(lambda: set(hosts.values()) - set(pool._hosts), 60)
    hit = [one for one in clients if hosts[one] in lost]
    eventually(lambda: all(one.link and one.link.host not in lost for one in hit), 60)
    moved, at = time.monotonic() - began, {one: one.snapshot.step for one in hit}
    eventually(lambda: all(one.snapshot.step > at[one] for one in hit), 60)
    print(
        f"  a node killed: its {len(hit)} runs are in another host after {moved:.1f} s, "
        f"and all have trained there after {time.monotonic() - began:.1f} s",
        flush=True,
    )


@contextmanager
def joined(nodes: RayCluster, hosts: int) -> Iterator[Pool]:
    pool = Pool(in_process, hosts=1)
    pool.ready()
    cluster, began = Cluster(nodes.address, pool), time.monotonic()
    cluster.start()
    eventually(lambda: pool.distant == hosts, START)
    print(f"hosts in the cluster after {time.monotonic() - began:.1f} s", flush=True)
    try:
        yield pool
    finally:
        pool.stop()
        cluster.stop()


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--runs", type=int, default=40)
    parser.add_argument("--seconds", type=float, default=15.0)
    arguments = parser.parse_args()
    asked = arguments.runs, arguments.seconds
    dataset = Dataset.of_corpus(Corpus("names", tuple(load_words())), CONFIG.block_size)
    print(f"load before: {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors", flush=True)
    for hosts in (1, 2):
        pool = Pool(in_process, hosts)
        pool.ready()
        measured(f"{hosts} local host(s)", pool, dataset, *asked)
        pool.stop()
    for cores in ((1,), (1, 1)):
        began = time.monotonic()
        with ray_cluster(*cores) as nodes:
            print(f"{len(cores)} node(s) of Ray started after {time.monotonic() - began:.1f} s", flush=True)
            with joined(nodes, len(cores)) as pool:
                clients = measured(f"{len(cores)} node(s)", pool, dataset, *asked)
                if len(cores) > 1:
                    lose(nodes, pool, clients)
    print(f"load after: {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    main()
