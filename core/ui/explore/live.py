"""What one open page is told of its run while it trains, over the live line (core/serving/channel.py).

Scripts set what is to be shown; nothing here needs one. Any thread may call any of this.
"""

import math
import zlib
from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import NamedTuple

from core import messages
from core.analysis.status import sentence
from core.analysis.timeline import Axes, Frame
from core.config import DEFAULT_WORDS, Config
from core.data.corpus import WORD
from core.data.plain import is_whole
from core.engine.log import NOTHING, Have, parse_have
from core.engine.model import Parameters
from core.engine.snapshot import TRAINING, Snapshot
from core.keeping import link
from core.lessons.bundled import named
from core.plots import feed, loss_feed
from core.plots.feed import NO_FRAMES, Broadcast
from core.plots.loss import shown_baselines
from core.plots.loss_feed import NO_LOSSES, LossFeed
from core.serving.channel import Look, Page
from core.serving.client import Client
from core.serving.commands import Command
from core.serving.outgoing import as_json
from core.ui import server
from core.ui.explore.asking import Values, parse_question, question_of
from core.ui.explore.commands import Shown, bar, carry_out
from core.ui.explore.knobs import preset_of
from core.ui.explore.landscape import Follower, View, parse
from core.ui.explore.moving import Moving, can_move, parse_move, with_letter_at
from core.ui.explore.placing import Placing
from core.ui.explore.why import Why
from core.ui.explore.wordlive import WordLook

SURVEYED = 0.05  # seconds between two looks at whether a landscape is there


@dataclass(frozen=True)
class Drawn:
    """What the page's script drew. number: of its run."""

    number: int = 0
    axes: Axes = ()
    linear: bool = False
    four_gram: bool = False
    present: bool = False


class At(NamedTuple):
    """What a reader has: of frames and answers, of the loss figure, and of the fields of checkpoints."""

    feed: tuple[Have, ...] = NO_FRAMES
    losses: tuple[Have, ...] = NO_LOSSES
    film: Have = NOTHING


class Live(Page, Shown):
    """One page: what it shows, and what it is told.

    refused: a link that could not be opened, and the number of the run shown at that time.
    """

    def __init__(self, token: str | None, client: Client, language: str = messages.ENGLISH):
        Page.__init__(self, token, language)
        Shown.__init__(self, client)
        self.broadcast, self.follower = Broadcast(server.answered().get), Follower()
        self.why, self.moving, self._placing = Why(), Moving(), Placing()
        self.words = WordLook(lambda: self.wake(urgent=True))
        self.refused: tuple[link.Link, int] | None = None
        self._drawn, self._told, self._looked = Drawn(), None, None
        # owes: the last look left something out, to be there sooner. past: the page shows answers of earlier steps.
        self._owes = self._past = False
        # what asks something of the network, as the script and the browser say it, and what panels show of it
        self.scripts: Values = {}
        self.browsers: Values = {}
        self._question, self._landscape = {}, None
        self._losses, self._address = LossFeed(), (None, "")  # the latter: of what, and as a URL's query
        client.watch(self)

    # ------------------------------------------------------------ from scripts

    def show(self, drawn: Drawn) -> None:
        self._drawn = drawn
        self.wake(urgent=True)

    def ask(self, values: Values) -> None:
        """Set what is asked of every network from now on, as far as the browser has not said something else."""
        with self.lock:
            self.scripts = values
            self._ask()

    def _ask(self) -> None:
        question, self._question = question_of(self.snapshot, self.scripts | self.browsers)
        self.broadcast.ask(question)

    def frames(self) -> tuple[Snapshot, list[Frame]]:
        """The run, and a frame for each of its moments: of characters, its checkpoints."""
        with self.lock:
            snapshot = self.snapshot
            self.broadcast.see(snapshot, self._axes(snapshot))
            return snapshot, self.broadcast.frames

    def picture(self) -> tuple[Snapshot, Frame] | None:
        """The visitor's run and its newest picture, as a page that they open now shows it; None if there is none."""
        with self.lock:
            snapshot, axes = self.broadcast.last_seen
            own = snapshot is not None and snapshot.number == self.client.snapshot.number
            return (snapshot, self.broadcast.head) if own and axes == () else None

    @property
    def seen(self) -> str:
        """What the page's script draws: if it changes, the script runs again."""
        return self.seen_of(self.client.snapshot)

    def seen_of(self, snapshot: Snapshot) -> str:
        """The same of this run: without the values of knobs that their sliders show already."""
        sliders = self.sliders
        shows = lambda name, value: name in sliders and value in sliders[name].shows
        config = {name: value for name, value in snapshot.config.to_dict().items() if not shows(name, value)}
        what = snapshot.number, config, preset_of(snapshot), self.replaying, self.notes
        return f"{zlib.crc32(repr(what).encode()):08x}"

    def _axes(self, snapshot: Snapshot) -> Axes:
        """() (a projection of all dimensions) if the run does not have those that were chosen."""
        return self._drawn.axes if all(i < snapshot.config.n_embd for i in self._drawn.axes) else ()

    # ------------------------------------------------------------ from the client and the browser

    def changed(self, before: Snapshot, after: Snapshot) -> None:
        self.wake(urgent=_controls(before) != _controls(after))

    def renew(self, pace: float) -> None:
        self.client.renew_lease(pace)

    def hear(self, name: str, value: object) -> bool:
        if name == "cursor":
            self.cursor = value if is_whole(value, 0) else None
        elif name == "past":
            self._past = value is True
        elif name == "touched":
            self.follower.touch = parse(value, len(self.snapshot.vocabulary))
        elif name == "moved":
            self.moving.move = parse_move(value, len(self.snapshot.vocabulary))
        elif name == "question":
            with self.lock:
                self.browsers = parse_question(value, self.snapshot.corpus)
                self._ask()
        elif name == "word":
            self.words.hear(value, len(self.snapshot.vocabulary))
        else:
            return False
        self.wake(urgent=True)
        return True

    def carry_out(self, command: Command) -> str:
        problem = self.client.ledger.carry_out(command, partial(carry_out, self, command.name, command.value))
        self.wake(urgent=True)
        return problem

    def dragged(self, value: object) -> tuple[int, list[float]] | None:
        with self.lock:
            snapshot = self.snapshot
            axes, asked = self._axes(snapshot), parse_move(value, len(snapshot.vocabulary))
            if asked is None or not can_move(asked, snapshot, axes):
                return None
            self.broadcast.see(snapshot, axes)
            network = with_letter_at(snapshot.parameters(), self.broadcast.head, axes, asked)
            return asked.letter, network.C[asked.letter].tolist()

    # ------------------------------------------------------------ to the browser

    def first(self) -> str:
        """What a browser that has nothing yet is told, for the page's script to send."""
        return self.look(self.parse(None), always=True).text

    def parse(self, said: object) -> At:
        have = parse_have(said, feed.LISTS + loss_feed.LISTS)
        return At(have[: feed.LISTS], have[feed.LISTS :])

    def look(self, at: At, always: bool) -> Look:
        with self.lock:
            snapshot, drawn = self.snapshot, self._drawn
            before, self._looked, told = self._looked, snapshot, self._told
            news = self.broadcast.question, self.words.asked, self.words.news, self.moving.move, self._predicted()
            known = {"seen": self.seen_of(self.client.snapshot), "bar": bar(self)}
            self._told = drawn, self.cursor, known, *news
            same = snapshot is before and told == self._told
            if snapshot.number != drawn.number:  # the page's script has not drawn this run yet
                return Look(None if same and not always else as_json(known), at)
            past, landscape = self._past or snapshot.state != TRAINING, self._landscapes(snapshot)
            same, self._landscape = same and landscape == self._landscape, landscape
            more = SURVEYED if self.follower.busy else math.inf
            if same and (self.broadcast.complete or not past) and not (always or self._owes):
                return Look(None, at, more)
            self._owes = not always and _came_to_rest(before, snapshot)
            message = self._message(snapshot, drawn, at, landscape, past and not self._owes) | known
            have = At(self.broadcast.made, self._losses.made, self.follower.film.have)
            owes = self._owes or (past and not self.broadcast.complete)
            return Look(as_json(message), have, 0.0 if owes else more)

    def _message(self, snapshot: Snapshot, drawn: Drawn, at: At, landscape: dict | None, past: bool) -> dict:
        axes = self._axes(snapshot)
        message, (_, answers) = self.broadcast.look(snapshot, axes, at.feed, past), at.feed
        if answers.epoch != self.broadcast.asked:
            message["question"] = self._question
        if snapshot.corpus.level == WORD:
            message |= self.words.message(snapshot, self.broadcast, self._at_cursor(snapshot)[0])
            return message | self._common(snapshot, drawn, message["counted"] or {}, at)
        dataset = server.dataset(snapshot.corpus, snapshot.config.block_size)
        baselines = server.counted(snapshot.corpus)
        text, tone = sentence(snapshot, baselines)
        if landscape:
            landscape = landscape | {"film": self.follower.film.since(at.film)}
        losses = shown_baselines(baselines.dev, drawn.four_gram)
        moved = None
        if self.cursor is None:
            moved = self.moving.look(snapshot, self.broadcast.head, axes, dataset, self.broadcast.question)
        own = {
            "status": {"text": moved["said"], "tone": "calm"} if moved else {"text": text, "tone": tone},
            "percentile": None if moved else self._placing.look(self.broadcast.name, snapshot, dataset),
            "moved": moved,
            "landscape": landscape,
            "lesson": self._lesson(snapshot),
            "why": None if self._owes else self.why.look(snapshot, self.broadcast.head, axes, dataset),
        }
        return message | self._common(snapshot, drawn, losses, at) | own

    def _common(self, snapshot: Snapshot, drawn: Drawn, losses: dict[str, float], at: At) -> dict:
        """What is told of runs at every level; losses: of count models."""
        return {
            "loss": self._losses.look(snapshot, losses, not drawn.linear, at.losses),
            "rate": round(snapshot.steps_per_second),
            "training": snapshot.state == TRAINING,
            "recorded": self.replaying,
            "address": self.address(snapshot),
            "goal": snapshot.goal,
            "present": drawn.present,
        }

    def _lesson(self, snapshot: Snapshot) -> dict | None:
        """How far the visitor is in the lesson that is open. address: what the URL says of it."""
        attempt = self.attempt()
        if attempt is None:
            return None
        return attempt.look(snapshot, self.broadcast.frames, snapshot.vocabulary) | {"address": named(attempt.lesson)}

    def _predicted(self) -> tuple | None:
        """Changes with each prediction."""
        attempt = self.attempt()
        return attempt and (id(attempt), len(attempt.said))

    def _at_cursor(self, snapshot: Snapshot) -> tuple[Frame, Callable[[], Parameters]]:
        """The frame at the time cursor, and a function that gives its network."""
        head, frames = self.broadcast.head, self.broadcast.frames
        if self.cursor is None or self.cursor >= snapshot.step:
            return head, snapshot.parameters
        index = max(0, bisect_right([frame.step for frame in frames], self.cursor) - 1)
        return frames[index], partial(snapshot.checkpoint, frames[index].checkpoint)

    def _landscapes(self, snapshot: Snapshot) -> dict | None:
        """Of the letters that were touched, at the time cursor."""
        if not self.follower.touch.letters or snapshot.corpus.level == WORD:
            return self.follower.look(server.landscapes(), None)
        axes = self._axes(snapshot)
        self.broadcast.see(snapshot, axes)
        (frame, parameters), frames = self._at_cursor(snapshot), self.broadcast.frames
        live = self.cursor is None or self.cursor >= snapshot.step
        rests = snapshot.state != TRAINING or not live
        dataset = server.dataset(snapshot.corpus, snapshot.config.block_size)
        view = View(snapshot.number, frame.step, frame, axes, parameters(), dataset, rests, frames, snapshot.checkpoint)
        return self.follower.look(server.landscapes(), view)

    def address(self, snapshot: Snapshot) -> str:
        """The experiment as the query of a URL, without the step; "" if it has more changes than a link can hold."""
        if self.refused and self.refused[1] == snapshot.number:
            return link.encode(self.refused[0])
        history, changes = snapshot.history, (*snapshot.history.changes, *snapshot.plan)
        if len(changes) > link.MAX_CHANGES:
            return ""
        corpus, path = snapshot.corpus, history.paths[0][1]
        of = snapshot.number, history.config, changes, path
        if of != self._address[0]:
            most = None if corpus.most in (None, DEFAULT_WORDS) else corpus.most
            run = link.Link(Config(**history.config), changes, corpus.name, corpus.digest, path=path, vocabulary=most)
            self._address = of, link.encode(run)
        return self._address[1]


def _came_to_rest(before: Snapshot | None, after: Snapshot) -> bool:
    """Whether the run stopped training between these two: that is said first, and what takes long in the next look."""
    return before is not None and before.state == TRAINING != after.state and before.number == after.number


def _controls(snapshot: Snapshot) -> tuple:
    """What the bar and the knobs show of a run, and its live changes: if any of it changes, pages look at once."""
    return snapshot.state, snapshot.number, snapshot.history.config, snapshot.history.changes, snapshot.speed
