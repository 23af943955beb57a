"""What a run remembers: bounded, evenly spaced in log-step, and plain JSON-able data.

Which steps are kept is a fixed function of the step alone (`on_grid`), so nothing is ever
thinned afterwards and two runs of one config remember the same steps.
"""

import base64
import bisect
import json
import math
import pathlib
from dataclasses import asdict, dataclass, field, replace
from functools import lru_cache

from core.config import Config
from core.engine.moves import of_knobs

DEFAULTS = Config()
VERSION = 3  # 2 had no paths: they were TORCH
PARTS = ("losses", "evaluations", "checkpoints", "changes", "clock", "paths", "embeddings")
AS_BYTES = ("checkpoints", "embeddings")
LOSSES_PER_DECADE = 280  # about 1,200 minibatch losses in a million steps
EVALUATIONS_PER_DECADE = 20
OF_WORDS_PER_DECADE = 8  # evaluations at word level, where one takes longer than many steps
CHECKPOINTS_PER_DECADE = 50  # about 250 parameter snapshots in a million steps
MAX_CHECKPOINT_BYTES = 48_000_000
FEWEST_PER_DECADE = 1 / 7  # for the largest networks: steps 0 and 1 and the last of ten million
DECADES = 7  # Config allows ten million steps
# The ways to compute a run. KERNEL: core/engine/kernel, the same bits on every machine. FALLBACK: the
# same initial weights and minibatches by torch's operations, whose digits may differ from about the seventh on, and
# from machine to machine. TORCH: the same, but the initial weights of the "scaled" initialisation are torch.randn's
# too, as they were before there were paths.
KERNEL, FALLBACK, TORCH = "kernel 1", "torch 1", "torch"
PATHS = (KERNEL, FALLBACK, TORCH)
Change = tuple[int, str, object]  # (step, knob, value): a live change, in force from the update of that step on


class HistoryError(ValueError):
    """A saved history that cannot be read. The message is one sentence for a person."""


def on_grid(step: int, per_decade: float) -> bool:
    """Whether `step` is the first one in its cell of a grid with `per_decade` cells in each factor of ten.

    0, 1 and every early step are always on it; 10, 100, 1,000 ... too when `per_decade` is whole.
    """
    return step <= 1 or _cell(step, per_decade) > _cell(step - 1, per_decade)


def next_on_grid(step: int, per_decade: float) -> int:
    """The first step after `step` that is on the grid."""
    if step == 0:
        return 1
    cell = _cell(step, per_decade)
    low, high = step, math.ceil(step * 10 ** (1 / per_decade)) + 1
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if _cell(middle, per_decade) == cell else (low, middle)
    return high


def _cell(step: int, per_decade: float) -> int:
    return math.floor(per_decade * math.log10(step))


def checkpoints_per_decade(parameter_count: int) -> float:
    """Fewer for large models, so that all checkpoints of the longest run stay under 48 MB; squares count, too.

    Above 2.4 million parameters they do not: of any run the first two and the last are kept.
    """
    affordable = MAX_CHECKPOINT_BYTES / (parameter_count * 4) - 4  # step 0, step 1, the last one, one to spare
    return min(CHECKPOINTS_PER_DECADE, max(FEWEST_PER_DECADE, affordable / DECADES))


def checkpoints_between(step: int, end: int, parameter_count: int) -> int:
    """How many checkpoints a run makes after `step` until it rests at `end`; the last is always one."""
    return steps_between(step, end, checkpoints_per_decade(parameter_count))


def steps_between(step: int, end: int, *grids: float) -> int:
    """How many steps after `step` until `end` are on one of the grids (so many cells a decade), or are `end`."""
    if end <= step:
        return 0
    known = _steps(grids)
    inside = bisect.bisect_right(known, end) - bisect.bisect_right(known, step)
    return inside + (end not in known)


@lru_cache(256)  # large networks have grids of their own
def _steps(grids: tuple[float, ...]) -> tuple[int, ...]:
    """Every step on one of these grids that a run can reach."""
    found = {0}
    for per_decade in grids:
        step = 0
        while step < 10**DECADES:
            found.add(step := next_on_grid(step, per_decade))
    return tuple(sorted(found))


@dataclass
class History:
    """One run's past.

    config: the Config at step 0, as a dict. changes: (step, knob, value), each live change; a row of C that was put
    elsewhere is one, too (core/engine/moves.py).
    losses: (step, minibatch loss before that step's update, learning rate, batch size).
    evaluations: (step, exact train loss, exact dev loss), nats per character.
    checkpoints: (step, float32 parameters as `Parameters.freeze` gives them); base64 in JSON only.
    clock: (step, seconds of training until then), one with each evaluation; the only part that
    is not a function of config and changes, and so left out of comparisons.
    paths: (step, path), which of PATHS its numbers took from that step on; the first at step 0.
    embeddings: (step, C of the words on the map as core/engine/embeddings.py packs it), between checkpoints; base64 in
    JSON. Only runs on words have some.
    Lists while a run writes them, tuples in what `freeze` hands out.
    """

    config: dict
    losses: list = field(default_factory=list)
    evaluations: list = field(default_factory=list)
    checkpoints: list = field(default_factory=list)
    changes: list = field(default_factory=list)
    clock: list = field(default_factory=list, compare=False)
    paths: list = field(default_factory=lambda: [(0, TORCH)])
    embeddings: list = field(default_factory=list)

    def parameters_at(self, index: int) -> bytes:
        """The bytes of checkpoint `index`, as `Parameters.thaw` takes them."""
        return self.checkpoints[index][1]

    @property
    def size(self) -> int:
        """Bytes of all checkpoints and embeddings; each is as large as the first of its kind."""
        return sum(len(rows) * len(rows[0][1]) for rows in (self.checkpoints, self.embeddings) if rows)

    def freeze(self) -> "History":
        """A copy that later steps do not change."""
        return History(dict(self.config), *(tuple(getattr(self, name)) for name in PARTS))

    def until(self, step: int) -> "History":
        """The history on arrival at `step`, without a change made there. Fresh lists.

        A run that goes on from there repeats the steps after, or makes others: a fork.
        """
        made = [row for row in self.changes if row[0] < step]
        losses = [row for row in self.losses if row[0] < step]  # row t is written by the update t -> t + 1
        past = ([row for row in rows if row[0] <= step] for rows in (self.evaluations, self.checkpoints))
        more = ([row for row in rows if row[0] <= step] for rows in (self.clock, self.paths, self.embeddings))
        return History(dict(self.config), losses, *past, made, *more)

    @property
    def path(self) -> str:
        """The newest of `paths`."""
        return self.paths[-1][1]

    def config_now(self) -> Config:
        """The config after all the live changes; ConfigError if one of them cannot be."""
        return DEFAULTS.with_(**self.config | of_knobs(self.changes))

    def thinned(self, checkpoints: int) -> "History":
        """The same without embeddings, and with at most so many checkpoints, evenly chosen, the first and last, too."""
        n = len(self.checkpoints)
        keep = sorted({round(i * (n - 1) / (checkpoints - 1)) for i in range(checkpoints)})
        return replace(self, checkpoints=[self.checkpoints[i] for i in keep], embeddings=[])

    def to_dict(self) -> dict:
        """The same as what JSON has."""
        text = lambda rows: [(step, base64.b64encode(kept).decode("ascii")) for step, kept in rows]
        return asdict(replace(self, **{name: text(getattr(self, name)) for name in AS_BYTES}))

    @classmethod
    def from_dict(cls, saved: dict) -> "History":
        """What `to_dict` gave, also by way of JSON; KeyError, TypeError or ValueError for what it cannot have given."""
        saved = {"embeddings": []} | saved  # which older files do not have
        parts = {name: [tuple(row) for row in saved[name]] for name in PARTS}
        for name in AS_BYTES:
            parts[name] = [(step, base64.b64decode(text, validate=True)) for step, text in parts[name]]
        return cls(saved["config"], **parts)

    def to_json(self) -> str:
        return json.dumps({"version": VERSION, **self.to_dict()}, allow_nan=False) + "\n"

    @classmethod
    def load(cls, path: str | pathlib.Path) -> "History":
        """Read a file of `to_json`; HistoryError when it is something else."""
        path = pathlib.Path(path)
        try:
            saved = json.loads(path.read_text())
            version = saved["version"]
            if version == 2:
                version, saved["paths"] = VERSION, [(0, TORCH)]
            history = cls.from_dict(saved)
        except (OSError, ValueError, KeyError, AttributeError, TypeError) as error:
            raise HistoryError(f"{path.name} is not a saved history ({error}).") from None
        if version != VERSION:
            raise HistoryError(f"{path.name} was saved by version {version}; this is version {VERSION}.")
        return history
