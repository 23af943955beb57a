"""`python -m tests.support.ray_cluster CORES...`: a Ray cluster on this machine, with a node for each number of cores.

It prints its address. It reads lines: "kill N" kills node N with all that runs there, "add CORES" adds
one; each is answered with a line "done". It ends with its standard input.
"""

import contextlib
import os
import select
import subprocess
import sys
from collections.abc import Iterator

from tests.support.app_server import ROOT

START = 150  # seconds: it takes some 10, and more where the machine is busy
SETTINGS = {"_system_config": {"health_check_period_ms": 500}}  # a node that misses five is dead; by default 3,000
WITHOUT = {"include_dashboard": False, "include_log_monitor": False, "no_monitor": True}  # processes nobody asks
MEMORY = 80_000_000  # bytes, the least that a node takes for objects; nothing here uses any


def main() -> None:
    from ray.cluster_utils import Cluster

    first, *others = ({"num_cpus": int(cores), "object_store_memory": MEMORY} for cores in sys.argv[1:])
    cluster = Cluster(initialize_head=True, head_node_args={**first, **WITHOUT, **SETTINGS})
    nodes = [cluster.head_node, *(cluster.add_node(**other) for other in others)]
    print(cluster.address, flush=True)
    for line in sys.stdin:
        name, number = line.split()
        if name == "kill":
            cluster.remove_node(nodes[int(number)], allow_graceful=False)
        else:
            nodes.append(cluster.add_node(num_cpus=int(number), object_store_memory=MEMORY))
        print("done", flush=True)
    cluster.shutdown()


class RayCluster:
    """Such a cluster, in another process. address: HOST:PORT. OSError if Ray cannot be started here."""

    def __init__(self, *cores: int):
        command = [sys.executable, "-m", __name__, *map(str, cores)]
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL, "text": True}
        env = {**os.environ, "RAY_USAGE_STATS_ENABLED": "0", "RAY_worker_niceness": "0"}
        self._process = subprocess.Popen(command, cwd=ROOT, env=env, **pipes)
        came, _, _ = select.select([self._process.stdout], [], [], START)
        self.address = self._process.stdout.readline().strip() if came else ""
        if not self.address:
            self._process.kill()
            self.stop()
            raise OSError(f"Ray could not be started within {START} s")

    def kill(self, node: int) -> None:
        self._ask(f"kill {node}")

    def add(self, cores: int) -> None:
        self._ask(f"add {cores}")

    def _ask(self, what: str) -> None:
        self._process.stdin.write(f"{what}\n")
        self._process.stdin.flush()
        assert self._process.stdout.readline() == "done\n"

    def stop(self) -> None:
        with self._process.stdout, contextlib.suppress(BrokenPipeError):
            self._process.stdin.close()
            try:
                self._process.wait(30)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()


@contextlib.contextmanager
def ray_cluster(*cores: int) -> Iterator[RayCluster]:
    cluster = RayCluster(*cores)
    try:
        yield cluster
    finally:
        cluster.stop()


if __name__ == "__main__":
    main()
