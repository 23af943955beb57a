"""A Ray cluster of two nodes on this machine, and a pool whose runs train there."""

import importlib.util
from collections.abc import Iterator

import pytest

from core.serving.cluster import Cluster
from core.serving.hosts import in_thread
from core.serving.pool import Pool
from tests.support.ray_cluster import RayCluster
from tests.support.waiting import eventually

START = 150  # seconds: Ray takes 10 to 20 to start a node, and more where the machine is busy


def pytest_collection_modifyitems(items) -> None:
    if importlib.util.find_spec("ray") is None:
        for item in items:
            if within_this_folder(item):
                item.add_marker(pytest.mark.skip(reason='Ray is not installed: pip install "ray[default]"'))


def within_this_folder(item) -> bool:
    return item.path.parent.name == "cluster"


@pytest.fixture(scope="module")
def nodes() -> Iterator[RayCluster]:
    """Two nodes with a core each."""
    try:
        cluster = RayCluster(1, 1)
    except OSError as error:
        pytest.skip(str(error))
    yield cluster
    cluster.stop()


@pytest.fixture(scope="module")
def joined(nodes) -> Iterator[tuple[Cluster, Pool]]:
    """A pool with a host in a thread, and two in the cluster."""
    pool = Pool(in_thread, hosts=1)
    pool.ready()
    cluster = Cluster(nodes.address, pool)
    cluster.start()
    eventually(lambda: pool.distant == 2, START)
    yield cluster, pool
    pool.stop()
    cluster.stop()


@pytest.fixture(scope="module")
def pool(joined) -> Pool:
    """As the fixture of the other kinds of hosts, for the same tests."""
    return joined[1]
