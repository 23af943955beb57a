"""core/lessons/goals.py: what a goal says, and what is none."""

import pytest

from core.config import ConfigError
from core.lessons.goals import Goal

NUMBERS = {"train": 2.2, "dev": 2.1699, "parameters": 11_897, "step": 50_000}


@pytest.mark.parametrize(
    ("text", "met"),
    [
        ("dev < 2.17", True),
        ("dev<2.1699", False),
        ("dev <= 2.1699", True),
        ("parameters < 1.2e4", True),
        ("step>=50000", True),
        ("train > 2.3", False),
        ("dev within 0.01 of 2.17", True),
        ("dev within 0.01 of 2.19", False),
    ],
)
def test_a_goal_compares_one_true_number_with_a_limit(text, met):
    assert Goal.of(text).met(NUMBERS) is met
    assert Goal.of(str(Goal.of(text))).met(NUMBERS) is met


@pytest.mark.parametrize(
    ("goal", "text"),
    [
        ("dev < 2.17", "dev loss below 2.17"),
        ("first >= 3.2458", "first loss at least 3.2458"),
        ("first within 0.05 of 3.2958", "first loss within 0.05 of 3.2958"),
        ("parameters < 12000", "fewer than 12,000 parameters"),
        ("step <= 5000", "at most 5,000 steps"),
        ("apart < 1000", "vowels apart before step 1,000"),
    ],
)
def test_a_goal_can_be_said_in_words(goal, text):
    assert Goal.of(goal).text == text and Goal.of(str(Goal.of(goal))) == Goal.of(goal)


def test_a_number_that_is_not_known_meets_no_goal():
    assert not Goal.of("apart < 1000").met(NUMBERS) and not Goal.of("first > 0").met(NUMBERS)


@pytest.mark.parametrize("text", ["parameters < 12000", "step <= 5000", "dev < 9"])
def test_before_the_first_step_only_the_first_loss_can_be_as_it_should(text):
    untrained = {"first": 3.29, "dev": 3.29, "parameters": 900, "step": 0}
    assert not Goal.of(text).met(untrained) and Goal.of(text).met(untrained | {"step": 1})
    assert Goal.of("first within 0.05 of 3.2958").met(untrained)


NO_GOALS = (
    "", "dev", "dev < ", "dev = 2", "test < 2", "dev < nan", "dev < 1e999", "dev < 2 < 3", "dev < 1.2.3",
    "step within 5 of 9", "dev within 1e999 of 2", "dev within 1",
)  # fmt: skip


@pytest.mark.parametrize("text", [*NO_GOALS, "<" * 99])
def test_what_is_no_goal_is_refused_in_a_sentence(text):
    with pytest.raises(ConfigError, match=r"^A goal is written such as "):
        Goal.of(text)
