"""core/jobs.py: lists of runs in other processes. What seeds say of it is in tests/test_seeds.py."""

import json
import os
import pathlib
import subprocess
import sys
import time

import pytest

from core.config import Config, ConfigError
from core.finder import Sweep
from core.jobs import HOUSE, Job, Jobs, Progress
from core.run import Run
from tests.waiting import eventually

SMALL = Config(n_hidden=20, steps=100)
LONG = 10_000_000  # steps that no test waits for
LOADED = 120  # seconds: on a busy machine processes of low priority may have to wait


@pytest.fixture
def few_words(words, tmp_path) -> pathlib.Path:
    """The words of the fixture `few`, as a file."""
    path = tmp_path / "few"
    path.write_text("\n".join(words[:200]))
    return path


def finished(jobs: Jobs) -> Progress:
    return eventually(lambda: (progress := jobs.poll()).share == 1 and progress, LOADED)


def trained(job: Job, dataset) -> Run:
    run = Run(job.config, dataset, job.changes)
    run.advance(job.steps)
    return run


def test_each_job_has_its_own_config_changes_and_steps_and_is_the_same_run_as_here(few_words, few):
    jobs = [
        Job("a", SMALL, steps=50),
        Job("b", SMALL.with_(block_size=2, n_embd=3), [(10, "learning_rate", 0.3)], 100),
        Job("c", SMALL, steps=30, sweep=(-2, 0)),
    ]
    progress = finished(Jobs(jobs, few_words))
    assert list(progress.done) == [0, 1, 2] and progress.failed == {} and progress.broke == frozenset()
    for i in (0, 1):
        run = trained(jobs[i], few(jobs[i].config.block_size))
        assert progress.done[i].parameters_at(-1) == run.parameters.freeze()
        assert progress.done[i].losses == tuple(run.history.losses)
    sweep = Sweep(SMALL, few(3), -2, 0, 30)
    sweep.advance(30)
    assert progress.done[2] == sweep.history.freeze() and len(sweep.history.losses) == 30


def test_a_run_that_explodes_is_told_from_a_word_list_that_is_not_there(few_words, tmp_path):
    hot = Job("hot", SMALL.with_(learning_rate=100.0, weight_decay=1.0), steps=LONG)
    broken = finished(Jobs([hot, Job("fine", SMALL, steps=5)], few_words))
    assert broken.broke == {0} and broken.failed.keys() == {0} and broken.done.keys() == {1}
    lost = finished(Jobs([Job("fine", SMALL, steps=5)], tmp_path / "gone.txt"))
    assert lost.broke == frozenset() and lost.failed == {0: "gone.txt cannot be read: No such file or directory."}


def test_what_no_run_can_do_is_refused_before_anything_starts():
    for job, refused in {
        Job("x", SMALL, steps=0): "Steps must be between 1 and 10,000,000, not 0.",
        Job("x", SMALL, ((3, "seed", 1),)): "'seed' cannot change while a run goes on.",
    }.items():
        with pytest.raises(ConfigError) as caught:
            Jobs([job])
        assert str(caught.value) == refused


@pytest.mark.skipif(not pathlib.Path("/proc/self/stat").exists(), reason="looks at processes in /proc")
def test_many_jobs_share_the_cores_and_are_gone_within_a_second_of_cancel(few_words):
    jobs = Jobs([Job(f"{i}", SMALL.with_(seed=i), steps=LONG) for i in range(20)], few_words)
    started = [worker.process.pid for worker in jobs._workers]
    assert len(started) == min(20, os.cpu_count())
    eventually(lambda: jobs.poll().share > 0, LOADED)
    began = time.monotonic()
    jobs.cancel()
    assert time.monotonic() - began < 1
    assert not any(pathlib.Path(f"/proc/{pid}").exists() for pid in started)
    assert 0 < jobs.poll().share < 1


IMPATIENT = "from core import worker; worker.LEASE = 1.0; worker.main()"  # a real worker, but for its patience


@pytest.mark.parametrize("nudged", [False, True])
def test_a_worker_ends_when_nobody_lets_it_hear_any_more(few_words, nudged):
    work = {"job": 0} | Job("long", SMALL, steps=LONG).checked()
    line = json.dumps({"words": str(few_words), "jobs": [work]}).encode() + b"\n"
    process = subprocess.Popen(
        [sys.executable, "-c", IMPATIENT], stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=HOUSE
    )
    try:
        process.stdin.write(line)
        process.stdin.flush()
        process.stdout.readline()  # it trains
        began = time.monotonic()
        while nudged and time.monotonic() < began + 3:  # three times as long as it would wait
            process.stdin.write(b"\n")
            process.stdin.flush()
            assert process.stdout.readline()
        assert process.poll() is None or not nudged
        for _ in process.stdout:  # until it ends by itself: its standard input stays open
            assert time.monotonic() < began + LOADED
        assert process.wait(LOADED) == 0
    finally:
        process.kill()
        process.wait()
        process.stdin.close()
        process.stdout.close()


def test_a_run_beside_busy_workers_is_the_same_to_the_last_bit(few_words, few):
    def history():
        run = Run(SMALL, few(3))
        run.advance(3_000)
        return run.history.freeze(), run.parameters.freeze()

    alone = history()
    beside = Jobs([Job("other", SMALL.with_(seed=i), steps=LONG) for i in range(4)], few_words)
    eventually(lambda: beside.poll().share > 0, LOADED)
    assert history() == alone
    assert beside.poll().share < 1, "the workers were done before the run was"
    beside.cancel()
