"""Questions to be answered before Train: what will the loss be, which letter will be nearest, where will a letter go?

The run answers them. What is revealed is read from its history: at the first moment at or after the question's step
of which the history has exact losses, or a checkpoint.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import torch

from core.config import KNOB, ConfigError
from core.data.plain import is_number, is_whole, plain
from core.data.vocabulary import Vocabulary

LOSS, NEAREST, PLACE = "loss", "nearest", "place"
ASKED = {LOSS: "the dev loss", NEAREST: "which letter is nearest to another", PLACE: "where a letter goes"}
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
    """What the run says of a prediction. step: when. truth: a loss, an index, or two coordinates; said: a sentence."""

    step: int
    truth: float | int | tuple[float, float]
    said: str


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
            raise ConfigError(f"A question of a lesson has “ask”: one of {', '.join(ASKED)}; “step”; “letter”; “why”.")
        ask, step, letter, why = data["ask"], data.get("step", 0), data.get("letter", ""), data.get("why", "")
        if not is_whole(step, 0, KNOB["steps"].high):
            raise ConfigError(f"The step of a question is a whole number from 0 to {KNOB['steps'].high:,}.")
        if not isinstance(letter, str) or bool(letter) != (ask != LOSS) or len(letter) > 16 or letter != plain(letter):
            raise ConfigError(f"A question of “{NEAREST}” or “{PLACE}” is about a letter, one of “{LOSS}” is not.")
        if not isinstance(why, str) or len(why) > MOST_WHY or not why.isprintable():
            raise ConfigError(f"“why” of a question is text of at most {MOST_WHY} visible characters.")
        return cls(ask, step, letter, why)

    def to_dict(self) -> dict:
        parts = {"ask": self.ask, "letter": self.letter, "step": self.step, "why": self.why}
        return {name: value for name, value in parts.items() if value != ""}

    @property
    def text(self) -> str:
        when = f"after {self.step:,} steps" if self.step else "before the first step"
        if self.ask == LOSS:
            return f"What is the dev loss {when}?"
        if self.ask == NEAREST:
            return f"Which letter is nearest to {self.letter} {when}?"
        return f"Where does {self.letter} stand {when}?"

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
        wanted = {LOSS: "a number, such as 2.5", NEAREST: "another letter", PLACE: "a place on the map"}
        raise ConfigError(f"An answer to this question is {wanted[self.ask]}.")

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
    return Revealed(step, dev, f"You said {said:.2f}. At step {step:,} it is {dev:.4f}: {abs(said - dev):.2f} away.")


def _nearest(said: int, moment: Moment, letter: int, vocabulary: Vocabulary) -> Revealed:
    order = _in_order(moment.C, letter)
    truth, name = order[0], vocabulary.label
    start = f"At step {moment.step:,} it is {name(truth)}"
    if said == truth:
        return Revealed(moment.step, truth, f"{start}, as you said.")
    return Revealed(moment.step, truth, f"{start}; {name(said)} is number {order.index(said) + 1} of {len(order)}.")


def _in_order(C: torch.Tensor, letter: int) -> list[int]:
    """The other characters, the nearest in all dimensions first."""
    far = (C.double() - C[letter].double()).norm(dim=1)
    return [i for i in far.argsort(stable=True).tolist() if i != letter]


def _place(said: tuple[float, float], moment: Moment, first: Moment, letter: int, name: str) -> Revealed:
    truth, began = ([float(x) for x in one.C[letter]] for one in (moment, first))
    text = f"At step {moment.step:,} {name} is {math.dist(said, truth):.2f} from your place"
    return Revealed(moment.step, tuple(truth), f"{text}; it has moved {math.dist(began, truth):.2f} since the start.")
