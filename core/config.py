"""Every hyperparameter, declared once.

A field of `Config` carries the `Knob` that describes it: label, range, help,
whether it may change while training. The sidebar, the command line, the README's
table and the checks below are all made from `KNOBS`. Standard library only.
"""

import math
from dataclasses import asdict, dataclass, field, fields, replace

FULL = "full"  # a batch_size: the whole training split in every step
DECAYED = 0.1  # both schedules end at this fraction of the learning rate

# Limits of a word list, checked when it is read (core/data/reading.py).
MAX_BYTES = 2_000_000
MAX_WORDS = 200_000
MAX_WORD_LENGTH = 64  # symbols
MAX_SYMBOLS = 256
MAX_SYMBOL_LENGTH = 16  # code points: a letter and its marks
MIN_WORDS = 10  # different ones
MAX_GROUPS = 5  # typed; whatever is in none of them is one more
MAX_WORK = 12_000_000_000  # multiplications of one step, or of the exact losses of train and dev: about a second
MAX_COUNTS = 48_000_000  # numbers in the 4-gram's table: distinct contexts of three characters times symbols (400 MB)

# How fast a run trains, in steps a second. "auto" grows with the step it is at
# (core/serving/client.py); x10 and x100 are multiples of slow.
SPEEDS = {"slow": 4.0, "x10": 40.0, "x100": 400.0, "max": math.inf, "auto": None}


class ConfigError(ValueError):
    """A value that no run can have. The message is one sentence for a person."""


@dataclass(frozen=True)
class Knob:
    """What a person can set: how it is called, what it may be, what it does.

    `low` and `high` bound a number; `stops` are the values a slider offers (any
    other value in range is valid too); `options` are the only values of a choice.
    """

    label: str
    help: str
    low: float | None = None
    high: float | None = None
    stops: tuple = ()
    options: tuple = ()
    live: bool = False
    more: bool = False
    name: str = ""
    default: object = None

    @property
    def kind(self) -> type:
        return type(self.default)

    def check(self, value):
        """Return `value` in this knob's type, or raise ConfigError."""
        if self.name == "batch_size" and value == FULL:
            return FULL
        if self.options or self.kind is bool:
            allowed = self.options or (False, True)
            if not any(value is o or (isinstance(value, str) and value == o) for o in allowed):
                raise ConfigError(f"{self.label} must be one of {', '.join(map(str, allowed))}, not {value!r}.")
            return value
        whole = self.kind is int
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not -math.inf < value < math.inf:
            raise ConfigError(f"{self.label} must be a number, not {value!r}.")
        if whole and value != int(value):
            raise ConfigError(f"{self.label} must be a whole number, not {value}.")
        if not self.low <= value <= self.high:
            raise ConfigError(f"{self.label} must be between {self.low:,} and {self.high:,}, not {value:,}.")
        return self.kind(value)


def _knob(default, label: str, help: str, **more):
    return field(default=default, metadata={"knob": Knob(label, help, default=default, **more)})


_DECADES = tuple(round(m * 10.0**e, 9) for e in range(-3, 1) for m in (1, 3))


@dataclass(frozen=True)
class Config:
    """One run's hyperparameters, checked. Frozen: a change makes another Config."""

    # fmt: off
    block_size: int = _knob(
        3, "Context length",
        "How many characters the network sees before it guesses the next one. A change starts a new run.",
        low=1, high=8, stops=tuple(range(1, 9)),
    )
    n_embd: int = _knob(
        2, "Embedding dimensions",
        "How many numbers describe each character; with 2 the picture shows them as they are. "
        "A change starts a new run.",
        low=1, high=32, stops=tuple(range(1, 33)),
    )
    n_hidden: int = _knob(
        100, "Hidden units",
        "How many tanh neurons stand between the context and the guess. More can learn more, and take longer. "
        "With 0, only direct connections let it see the context. "
        "A change starts a new run.",
        low=0, high=500, stops=tuple(range(0, 501, 10)),
    )
    learning_rate: float = _knob(
        0.1, "Learning rate",
        "How far each step moves the weights against the gradient. Too low crawls, too high explodes. "
        "Changes while it trains.",
        low=1e-6, high=100.0, stops=(*_DECADES, 10.0), live=True,
    )
    batch_size: int | str = _knob(
        32, "Batch size",
        "How many examples each step looks at; “full” takes all of the training split. Changes while it trains.",
        low=1, high=4096, stops=(*(2**i for i in range(13)), FULL), live=True,
    )
    seed: int = _knob(
        42, "Seed",
        "Draws the first weights and the minibatches: the same seed gives the same run to the last bit. "
        "The data's split never changes.",
        low=0, high=2**31 - 1, more=True,
    )
    steps: int = _knob(
        50_000, "Steps",
        "Where training stops by itself. You can go on from there.",
        low=1, high=10_000_000,
        stops=(1_000, 2_000, 5_000, 10_000, 20_000, 50_000, 100_000, 200_000, 500_000, 1_000_000), live=True, more=True,
    )
    schedule: str = _knob(
        "constant", "Schedule",
        "How the learning rate changes: constant; step, a tenth after “Decay after” (the lecture’s); "
        "cosine, gliding to a tenth by then.",
        options=("constant", "step", "cosine"), live=True, more=True,
    )
    decay_at: int = _knob(
        100_000, "Decay after",
        "The step at which the schedule reaches a tenth of the learning rate. A constant schedule ignores it.",
        low=1, high=10_000_000,
        stops=(1_000, 2_000, 5_000, 10_000, 20_000, 50_000, 100_000, 200_000, 500_000), live=True, more=True,
    )
    weight_decay: float = _knob(
        0.0, "Weight decay",
        "Pulls weights and embeddings (not biases) towards zero a little in every step; the paper used 0.0001.",
        low=0.0, high=1.0, stops=(0.0, 1e-5, 1e-4, 1e-3, 1e-2, 0.1), live=True, more=True,
    )
    init: str = _knob(
        "scaled", "Initialisation",
        "Scaled starts near the uniform guess (3.30 with 27 characters). Lecture is plain randn: it starts confidently "
        "wrong. A change starts a new run.",
        options=("scaled", "lecture"), more=True,
    )
    direct: bool = _knob(
        False, "Direct connections",
        "A second, linear path from the embeddings straight to the guess: the dashed arrows in the paper’s figure. "
        "A change starts a new run.",
        more=True,
    )
    # fmt: on

    def __post_init__(self):
        for knob in KNOBS:
            object.__setattr__(self, knob.name, knob.check(getattr(self, knob.name)))

    def with_(self, **values) -> "Config":
        """The same config with some values changed; ConfigError for a wrong name or value."""
        unknown = values.keys() - KNOB.keys()
        if unknown:
            raise ConfigError(f"There is no hyperparameter called {sorted(unknown)[0]!r}.")
        return replace(self, **values)

    def learning_rate_at(self, step: int) -> float:
        """The rate of the update that leads from `step` to `step + 1`."""
        if self.schedule == "constant":
            return self.learning_rate
        done = min(step / self.decay_at, 1.0)
        if self.schedule == "step":
            return self.learning_rate * (DECAYED if done == 1.0 else 1.0)
        return self.learning_rate * (DECAYED + (1 - DECAYED) * (1 + math.cos(math.pi * done)) / 2)

    def to_dict(self) -> dict:
        return asdict(self)


def _declared(f) -> Knob:
    return replace(f.metadata["knob"], name=f.name)


KNOBS = tuple(_declared(f) for f in fields(Config))
KNOB = {knob.name: knob for knob in KNOBS}

PRESETS = {
    "Lecture 2-D": Config(),
    "Wide 2-D": Config(n_hidden=300),
    "10-D to 2.17": Config(n_embd=10, n_hidden=200, init="lecture", schedule="step", decay_at=100_000, steps=200_000),
    "Too hot": Config(learning_rate=10.0),
    "Paper's direct connections": Config(block_size=4, n_embd=30, n_hidden=50, direct=True, weight_decay=1e-4),
}


def parameter_counts(config: Config, vocabulary_size: int) -> dict[str, int]:
    """Numbers in each parameter, by name, in the order they are drawn. `Wd` is the direct path."""
    k, h, v = config.block_size * config.n_embd, config.n_hidden, vocabulary_size
    counts = {"C": v * config.n_embd, "W1": k * h, "b1": h, "W2": h * v, "b2": v}
    return counts | ({"Wd": k * v} if config.direct else {})
