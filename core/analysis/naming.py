"""Distinct names for the runs of a list. Pure."""

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Protocol

from core.analysis.compare import change_text
from core.engine.experiment import PART
from core.engine.history import Change
from core.messages import tr

DIGITS = 4  # of a word list's digest, where two lists have one name


class Named(Protocol):
    """What is needed of a run: a `keeping.store.Row`, for example."""

    name: str
    created: float
    step: int
    changes: tuple[Change, ...]
    data: str
    digest: str


def distinct_names(runs: Sequence[Named]) -> list[str]:
    """A name for each run: its own, and if others have the same, how it differs: by its words, its changes
    while training or its steps; else a number, the oldest first."""
    names = [run.name for run in runs]
    for describe in (_words(runs), _changes, lambda run: tr("{n:,} steps", n=run.step)):
        names = _described(runs, names, describe)
    return _numbered(runs, names)


def without_shared(names: Sequence[str], knobs: Sequence[str] = ()) -> list[str]:
    """The names, of runs side by side, without the parts that all of them have; as they are if that tells nothing.

    knobs: for each run what is said of it if its name has no part of its own: “rate 0.1” beside “rate 10”.
    """
    parts = [name.split(PART) for name in names]
    shared = set.intersection(*map(set, parts)) if len(parts) > 1 else set()
    short = [PART.join(part for part in own if part not in shared) for own in parts]
    short = [own or said for own, said in zip(short, knobs)] if knobs else short
    return short if all(short) and len({*short}) == len(short) else list(names)


def _described(runs: Sequence[Named], names: list[str], describe: Callable[[Named], str]) -> list[str]:
    """The names; a description is appended where several runs share a name and their descriptions differ."""
    described: dict[str, set[str]] = {}
    for run, name in zip(runs, names):
        described.setdefault(name, set()).add(describe(run))
    return [
        f"{name} · {said}" if len(described[name]) > 1 and (said := describe(run)) else name
        for run, name in zip(runs, names)
    ]


def _words(runs: Sequence[Named]) -> Callable[[Named], str]:
    lists = Counter(data for data, _ in {(run.data, run.digest) for run in runs})
    return lambda run: run.data if lists[run.data] == 1 else f"{run.data} {run.digest[:DIGITS]}"


def _changes(run: Named) -> str:
    if not run.changes:
        return ""
    more = len(run.changes) - 1
    first = change_text(run.changes[0])
    return tr("{change} and {n} more", change=first, n=more) if more else first


def _numbered(runs: Sequence[Named], names: list[str]) -> list[str]:
    taken: set[str] = set()
    found = list(names)
    for i in sorted(range(len(runs)), key=lambda i: runs[i].created):
        number = 1
        while found[i] in taken:
            number += 1
            found[i] = f"{names[i]} ({number})"
        taken.add(found[i])
    return found
