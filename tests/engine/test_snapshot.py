"""core/engine/snapshot.py: the network at the step that a page shows."""

from dataclasses import replace

import pytest

from core.config import Config
from core.data.corpus import WORD
from core.engine.model import initialise
from core.engine.recorded import recorded
from core.engine.run import Run

END, CHANGED = 25, 12


@pytest.fixture(scope="module")
def snapshot(few):
    """A run at step 25 whose learning rate was changed at step 12."""
    run = Run(Config(), few(3), [(CHANGED, "learning_rate", 0.3)])
    run.advance(END)
    run.history.checkpoints.append((END, run.parameters.freeze()))
    return recorded(run.history, few(3))


def test_without_a_cursor_it_is_the_newest_step(snapshot):
    moment = snapshot.at(None)
    assert moment.step == END and moment.parameters().freeze() == snapshot.frozen
    assert moment.config.learning_rate == 0.3


@pytest.mark.parametrize("cursor", [0, 1, 7, CHANGED, CHANGED + 1, 20])
def test_with_a_cursor_it_is_the_run_as_it_was_there(snapshot, few, cursor):
    moment = snapshot.at(cursor)
    again = Run(Config(), few(3), [(CHANGED, "learning_rate", 0.3)])
    again.advance(moment.step)
    assert moment.step <= cursor and moment.parameters().freeze() == again.parameters.freeze()
    steps = [step for step, _ in snapshot.history.checkpoints]
    assert moment.step == max(step for step in steps if step <= cursor)
    assert moment.config.learning_rate == (0.3 if moment.step > CHANGED else 0.1)


def test_at_step_0_it_is_the_untrained_network_and_beyond_the_end_the_newest(snapshot):
    assert snapshot.at(0).parameters().freeze() == initialise(Config(), 27).freeze()
    assert snapshot.at(10**9).step == END


def test_the_newest_exact_losses_are_measured_once_and_none_are_made_up(snapshot):
    assert snapshot.measured is snapshot.history or snapshot.measured.evaluations[-1] == snapshot.exact
    now = replace(snapshot, exact=(END, 2.5, 2.625))
    *before, newest = now.measured.evaluations
    assert newest == (END, 2.5, 2.625) and tuple(before) == tuple(snapshot.history.evaluations)
    step = snapshot.history.evaluations[-1][0]
    assert replace(snapshot, exact=(step, 1.0, 1.0)).measured is snapshot.history


def test_of_words_whose_losses_are_means_over_a_sample_no_exact_one_is_put_beside_them(snapshot):
    of_words = replace(snapshot, corpus=replace(snapshot.corpus, level=WORD), exact=(END, 2.5, 2.625))
    assert of_words.measured is snapshot.history
