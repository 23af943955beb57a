"""The messages about a run to the browser, which keeps all frames of the run and can show any of them.

Each message holds the frames and answers that this reader does not have yet, and the moment that is shown now.
"""

import hashlib
import json
from collections.abc import Callable, Hashable
from functools import partial

from core.analysis.timeline import Axes, Frame, Timeline
from core.data.corpus import WORD
from core.engine.embeddings import grids
from core.engine.history import steps_between
from core.engine.log import NOTHING, Have, Log
from core.engine.snapshot import RECORDED, Snapshot
from core.plots import words
from core.plots.panels import Question, answers, coordinates, moment

BLOCK = 8  # answers that are computed together, and shared with those who have the same run
AT_ONCE = 12 * BLOCK  # answers computed for one message
OF_WORDS_AT_ONCE = 4


LISTS = 2  # frames and answers
NO_FRAMES = (NOTHING,) * LISTS


class Broadcast:
    """Makes the messages for one page. Messages are plain JSON-able data. Not for several threads at once.

    share(key, make): the text that `make` returns, or returned before for this key, to any page. A text, because it
    takes a seventh of the memory of the answers themselves.
    """

    def __init__(self, share: Callable[[Hashable, Callable[[], str]], str] = lambda key, make: make()):
        self._share = share
        self._timeline = Timeline()
        self._shown, self._asked = None, None
        self._frames, self._answers = Log(), Log()  # an answer that is a number is that of the frame of this number
        self._last: Frame | None = None  # the newest of those
        self.head: Frame | None = None  # of this very moment, at the last look
        self._seen: tuple[Snapshot, Axes] | None = None
        self._own: tuple[Snapshot, int, dict] | None = None  # the answer of this snapshot to question number `asked`

    def ask(self, question: Question) -> int:
        """Set the question of all answers from now on. Returns `asked`."""
        if question != self._asked:
            self._asked = question
            self._answers.restart()
        return self.asked

    @property
    def asked(self) -> int:
        """The epoch of the answers: another one if the question is another, or what is asked."""
        return self._answers.epoch

    @property
    def question(self) -> Question:
        """What is asked of every network."""
        return self._asked

    @property
    def name(self) -> str:
        """The name in the current question."""
        return self._asked.name

    @property
    def context(self) -> str:
        """The context in the current question."""
        return self._asked.context

    @property
    def frames(self) -> list[Frame]:
        """One for each moment of the run that was seen last."""
        return list(self._timeline.frames)

    @property
    def complete(self) -> bool:
        """Whether there is an answer for every frame."""
        return self._answers.have.count == self._frames.have.count

    @property
    def made(self) -> tuple[Have, ...]:
        """What a reader has who has everything."""
        return self._frames.have, self._answers.have

    @property
    def last_seen(self) -> tuple[Snapshot, Axes] | tuple[None, None]:
        """The run and the axes of `head`."""
        return self._seen or (None, None)

    def see(self, shown: Snapshot, axes: Axes) -> Frame:
        """Make the frames of this snapshot that are missing; the frame of its own step."""
        if self._seen and self._seen[0] is shown and self._seen[1] == axes:
            return self.head
        self._seen = shown, axes
        head = self.head = self._timeline.update(shown, axes)
        frames, told = self._timeline.frames, len(self._frames.rows)
        last = frames[told - 1] if 0 < told <= len(frames) else None
        if (shown.number, axes) != self._shown or last is not self._last:
            self._shown, told = (shown.number, axes), 0
            self._frames.restart()
            self._answers.restart()
        seen = words.moment if shown.corpus.level == WORD else moment
        self._frames.rows += map(seen, frames[told:])
        self._last = frames[-1]
        return head

    def look(self, shown: Snapshot, axes: Axes, have: tuple[Have, ...] = NO_FRAMES, past: bool = True) -> dict:
        """The message for a reader who has so much: run says what it belongs to; what is new of the frames and of the
        answers, head (this very moment), total (frames at the end of the run).

        A frame between checkpoints has as its answer the number of the answer before, of the newest checkpoint.
        past: whether checkpoints are asked what was not asked of them yet.
        """
        head, (frames, answers) = self.see(shown, axes), have
        past = past and (frames.epoch != self._frames.epoch or answers.epoch == self.asked)
        own = self._own_answer(shown, past)  # what was asked just now: of this moment first
        of_words = shown.corpus.level == WORD
        now = words.moment(head) if of_words else moment(head) | {"where": coordinates(head.C)}
        return {
            "run": shown.number,
            "frames": self._frames.since(frames),
            "answers": self._answers.since(answers),
            "head": now | own,
            "total": self._total(shown),
        }

    def _own_answer(self, shown: Snapshot, past: bool) -> dict:
        """As `_answer`; nobody is asked again who has said all there is."""
        if (past and not self.complete) or not self._own or self._own[0] is not shown or self._own[1] != self.asked:
            self._own = shown, self.asked, self._answer(shown, past)
        return self._own[2]

    def _answers_of(self, networks: list[bytes], shown: Snapshot) -> list[dict]:
        ask = words.answers if shown.corpus.level == WORD else answers
        return ask(shown.stacked(networks), shown.vocabulary, shown.corpus.known, self._asked)

    def _shared(self, networks: list[bytes], shown: Snapshot) -> str:
        return json.dumps(self._answers_of(networks, shown), separators=(",", ":"))

    def _answer(self, shown: Snapshot, past: bool) -> dict:
        """The answer of this very moment; with it, as they cost less together, those of checkpoints if `past`."""
        known = len(self._answers.rows)
        if shown.corpus.level == WORD:
            return self._answer_of_words(shown, OF_WORDS_AT_ONCE if past else 0)
        most = AT_ONCE - known % BLOCK
        new = [frozen for _, frozen in shown.history.checkpoints[known : known + most]] if past else []
        while len(new) >= BLOCK and known % BLOCK == 0:
            block, new = new[:BLOCK], new[BLOCK:]
            key = hashlib.sha256(b"".join(block)).digest(), shown.shape, self._asked, shown.corpus.identity
            self._answers.rows += json.loads(self._share(key, partial(self._shared, block, shown)))
        *made, own = self._answers_of([*new, shown.frozen], shown)
        self._answers.rows += made
        return own

    def _answer_of_words(self, shown: Snapshot, most: int) -> dict:
        """The same of a run on words, of which few moments have a checkpoint; at most so many of them are asked."""
        due = self._due(most)
        asked = dict.fromkeys(checkpoint for checkpoint, last in due if last is None)
        *made, own = self._answers_of([*map(shown.history.parameters_at, asked), shown.frozen], shown)
        answers = dict(zip(asked, made))
        self._answers.rows += [answers[checkpoint] if last is None else last for checkpoint, last in due]
        return own

    def _due(self, most: int) -> list[tuple[int, int | None]]:
        """Of the next frames, with at most so many checkpoints: each one's checkpoint, and the number of its answer if
        that is there."""
        frames, due = self._timeline.frames, []
        numbers = {frame.checkpoint: i for i, frame in reversed([*enumerate(frames[: len(self._answers.rows)])])}
        for i in range(len(self._answers.rows), len(self._frames.rows)):
            checkpoint = frames[i].checkpoint
            if checkpoint not in numbers:
                most -= 1
                if most < 0:
                    break
            due.append((checkpoint, numbers.get(checkpoint)))
            numbers.setdefault(checkpoint, i)
        return due

    def _total(self, shown: Snapshot) -> int:
        made = len(self._frames.rows)
        if shown.state == RECORDED:
            return made
        of_words, sizes = shown.corpus.level == WORD, (len(shown.vocabulary), shown.config.n_embd)
        known = grids(of_words, *sizes, len(shown.frozen) // 4)
        return made + steps_between(self._frames.rows[-1]["step"], shown.config.steps, *known)
