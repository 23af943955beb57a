"""Snapshots of runs that no client has."""

from core.engine.run import Run
from core.engine.snapshot import TRAINING, Snapshot


def shot(run: Run, number: int = 1, state: str = TRAINING) -> Snapshot:
    """The run as it stands."""
    history, frozen, words = run.history.freeze(), run.parameters.freeze(), run.dataset.words
    return Snapshot(
        number, run.id, run.config, words, state, run.step, history.evaluations[-1], 0.0,
        frozen, history,
    )  # fmt: skip
