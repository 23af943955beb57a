"""The panels on a copy of the network whose letters can be moved, and on contexts that are not in the training data."""

from core.analysis.timeline import steady_window
from core.data.corpus import Corpus
from core.data.plain import is_whole
from core.lessons.stages import ForwardPass
from core.lessons.touch import STEPS, Touch, Touched, answer, parse, read
from core.lessons.unseen import Unseen, answers, losses, rival
from core.ui import components, server
from core.ui.inside.example import dataset, page_state


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
        "steps": STEPS,
        "window": [*window.centre, window.half],
        "line": n_embd == 1,
        "plane": "" if n_embd <= 2 else f"along the PCA plane of {n_embd} dimensions",
        "context": shown.context,
        **it.moment.corpus.shown.for_script,
    }


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
        "rival": name,
        **data.corpus.shown.for_script,
    }


# ---------------------------------------------------------------- what a person does


def edit() -> None:
    """Set all edits: every message has the whole list, so a lost message does not matter."""
    message, it = components.received("touch", "edits"), page_state()
    if isinstance(message, dict) and message.get("base") == it.base:
        it.edits = parse(message.get("edits"), len(it.moment.vocabulary))


def step_through() -> None:
    index = components.received("unseen", "at")
    if is_whole(index, -(10**9), 10**9):
        page_state().at = index  # taken modulo the number of unseen contexts
