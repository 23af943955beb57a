"""What the browser draws of a run on words: a map of thousands of points, sentences, what comes next. Pure data."""

import base64
from collections.abc import Sequence

import torch

from core.analysis.geometry import nearest_to
from core.analysis.meaning import angle
from core.analysis.timeline import Frame, Window
from core.data.parts import PARTS, part_of
from core.data.vocabulary import Vocabulary
from core.engine.embeddings import SHOWN
from core.engine.model import Parameters
from core.engine.probe import next_all, sample_all
from core.messages import tr
from core.plots import PALETTE
from core.plots.panels import Question

SENTENCES, LONGEST = 4, 24  # sentences that are written, and words of each
NEXT = 10  # words that can come next
NEAREST = 10  # words that are nearest to one
COLOURS = {part: PALETTE[part] for part in PARTS}  # part of speech -> its colour on light and on dark paper


def described(vocabulary: Vocabulary) -> dict:
    """What does not change while a run trains: words, the part of speech of each, and [part, name, light, dark].

    Word 0 is the start of a sentence and word 1 stands for all others: both have the part "other".
    """
    shown = list(vocabulary.itos[:SHOWN])
    parts = [part_of(word) for word in shown]
    return {
        "words": shown,
        "parts": parts,
        "legend": [[part, tr(name), *COLOURS[part]] for part, name in PARTS.items() if part in parts],
    }


def moment(frame: Frame) -> dict:
    """A frame for the page's JavaScript: as `panels.moment`, but with the places packed (see `packed`).

    The window is the one without the words that are far out.
    """
    step, train, dev = frame.exact
    data, scale = packed(frame.seen.points[:SHOWN], frame.middle.centre)
    return {
        "step": frame.step,
        "exact_step": step,
        "train": round(train, 4),
        "dev": round(dev, 4),
        "packed": data,
        "scale": scale,
        "window": [round(x, 5) for x in (*frame.middle.centre, frame.middle.half)],
        "explained": [round(100 * share) for share in frame.seen.explained],
    }


def meaning(frame: Frame, pairs: Sequence[tuple[int, int]], points: torch.Tensor, window: Window) -> dict:
    """Places along two axes, as a moment has them. points (V, 2): by core/analysis/meaning.py. angle: of the axes."""
    data, scale = packed(points[:SHOWN], window.centre)
    between = angle(frame.C, *pairs)
    return {
        "step": frame.step,
        "pairs": [list(pair) for pair in pairs],
        "packed": data,
        "scale": scale,
        "window": [round(x, 5) for x in (*window.centre, window.half)],
        "angle": between and round(between),
    }


def packed(points: torch.Tensor, centre: Sequence[float]) -> tuple[str, float]:
    """Points (V, 2) as base64 of 16-bit whole numbers, x and y of each in turn, and the scale.

    A place is centre + scale * number / 32767.
    """
    away = points - points.new_tensor(centre)
    scale = float(away.abs().max()) or 1.0
    numbers = (away / scale * 32767).round().to(torch.int16)
    return base64.b64encode(numbers.numpy().astype("<i2").tobytes()).decode("ascii"), scale


def answers(stack: Parameters, vocabulary: Vocabulary, known: frozenset[str], question: Question) -> list[dict]:
    """words: [sentence, 1 if it is in the data]; next: the likeliest words after the context, [word, P]."""
    block_size = stack.shape.block_size
    written = sample_all(stack, vocabulary, SENTENCES, question.seed, question.temperature, LONGEST)
    following = next_all(stack, vocabulary.context(question.context, block_size))
    spelled = {sentence: " ".join(vocabulary.symbols(sentence)) for row in written for sentence in row}
    return [
        {
            "words": [[sentence, int(spelled[sentence] in known)] for sentence in row],
            "next": likeliest(P, vocabulary),
        }
        for row, P in zip(written, following)
    ]


def likeliest(P: torch.Tensor, vocabulary: Vocabulary) -> list[list]:
    """The NEXT likeliest words of P (V,), each with its probability: [word, P]."""
    best = P.topk(min(NEXT, len(P)))
    return [[vocabulary.label(i), round(p, 5)] for i, p in zip(best.indices.tolist(), best.values.tolist())]


def near(C: torch.Tensor, points: torch.Tensor, i: int) -> dict:
    """The words nearest to word i in all dimensions, C (V, n_embd), and how many of them are among its nearest in the
    picture, points (V, 2): of the words on the map."""
    nearest = nearest_to(C[:SHOWN], i, NEAREST)
    return {"nearest": nearest, "in_picture": len({*nearest} & {*nearest_to(points[:SHOWN], i, NEAREST)})}
