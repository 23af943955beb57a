"""One visitor's attempt at a lesson: what they predicted, and what their run says of it and of the goals."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from core.data.vocabulary import Vocabulary
from core.engine.state import RunState
from core.lessons.lesson import Lesson
from core.lessons.predict import Moment, Revealed


@dataclass
class Attempt:
    """said: index of a question -> the prediction, checked. seen: index -> what the run revealed of it, once it did.

    answer: what was handed in, or "". Any thread may call any of this.
    """

    lesson: Lesson
    said: dict[int, object] = field(default_factory=dict)
    seen: dict[int, Revealed] = field(default_factory=dict)
    answer: str = ""

    def open_questions(self, vocabulary: Vocabulary, n_embd: int) -> list[int]:
        """Those that must be answered before Train, of the ones that fit the run."""
        questions = enumerate(self.lesson.questions)
        return [i for i, one in questions if i not in self.said and one.fits(vocabulary, n_embd)]

    def predict(self, index: int, value: object, vocabulary: Vocabulary) -> None:
        """Keep a prediction; the first one stays. ConfigError if it cannot be one."""
        self.said.setdefault(index, self.lesson.questions[index].checked(value, vocabulary))

    def look(self, run: RunState, moments: Sequence[Moment], vocabulary: Vocabulary) -> dict:
        """For the page: whether each goal is met, and what is revealed of each question (None before)."""
        numbers = numbers_of(run, moments)
        for i, question in enumerate(self.lesson.questions):
            if i in self.said and i not in self.seen and question.fits(vocabulary, run.config.n_embd):
                found = question.reveal(self.said[i], vocabulary, run.history.evaluations, moments)
                self.seen |= {i: found} if found else {}
        seen = [self.seen.get(i) for i in range(len(self.lesson.questions))]
        return {
            "met": [goal.met(numbers) for goal in self.lesson.goals],
            "revealed": [one and {"said": one.said, "truth": one.truth} for one in seen],
        }


def numbers_of(run: RunState, moments: Sequence[Moment]) -> Mapping[str, float]:
    """The run's numbers that goals speak of (`core.lessons.goals.NUMBERS`), as far as they are known.

    The losses are the newest exact ones. moments: its checkpoints, each with `apart`.
    """
    _, train, dev = run.exact
    numbers = {"train": train, "dev": dev, "parameters": run.parameter_count, "step": run.step}
    numbers["first"] = run.history.evaluations[0][1]
    numbers["apart"] = next((one.step for one in moments if one.apart), math.inf)
    return {name: value for name, value in numbers.items() if not math.isnan(value)}
