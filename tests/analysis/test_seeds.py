"""core/analysis/seeds.py and core/serving/worker.py: other seeds in other processes, and what they say together."""

import itertools
import math
import os
import pathlib
import signal
import statistics
import subprocess
import sys
import tempfile
import time

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from core.analysis.seeds import MAX_SEEDS, Progress, band, other_seeds, survival
from core.config import KNOB, Config, ConfigError
from core.data.corpus import Corpus
from core.engine.history import History
from core.engine.run import Run
from core.serving import processes, worker
from core.serving.jobs import NICE, Batch
from core.serving.processes import HOUSE
from tests.support.clouds import clouds
from tests.support.waiting import eventually

SMALL = Config(n_hidden=20, steps=100)
LONG = 10_000_000  # steps that no test waits for
LOADED = 120  # seconds: on a busy machine processes of low priority may have to wait
linux = pytest.mark.skipif(not pathlib.Path("/proc/self/stat").exists(), reason="looks at processes in /proc")


@pytest.fixture
def few_words(words) -> Corpus:
    """The words of the fixture `few`."""
    return Corpus("few", tuple(words[:200]))


@pytest.fixture
def batch(few_words):
    """Batches of the few words, cancelled after the test."""
    made = []

    def start(config=SMALL, changes=(), steps=100, seeds=(1, 2)) -> Batch:
        made.append(Batch(config, changes, steps, seeds, few_words))
        return made[-1]

    yield start
    for one in made:
        one.cancel()


def finished(batch: Batch) -> Progress:
    """Poll until the end; on the way the share never falls."""
    last = batch.poll()

    def at_the_end() -> bool:
        nonlocal last
        before, last = last, batch.poll()
        assert before.share <= last.share <= 1 and before.done.keys() <= last.done.keys()
        assert (last.share == 1) == (len(last.done) + len(last.failed) == len(batch._seeds))
        return last.share == 1

    eventually(at_the_end, LOADED)
    return last


def pids(batch: Batch) -> list[int]:
    return [one.process.pid for one in batch._workers]


def alive(pid: int) -> bool:
    """Whether a process is there and no zombie."""
    try:
        return pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except (FileNotFoundError, ProcessLookupError):
        return False


# ---------------------------------------------------------------- the runs of a batch


def test_a_seed_in_a_worker_is_the_same_run_to_the_last_bit_as_here(batch, few):
    changes = [(60, "batch_size", 8), (10, "learning_rate", 1 / 3), (10, "weight_decay", 1e-4)]
    seeds = (7, 42, 2**31 - 1)
    progress = finished(batch(SMALL, changes, 100, seeds))
    assert tuple(progress.done) == seeds and progress.failed == {}
    for seed, history in progress.done.items():
        run = Run(SMALL.with_(seed=seed), few(3), sorted(changes, key=lambda change: change[0]))
        run.advance(100)
        assert history == run.history.freeze(), f"seed {seed} differs"
        assert history.config["seed"] == seed and history.changes[0] == (10, "learning_rate", 1 / 3)
        assert history.parameters_at(-1) == run.parameters.freeze()
    assert len({history.evaluations[-1] for history in progress.done.values()}) == 3


def test_a_batch_ends_with_the_losses_and_weights_of_its_last_step_wherever_that_is(batch, few):
    history = finished(batch(SMALL.with_(steps=1_000), (), 787, (5,))).done[5]
    run = Run(SMALL.with_(seed=5), few(3))
    run.advance(787)
    assert run.history.evaluations[-1][0] < 787 and run.history.checkpoints[-1][0] < 787, "787 is on a grid"
    assert history.evaluations[-1] == (787, run.evaluate("train"), run.evaluate("dev"))
    assert history.checkpoints[-1][0] == 787 and history.parameters_at(-1) == run.parameters.freeze()
    assert history.clock[-1][0] == 787 and history.config["steps"] == 1_000
    assert history.evaluations[:-1] == tuple(run.history.evaluations)


def test_of_large_networks_fewer_checkpoints_are_kept_and_always_the_first_and_the_last(few):
    run = Run(SMALL, few(3))
    run.advance(100)
    whole = run.history.checkpoints[:]
    run.history.checkpoints = [(step, bytes(worker.KEPT_BYTES // 4)) for step, _ in whole]
    assert [step for step, _ in worker.complete(run).checkpoints] == [0, 18, 44, 100]  # even in log-step
    run.history.checkpoints = whole
    assert worker.complete(run).checkpoints == whole


def test_a_run_that_explodes_fails_in_its_own_words(batch, few):
    hot = SMALL.with_(learning_rate=100.0, weight_decay=1.0)  # each step multiplies the weights by -99
    run = Run(hot.with_(seed=1), few(3))
    run.advance(LONG)
    progress = finished(batch(hot, (), LONG, (1,)))
    assert progress == Progress({}, {1: run.failure}, 1.0) and run.failure.startswith("Stopped after step ")


def test_weights_whose_exact_loss_is_not_finite_are_no_result(few):
    run = Run(SMALL, few(3))
    run.advance(5)
    run.parameters.flat.fill_(3e38)
    with pytest.raises(worker.Unfinished, match=r"^The exact loss at step 5 is no longer a finite number\.$"):
        worker.complete(run)


def test_a_batch_of_what_cannot_be_is_refused_before_anything_starts(few_words, monkeypatch):
    monkeypatch.setattr(processes, "start", lambda *_, **__: pytest.fail("a process was started"))
    for refused, what in {
        "Choose one to 8 seeds, no two of them the same.": [{"seeds": ()}, {"seeds": (1, 1)}, {"seeds": range(9)}],
        "Seed must be between 0 and 2,147,483,647, not -1.": [{"seeds": (3, -1)}],
        "Steps must be between 1 and 10,000,000, not 0.": [{"steps": 0}],
        "'n_embd' cannot change while a run goes on.": [{"changes": [(5, "n_embd", 3)]}],
        "'epochs' cannot change while a run goes on.": [{"changes": [(5, "epochs", 3)]}],
        "Learning rate must be a number, not nan.": [{"changes": [(5, "learning_rate", math.nan)]}],
    }.items():
        for values in what:
            with pytest.raises(ConfigError) as caught:
                Batch(**{"config": SMALL, "changes": (), "steps": 10, "seeds": (1,), "words": few_words} | values)
            assert str(caught.value) == refused


def test_a_machine_without_room_for_another_process_says_so(few_words, monkeypatch):
    def full(*_, **__):
        raise BlockingIOError(11, "Resource temporarily unavailable")

    monkeypatch.setattr(processes, "start", full)
    progress = Batch(SMALL, (), 10, (1, 2), few_words).poll()
    said = "The process of seed {} could not be started (Resource temporarily unavailable); try again later."
    assert progress == Progress({}, {1: said.format(1), 2: said.format(2)}, 1.0)


# ---------------------------------------------------------------- processes


@linux
def test_cancel_leaves_no_process_and_keeps_what_was_done(batch):
    running = batch(steps=LONG, seeds=(1, 2, 3))
    started = pids(running)
    assert len(started) == min(3, os.cpu_count())
    eventually(lambda: running.poll().share > 0, LOADED)
    share, began = running.poll().share, time.monotonic()
    running.cancel()
    assert time.monotonic() - began < 1
    for pid in started:
        assert not pathlib.Path(f"/proc/{pid}").exists(), "not ended, or not reaped"
    assert 0 < share == running.poll().share < 1 and running.poll().failed == {}
    running.cancel()


@linux
def test_a_batch_that_nobody_holds_any_more_leaves_no_process(few_words):
    running = Batch(SMALL, (), LONG, (1, 2), few_words)
    started = pids(running)
    assert all(map(alive, started))
    del running
    assert not any(pathlib.Path(f"/proc/{pid}").exists() for pid in started)


@linux
@pytest.mark.parametrize("when", ["training", "starting"])
def test_workers_end_when_their_server_is_killed(few_words, when):
    script = f"""
import time
from core.config import Config
from core.serving.jobs import Batch
from core.data.corpus import Corpus
batch = Batch(Config(n_hidden=20), (), {LONG}, (1, 2), Corpus("few", {few_words.units!r}))
while {when == "training"} and not batch.poll().share:
    time.sleep(0.01)
print(*(worker.process.pid for worker in batch._workers), flush=True)
time.sleep(60)
"""
    with subprocess.Popen([sys.executable, "-c", script], cwd=HOUSE, stdout=subprocess.PIPE, text=True) as server:
        started = [int(pid) for pid in server.stdout.readline().split()]
        assert started and all(map(alive, started))
        server.send_signal(signal.SIGKILL)
    eventually(lambda: not any(map(alive, started)), LOADED)


def test_a_worker_that_is_killed_is_a_sentence_for_each_seed_that_it_had_not_done(batch):
    running = batch(steps=LONG, seeds=(1, 2, 3))
    for pid in pids(running):
        os.kill(pid, signal.SIGKILL)
    said = "The process of seed {} ended too early (status -9); start it again."
    assert finished(running) == Progress({}, {seed: said.format(seed) for seed in (1, 2, 3)}, 1.0)


@linux
def test_workers_are_modest_and_leave_no_file(batch, tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    running = batch(steps=LONG)
    eventually(lambda: running.poll().share > 0, LOADED)
    here = os.getpriority(os.PRIO_PROCESS, 0)
    assert [os.getpriority(os.PRIO_PROCESS, pid) for pid in pids(running)] == [min(19, here + NICE)] * 2
    assert list(tmp_path.iterdir()) == []


# ---------------------------------------------------------------- what the seeds say together


@given(st.integers(0, KNOB["seed"].high), st.integers(0, 20))
def test_other_seeds_are_seeds_all_different_and_always_the_same(seed, n):
    seeds = other_seeds(seed, n)
    assert len({seed, *seeds}) == n + 1 and seeds == other_seeds(seed, n)
    assert all(KNOB["seed"].check(other) == other for other in seeds)
    assert other_seeds(42, 3) == (43, 44, 45)


evaluations = st.dictionaries(st.integers(0, 12), st.floats(0, 9), min_size=1)


@given(st.lists(evaluations, min_size=1, max_size=MAX_SEEDS))
def test_the_band_is_the_least_the_middle_and_the_greatest_dev_loss_at_each_shared_step(curves):
    histories = [History({}, evaluations=[(step, 0.0, dev) for step, dev in sorted(c.items())]) for c in curves]
    expected = []
    for step in range(13):
        if all(step in curve for curve in curves):
            losses = sorted(curve[step] for curve in curves)
            expected.append((step, losses[0], statistics.median(losses), losses[-1]))
    assert band(histories) == expected


def test_no_runs_have_no_band():
    assert band([]) == []


def nearest(C: torch.Tensor, i: int, k: int) -> set[int]:
    others = [j for j in range(len(C)) if j != i]
    return set(sorted(others, key=lambda j: math.dist(C[i].tolist(), C[j].tolist()))[:k])


@given(clouds(), st.integers(2, 5), st.integers(1, 4), st.floats(0, 2))
def test_what_survives_is_what_counting_one_by_one_finds(C, n, k, noise):
    g = torch.Generator().manual_seed(n)
    embeddings = [C + noise * torch.randn(C.shape, generator=g, dtype=C.dtype) for _ in range(n)]
    V, k = len(C), min(k, len(C) - 1)
    near = [[nearest(E, i, k) for i in range(V)] for E in embeddings]
    found = survival(embeddings, k)
    for i in range(V):
        shared = [len(a[i] & b[i]) / k for a, b in itertools.combinations(near, 2)]
        assert found.overlap[i] == pytest.approx(statistics.mean(shared))
    mutual = {}
    for i, j in itertools.combinations(range(V), 2):
        if seeds := sum(j in one[i] and i in one[j] for one in near):
            mutual[i, j] = seeds
    assert {(i, j): seeds for i, j, seeds in found.pairs} == mutual
    assert [seeds for *_, seeds in found.pairs] == sorted(mutual.values(), reverse=True)
    assert found.chance == k / (V - 1)


def test_the_same_embedding_turned_survives_whole_and_random_ones_no_more_than_chance():
    g = torch.Generator().manual_seed(0)
    C = torch.randn(27, 10, generator=g, dtype=torch.float64)
    turned = C @ torch.linalg.qr(torch.randn(10, 10, generator=g, dtype=torch.float64))[0] + 3
    assert survival([C, turned]).overlap == (1.0,) * 27
    # 60 unrelated embeddings: the mean overlap of 27 characters and 1,770 pairs is chance to within 2 %
    random = survival([torch.randn(27, 10, generator=g) for _ in range(60)])
    assert statistics.mean(random.overlap) == pytest.approx(random.chance, rel=0.02) and random.chance == 3 / 26


def test_a_vocabulary_smaller_than_the_neighbourhood_still_has_one():
    found = survival([torch.eye(3), torch.eye(3)], k=3)
    assert found.overlap == (1.0,) * 3 and found.chance == 1.0 and found.pairs == ((0, 1, 2), (0, 2, 2), (1, 2, 2))
