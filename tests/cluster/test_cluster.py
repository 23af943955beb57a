"""Hosts and workers in a Ray cluster: what is asked of those in threads and processes, and of a cluster alone.

In one file, so that one process of pytest-xdist starts one cluster. The last tests kill nodes.
"""

# ruff: noqa: E402, F403

import os
import re
import subprocess
import sys
import time

import pytest

pytestmark = pytest.mark.timeout(400)  # with the start of Ray on a busy machine

from core.config import Config
from core.data.corpus import Corpus
from core.engine.job import Job
from core.engine.run import Run
from core.engine.snapshot import TRAINING
from core.keeping import proof
from core.serving import cluster, doctor, jobs
from core.serving.client import Client
from core.serving.cluster_worker import ClusterWorker
from core.serving.processes import HOUSE
from core.serving.training import untrained
from tests.serving.test_client import *
from tests.serving.test_client_runs import *
from tests.support.clients import past
from tests.support.runs_kept import saved
from tests.support.waiting import eventually

SMALL_RUN = Config(n_hidden=8, steps=10_000_000)
LOADED = 120  # seconds: an actor imports torch first


@pytest.fixture
def few_words(words) -> Corpus:
    return Corpus("few", tuple(words[:200]))


def undisturbed(snapshot, few) -> bool:
    """Whether it is, to the last bit, what a run is that nothing ever happened to."""
    run = Run(Config().with_(**snapshot.history.config), few(3), list(snapshot.history.changes))
    run.advance(snapshot.step)
    return (run.parameters.freeze(), run.history.freeze()) == (snapshot.frozen, snapshot.history)


def finished(batch: jobs.Jobs):
    return eventually(lambda: (progress := batch.poll()).share == 1 and progress, LOADED)


def test_all_that_was_asked_of_a_pool_until_here_was_done_in_the_cluster(pool, make_client):
    one = make_client()
    one.start()
    host = one.link.host.host
    assert host.distant and host.processor_time() is not None
    assert not any(local.links for local in pool._local)
    eventually(lambda: host.whose_turn == id(one.link))
    used = host.processor_time()
    eventually(lambda: host.processor_time() > used)


def test_doctor_says_how_large_it_is(nodes, joined, monkeypatch):
    monkeypatch.setenv(cluster.VARIABLE, nodes.address)
    row = {row.what: row for row in doctor.examined()}["ray"]
    assert (row.found, row.todo) == (f"LETTERSPACE_RAY={nodes.address}: 2 nodes, 2 cores", "")


def test_answers_are_checked_in_the_cluster(nodes, few_words, few, tmp_path):
    run = Run(SMALL_RUN, few(3))
    run.advance(100)
    good = proof.claimed_by(saved(run)).written()
    (tmp_path / "few.txt").write_text("\n".join(few_words.units))
    (tmp_path / "class.csv").write_text(f"{good}\n{re.sub('dev=[0-9.]+', 'dev=1.0000', good)}\n")
    command = [sys.executable, "-m", "core", "check", str(tmp_path / "class.csv"), "--names", str(tmp_path / "few.txt")]
    env = os.environ | {cluster.VARIABLE: nodes.address}
    found = subprocess.run(command, cwd=HOUSE, env=env, capture_output=True, text=True, timeout=LOADED)
    assert f"Training runs on the Ray cluster at '{nodes.address}'" in found.stderr
    good, altered, _ = found.stdout.splitlines()
    assert "accepted. The same parameters to the last bit." in good and "instead of 1.0000" in altered


def test_a_batch_is_done_in_the_cluster_and_is_gone_within_a_second_of_cancel(joined, few_words, few):
    ones = [Job(f"{seed}", SMALL_RUN.with_(seed=seed), steps=300) for seed in range(3)]
    batch = jobs.Jobs(ones, few_words)
    assert {type(worker) for worker in batch._workers} == {ClusterWorker}
    done = finished(batch).done
    for i, one in enumerate(ones):
        run = Run(one.config, few(3))
        run.advance(300)
        assert done[i].parameters_at(-1) == run.parameters.freeze()
    long = jobs.Jobs([Job("long", SMALL_RUN, steps=10_000_000)], few_words)
    (worker,) = long._workers
    eventually(lambda: long.poll().share > 0, LOADED)
    began = time.monotonic()
    long.cancel()
    assert time.monotonic() - began < 1
    eventually(worker.ended.is_set)


def test_a_run_goes_on_from_a_killed_host_to_the_same_bits_and_the_host_is_replaced(joined, pool, few):
    one = Client(untrained(SMALL_RUN, few(3), "x100"), pool)
    one.start()
    past(one, 0)
    lost = one.link.host
    eventually(lambda: lost.host.whose_turn == id(one.link))
    lost.host.kill()
    eventually(lambda: one.link and one.link.host is not lost)
    past(one, one.snapshot.step)
    assert one.snapshot.problem is None and one.hosts_lost == 1
    assert undisturbed(one.pause(), few)
    one.stop()
    eventually(lambda: pool.distant == 2, LOADED)


def test_a_killed_node_loses_neither_runs_nor_batches(nodes, joined, pool, few_words, few):
    ones = [Client(untrained(SMALL_RUN.with_(seed=seed), few(3), "x100"), pool) for seed in range(4)]
    for one in ones:
        one.start()
    for one in ones:
        past(one, 0)
    before = {one.link.host for one in ones}
    assert len(before) == 2, "they are spread over the cores"
    batch = jobs.Jobs([Job(f"{seed}", SMALL_RUN.with_(seed=seed), steps=20_000) for seed in range(4)], few_words)
    eventually(lambda: batch.poll().share > 0, LOADED)
    nodes.kill(1)
    (lost,) = before - set(eventually(lambda: pool.distant == 1 and pool._hosts, 30))
    eventually(lambda: all(one.link and one.link.host is not lost for one in ones))
    for one in ones:
        past(one, one.snapshot.step)
        assert (one.snapshot.state, one.snapshot.problem, one.link.host.host.distant) == (TRAINING, None, True)
    assert all(undisturbed(one.pause(), few) for one in ones)
    for one in ones:
        one.stop()
    progress = finished(batch)
    assert list(progress.done) == [0, 1, 2, 3] and progress.failed == {}
    eventually(lambda: jobs.TURNS.places == 1, LOADED)  # Ray takes some seconds to say that a node is dead


def test_a_cluster_that_is_gone_leaves_runs_and_batches_to_this_machine(joined, pool, few_words, few):
    one = Client(untrained(SMALL_RUN, few(3), "x100"), pool)
    one.start()
    past(one, 0)
    joined[0].stop()
    eventually(lambda: one.link and not one.link.host.host.distant, 30)
    past(one, one.snapshot.step)
    assert one.snapshot.problem is None and undisturbed(one.pause(), few)
    one.stop()
    assert jobs.start_worker is jobs.LocalWorker and jobs.TURNS.places == os.cpu_count()
