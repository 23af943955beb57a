"""core/lessons/predict.py and attempt.py: predictions are checked, kept, and answered by the run's own numbers."""

import math

import pytest

from core.analysis.timeline import Timeline
from core.config import Config, ConfigError
from core.engine.run import Run
from core.lessons import bundled
from core.lessons.attempt import Attempt, numbers_of
from core.lessons.lesson import Lesson
from core.lessons.predict import LOSS, NEAREST, PLACE, Question
from tests.support.snapshots import shot

STEPS = 300
LESSON = Lesson.of(
    {
        "title": "Predict",
        "cards": ["First say, then see."],
        "questions": [
            {"ask": LOSS, "step": 0},
            {"ask": NEAREST, "letter": "e", "step": 100},
            {"ask": PLACE, "letter": "y", "step": 200},
            {"ask": LOSS, "step": 1_000_000},
        ],
        "goals": ["dev < 2.9", "parameters < 3000", "first < 3.35"],
    }
)


@pytest.fixture(scope="module")
def trained(few):
    """A run's snapshot after STEPS, and its checkpoints."""
    run = Run(Config(learning_rate=0.3), few(3))
    run.advance(STEPS)
    snapshot = shot(run)
    timeline = Timeline()
    timeline.update(snapshot)
    return snapshot, timeline.frames


def test_each_question_is_answered_by_the_run_at_its_step(trained):
    snapshot, frames = trained
    vocabulary, attempt = snapshot.vocabulary, Attempt(LESSON)
    assert attempt.open_questions(vocabulary, 2) == [0, 1, 2, 3]
    for index, said in enumerate([3.0, vocabulary.stoi["a"], [0, 0.5], 2.0]):
        attempt.predict(index, said, vocabulary)
    assert attempt.open_questions(vocabulary, 2) == []

    loss, nearest, place, later = attempt.look(snapshot, frames, vocabulary)["revealed"]
    step, _, dev = snapshot.history.evaluations[0]
    assert step == 0 and loss["truth"] == dev and f"{dev:.4f}: {abs(dev - 3):.2f} away" in loss["said"]

    frame = next(frame for frame in frames if frame.step >= 100)
    E = vocabulary.stoi["e"]
    far = {i: math.dist(C, frame.C[E]) for i, C in enumerate(frame.C.tolist()) if i != E}
    assert nearest["truth"] == min(far, key=far.get)
    rank = 1 + sum(other < far[vocabulary.stoi["a"]] for other in far.values())
    assert nearest["said"].endswith("as you said." if rank == 1 else f"a is number {rank} of 26.")

    frame = next(frame for frame in frames if frame.step >= 200)
    y = frame.C[vocabulary.stoi["y"]].tolist()
    assert place["truth"] == pytest.approx(y) and f"y is {math.dist(y, (0, 0.5)):.2f} from your place" in place["said"]
    assert later is None


def test_the_first_prediction_stays_and_so_does_what_was_revealed(trained, few):
    snapshot, frames = trained
    attempt = Attempt(LESSON)
    attempt.predict(0, 3.0, snapshot.vocabulary)
    attempt.predict(0, 3.3, snapshot.vocabulary)
    assert attempt.said == {0: 3.0}
    before = attempt.look(snapshot, frames, snapshot.vocabulary)["revealed"][0]
    other = shot(Run(Config(init="lecture"), few(3)))
    assert attempt.look(other, frames[:1], other.vocabulary)["revealed"][0] == before


def test_goals_are_met_by_the_runs_own_numbers(trained):
    snapshot, frames = trained
    numbers = numbers_of(snapshot, frames)
    assert numbers["dev"] == snapshot.exact[2] and numbers["step"] == STEPS and numbers["parameters"] == 3_481
    assert numbers["apart"] == next((frame.step for frame in frames if frame.apart), math.inf)
    met = Attempt(LESSON).look(snapshot, frames, snapshot.vocabulary)["met"]
    assert met == [snapshot.exact[2] < 2.9, False, True]
    # Before the first step only what is said of the first loss.
    assert Attempt(LESSON).look(snapshot.at(0), frames[:1], snapshot.vocabulary)["met"] == [False, False, True]


@pytest.mark.parametrize(
    "said", [None, "a", True, -1, math.nan, math.inf, 10**400, [1], [1, "2"], [math.nan, 1], {}, 26.5]
)
def test_what_is_no_prediction_is_refused_in_a_sentence(trained, said):
    vocabulary = trained[0].vocabulary
    for question in (Question(NEAREST, 0, "e"), Question(PLACE, 0, "e"), Question(LOSS, 0)):
        if question.ask == LOSS and said == 26.5:
            continue
        with pytest.raises(ConfigError, match="An answer to this question is"):
            question.checked(said, vocabulary)
    with pytest.raises(ConfigError):
        Question(NEAREST, 0, "e").checked(vocabulary.stoi["e"], vocabulary)


def test_a_question_is_left_out_where_it_does_not_fit_the_run(trained):
    vocabulary = trained[0].vocabulary
    assert Attempt(LESSON).open_questions(vocabulary, 10) == [0, 1, 3]  # no place in ten dimensions
    assert not Question(NEAREST, 0, "ж").fits(vocabulary, 2)


def test_the_goals_of_the_direct_connections_can_be_reached(dataset):
    """The lesson's own way: the connections on, nothing else."""
    lesson = bundled.bundled("e03-direct-connections")
    run = Run(lesson.start.with_(direct=True), dataset)
    run.advance(10_000)
    numbers = {"dev": run.evaluate("dev"), "parameters": len(run.parameters.weights), "step": run.step}
    assert all(goal.met(numbers) for goal in lesson.goals)
