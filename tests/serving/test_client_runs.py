"""core/serving/client.py, from run to run: reset, also to other words, and undo; its host a thread and a
process alike.
"""

import dataclasses
import random
import time

from core.data.corpus import Corpus
from core.engine.run import Run
from core.engine.snapshot import PAUSED, READY, TRAINING
from tests.support.clients import SMALL, past, plain


def test_reset_starts_again_from_the_same_first_weights_and_waits(make_client):
    one = make_client()
    first = one.snapshot
    one.start()
    past(one, 0)
    again = one.reset()
    assert (again.number, again.state, again.step) == (2, READY, 0)
    assert again.frozen == first.frozen and again.config == first.config
    assert again.previous.evaluations and again.history == first.history


def test_reset_to_another_config_goes_on_training_only_if_it_was(make_client):
    one = make_client()
    still = one.reset(SMALL.with_(n_hidden=7))
    assert still.state == READY and still.config.n_hidden == 7 and still.previous is None
    one.start()
    past(one, 0)
    moving = one.reset(SMALL.with_(n_hidden=8))
    assert moving.state == TRAINING and moving.config.n_hidden == 8
    assert past(one, moving.step).number == moving.number


def test_reset_to_another_context_length_takes_that_data(make_client, few):
    one = make_client()
    snapshot = one.reset(SMALL.with_(block_size=2))
    assert snapshot.exact[1] == Run(snapshot.config, few(2)).evaluate("train")


def test_reset_to_other_words_learns_from_those_and_undo_from_the_old_ones(make_client, small, ready):
    one, cities = make_client(), Corpus("towns", ("bonn", "ulm", "trier", "kiel", "hof", "jena") * 4)
    old = one.step()
    new = one.reset(SMALL, cities)
    assert (new.corpus, new.state, new.step) == (cities, READY, 0)
    assert new.vocabulary == ready(cities, 3).vocabulary != old.vocabulary
    one.step()
    after = one.step()
    run = Run(SMALL, ready(cities, 3))
    run.advance(2)
    assert after.frozen == run.parameters.freeze() and after.corpus == cities
    back = one.undo()
    assert (back.corpus, back.frozen, back.vocabulary) == (small, old.frozen, old.vocabulary)


def test_words_that_are_too_much_for_a_config_are_refused_in_a_sentence_and_nothing_changes(make_client):
    one, draw = make_client(), random.Random(1)
    symbols = [chr(code) for code in range(0x4E00, 0x4E00 + 250)]
    noise = Corpus("noise", tuple("".join(draw.choices(symbols, k=60)) for _ in range(4_500)))
    before = one.step()
    refused = one.reset(SMALL.with_(block_size=8, n_embd=32, n_hidden=500), noise)
    assert "multiplications" in refused.problem and refused.problem.endswith(".")
    assert dataclasses.replace(refused, problem=None) == before
    assert one.step().step == 2


def test_undo_brings_back_the_exact_run_paused_and_redo_the_one_that_it_left(make_client, few):
    one = make_client()
    one.start()
    past(one, 10)
    old = one.pause()
    one.reset(SMALL.with_(n_hidden=5))
    new = one.step()
    back = one.undo()
    assert (back.state, back.step, back.frozen, back.config) == (PAUSED, old.step, old.frozen, old.config)
    assert back.history == old.history and back.exact == old.exact and back.number == 3
    assert back.previous == new.history and (new.undo, new.redo, back.undo, back.redo) == (old.step, None, None, 1)
    forth = one.redo()
    assert (forth.step, forth.frozen, forth.config) == (1, new.frozen, new.config)
    assert (forth.undo, forth.redo) == (old.step, None) and one.redo().number == forth.number
    assert one.undo().frozen == old.frozen
    after = one.step()
    assert after.frozen == plain(after, few).parameters.freeze()


def test_undo_again_goes_further_back_and_no_long_run_is_lost_to_many_short_ones(make_client):
    one = make_client()
    for _ in range(20):
        one.step()
    long = one.snapshot
    for seed in range(11, 25):
        one.reset(SMALL.with_(seed=seed))
        one.step()
    seen = [one.undo() for _ in range(9)]
    assert [s.config.seed for s in seen[:3]] == [23, 22, 21]
    assert any(s.frozen == long.frozen and s.step == long.step for s in seen)
    again = [one.redo() for _ in range(9)]
    assert again[-1].config.seed == 24 and again[-1].redo is None


def test_what_was_undone_before_another_run_began_is_undone_to_after_it(make_client):
    one = make_client()
    for seed in (4, 5, 6):
        one.reset(SMALL.with_(seed=seed))
        one.step()
    one.undo(), one.undo()
    begun = one.reset(SMALL.with_(seed=7))
    assert (begun.undo, begun.redo) == (1, None)
    assert [one.undo().config.seed for _ in range(3)] == [4, 5, 6]
    assert one.snapshot.undo is None and [one.redo().config.seed for _ in range(3)] == [5, 4, 7]


def test_pause_answers_soon_after_a_change_to_a_network_whose_steps_take_far_longer(make_client):
    one = make_client(speed="max")
    one.start()
    past(one, 500)
    one.reset(SMALL.with_(n_embd=32, n_hidden=500, batch_size=2048))
    past(one, 0)
    began = time.monotonic()
    assert one.pause().state == PAUSED
    assert time.monotonic() - began < 1.5  # 10 s when the old network's pace decides


def test_undo_keeps_only_a_run_that_took_a_step(make_client):
    one = make_client()
    assert one.undo().number == 1  # nothing to bring back, nothing happens
    trained = one.step()
    one.reset(SMALL.with_(n_hidden=5))
    one.reset(SMALL.with_(n_hidden=6))  # the one with 5 never took a step
    back = one.undo()
    assert back.frozen == trained.frozen and back.previous is None
    assert one.undo().number == back.number
    again = one.redo()  # what was chosen last can be had again, though it never took a step
    assert (again.step, again.config.n_hidden, again.undo) == (0, 6, 1)
