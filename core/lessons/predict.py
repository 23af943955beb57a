"""Questions to be answered before Train: what will the loss be, which letter will be nearest, where will a letter go?

The run answers them. What is revealed is read from its history: at the first moment at or after the question's step
of which the history has exact losses, or a checkpoint.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

import torch

from core.config import KNOB, ConfigError
from core.data.plain import is_number, is_whole, plain
from core.data.vocabulary import Vocabulary
from core.messages import mark, tr

LOSS, NEAREST, PLACE = "loss", "nearest", "place"
ASKED = {
    LOSS: mark("the dev loss"),
    NEAREST: mark("which letter is nearest to another"),
    PLACE: mark("where a letter goes"),
}
TEXTS = {  # of a question after some steps, and of one before the first
    LOSS: (mark("What is the dev loss after {step:,} steps?"), mark("What is the dev loss before the first step?")),
    NEAREST: (
        mark("Which letter is nearest to {letter} after {step:,} steps?"),
        mark("Which letter is nearest to {letter} before the first step?"),
    ),
    PLACE: (
        mark("Where does {letter} stand after {step:,} steps?"),
        mark("Where does {letter} stand before the first step?"),
    ),
}
ANSWERED = {
    LOSS: mark("An answer to this question is a number, such as 2.5."),
    NEAREST: mark("An answer to this question is another letter."),
    PLACE: mark("An answer to this question is a place on the map."),
}
RIGHT = mark("At step {step:,} it is {letter}, as you said.")
WRONG = mark("At step {step:,} it is {letter}; {said} is number {number} of {all}.")
AWAY = mark("You said {said:.2f}. At step {step:,} it is {dev:.4f}: {away:.2f} away.")
PLACED = mark("At step {step:,} {letter} is {away:.2f} from your place; it has moved {moved:.2f} since the start.")
MOST_WHY = 600  # characters
LARGEST = 1_000.0  # nats, and coordinates, that anybody may predict
PARTS = ("ask", "letter", "step", "why")


class Moment(Protocol):
    """A checkpoint, as `core.analysis.timeline.Frame` is one. C (V, n_embd)."""

    step: int
    C: torch.Tensor
    apart: bool


@dataclass(frozen=True)
class Revealed:
    """What the run says of a prediction. step: when. truth: a loss, an index, or two coordinates.

    message, values: of the sentence that says it.
    """

    step: int
    truth: float | int | tuple[float, float]
    message: str
    values: dict = field(default_factory=dict)

    @property
    def said(self) -> str:
        return tr(self.message, step=self.step, **self.values)


@dataclass(frozen=True)
class Question:
    """ask: LOSS, NEAREST or PLACE; of `letter` (the last two), at `step`. why: shown with the answer."""

    ask: str
    step: int
    letter: str = ""
    why: str = ""

    @classmethod
    def of(cls, data: object) -> "Question":
        """The question that this JSON value says; ConfigError if it says none."""
        if not isinstance(data, dict) or data.get("ask") not in ASKED or any(name not in PARTS for name in data):
            one_of = ", ".join(ASKED)
            raise ConfigError(
                tr("A question of a lesson has “ask”: one of {one_of}; “step”; “letter”; “why”.", one_of=one_of)
            )
        ask, step, letter, why = data["ask"], data.get("step", 0), data.get("letter", ""), data.get("why", "")
        if not is_whole(step, 0, KNOB["steps"].high):
            most = KNOB["steps"].high
            raise ConfigError(tr("The step of a question is a whole number from 0 to {most:,}.", most=most))
        if not isinstance(letter, str) or bool(letter) != (ask != LOSS) or len(letter) > 16 or letter != plain(letter):
            raise ConfigError(tr("A question of “nearest” or “place” is about a letter, one of “loss” is not."))
        if not isinstance(why, str) or len(why) > MOST_WHY or not why.isprintable():
            raise ConfigError(tr("“why” of a question is text of at most {most} visible characters.", most=MOST_WHY))
        return cls(ask, step, letter, why)

    def to_dict(self) -> dict:
        parts = {"ask": self.ask, "letter": self.letter, "step": self.step, "why": self.why}
        return {name: value for name, value in parts.items() if value != ""}

    @property
    def text(self) -> str:
        later, first = TEXTS[self.ask]
        return tr(later if self.step else first, step=self.step, letter=self.letter)

    def fits(self, vocabulary: Vocabulary, n_embd: int) -> bool:
        """Whether it can be asked of a run with these characters and so many dimensions."""
        return (not self.letter or self.letter in vocabulary.stoi) and (self.ask != PLACE or n_embd == 2)

    def checked(self, said: object, vocabulary: Vocabulary) -> float | int | tuple[float, float]:
        """A prediction as the page sends it; ConfigError if it cannot be one."""
        if self.ask == LOSS and is_number(said, 0, LARGEST):
            return float(said)
        if self.ask == NEAREST and is_whole(said, 0, len(vocabulary) - 1) and said != vocabulary.stoi[self.letter]:
            return said
        two = self.ask == PLACE and isinstance(said, list) and len(said) == 2
        if two and all(is_number(x, -LARGEST, LARGEST) for x in said):
            return float(said[0]), float(said[1])
        raise ConfigError(tr(ANSWERED[self.ask]))

    def reveal(
        self, said, vocabulary: Vocabulary, evaluations: Sequence[tuple], moments: Sequence[Moment]
    ) -> Revealed | None:
        """What the run shows at the question's step, or None if it is not there yet.

        evaluations: (step, train, dev) of the history, exact, nats; moments: its checkpoints; both in order of steps.
        """
        if self.ask == LOSS:
            found = next((one for one in evaluations if one[0] >= self.step and math.isfinite(one[2])), None)
            return found and _loss(said, found[0], found[2])
        found = next((one for one in moments if one.step >= self.step), None)
        if found is None:
            return None
        letter = vocabulary.stoi[self.letter]
        if self.ask == NEAREST:
            return _nearest(said, found, letter, vocabulary)
        return _place(said, found, moments[0], letter, self.letter)


def _loss(said: float, step: int, dev: float) -> Revealed:
    return Revealed(step, dev, AWAY, {"said": said, "dev": dev, "away": abs(said - dev)})


def _nearest(said: int, moment: Moment, letter: int, vocabulary: Vocabulary) -> Revealed:
    order = _in_order(moment.C, letter)
    truth, name = order[0], vocabulary.label
    if said == truth:
        return Revealed(moment.step, truth, RIGHT, {"letter": name(truth)})
    place = {"number": order.index(said) + 1, "all": len(order)}
    return Revealed(moment.step, truth, WRONG, {"letter": name(truth), "said": name(said), **place})


def _in_order(C: torch.Tensor, letter: int) -> list[int]:
    """The other characters, the nearest in all dimensions first."""
    far = (C.double() - C[letter].double()).norm(dim=1)
    return [i for i in far.argsort(stable=True).tolist() if i != letter]


def _place(said: tuple[float, float], moment: Moment, first: Moment, letter: int, name: str) -> Revealed:
    truth, began = ([float(x) for x in one.C[letter]] for one in (moment, first))
    far = {"away": math.dist(said, truth), "moved": math.dist(began, truth)}
    return Revealed(moment.step, tuple(truth), PLACED, {"letter": name, **far})
