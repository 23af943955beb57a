"""Goals of an exercise: what the true numbers of a run must be, such as `dev < 2.17` or `parameters < 12000`."""

import math
import operator
import re
from collections.abc import Mapping
from dataclasses import dataclass

from core.config import ConfigError

# What a goal can speak of. Losses are exact, in nats per symbol.
NUMBERS = {
    "train": "the loss on the training split",
    "dev": "the loss on the dev split",
    "parameters": "how many numbers the network has",
    "step": "how many steps it was trained",
}
SIGNS = {"<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge}
NUMBER = r"[+-]?\d+\.?\d*(?:e[+-]?\d+)?"
WRITTEN = re.compile(rf"\s*(\w+)\s*(<=|>=|<|>)\s*({NUMBER})\s*", re.ASCII)


@dataclass(frozen=True)
class Goal:
    name: str
    sign: str
    limit: float

    @classmethod
    def of(cls, text: str) -> "Goal":
        """The goal that a text such as "dev < 2.17" says; ConfigError for any other text."""
        found = WRITTEN.fullmatch(text)
        if not found or found[1] not in NUMBERS or not math.isfinite(float(found[3])):
            names = ", ".join(NUMBERS)
            raise ConfigError(f"A goal is written such as “dev < 2.17”, with one of {names}.")
        return cls(found[1], found[2], float(found[3]))

    def met(self, numbers: Mapping[str, float]) -> bool:
        """numbers: the run's, by the names in NUMBERS."""
        return SIGNS[self.sign](numbers[self.name], self.limit)

    def __str__(self) -> str:
        return f"{self.name} {self.sign} {self.limit:g}"
