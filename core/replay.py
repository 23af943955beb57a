"""A recorded run as snapshots, so that the page shows it by the same path as a live one."""

import bisect
import pathlib

from core.config import Config
from core.data import Vocabulary
from core.history import History
from core.snapshot import RECORDED, Snapshot

RECORDING = pathlib.Path(__file__).parent.parent / "assets" / "recorded.json"
SECONDS = 10.0


def snapshots(history: History, vocabulary: Vocabulary) -> list[Snapshot]:
    """One snapshot for each checkpoint of `history`, each knowing only what was known then."""
    config = Config(**history.config)
    return [_snapshot(history, index, config, vocabulary) for index in range(len(history.checkpoints))]


def at(frames: list[Snapshot], elapsed: float) -> Snapshot:
    """The frame to show `elapsed` seconds after the start; afterwards the last one."""
    return frames[min(len(frames) - 1, int(elapsed / SECONDS * len(frames)))]


def _snapshot(history: History, index: int, config: Config, vocabulary: Vocabulary) -> Snapshot:
    step = history.checkpoints[index][0]
    past = History(history.config, _until(history.losses, step), _until(history.evaluations, step))
    return Snapshot(
        number=0,
        config=config,
        vocabulary=vocabulary,
        state=RECORDED,
        step=step,
        exact=past.evaluations[-1],
        steps_per_second=0.0,
        frozen=history.parameters_at(index),
        history=past,
    )


def _until(rows, step: int) -> tuple:
    """The rows, sorted by step, that are not later than `step`."""
    return tuple(rows[: bisect.bisect_right(rows, step, key=lambda row: row[0])])
