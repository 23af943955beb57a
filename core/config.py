"""Every hyperparameter, declared once.

A field of `Config` carries the `Knob` that describes it: label, range, help,
whether it may change while training. The sidebar, the command line, the README's
table and the checks below are all made from `KNOBS`.
"""

import math
from dataclasses import dataclass, field, fields, replace

from core.messages import mark, one_word, tr

SGD, ADAGRAD = "SGD", "Adagrad"
FULL = "full"  # the value of batch_size that uses the whole training split in every step
DECAYED = 0.1  # all schedules but "constant" end at this fraction of the learning rate

# Limits of a word list, checked when it is read (core/data/reading.py).
MAX_BYTES = 2_000_000
MAX_WORDS = 200_000
MAX_WORD_LENGTH = 64  # symbols; in running text characters
MAX_SYMBOLS = 256
MAX_SYMBOL_LENGTH = 16  # code points: a letter and its marks
MIN_WORDS = 10  # distinct words
MAX_GROUPS = 5  # colour groups that a person can type; characters in none of them form one more group
# Limits of running text, checked when it is read (core/data/sentences.py).
MAX_TEXT_BYTES = 6_000_000
MAX_TOKENS = 2_000_000
MIN_TOKENS = 1_000
MAX_SENTENCE = 60  # tokens; a longer one is divided
FEWEST_WORDS, MOST_WORDS = 500, 17_000  # in a vocabulary of words
DEFAULT_WORDS = 2_000

MAX_WORK = 12_000_000_000  # multiplications in one step, or in the exact losses of train and dev: about one second

# Steps per second. "auto" starts slowly and becomes faster with the step number
# (core/serving/client.py); x10 and x100 are multiples of "slow".
SPEEDS = {"slow": 4.0, "x10": 40.0, "x100": 400.0, "max": math.inf, "auto": None}


class ConfigError(ValueError):
    """An invalid hyperparameter. The message is one sentence that a page or the command line can show."""


@dataclass(frozen=True)
class Knob:
    """One hyperparameter as the pages and the command line offer it.

    label, help: text for a person, translated where it is shown (core/messages.py). `low` and `high` bound a number
    (both included); `stops` are the values a slider offers (any other value in range is valid too); `options` are the
    only values of a choice. live: can change while training; other knobs start a new run. more: in the part of the
    sidebar that is closed at first. name: the field of Config. of_words: the help in a run on words, if it is another.
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
    of_words: str = ""

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
                choice = ", ".join(map(str, allowed))
                raise self._wrong(mark("{knob} must be one of {choice}, not {given}."), value, choice=choice)
            return value
        whole = self.kind is int
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not -math.inf < value < math.inf:
            raise self._wrong(mark("{knob} must be a number, not {given}."), value)
        if whole and value != int(value):
            raise self._wrong(mark("{knob} must be a whole number, not {given}."), value)
        if not self.low <= value <= self.high:
            between = mark("{knob} must be between {low:,} and {high:,}, not {value:,}.")
            raise self._wrong(between, value, low=self.low, high=self.high, value=value)
        return self.kind(value)

    def value_text(self, value) -> str:
        """A value as a person reads it, in their language. A seed is no quantity: its digits are not grouped."""
        if isinstance(value, bool):
            return tr("on") if value else tr("off")
        if isinstance(value, str):
            return one_word(self.name, value)
        if self.name == "seed":
            return str(value)
        return f"{value:,}" if isinstance(value, int) else f"{value:g}"

    def _wrong(self, message: str, given, **values) -> ConfigError:
        return ConfigError(tr(message, knob=tr(self.label), given=repr(given), **values))


def _knob(default, label: str, help: str, **more):
    return field(default=default, metadata={"knob": Knob(label, help, default=default, **more)})


_DECADES = tuple(round(m * 10.0**e, 9) for e in range(-3, 1) for m in (1, 3))


@dataclass(frozen=True)
class Config:
    """One run's hyperparameters, checked. Frozen: a change makes another Config."""

    # fmt: off
    block_size: int = _knob(
        3, "Context length",
        "How many characters the network sees when it predicts the next one. Changing it starts a new run.",
        low=1, high=8, stops=tuple(range(1, 9)),
        of_words="How many words the network sees when it predicts the next one. Changing it starts a new run.",
    )
    n_embd: int = _knob(
        2, "Embedding dimensions",
        "How many learned numbers describe each character. With 2, the picture shows exactly these numbers. "
        "Changing it starts a new run.",
        low=1, high=32, stops=tuple(range(1, 33)),
        of_words="How many learned numbers describe each word. With 2, the picture shows exactly these numbers. "
        "Changing it starts a new run.",
    )
    n_hidden: int = _knob(
        100, "Hidden units",
        "How many tanh neurons are between the context and the prediction. More of them can learn more, but each step "
        "takes longer. With 0, the network sees its context only through direct connections. "
        "Changing it starts a new run.",
        low=0, high=500, stops=tuple(range(0, 501, 10)),
    )
    learning_rate: float = _knob(
        0.1, "Learning rate",
        "How far each step moves the weights against the gradient. If it is too low, learning is slow; if it is too "
        "high, the loss grows. It can change while training.",
        low=1e-6, high=100.0, stops=(*_DECADES, 10.0), live=True,
    )
    batch_size: int | str = _knob(
        32, "Batch size",
        "How many examples each step uses; “full” uses the whole training split. It can change while training.",
        low=1, high=4096, stops=(*(2**i for i in range(13)), FULL), live=True,
    )
    seed: int = _knob(
        42, "Seed",
        "The random numbers for the initial weights and the minibatches. The same seed gives exactly the same run. "
        "It does not change how the words are split.",
        low=0, high=2**31 - 1, more=True,
        of_words="The random numbers for the initial weights and the minibatches. The same seed gives exactly the same "
        "run. It does not change how the text is split.",
    )
    steps: int = _knob(
        50_000, "Steps",
        "Training stops by itself at this step. You can continue from there.",
        low=1, high=10_000_000,
        stops=(1_000, 2_000, 5_000, 10_000, 20_000, 50_000, 100_000, 200_000, 500_000, 1_000_000), live=True, more=True,
    )
    schedule: str = _knob(
        "constant", "Schedule",
        "How the learning rate changes. constant: not at all. step: one tenth from the step “Decay after” on, as in "
        "the lecture. cosine: falls smoothly to one tenth at that step. paper: divided by 1 + r × step, as in Bengio "
        "et al., with the r that makes it one tenth there.",
        options=("constant", "step", "cosine", "paper"), live=True, more=True,
    )
    decay_at: int = _knob(
        100_000, "Decay after",
        "The step at which the schedule reaches one tenth of the learning rate. A constant schedule ignores it.",
        low=1, high=10_000_000,
        stops=(1_000, 2_000, 5_000, 10_000, 20_000, 50_000, 100_000, 200_000, 500_000), live=True, more=True,
    )
    weight_decay: float = _knob(
        0.0, "Weight decay",
        "In every step, weights and embeddings (not biases) are moved a little towards zero. The paper used 0.0001.",
        low=0.0, high=1.0, stops=(0.0, 1e-5, 1e-4, 1e-3, 1e-2, 0.1), live=True, more=True,
    )
    init: str = _knob(
        "scaled", "Initialisation",
        "“scaled” starts near the uniform guess (loss 3.30 with 27 characters). “lecture” is plain randn: its first "
        "guesses are confident and wrong. “frequency” starts with small embeddings and guesses every symbol as often "
        "as it occurs, which suits large vocabularies. Changing it starts a new run.",
        options=("scaled", "lecture", "frequency"), more=True,
    )
    optimiser: str = _knob(
        SGD, "Optimiser",
        "How a gradient becomes a step. SGD: the gradient times the learning rate. Adagrad: each weight has its own "
        "rate, which falls with the gradients it has had, so that rare symbols learn as fast as frequent ones. "
        "Changing it starts a new run.",
        options=(SGD, ADAGRAD), more=True,
    )
    tied: bool = _knob(
        False, "Tied output weights",
        "The prediction uses the embeddings as its weights, so that symbols that can come next in the same places move "
        "together sooner. The paper does not do this. Changing it starts a new run.",
        more=True,
    )
    direct: bool = _knob(
        False, "Direct connections",
        "A second, linear path from the embeddings directly to the prediction: the dashed arrows in the paper’s "
        "figure. Changing it starts a new run.",
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
            raise ConfigError(tr("There is no hyperparameter called {name!r}.", name=sorted(unknown)[0]))
        return replace(self, **values)

    def learning_rate_at(self, step: int) -> float:
        """The learning rate of the update from `step` to `step + 1`."""
        if self.schedule == "constant":
            return self.learning_rate
        done = min(step / self.decay_at, 1.0)
        if self.schedule == "paper":
            return self.learning_rate / (1 + (1 / DECAYED - 1) * done)
        if self.schedule == "step":
            return self.learning_rate * (DECAYED if done == 1.0 else 1.0)
        return self.learning_rate * (DECAYED + (1 - DECAYED) * (1 + _cosine(done)) / 2)

    def learning_rates(self, start: int, stop: int) -> list[float]:
        """`learning_rate_at` each step from `start` on, without `stop`."""
        if self.schedule == "constant":  # a call for each step would take a twentieth of the time of training
            return [self.learning_rate] * (stop - start)
        return [self.learning_rate_at(step) for step in range(start, stop)]

    def to_dict(self) -> dict:
        return {knob.name: getattr(self, knob.name) for knob in KNOBS}


def _cosine(x: float) -> float:
    """cos(pi x) for x from 0 to 1, by + - * / alone: the C library's last bit differs between machines."""
    if x > 0.5:
        return -_cosine(1.0 - x)
    square, y = (math.pi * x) * (math.pi * x), 1.0
    for k in range(11, 0, -1):
        y = 1.0 - square / ((2 * k - 1) * (2 * k)) * y
    return y


def _declared(f) -> Knob:
    return replace(f.metadata["knob"], name=f.name)


KNOBS = tuple(_declared(f) for f in fields(Config))
KNOB = {knob.name: knob for knob in KNOBS}

HIGH_RATE = 0.5


def lower_rate(rate: float) -> float:
    """The learning rate to try instead of one that is too high: the default, or a tenth if `rate` is near it."""
    return KNOB["learning_rate"].default if rate > HIGH_RATE else rate / 10


PRESETS = {
    "Lecture 2-D": Config(),
    "Wide 2-D": Config(n_hidden=300),
    "10-D to 2.17": Config(n_embd=10, n_hidden=200, init="lecture", schedule="step", decay_at=100_000, steps=200_000),
    "Too hot": Config(learning_rate=10.0),
    "Paper's direct connections": Config(block_size=4, n_embd=30, n_hidden=50, direct=True, weight_decay=1e-4),
}

# Of words: python -m core train --text. The first is where a run on text starts.
WORD_PRESETS = {
    "Words": Config(
        n_embd=30, batch_size=256, optimiser=ADAGRAD, tied=True, init="frequency", steps=5_000,
    ),
    "Words, 2-D": Config(
        n_embd=2, batch_size=256, optimiser=ADAGRAD, tied=True, init="frequency", steps=2_000,
    ),
    "Bengio 2003": Config(
        n_embd=30, direct=True, learning_rate=0.3, schedule="paper", decay_at=100_000, weight_decay=1e-4,
        init="frequency", steps=100_000,
    ),
}  # fmt: skip
PRESET_WORDS = {"Bengio 2003": MOST_WORDS}  # sizes of vocabularies that a preset sets; the others leave it


def parameter_counts(config: Config, vocabulary_size: int) -> dict[str, int]:
    """How many numbers each parameter has, by name, in the order of initialisation. `Wd`: direct connections."""
    k, h, v = config.block_size * config.n_embd, config.n_hidden, vocabulary_size
    outputs = h * (config.n_embd if config.tied else v)
    counts = {"C": v * config.n_embd, "W1": k * h, "b1": h, "W2": outputs, "b2": v}
    return counts | ({"Wd": k * v} if config.direct else {})
