"""Snapshots of runs that no client has."""

from core.engine.run import Run
from core.engine.snapshot import TRAINING, Snapshot


def shot(run: Run, number: int = 1, state: str = TRAINING) -> Snapshot:
    """The run as it stands."""
    history = run.history.freeze()
    return Snapshot(
        id=run.id, history=history, step=run.step, frozen=run.parameters.freeze(), exact=history.evaluations[-1],
        number=number, corpus=run.dataset.corpus, state=state,
    )  # fmt: skip
