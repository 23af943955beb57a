"""core/analysis/capacity.py: which sizes are tried, and what their losses say."""

import pytest

from core.analysis.capacity import best, capacity_jobs, capacity_sentence, cells, shares, sizes
from core.config import Config
from core.engine.history import History
from core.engine.job import Progress
from core.engine.model import initialise

CONFIG = Config(batch_size=64, seed=7)


def progress(jobs, devs: dict[int, float], failed=()) -> Progress:
    done = {
        i: History(jobs[i].config.to_dict(), evaluations=((0, 3.3, 3.3), (500, dev - 0.1, dev)))
        for i, dev in devs.items()
    }
    return Progress(done, dict.fromkeys(failed, "Stopped after step 3."), 0.5, frozenset(failed))


def test_a_few_sizes_are_tried_the_run_s_own_among_them():
    assert sizes(CONFIG) == ((10, 30, 100, 300), (1, 2, 5, 10))
    own = CONFIG.with_(n_hidden=0, n_embd=7)
    assert sizes(own) == ((0, 10, 30, 100, 300), (1, 2, 5, 7, 10))
    jobs = capacity_jobs(own, 2_000)
    assert [(job.config.n_embd, job.config.n_hidden) for job in jobs] == [
        (e, h) for e in sizes(own)[1] for h in sizes(own)[0]
    ]
    assert all(job.config.with_(n_hidden=0, n_embd=7) == own and job.steps == 2_000 for job in jobs)


def test_each_size_has_its_losses_or_says_why_not():
    jobs = capacity_jobs(CONFIG, 500)
    known = cells(jobs, progress(jobs, {0: 2.9, 5: 2.4, 6: 2.45}, failed=[3]), 27)
    assert len(known) == 16 and [(c.train, c.dev) for c in known[:2]] == [(pytest.approx(2.8), 2.9), (None, None)]
    assert known[3].problem == "Stopped after step 3." and known[4].problem is None
    assert [c.parameters for c in known] == [len(initialise(job.config, 27).flat) for job in jobs]
    assert best(known) is known[5]
    assert [s for s in shares(known) if s is not None] == [0.0, 1.0, pytest.approx(0.9)]


def test_of_two_sizes_alike_the_smaller_one_is_best_and_nothing_is_best_of_nothing():
    jobs = capacity_jobs(CONFIG, 500)
    known = cells(jobs, progress(jobs, {2: 2.5, 1: 2.5}), 27)
    assert best(known) is known[1] and shares(known)[1:3] == [1.0, 1.0]
    empty = cells(jobs, Progress({}, {}, 0.0), 27)
    assert best(empty) is None and capacity_sentence(empty, CONFIG, 500) == "" and set(shares(empty)) == {None}


def test_the_sentence_compares_the_best_with_the_run_s_own_size():
    jobs = capacity_jobs(CONFIG, 500)
    own = next(i for i, job in enumerate(jobs) if (job.config.n_hidden, job.config.n_embd) == (100, 2))
    known = cells(jobs, progress(jobs, {0: 2.9, own: 2.41, own + 1: 2.3}), 27)
    said = "Best after 500 steps: 300 hidden units and 2 dimensions, 2.3000 on dev with 10,281 parameters."
    assert capacity_sentence(known, CONFIG, 500) == (
        f"{said} The size of your run, 100 hidden units and 2 dimensions, reaches 2.4100 with 3,481."
    )
    assert capacity_sentence(cells(jobs, progress(jobs, {own + 1: 2.3}), 27), CONFIG, 500) == said
    alone = capacity_sentence(cells(jobs, progress(jobs, {own: 2.41}), 27), CONFIG, 500)
    assert alone.endswith("3,481 parameters. That is the size of your run.")
    assert "10 hidden units and 1 dimension, " in capacity_sentence(
        cells(jobs, progress(jobs, {0: 2.2}), 27), CONFIG, 500
    )
