"""Goals of an exercise: what the true numbers of a run must be, such as `dev < 2.17` or `first within 0.05 of 3.2958`.

Before the first step nothing is reached, whatever the numbers are, but what is said of the first loss.
"""

import math
import operator
import re
from collections.abc import Mapping
from dataclasses import dataclass

from core.config import ConfigError
from core.messages import mark, tr

# What a goal can speak of. Losses are exact, in nats per symbol.
NUMBERS = {
    "train": "the loss on the training split",
    "dev": "the loss on the dev split",
    "parameters": "how many numbers the network has",
    "step": "how many steps it was trained",
    "first": "the loss on the training split before the first step",
    "apart": "the first checkpoint at which vowels are better apart than chance",
}
FIRST = "first"
SIGNS = {"<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge}
PARAMETERS = {
    "<": mark("fewer than {limit} parameters"),
    "<=": mark("at most {limit} parameters"),
    ">": mark("more than {limit} parameters"),
    ">=": mark("at least {limit} parameters"),
}
STEPS = {
    "<": mark("fewer than {limit} steps"),
    "<=": mark("at most {limit} steps"),
    ">": mark("more than {limit} steps"),
    ">=": mark("at least {limit} steps"),
}
APART = {
    "<": mark("vowels apart before step {limit}"),
    "<=": mark("vowels apart by step {limit}"),
    ">": mark("vowels apart after step {limit}"),
    ">=": mark("vowels apart not before step {limit}"),
}
LOSSES = {"train": mark("train loss"), "dev": mark("dev loss"), "first": mark("first loss")}
OF_LOSS = {
    "<": mark("{loss} below {limit}"),
    "<=": mark("{loss} at most {limit}"),
    ">": mark("{loss} above {limit}"),
    ">=": mark("{loss} at least {limit}"),
}
NEAR = mark("{loss} within {limit} of {around}")
NUMBER = r"[+-]?\d+\.?\d*(?:e[+-]?\d+)?"
WRITTEN = re.compile(rf"\s*(\w+)\s*(<=|>=|<|>)\s*({NUMBER})\s*", re.ASCII)
WITHIN = re.compile(rf"\s*(\w+)\s+within\s+({NUMBER})\s+of\s+({NUMBER})\s*", re.ASCII)


@dataclass(frozen=True)
class Goal:
    """sign: one of SIGNS, or "within", of losses: at most `limit` from `around`."""

    name: str
    sign: str
    limit: float
    around: float = 0.0

    @classmethod
    def of(cls, text: str) -> "Goal":
        """The goal that a text such as "dev < 2.17" says; ConfigError for any other text."""
        near, found = WITHIN.fullmatch(text), WRITTEN.fullmatch(text)
        if near and near[1] in LOSSES and all(math.isfinite(float(near[i])) for i in (2, 3)):
            return cls(near[1], "within", float(near[2]), float(near[3]))
        if not found or found[1] not in NUMBERS or not math.isfinite(float(found[3])):
            names = ", ".join(NUMBERS)
            raise ConfigError(tr("A goal is written such as “dev < 2.17”, with one of {names}.", names=names))
        return cls(found[1], found[2], float(found[3]))

    def met(self, numbers: Mapping[str, float]) -> bool:
        """numbers: the run's, by the names in NUMBERS; one that is not known meets no goal."""
        if self.name not in numbers or (numbers.get("step") == 0 and self.name != FIRST):
            return False
        if self.sign == "within":
            return abs(numbers[self.name] - self.around) <= self.limit
        return SIGNS[self.sign](numbers[self.name], self.limit)

    @property
    def text(self) -> str:
        """As a person says it: "dev loss below 2.17", "fewer than 12,000 parameters"."""
        limit = f"{self.limit:,.0f}" if self.limit % 1 == 0 else f"{self.limit:g}"
        if self.sign == "within":
            return tr(NEAR, loss=tr(LOSSES[self.name]), limit=limit, around=f"{self.around:g}")
        if self.name in LOSSES:
            return tr(OF_LOSS[self.sign], loss=tr(LOSSES[self.name]), limit=limit)
        said = {"parameters": PARAMETERS, "step": STEPS, "apart": APART}[self.name]
        return tr(said[self.sign], limit=limit)

    def __str__(self) -> str:
        written = f"{self.name} {self.sign} {self.limit!r}"
        return f"{written} of {self.around!r}" if self.sign == "within" else written.removesuffix(".0")
