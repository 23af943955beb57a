"""The exact losses of a run on words that rests: over all examples, a piece at a time, as that takes seconds."""

from collections.abc import Callable
from functools import partial

from core.data.dataset import Examples
from core.engine.model import piece_log_probabilities, rows_at_once
from core.engine.snapshot import TRAINING, Snapshot
from core.serving.background import Failed
from core.ui import server

PASSES = 70  # of one piece, which takes about half a second
SPLITS = "dev", "train"  # in this order


class ExactLook:
    """Of one page. then: called when there is news, in any thread."""

    def __init__(self, then: Callable[[], None]):
        self._then = then
        self._of: tuple | None = None  # the run and its step
        self._nats = dict.fromkeys(SPLITS, 0.0)  # of the pieces so far
        self._done = 0  # pieces

    def look(self, snapshot: Snapshot) -> dict | None:
        """Of each split the exact mean loss, None until it is known, and "share": how much of each is done, 0 to 1.

        None while the run trains, and before its first step.
        """
        if snapshot.state == TRAINING or snapshot.step == 0:
            return None
        if self._of != (of := (snapshot.id, snapshot.step)):
            self._of, self._nats, self._done = of, dict.fromkeys(SPLITS, 0.0), 0
        data = server.dataset(snapshot.corpus, snapshot.config.block_size)
        splits = {split: getattr(data, split) for split in SPLITS}
        rows = PASSES * rows_at_once(len(snapshot.vocabulary))
        plan = [(split, first) for split in SPLITS for first in range(0, len(splits[split].contexts), rows)]
        while self._done < len(plan):
            split, first = plan[self._done]
            make = partial(nats, snapshot, splits[split], first, rows)
            made = server.background().get(("exact", id(self)), ("exact", *of, self._done), make, self._then)
            if made is None or isinstance(made, Failed):
                break
            self._nats[split] += made
            self._done += 1
        at = [split for split, _ in plan]
        shares = {split: at[: self._done].count(split) / max(1, at.count(split)) for split in SPLITS}
        return {"share": shares} | {
            split: round(self._nats[split] / len(splits[split]), 4) if shares[split] == 1 else None for split in SPLITS
        }


def nats(snapshot: Snapshot, examples: Examples, first: int, rows: int) -> float:
    """The sum of the losses of the examples with so many contexts, from number `first` on."""
    network, each, total = snapshot.parameters(), rows_at_once(len(snapshot.vocabulary)), 0.0
    for begin in range(first, min(first + rows, len(examples.contexts)), each):
        contexts, pairs = examples.piece(begin, each)
        total -= float(piece_log_probabilities(network, contexts, pairs).double() @ pairs.times)
    return total
