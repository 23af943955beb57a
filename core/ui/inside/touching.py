"""The panels on a copy of the network whose letters can be moved, and on contexts that are not in the training data."""

from core.analysis.landscape import Landscape, LetterContexts, Slice
from core.analysis.survey import Field, Grid, survey
from core.analysis.timeline import Window, steady_window
from core.data.corpus import Corpus
from core.data.plain import is_whole
from core.engine.model import Parameters
from core.lessons.stages import ForwardPass
from core.lessons.touch import STEPS, Touch, Touched, answer, parse, read
from core.lessons.unseen import Unseen, answers, losses, rival
from core.messages import tr
from core.plots import landscape
from core.ui import components, server
from core.ui.inside.example import dataset, page_state

PLACES = 21  # a side
BEYOND = 400 / 368  # of the window: the map of assets/page/inside/touch.js has a margin for its letters
MOST_WORK = 1.2e10  # multiplications: under a second


def _unseen(words: Corpus, block_size: int) -> Unseen:
    return server.shared().get((Unseen, words, block_size), lambda: Unseen.of(server.dataset(words, block_size)))


def _touch() -> Touch:
    it = page_state()
    if "reading" not in it.made:
        it.made["reading"] = read(it.moment.parameters(), dataset().dev)
    if it.made.get("touch_without") != it.silenced:
        rate = it.moment.config.learning_rate_at(it.moment.step)
        it.made["touch"] = Touch(it.moment.parameters(), dataset(), rate, it.silenced)
        it.made["touch_without"] = it.silenced
    return it.made["touch"]


def touched() -> Touched:
    return _touch().after(page_state().edits)


def map_data(shown: ForwardPass) -> dict:
    """The data of the panel with the letters: their positions, and what the edits have changed."""
    it, touch = page_state(), _touch()
    window = steady_window(touch.plane.points(touch.start.C), None)
    n_embd = it.moment.config.n_embd
    return answer(touch, it.edits, shown.X, it.made["reading"], dataset().dev) | {
        "base": it.base,
        "edits": [list(edit) for edit in it.edits],
        "silenced": list(it.silenced),
        "field": field_data(window),
        "steps": STEPS,
        "window": [*window.centre, window.half],
        "line": n_embd == 1,
        "plane": "" if n_embd <= 2 else tr("along the PCA plane of {n} dimensions", n=n_embd),
        "context": shown.context,
        **it.moment.corpus.shown.for_script,
    }


def field_data(window: Window) -> dict | None:
    """The exact train loss over every place of the map where the chosen letter could stand, on the copy.

    None if none is chosen, or the network is too large for that while a page waits.
    """
    it, touch = page_state(), _touch()
    network = touch.after(it.edits).parameters
    if it.chosen is None or network.shape.tied or not network.flat.isfinite().all():
        return None
    others = it.edits  # where the letter itself was moved last makes no difference
    while others and (others[-1].do, others[-1].a) == ("move", it.chosen):
        others = others[:-1]
    of = it.chosen, others, it.silenced, str(window)
    if it.made.get("field", (None, None))[0] != of:
        it.made["field"] = of, _field(touch, network, it.chosen, window)
    found = it.made["field"][1]
    return found and landscape.field_data(found, it.moment.vocabulary)


def _field(touch: Touch, network: Parameters, letter: int, window: Window) -> Field | None:
    contexts = LetterContexts.of(dataset().train, letter)
    shape = network.shape
    work = PLACES**2 * len(contexts.within.contexts) * (shape.n_hidden + 1) * (shape.vocabulary_size + 2)
    if work > MOST_WORK:
        return None
    at = touch.plane.points(network.C)[letter]
    half = window.half * BEYOND
    grid = Grid(window.centre[:2], (half, half), PLACES)
    steps = survey(Landscape(network, contexts, Slice(network.C[letter], at, touch.plane.basis)), grid)
    while True:
        try:
            next(steps)
        except StopIteration as done:
            return done.value


def unseen_data() -> dict:
    """The data of the panel on unseen contexts: one of them, and the losses on all, for the edited network."""
    it, data = page_state(), dataset()
    unseen = _unseen(data.corpus, data.block_size)
    name, model = rival(server.counted(data.corpus), data.block_size)
    if not len(unseen):
        return {"total": 0, "block_size": data.block_size}
    it.at %= len(unseen)
    parameters = touched().parameters
    ours, counted = losses(parameters, unseen, model)
    return answers(parameters, data, unseen, model, it.at) | {
        "total": len(unseen),
        "at": it.at,
        "share": f"{100 * unseen.share:.1f} %",
        "network": f"{ours:.3f}",
        "counts": f"{counted:.3f}",
        "rival": tr(name),
        **data.corpus.shown.for_script,
    }


# ---------------------------------------------------------------- what a person does


def edit() -> None:
    """Set all edits: every message has the whole list, so a lost message does not matter."""
    message, it = components.received("touch", "edits"), page_state()
    if isinstance(message, dict) and message.get("base") == it.base:
        it.edits = parse(message.get("edits"), len(it.moment.vocabulary))


def choose() -> None:
    """The letter whose landscape is drawn; None for none."""
    index, it = components.received("touch", "chosen"), page_state()
    it.chosen = index if is_whole(index, 0, len(it.moment.vocabulary) - 1) else None


def step_through() -> None:
    index = components.received("unseen", "at")
    if is_whole(index, -(10**9), 10**9):
        page_state().at = index  # taken modulo the number of unseen contexts
