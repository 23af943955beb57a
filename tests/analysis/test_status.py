"""What the status line says, on histories made by hand."""

from dataclasses import replace

import pytest

from core.analysis.status import beaten_at, likely_cause, not_learning, progress, sentence
from core.config import Config, lower_rate
from core.counting.ngrams import COUNT_MODELS, UNIFORM, Baselines
from core.data.corpus import Corpus
from core.engine.history import History
from core.engine.snapshot import FINISHED, PAUSED, READY, RECORDED, STOPPED, TRAINING, Snapshot

DEV = {"uniform": 3.30, "unigram": 2.83, "bigram": 2.47, "trigram": 2.24, "4-gram": 2.11}
COUNTS = Baselines({}, DEV, DEV, DEV)


def history(*dev: float, every: int = 100, train: float | None = None) -> History:
    """Exact dev losses at steps 0, 100, 200 ...; the train loss is the same unless given."""
    rows = [(i * every, loss if train is None else train, loss) for i, loss in enumerate(dev)]
    return History(Config().to_dict(), evaluations=rows)


def snapshot(past: History, state: str = TRAINING, problem: str | None = None, **config) -> Snapshot:
    past = replace(past, config=Config(**config).to_dict())
    return Snapshot(
        id="id", history=past, step=past.evaluations[-1][0], frozen=b"", exact=past.evaluations[-1],
        number=1, corpus=Corpus("one", ("a",)), state=state, problem=problem,
    )  # fmt: skip


def said(past: History, **config) -> str:
    return progress(Config(**config), past.evaluations[-1][0], past, COUNTS)


def test_the_hand_made_baselines_have_the_names_of_the_real_ones():
    assert set(DEV) == {UNIFORM, *COUNT_MODELS}


def test_an_untrained_run_is_told_with_its_true_loss_and_the_uniform_guess():
    assert said(history(3.3)) == "Not trained yet: it guesses almost at random (loss 3.30; pure chance is 3.30)."
    frequent = said(history(2.82), init="frequency")
    assert frequent == "Not trained yet: it guesses each symbol as often as it occurs (loss 2.82)."
    assert (
        said(history(26.4)) == "Not trained yet: its guesses are confident and wrong (loss 26.40; pure chance is 3.30)."
    )


def test_a_run_that_learns_is_told_whom_it_can_beat_first():
    text = said(history(3.3, 3.0, 2.9))
    assert text == "Learning. Next to beat: counting single letters (2.83)."


def test_a_run_that_is_no_better_than_at_its_start_is_not_said_to_learn():
    assert said(history(3.30, 3.31, 3.32)) == "Not learning yet: the loss is no lower than at the start."


def test_beating_the_bigram_is_told_with_the_first_step_of_it():
    text = said(history(3.3, 2.8, 2.5, 2.46, 2.4))
    assert text == "Better than counting letter pairs since step 300. Next to beat: counting letter triples (2.24)."


def test_a_model_is_beaten_from_the_step_after_which_the_loss_stays_below():
    past = history(3.3, 2.4, 2.5, 2.4, 2.4)  # below at 100, above at 200
    assert beaten_at(past, COUNTS, "bigram") == 300
    assert beaten_at(history(3.3, 2.4, 2.5), COUNTS, "bigram") is None
    assert beaten_at(history(3.3, 2.47), COUNTS, "bigram") is None  # as good is not better
    assert beaten_at(past, COUNTS, "trigram") is None


def test_when_all_are_beaten_nothing_counts_better():
    assert said(history(3.3, 2.2, 2.05)) == "Better than counting groups of four letters since step 200."


def test_a_loss_well_above_the_uniform_guess_and_its_beginning_is_not_learning():
    past = history(3.3, 4, 9, 8, 7, 8, 9)
    assert not_learning(past, DEV[UNIFORM])
    assert said(past, learning_rate=10) == "Not learning: the learning rate 10 is too high; try 0.1."


@pytest.mark.parametrize(
    "dev",
    [
        (3.3, 9, 9, 9, 9),  # too early to say
        (3.3, 9, 9, 9, 9, 9, 3.0),  # it has come down
        (26, 20, 15, 12, 10, 9, 8),  # above uniform, but below where it began
        (3.3, 3.4, 3.5, 3.5, 3.5, 3.5, 3.5),  # not well above
    ],
)
def test_a_run_is_not_called_not_learning_too_soon(dev):
    assert not not_learning(history(*dev), DEV[UNIFORM])


def test_the_likely_cause_is_the_rate_if_it_is_high_now_and_else_the_first_weights():
    assert "learning rate 10 is too high" in likely_cause(Config(learning_rate=10), 0)
    assert "initial weights are too large" in likely_cause(Config(learning_rate=0.1, init="lecture"), 0)
    decayed = Config(learning_rate=1.0, schedule="step", decay_at=100)
    assert "learning rate 1 is too high" in likely_cause(decayed, 99)
    assert "initial weights" in likely_cause(decayed, 100)


def test_instead_of_a_rate_that_is_too_high_every_alarm_says_the_same():
    assert [lower_rate(rate) for rate in (100.0, 10.0, 1.0)] == [0.1] * 3
    assert lower_rate(0.3) == pytest.approx(0.03)


@pytest.mark.parametrize("state", [READY, TRAINING, PAUSED])
def test_a_run_on_its_way_is_told_calmly(state):
    past = history(3.3, 2.46)
    assert sentence(snapshot(past, state), COUNTS) == (said(past), "calm")


def test_a_finished_run_is_good_news():
    text, tone = sentence(snapshot(history(3.3, 2.46), FINISHED), COUNTS)
    assert text.startswith("Finished 100 steps. Better than counting letter pairs since step 100.") and tone == "good"


def test_a_finished_run_that_did_not_learn_is_not_good_news():
    text, tone = sentence(snapshot(history(3.3, 9, 9, 9, 9, 9, 9), FINISHED, learning_rate=10), COUNTS)
    assert text.startswith("Finished 600 steps. Not learning:") and tone == "bad"


def test_a_run_that_is_not_learning_is_told_badly_while_it_trains():
    assert sentence(snapshot(history(3.3, 9, 9, 9, 9, 9, 9)), COUNTS)[1] == "bad"


def test_a_problem_is_told_instead_and_is_bad_only_when_it_stopped_the_run():
    past = history(3.3, 2.46)
    assert sentence(snapshot(past, PAUSED, "Nobody looked."), COUNTS) == ("Nobody looked.", "calm")
    assert sentence(snapshot(past, STOPPED, "It broke."), COUNTS) == ("It broke.", "bad")


def test_what_a_command_did_is_told_until_the_run_goes_on():
    branch = replace(snapshot(history(3.3, 2.4), PAUSED), news="This is a branch from step 100.")
    assert sentence(branch, COUNTS) == ("This is a branch from step 100.", "calm")
    assert sentence(replace(branch, problem="Too hot."), COUNTS)[0] == "Too hot."


def test_a_recorded_run_says_that_it_is_one():
    text, tone = sentence(snapshot(history(3.3, 2.46), RECORDED), COUNTS)
    assert (
        text.startswith("A recorded run of 100 steps with 100 hidden units. Better than counting letter pairs")
        and tone == "calm"
    )


def test_a_run_that_learns_its_words_by_heart_is_said_to_overfit_with_both_losses():
    rows = [(0, 2.71, 2.74), (40, 2.0, 2.66), (400, 0.9, 5.2), (2_000, 0.36, 9.43)]
    past = History(Config().to_dict(), evaluations=rows)
    assert said(past) == "Overfitting: train has fallen to 0.36, but dev rose to 9.43 from 2.66 at step 40."


def test_a_run_that_overfits_after_it_beat_a_count_model_is_told_both():
    lows = [(i * 100, 3.3 - 0.1 * i, 3.3 - 0.1 * i if i < 10 else 2.35 + 0.005 * (i - 10)) for i in range(25)]
    past = History(Config().to_dict(), evaluations=lows)
    assert said(past) == (
        "Better than counting letter pairs since step 900. "
        "Overfitting: train has fallen to 0.90, but dev rose to 2.42 from 2.35 at step 1,000."
    )


@pytest.mark.parametrize("steps", [0, 100])
def test_a_network_that_cannot_see_its_context_is_told_so_before_and_while_it_trains(steps):
    past = history(3.3, 3.0) if steps else history(3.3)
    assert said(past, n_hidden=0) == (
        "Without hidden units and direct connections the network does not see its context: "
        "it can only learn how often each letter occurs."
    )
    assert said(past, n_hidden=0, direct=True).startswith(("Not trained yet", "Learning"))
