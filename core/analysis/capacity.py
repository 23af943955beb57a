"""How large should the network be? The same experiment with other numbers of hidden units and dimensions."""

from collections.abc import Sequence
from dataclasses import dataclass

from core.config import Config, parameter_counts
from core.engine.job import Job, Progress
from core.messages import mark, said, tr

HIDDEN = (10, 30, 100, 300)
DIMENSIONS = (1, 2, 5, 10)
OF_WORDS = (30, 100, 300), (2, 10, 30)  # the same two at word level


@dataclass(frozen=True)
class Cell:
    """One network size. parameters: their number; train, dev: exact losses after the last step, None if not yet
    known; problem: why they cannot be known (one sentence), or None."""

    n_hidden: int
    n_embd: int
    parameters: int
    train: float | None
    dev: float | None
    problem: str | None


def sizes(config: Config, of_words: bool = False) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """The numbers of hidden units and of dimensions to try, including the config's own."""
    hidden, dimensions = OF_WORDS if of_words else (HIDDEN, DIMENSIONS)
    return tuple(sorted({*hidden, config.n_hidden})), tuple(sorted({*dimensions, config.n_embd}))


def capacity_jobs(config: Config, steps: int, of_words: bool = False) -> list[Job]:
    """A run of `steps` steps for every size, otherwise as in `config`; ordered by dimensions, then hidden units."""
    hidden, dimensions = sizes(config, of_words)
    changed = [config.with_(n_hidden=h, n_embd=e, steps=max(steps, config.steps)) for e in dimensions for h in hidden]
    named = mark("{units} hidden units and {dimensions} dimensions")
    name = lambda size: said(named, units=size.n_hidden, dimensions=size.n_embd)
    return [Job(name(size), size, steps=steps) for size in changed]


def cells(jobs: Sequence[Job], progress: Progress, vocabulary_size: int) -> list[Cell]:
    """A Cell for every job, in the same order."""
    found = []
    for i, job in enumerate(jobs):
        config, losses = job.config, (None, None)
        if i in progress.done:
            losses = progress.done[i].evaluations[-1][1:]
        count = sum(parameter_counts(config, vocabulary_size).values())
        found.append(Cell(config.n_hidden, config.n_embd, count, *losses, progress.failed.get(i)))
    return found


def shares(known: Sequence[Cell]) -> list[float | None]:
    """How good each size is: 1 for the lowest dev loss, 0 for the highest, linear between; None if not yet known."""
    losses = [cell.dev for cell in known if cell.dev is not None]
    extent = max(losses) - min(losses) if losses else 0.0
    return [None if cell.dev is None else (max(losses) - cell.dev) / extent if extent else 1.0 for cell in known]


def best(known: Sequence[Cell]) -> Cell | None:
    """The size with the lowest dev loss; of equal ones the smallest; None if no size is done."""
    done = [cell for cell in known if cell.dev is not None]
    return min(done, key=lambda cell: (cell.dev, cell.parameters), default=None)


def capacity_sentence(known: Sequence[Cell], config: Config, steps: int) -> str:
    """The best size and how the config's own size compares, in one or two sentences; "" if nothing is known."""
    first = best(known)
    if first is None:
        return ""
    own = next(cell for cell in known if (cell.n_hidden, cell.n_embd) == (config.n_hidden, config.n_embd))
    best_of = mark("Best after {steps:,} steps: {size}, {dev:.4f} on dev with {parameters:,} parameters.")
    text = tr(best_of, steps=steps, size=_name(first), dev=first.dev, parameters=first.parameters)
    if own is first:
        return f"{text} {tr('That is the size of your run.')}"
    if own.dev is None:
        return text
    yours = mark("The size of your run, {size}, reaches {dev:.4f} with {parameters:,}.")
    return f"{text} {tr(yours, size=_name(own), dev=own.dev, parameters=own.parameters)}"


def _name(cell: Cell) -> str:
    if cell.n_embd == 1:
        return tr("{units} hidden units and 1 dimension", units=cell.n_hidden)
    return tr("{units} hidden units and {dimensions} dimensions", units=cell.n_hidden, dimensions=cell.n_embd)
