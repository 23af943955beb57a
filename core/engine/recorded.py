"""A recorded run as a snapshot, so that the page shows it by the same path as a live one."""

import pathlib

from core.data.dataset import Dataset
from core.engine.history import History
from core.engine.snapshot import RECORDED, Snapshot

RECORDING = pathlib.Path(__file__).parent.parent.parent / "assets" / "recorded.json"


def recorded(history: History, dataset: Dataset) -> Snapshot:
    """The run of a saved history on these words, standing at its last checkpoint."""
    return Snapshot(
        number=0,
        id="recorded",
        corpus=dataset.corpus,
        state=RECORDED,
        step=history.checkpoints[-1][0],
        exact=history.evaluations[-1],
        frozen=history.parameters_at(-1),
        history=history.freeze(),
    )
