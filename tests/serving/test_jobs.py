"""core/serving/jobs.py: lists of runs in other processes. What seeds say of it is in tests/analysis/test_seeds.py."""

import json
import os
import pathlib
import signal
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from core.analysis.finder import Sweep
from core.config import Config, ConfigError
from core.data.corpus import Corpus
from core.data.dataset import Dataset
from core.data.sentences import read_text
from core.engine.job import Job, Progress
from core.engine.run import Run
from core.serving import jobs as jobs_module
from core.serving.jobs import GIVE_UP, STILL_HERE, Jobs
from core.serving.turns import Turns
from tests.support import impatient_worker
from tests.support.processes import Piped, piped
from tests.support.waiting import eventually

SMALL = Config(n_hidden=20, steps=100)
LONG = 10_000_000  # steps that no test waits for
LOADED = 120  # seconds: on a busy machine processes of low priority may have to wait


@pytest.fixture
def few_words(words) -> Corpus:
    """The words of the fixture `few`."""
    return Corpus("few", tuple(words[:200]))


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


def test_jobs_on_words_learn_the_words_of_the_text_and_end_with_the_losses_that_are_watched():
    corpus = read_text(
        "The cat sat. A dog ran, and the cat ran too! Why did Tom's dog run?\n" * 60, "story", 500
    ).corpus
    jobs = [Job("words", SMALL.with_(tied=True), steps=20), Job("sweep", SMALL, steps=5, sweep=(-2, 0))]
    progress = finished(Jobs(jobs, corpus))
    run = trained(jobs[0], Dataset.of_corpus(corpus, SMALL.block_size))
    assert progress.done[0].parameters_at(-1) == run.parameters.freeze()
    assert progress.done[0].evaluations[-1] == (20, *run.losses()) and len(progress.done[1].losses) == 5


def test_a_run_that_explodes_is_told_from_words_that_cannot_be_learned_from(few_words):
    hot = Job("hot", SMALL.with_(learning_rate=100.0, weight_decay=1.0), steps=LONG)
    broken = finished(Jobs([hot, Job("fine", SMALL, steps=5)], few_words))
    assert broken.broke == {0} and broken.failed.keys() == {0} and broken.done.keys() == {1}
    lost = finished(Jobs([Job("fine", SMALL, steps=5)], Corpus("none", ())))
    assert lost.broke == frozenset() and lost.failed.keys() == {0}


def test_what_no_run_can_do_is_refused_before_anything_starts(few_words):
    for job, refused in {
        Job("x", SMALL, steps=0): "Steps must be between 1 and 10,000,000, not 0.",
        Job("x", SMALL, ((3, "seed", 1),)): "'seed' cannot change while a run goes on.",
    }.items():
        with pytest.raises(ConfigError) as caught:
            Jobs([job], few_words)
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


@contextmanager
def a_worker(words: Corpus, *jobs: Job, module: str = "core.serving.worker") -> Iterator[Piped]:
    """A real worker that is served by hand."""
    work = [{"job": i} | job.checked() for i, job in enumerate(jobs)]
    with tempfile.TemporaryFile("w+") as given:
        given.write(jobs_module.as_json(words, work))
        given.seek(0)
        with piped(module, given.fileno()) as worker:
            yield worker


@pytest.mark.parametrize("nudged", [False, True])
def test_a_worker_ends_when_nobody_lets_it_hear_any_more(few_words, nudged):
    with a_worker(few_words, Job("long", SMALL, steps=LONG), module=impatient_worker.__name__) as worker:
        worker.said.readline()  # it trains
        began = time.monotonic()
        while nudged and time.monotonic() < began + 2 * impatient_worker.LEASE:  # longer than it would wait
            worker.tell.write(STILL_HERE)
            assert worker.said.readline()
        assert worker.process.poll() is None or not nudged
        for _ in worker.said:  # until it ends by itself: its standard input stays open
            assert time.monotonic() < began + LOADED
        assert worker.process.wait(LOADED) == 0


def test_a_worker_that_is_to_give_way_ends_with_the_job_at_hand(few_words):
    first, second = Job("first", SMALL, steps=20_000), Job("second", SMALL, steps=LONG)
    with a_worker(few_words, first, second) as worker:
        worker.said.readline()
        worker.tell.write(GIVE_UP)
        said = [json.loads(line) for line in worker.said]
        assert worker.process.wait(LOADED) == 0
        assert said[-1]["job"] == 0 and said[-1]["history"]["evaluations"][-1][0] == 20_000


# ---------------------------------------------------------------- many visitors, few cores


@pytest.fixture
def on_one_core(few_words):
    """on_one_core(...) -> Jobs that share one core, long ones if nothing else is said; cancelled after the test."""
    turns, made = Turns(1), []

    def start(*jobs: Job) -> Jobs:
        made.append(Jobs(jobs or [Job("long", SMALL, steps=LONG)], few_words, turns))
        return made[-1]

    yield start
    for one in made:
        one.cancel()


def at_work(*jobs: Jobs) -> list[int]:
    return [one.held() for one in jobs]


def test_of_several_visitors_jobs_those_that_came_first_train_and_the_others_know_their_place(on_one_core):
    jobs = first, second, third = on_one_core(), on_one_core(), on_one_core()
    assert [one.poll().waiting for one in jobs] == [0, 1, 2] and at_work(*jobs) == [1, 0, 0]
    first.cancel()
    assert third.poll().waiting == 2 and at_work(*jobs) == [0, 0, 0], "it is not the third one's turn"
    assert second.poll().waiting == 0 and at_work(*jobs) == [0, 1, 0]
    os.kill(second._workers[0].process.pid, signal.SIGKILL)
    eventually(lambda: third.poll().waiting == 0 and at_work(*jobs) == [0, 0, 1])
    assert second.poll().failed.keys() == {0}


def test_jobs_that_nobody_holds_any_more_leave_the_line_and_their_core(few_words):
    turns, job = Turns(1), Job("long", SMALL, steps=LONG)
    jobs = [Jobs([job], few_words, turns) for _ in range(3)]
    assert jobs[2].poll().waiting == 2
    del jobs[:2]
    assert jobs[0].poll().waiting == 0 and at_work(*jobs) == [1]
    jobs[0].cancel()


def test_whoever_has_had_a_core_for_long_gives_way_after_a_job_and_goes_on_later(on_one_core, few, monkeypatch):
    monkeypatch.setattr(jobs_module, "TURN", 0.0)
    several = [Job(f"{i}", SMALL.with_(seed=i), steps=4_000) for i in range(4)]
    first, second = on_one_core(*several), on_one_core(Job("other", SMALL, steps=50))
    while (other := second.poll()).share < 1:
        assert first.poll().share < 1, "the first was done before the second had a turn"
        time.sleep(0.01)
    assert other.failed == {}
    done = finished(first).done
    assert list(done) == [0, 1, 2, 3]
    for i, history in done.items():
        assert history.parameters_at(-1) == trained(several[i], few(3)).parameters.freeze()


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


def test_a_run_on_words_is_the_same_in_another_process():
    story = read_text("The cat sat. A dog ran, and the cat ran too! Why did Tom's dog run?\n" * 60, "story", 500).corpus
    config = Config(n_embd=4, n_hidden=6, optimiser="Adagrad", tied=True, init="frequency", batch_size=32)
    done = finished(Jobs([Job("seed 5", config.with_(seed=5), steps=20)], story)).done
    here = trained(Job("here", config.with_(seed=5), steps=20), Dataset.of_corpus(story, 3))
    assert done[0].parameters_at(len(done[0].checkpoints) - 1) == here.parameters.freeze()
    assert done[0].evaluations[-1] == (20, *here.losses())
