"""Which runs are the same experiment, and what a run is called.

A run is a pure function of its config, data and live changes. So one that is a prefix of a run that its
visitor has in the library is not saved, and one that continues such a run exactly is saved in its row: Reset
and Train again, or F5 on a link, make no duplicate. A run with other changes has a row of its own.
Standard library only.
"""

import hashlib
import json
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from core.config import KNOB, KNOBS, WORD_PRESETS, Config
from core.engine.history import TORCH, Change, History
from core.messages import mark, tr

PART = " · "  # between the parts of a name that the app gave
USUAL_WORDS = "names"  # the word list that the page begins with
NAME_PARTS = {  # how a name mentions a knob that is not at its default
    "block_size": mark("context {}"), "learning_rate": mark("rate {:g}"), "batch_size": mark("batch {}"),
    "schedule": mark("{} schedule"), "decay_at": mark("decay after {:,}"), "weight_decay": mark("weight decay {:g}"),
    "init": mark("{} init"), "optimiser": "{}", "tied": mark("tied"), "direct": mark("direct"),
}  # fmt: skip

ADDED_LATER = ("optimiser", "tied")  # knobs that did not exist when the first runs were saved


def default_name(config: Config, data: str = USUAL_WORDS, most: int | None = None) -> str:
    """The name of a run until a person names it, such as “2-D · 100 hidden · seed 42 · rate 0.3 · russian”.

    It is in the visitor's language. data: the name of the word list; the usual one is left out. most: words of the
    vocabulary, at word level, where what is as in the preset “Words” is left out, too.
    """
    usual = Config() if most is None else WORD_PRESETS["Words"]
    named = {name for name in NAME_PARTS if getattr(config, name) != getattr(usual, name)}
    other = [knob.name for knob in KNOBS if knob.name in named]
    said = [_part(name, getattr(config, name)) for name in other]
    said += [data] if data != USUAL_WORDS else []
    said += [tr("{n:,} words", n=most)] if most else []
    hidden, seed = tr("{n} hidden", n=config.n_hidden), tr("seed {n}", n=config.seed)
    return PART.join([f"{config.n_embd}-D", hidden, seed, *said])


def told_apart(configs: Sequence[Config]) -> list[str]:
    """Of runs side by side, the knobs in which they differ as a name says them, such as “rate 0.1 · batch 32”."""
    differ = [name for name in NAME_PARTS if len({getattr(config, name) for config in configs}) > 1]
    return [PART.join(_part(name, getattr(config, name)) for name in differ) for config in configs]


def _part(name: str, value) -> str:
    said = tr(NAME_PARTS[name]).format(KNOB[name].value_text(value) if isinstance(value, str) else value)
    return tr("not {what}", what=said) if value is False else said


class Past(NamedTuple):
    """What decides whether another run is a prefix or a continuation of this row.

    writer: the run that wrote the row last. changes: of `live_changes`.
    """

    id: str
    writer: str
    step: int
    changes: tuple[Change, ...]
    deleted: bool = False

    def changes_before(self, step: int) -> tuple[Change, ...]:
        return tuple(change for change in self.changes if change[0] < step)

    def is_prefix_of(self, other: "Past") -> bool:
        """Whether `other` was exactly like this until this step."""
        return self.step <= other.step and self.changes_before(self.step) == other.changes_before(self.step)


def identity(history: History, digest: str, most: int | None = None) -> str:
    """The same for all runs that differ in nothing but live changes and how far they went.

    digest, most: of the text, and of its vocabulary at word level.
    """
    digest = digest if most is None else f"{digest}:{most}"
    given = {name: value for name, value in history.config.items() if name != "steps"}
    config = {name: value for name, value in given.items() if name not in ADDED_LATER or value != KNOB[name].default}
    paths = [list(row) for row in history.paths]
    said = [config, digest] if paths == [[0, TORCH]] else [config, digest, paths]  # as before there were paths
    return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()


def live_changes(changes: Iterable[Change]) -> tuple[Change, ...]:
    """The changes that make a run different: without those of `steps`, and of several at one step only the last."""
    last = {(step, name): value for step, name, value in changes if name != "steps"}
    return tuple((*at, value) for at, value in last.items())


def shared_steps(one: Past, other: Past) -> int:
    """The last step up to which two runs with the same identity are equal."""
    parted = [a[0] for a in set(one.changes) ^ set(other.changes)]
    return min(one.step, other.step, *parted)


def row_for(run: Past, rows: list[Past], failed: bool = False) -> str | None:
    """The id of the row that `run` is written to, "" for a new one; None if a row has all of it, or it was deleted.

    rows: all with its identity. failed: such a run can be at an earlier step than when it was saved last.
    """
    if any(row.deleted and run.id in (row.id, row.writer) for row in rows):
        return None
    rows = [row for row in rows if not row.deleted]
    for row in rows:
        mine = failed and row.writer == run.id
        if mine or (run.id in (row.id, row.writer) and row.is_prefix_of(run)):
            return row.id
    if any(run.is_prefix_of(row) and (run.step < row.step or run.changes != row.changes) for row in rows):
        return None
    return next((row.id for row in rows if row.is_prefix_of(run) and row.changes == run.changes), "")
