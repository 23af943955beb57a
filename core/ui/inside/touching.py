"""Touch the embedding: what a visitor did to a copy of the network, and the contexts that training never showed."""

from core.analysis.timeline import steady_window
from core.data.plain import is_whole
from core.data.wordlist import WordList
from core.lessons.stages import Example
from core.lessons.touch import STEPS, Touch, Touched, answer, parse, read
from core.lessons.unseen import Unseen, answers, losses, rival
from core.ui import components, server
from core.ui.inside.example import dataset, desk


def _unseen(words: WordList, block_size: int) -> Unseen:
    return server.shared().get((Unseen, words, block_size), lambda: Unseen.of(server.dataset(words, block_size)))


def _touch() -> Touch:
    it = desk()
    if "touch" not in it.made:
        rate = it.moment.config.learning_rate_at(it.moment.step)
        it.made["touch"] = Touch(it.moment.parameters, dataset(), rate)
        it.made["reading"] = read(it.moment.parameters, dataset().dev)
    return it.made["touch"]


def touched() -> Touched:
    return _touch().after(desk().edits)


def map_data(shown: Example) -> dict:
    """The letters, and what moving them has changed."""
    it, touch = desk(), _touch()
    window = steady_window(touch.plane.points(touch.start.C), None)
    n_embd = it.moment.config.n_embd
    return answer(touch, it.edits, shown.X, it.made["reading"], dataset().dev) | {
        "base": it.base,
        "edits": [list(edit) for edit in it.edits],
        "steps": STEPS,
        "window": [*window.centre, window.half],
        "line": n_embd == 1,
        "plane": "" if n_embd <= 2 else f"along the PCA plane of {n_embd} dimensions",
        "context": shown.context,
        "characters": list(it.moment.vocabulary.itos),
        "groups": list(it.moment.vocabulary.groups),
    }


def unseen_data() -> dict:
    """One unseen context as the touched network sees it, and how it does on all of them."""
    it, words = desk(), dataset()
    unseen = _unseen(words.words, words.block_size)
    name, model = rival(server.counted(words.words), words.block_size)
    if not len(unseen):
        return {"total": 0, "block_size": words.block_size}
    it.at %= len(unseen)
    parameters = touched().parameters
    ours, counted = losses(parameters, unseen, model)
    return answers(parameters, words, unseen, model, it.at) | {
        "total": len(unseen),
        "at": it.at,
        "share": f"{100 * unseen.share:.1f} %",
        "network": f"{ours:.3f}",
        "counts": f"{counted:.3f}",
        "rival": name,
        "characters": list(words.vocabulary.itos),
        "groups": list(words.vocabulary.groups),
    }


# ---------------------------------------------------------------- what a person does


def edit() -> None:
    """All that was done so far: the newest message stands for those that got lost."""
    said, it = components.said("touch", "edits"), desk()
    if isinstance(said, dict) and said.get("base") == it.base:
        it.edits = parse(said.get("edits"), len(it.moment.vocabulary))


def step_through() -> None:
    said = components.said("unseen", "at")
    if is_whole(said, -(10**9), 10**9):
        desk().at = said  # beyond either end it begins again at the other
