"""What a page shows, and the commands of the bar over its pictures.

They come over the live line and need no script: the same functions serve Streamlit's buttons on other pages. What a
browser says as a command's value can be anything.
"""

import secrets
import time
from collections.abc import Callable

from core.config import KNOB, SPEEDS, ConfigError
from core.data.plain import is_whole
from core.engine.snapshot import FINISHED, READY, RECORDED, Snapshot
from core.lessons.attempt import Attempt
from core.messages import mark, tr
from core.serving.client import Client
from core.ui import server
from core.ui.explore.knobs import Slider, checked

NONE_SUCH = mark("This page has no such command. Please reload it.")
ASK_FIRST = mark("Answer the lesson’s question first: a prediction is worth most before one knows.")
NO_FORK = mark("A run can be branched from a step that it has made.")
OTHER_RUN = mark("Another run is open now: nothing was branched.")
FIXED = mark("The lesson keeps this as it is.")
SEEDS = 10_000  # from which New seed draws


class Shown:
    """Which run a page shows, and at which step.

    cursor: step of the time cursor, None for the newest one. replaying: the recorded run, since then (monotonic
    seconds), None for the visitor's own. notes: sentences about what could not be done as it was asked for. attempt:
    gives the lesson that the visitor has open, or None. sliders: of the live knobs that change over the line.
    """

    def __init__(self, client: Client):
        self.client = client
        self.cursor: int | None = None
        self.replaying: float | None = None
        self.notes: list[str] = []
        self.attempt: Callable[[], Attempt | None] = lambda: None
        self.sliders: dict[str, Slider] = {}

    @property
    def snapshot(self) -> Snapshot:
        return self.client.snapshot if self.replaying is None else server.recording()

    def to_own_run(self) -> None:
        """Show the visitor's own run at its newest step, without notes."""
        self.cursor, self.replaying, self.notes = None, None, []

    @property
    def waits(self) -> str:
        """Why nobody may train yet, in a sentence: a lesson asks something first. "" if nothing is in the way."""
        attempt, run = self.attempt(), self.client.snapshot
        return tr(ASK_FIRST) if attempt and attempt.open_questions(run.vocabulary, run.config.n_embd) else ""

    def dragged(self, value: object) -> tuple[int, list[float]] | None:
        """Index of the character that was dragged, and the row of C where it is; None if `value` says no such thing."""
        return None

    def keeps(self, name: str) -> bool:
        """Whether a lesson keeps this knob, "words", "vocabulary", "preset" or "speed" as it is."""
        attempt = self.attempt()
        return attempt is not None and name not in attempt.lesson.free


def train(shown: Shown) -> str:
    shown.to_own_run()
    waits = shown.waits
    if not waits:
        shown.client.start()
    return waits


def pause(shown: Shown) -> None:
    shown.to_own_run()
    shown.client.pause()


def step(shown: Shown) -> str:
    shown.to_own_run()
    waits = shown.waits
    if not waits:
        shown.client.step()
    return waits


def reset(shown: Shown) -> None:
    shown.to_own_run()
    shown.client.reset()


def new_seed(shown: Shown) -> str:
    if shown.keeps("seed"):
        return tr(FIXED)
    change(shown, seed=secrets.randbelow(SEEDS))
    return ""


def undo(shown: Shown) -> None:
    shown.to_own_run()
    shown.client.undo()


def redo(shown: Shown) -> None:
    shown.to_own_run()
    shown.client.redo()


def replay(shown: Shown) -> None:
    """Show the recorded run, from its beginning."""
    shown.replaying = time.monotonic()


def end_replay(shown: Shown) -> None:
    shown.to_own_run()


def speed(shown: Shown, value: object) -> str:
    if not (isinstance(value, str) and value in SPEEDS):
        return tr("The speeds are {names}.", names=", ".join(SPEEDS))
    if shown.keeps("speed"):
        return tr(FIXED)
    shown.client.speed(value)
    return ""


def more_steps(shown: Shown, value: object) -> str:
    """Train on, to this step."""
    most = KNOB["steps"].high
    if not is_whole(value, 1, most):
        return tr("A run can be trained to step {most:,} at most.", most=most)
    if shown.keeps("steps"):
        return tr(FIXED)
    shown.to_own_run()
    shown.client.set(steps=value)
    return train(shown)


def fork(shown: Shown, value: object) -> str:
    """A new run that goes on from a step of the run that is shown. value: the number of the run, and the step."""
    if not (isinstance(value, list) and len(value) == 2 and all(is_whole(n, 0, 1 << 53) for n in value)):
        return tr(NO_FORK)
    number, at = value
    if number != shown.snapshot.number or shown.replaying is not None:
        return tr(OTHER_RUN)
    shown.to_own_run()
    shown.client.fork(at)
    return ""


def move(shown: Shown, value: object) -> str:
    """A new run that goes on from here, with a character where it was dragged. value: as parse_move takes it."""
    if shown.attempt():
        return tr(FIXED)
    found = shown.dragged(value)
    if found is None:
        return tr(OTHER_RUN)
    shown.to_own_run()
    shown.client.move(*found)
    return ""


def knob(shown: Shown, value: object) -> str:
    """Change a live knob from the next step on. value: its name, its value, and the key of the slider that was moved.

    That slider shows the value already: the page is not drawn again for it.
    """
    try:
        name, chosen, key = checked(value)
    except ConfigError as error:
        return str(error)
    if shown.keeps(name):
        return tr(FIXED)
    shown.to_own_run()
    own = name in shown.sliders and shown.sliders[name].key == key
    if own:
        shown.sliders[name] = Slider(key, (getattr(shown.client.snapshot.config, name), chosen))
    shown.client.set(**{name: chosen})
    if own:
        shown.sliders[name] = Slider(key, (chosen,))
    return ""


def change(shown: Shown, **values) -> None:
    """Start a new run for knobs that need new weights; it trains if the old run was training.

    Only these values of the newest config change: a page may show older values of the others than those that were
    set in another tab.
    """
    shown.to_own_run()
    try:
        shown.client.reset(shown.client.snapshot.config.with_(**values))
    except ConfigError as error:  # not possible with the widgets; a value that did not come from them
        shown.notes = [str(error)]


COMMANDS: dict[str, Callable[[Shown], str | None]] = {
    act.__name__: act for act in (train, pause, step, reset, new_seed, undo, redo, replay, end_replay)
}
WITH_VALUE: dict[str, Callable[[Shown, object], str]] = {
    act.__name__: act for act in (speed, more_steps, fork, move, knob)
}


def carry_out(shown: Shown, name: object, value: object) -> str:
    """Carry out a command of a browser; a sentence if that is not possible, else ""."""
    if isinstance(name, str) and name in WITH_VALUE:
        return WITH_VALUE[name](shown, value)
    if not isinstance(name, str) or name not in COMMANDS or value is not None:
        return tr(NONE_SUCH)
    return COMMANDS[name](shown) or ""


def bar(shown: Shown) -> dict:
    """What the bar and the offers beside the status line show.

    state: of the run. speed: the chosen one. undo, redo: steps of the runs that these bring back, None if there is
    none. more: step to which a finished run can be trained, or None. replay: whether the recorded run is offered.
    waits: whether a lesson asks something before anything is trained. fixed: which of the speed and the seed a lesson
    keeps as it is.
    """
    snapshot = shown.snapshot
    goal = min(KNOB["steps"].high, 2 * max(snapshot.config.steps, snapshot.step))
    own = snapshot.state != RECORDED
    return {
        "state": snapshot.state,
        "speed": shown.client.snapshot.speed,
        "undo": snapshot.undo if own else None,
        "redo": snapshot.redo if own else None,
        "more": goal if snapshot.state == FINISHED and goal > snapshot.step and not shown.keeps("steps") else None,
        "replay": snapshot.state == READY and snapshot.undo is None and snapshot.redo is None,
        "waits": bool(shown.waits),
        "fixed": [name for name in ("speed", "seed") if shown.keeps(name)],
    }
