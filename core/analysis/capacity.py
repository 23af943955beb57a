"""How large a network? The same experiment with other numbers of hidden units and embedding dimensions."""

from collections.abc import Sequence
from dataclasses import dataclass

from core.config import Config, parameter_counts
from core.engine.job import Job, Progress

HIDDEN = (10, 30, 100, 300)
DIMENSIONS = (1, 2, 5, 10)


@dataclass(frozen=True)
class Cell:
    """One size. parameters: how many numbers it has; train, dev: exact losses after its last step, None while it
    has none; problem: why it will have none, one sentence, or None."""

    n_hidden: int
    n_embd: int
    parameters: int
    train: float | None
    dev: float | None
    problem: str | None


def sizes(config: Config) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Hidden units and dimensions that are tried: a few of each, the config's own among them."""
    return tuple(sorted({*HIDDEN, config.n_hidden})), tuple(sorted({*DIMENSIONS, config.n_embd}))


def capacity_jobs(config: Config, steps: int) -> list[Job]:
    """A run of `steps` steps of every size, all else as in `config`; the smallest networks first."""
    hidden, dimensions = sizes(config)
    changed = [config.with_(n_hidden=h, n_embd=e, steps=max(steps, config.steps)) for e in dimensions for h in hidden]
    name = lambda one: f"{one.n_hidden} hidden units and {one.n_embd} dimensions"
    return [Job(name(one), one, steps=steps) for one in changed]


def cells(jobs: Sequence[Job], progress: Progress, vocabulary_size: int) -> list[Cell]:
    """What is known of every size, in the order of the jobs."""
    found = []
    for i, job in enumerate(jobs):
        config, losses = job.config, (None, None)
        if i in progress.done:
            losses = progress.done[i].evaluations[-1][1:]
        count = sum(parameter_counts(config, vocabulary_size).values())
        found.append(Cell(config.n_hidden, config.n_embd, count, *losses, progress.failed.get(i)))
    return found


def shares(known: Sequence[Cell]) -> list[float | None]:
    """How good each size is: 1 for the least dev loss of all, 0 for the greatest; None while it has none."""
    losses = [cell.dev for cell in known if cell.dev is not None]
    extent = max(losses) - min(losses) if losses else 0.0
    return [None if cell.dev is None else (max(losses) - cell.dev) / extent if extent else 1.0 for cell in known]


def best(known: Sequence[Cell]) -> Cell | None:
    """The size with the least dev loss; of two alike the smaller one."""
    done = [cell for cell in known if cell.dev is not None]
    return min(done, key=lambda cell: (cell.dev, cell.parameters), default=None)


def capacity_sentence(known: Sequence[Cell], config: Config, steps: int) -> str:
    """The best size and what it has ahead of the config's own, in a sentence; "" while nothing is known."""
    first = best(known)
    if first is None:
        return ""
    own = next(cell for cell in known if (cell.n_hidden, cell.n_embd) == (config.n_hidden, config.n_embd))
    said = f"Best after {steps:,} steps: {_name(first)}, {first.dev:.4f} on dev with {first.parameters:,} parameters."
    if own is first or own.dev is None:
        return said + (" That is the size of your run." if own is first else "")
    return f"{said} The size of your run, {_name(own)}, reaches {own.dev:.4f} with {own.parameters:,}."


def _name(cell: Cell) -> str:
    dimensions = "dimension" if cell.n_embd == 1 else "dimensions"
    return f"{cell.n_hidden} hidden units and {cell.n_embd} {dimensions}"
