"""The messages about a run to the browser, which keeps all frames of the run and can show any of them.

Each message repeats the frames and answers of the last few seconds, because messages can be lost. A page
that still misses some asks for all of them.
"""

import time
from collections import deque
from collections.abc import Callable

from core.analysis.timeline import Axes, Frame, Timeline
from core.data.dataset import Dataset
from core.engine.history import checkpoints_between
from core.engine.snapshot import RECORDED, TRAINING, Snapshot
from core.plots.panels import Question, answers, coordinates, moment

AGAIN = 3.0  # seconds during which new frames and answers are sent again in every message
AT_ONCE = {True: 24, False: 96}  # answers computed for one message: in training (True), at rest (False)


class Broadcast:
    """Makes the messages for one page. Messages are plain JSON-able data."""

    def __init__(self, clock: Callable[[], float] = time.monotonic):
        self._clock, self._timeline = clock, Timeline()
        self._shown, self._asked = None, None
        self.epoch = self.asked = 0  # incremented when frames (epoch) or answers (asked) already sent become invalid
        self._frames: list[dict] = []
        self._answers: list[dict] = []
        self._last: Frame | None = None  # the newest of those
        self.head: Frame | None = None  # of this very moment, at the last look
        self._sent: deque = deque()

    def ask(self, question: Question) -> int:
        """Set the question of all answers from now on. Returns `asked`, which is sent with the answers."""
        if question != self._asked:
            self._asked, self.asked, self._answers = question, self.asked + 1, []
            self._sent.clear()
        return self.asked

    @property
    def name(self) -> str:
        """The name in the current question."""
        return self._asked.name

    def frames_of(self, shown: Snapshot) -> list[Frame]:
        """One for each of its checkpoints that a look has seen; none while the last look was at another run."""
        return self._timeline.frames if self._shown and self._shown[0] == shown.number else []

    @property
    def complete(self) -> bool:
        """Whether there is an answer for every frame."""
        return len(self._answers) == len(self._frames)

    def send_everything(self) -> None:
        self._sent.clear()

    def look(self, shown: Snapshot, axes: Axes, dataset: Dataset) -> dict:
        """The message for this look: run, epoch and asked say what it belongs to; frames from number `from` on,
        answers from `answers_from` on, head (this very moment), total (frames at the end of the run)."""
        head = self.head = self._timeline.update(shown, axes)
        frames = self._timeline.frames
        sent = len(self._frames)
        last = frames[sent - 1] if 0 < sent <= len(frames) else None
        if (shown.number, axes) != self._shown or last is not self._last:
            self._shown, self.epoch = (shown.number, axes), self.epoch + 1
            self._frames, self._answers = [], []
            self._sent.clear()
        self._frames += map(moment, frames[len(self._frames) :])
        self._last = frames[-1]
        self._answer(shown, dataset)
        first, first_answer = self._unsent()
        own = answers([shown.parameters()], shown.vocabulary, dataset.known, self._asked)[0]
        return {
            "run": shown.number,
            "epoch": self.epoch,
            "asked": self.asked,
            "from": first,
            "frames": self._frames[first:],
            "answers_from": first_answer,
            "answers": self._answers[first_answer:],
            "head": {**moment(head), **own, "where": coordinates(head.C)},
            "total": self._total(shown),
        }

    def _answer(self, shown: Snapshot, dataset: Dataset) -> None:
        first = len(self._answers)
        last = min(len(self._frames), first + AT_ONCE[shown.state == TRAINING])
        if first < last:
            networks = [shown.checkpoint(index) for index in range(first, last)]
            self._answers += answers(networks, shown.vocabulary, dataset.known, self._asked)

    def _unsent(self) -> tuple[int, int]:
        """From which frame and which answer on a look of some seconds ago may be the last that arrived."""
        now = self._clock()
        while len(self._sent) > 1 and self._sent[1][0] < now - AGAIN:
            self._sent.popleft()
        first = self._sent[0][1:] if self._sent and self._sent[0][0] < now - AGAIN else (0, 0)
        self._sent.append((now, len(self._frames), len(self._answers)))
        return first

    def _total(self, shown: Snapshot) -> int:
        made = len(self._frames)
        if shown.state == RECORDED:
            return made
        return made + checkpoints_between(self._frames[-1]["step"], shown.config.steps, len(shown.frozen) // 4)
