"""What a cluster needs of ours, without Ray: connections with a key, workers over them, and what is said without it."""

import importlib.util
import logging
import os
import subprocess
import sys
import threading
from dataclasses import replace
from multiprocessing import AuthenticationError

import pytest

from core.config import Config
from core.data.corpus import Corpus
from core.engine.job import Job
from core.engine.run import Run
from core.engine.snapshot import TRAINING
from core.keeping import answers, proof
from core.keeping.answers import Answer
from core.serving import checking
from core.serving import cluster as module
from core.serving import jobs as jobs_module
from core.serving import worker as worker_module
from core.serving.client import Client
from core.serving.cluster import Cluster, reached
from core.serving.cluster_actors import Actor, WorkerActor
from core.serving.cluster_driver import Trouble, connected, copy_parts
from core.serving.cluster_worker import ClusterWorker
from core.serving.hosts import in_thread
from core.serving.jobs import Jobs
from core.serving.pool import Pool
from core.serving.processes import HOUSE
from core.serving.training import untrained
from core.serving.turns import Turns
from tests.support.clients import past
from tests.support.runs_kept import saved
from tests.support.waiting import eventually

KEY, HERE = b"k" * 32, "127.0.0.1"
SMALL = Config(n_hidden=8, steps=10_000_000)
LOADED = 60


class Echo(Actor):
    def serve_connection(self, connection) -> None:
        connection.send(connection.recv())


def in_background(actor: Actor) -> threading.Thread:
    thread = threading.Thread(target=actor.serve, daemon=True)
    thread.start()
    return thread


# ---------------------------------------------------------------- connections


def test_only_who_knows_the_key_is_served():
    echo = Echo(KEY, HERE)
    address, thread = echo.address(), in_background(echo)
    with pytest.raises((AuthenticationError, EOFError, OSError)):
        reached(address, b"another")
    with reached(address, KEY) as connection:
        connection.send("hello")
        assert connection.poll(10) and connection.recv() == "hello"
    thread.join(10)
    assert not thread.is_alive()
    with pytest.raises(OSError):
        reached(address, KEY)  # one only


# ---------------------------------------------------------------- workers


@pytest.fixture
def few_words(words) -> Corpus:
    return Corpus("few", tuple(words[:200]))


@pytest.fixture
def workers(monkeypatch) -> list[ClusterWorker]:
    """Those that batches start, in threads of this process."""
    made = []

    def start(words: Corpus, work: list[dict]) -> ClusterWorker:
        actor = WorkerActor(KEY, HERE)
        in_background(actor)
        worker = ClusterWorker(work, jobs_module.as_json(words, work), lambda name: None)
        connection = reached(actor.address(), KEY)
        threading.Thread(target=worker.serve, args=[connection], daemon=True).start()
        made.append(worker)
        return worker

    monkeypatch.setattr(jobs_module, "start_worker", start)
    return made


def finished(jobs: Jobs):
    return eventually(lambda: (progress := jobs.poll()).share == 1 and progress, LOADED)


def trained(job: Job, dataset) -> bytes:
    run = Run(job.config, dataset, job.changes)
    run.advance(job.steps)
    return run.parameters.freeze()


def test_a_batch_over_connections_has_the_same_results_and_says_what_failed(workers, few_words, few):
    ones = [Job(f"{seed}", SMALL.with_(seed=seed), steps=200) for seed in range(3)]
    hot = Job("hot", SMALL.with_(learning_rate=100.0, weight_decay=1.0), steps=1_000_000)
    progress = finished(Jobs([*ones, hot], few_words))
    assert progress.failed.keys() == progress.broke == {3}
    assert [progress.done[i].parameters_at(-1) for i in range(3)] == [trained(one, few(3)) for one in ones]


def test_what_a_lost_worker_had_left_is_done_by_another_and_what_loses_every_worker_is_given_up(
    workers, few_words, few
):
    long = Job("long", SMALL, steps=10_000_000)
    jobs = Jobs([Job("short", SMALL, steps=100), long], few_words, Turns(1))
    for lost in range(jobs_module.MAX_LOST + 1):
        eventually(lambda: jobs.poll().done and len(workers) > lost, LOADED)  # noqa: B023
        workers[-1].end()
    progress = finished(jobs)
    assert progress.done[0].parameters_at(-1) == trained(Job("short", SMALL, steps=100), few(3))
    assert progress.failed == {1: "The process of long ended too early (status 0); start it again."}
    assert len(workers) == jobs_module.MAX_LOST + 1


def test_answers_are_checked_by_workers_and_told_in_the_order_of_the_list(workers, few_words, few):
    run = Run(SMALL, few(3))
    run.advance(200)
    good = proof.claimed_by(saved(run))
    away = replace(good, link=replace(good.link, digest="0" * 12))
    found = [
        Answer("a", good), Answer("b", "cannot be read"), Answer("c", replace(good, dev="1.0000")),
        Answer("d", away), Answer("e", good),
    ]  # fmt: skip
    assert len(found) > checking.FEW
    results = list(checking.judged(found, [few_words], 60))
    assert results == list(answers.judged(found, [few_words], 60))
    assert [one.true for one in results] == [True, False, False, False, True] and len(workers) >= 1
    assert next(checking.by_workers(found[:1], [few_words], -1)).why.startswith("It takes more than -1 seconds")


def test_a_worker_in_the_cluster_leaves_its_core_to_hosts(workers, few_words, monkeypatch):
    nices, here, complete = [], os.nice(0), worker_module.complete
    monkeypatch.setattr(worker_module, "complete", lambda run: nices.append(os.nice(0)) or complete(run))
    finished(Jobs([Job("one", SMALL, steps=10)], few_words))
    assert nices == [min(19, here + jobs_module.NICE)]


def test_a_worker_that_never_answers_is_over_once_its_end_is_heard(few_words):
    told = []
    worker = ClusterWorker([], "{}", told.append)
    assert worker.status() is None and worker.messages() == []
    worker.say(b"!\n")
    worker.ended.set()
    assert worker.status() == 0
    worker.end()
    assert told == ["kill"]


# ---------------------------------------------------------------- where there is no cluster


@pytest.mark.parametrize("address", ["nonsense", "ray://there:1", "127.0.0.1:port", "127.0.0.1:1", "127.0.0.1:99999"])
def test_an_address_of_no_cluster_is_said_in_one_sentence(address, monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "ray", object())  # it is not reached
    with pytest.raises(Trouble) as caught:
        connected(address, str(tmp_path))
    assert repr(address) in str(caught.value) and str(caught.value).endswith(".") and "\n" not in str(caught.value)


def test_where_ray_is_not_installed_that_is_said(monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(Trouble, match=r'Ray is not installed \(pip install "ray\[default\]"\)\.'):
        connected("auto", str(tmp_path))


def test_without_a_cluster_runs_train_here_and_the_log_says_why_once(few, caplog, monkeypatch):
    attempts, connecting = [], module.connecting
    monkeypatch.setattr(module, "AGAIN", 0.01)
    monkeypatch.setattr(module, "connecting", lambda *address: attempts.append(address) or connecting(*address))
    pool = Pool(in_thread, hosts=1)
    cluster = Cluster("127.0.0.1:1", pool)
    try:
        with caplog.at_level(logging.WARNING, module.__name__):
            cluster.start()
            one = Client(untrained(SMALL, few(3)), pool)
            assert one.start().state == TRAINING
            past(one, 0)
            eventually(lambda: len(attempts) > 2, LOADED)
    finally:
        pool.stop()
        cluster.stop()
    why = "Ray is not installed" if importlib.util.find_spec("ray") is None else "No Ray cluster answers"
    (sentence,) = caplog.messages
    assert sentence.startswith(why) and sentence.endswith("Training runs on this machine alone.")


def test_without_the_variable_there_is_no_thread_and_no_process(monkeypatch):
    monkeypatch.delenv(module.VARIABLE, raising=False)
    assert module.join(Pool(in_thread)) is None
    monkeypatch.setenv(module.VARIABLE, " ")
    assert module.join(Pool(in_thread)) is None


# ---------------------------------------------------------------- what leaves the server


def test_the_nodes_get_the_code_and_nothing_that_visitors_made(tmp_path):
    copy_parts(tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {"core", "assets"}
    assert (tmp_path / "core/serving/host.py").exists() and not list(tmp_path.rglob("__pycache__"))


def test_the_process_that_connects_to_ray_does_not_import_torch():
    command = [sys.executable, "-c", "import core.serving.cluster_driver, sys; print('torch' in sys.modules)"]
    assert subprocess.run(command, cwd=HOUSE, capture_output=True, text=True, check=True).stdout == "False\n"
