"""The data of the panels that are not charts, as plain JSON-able data. Pure."""

import math
from dataclasses import dataclass

import numpy as np
import torch

from core.analysis.timeline import Frame
from core.config import parameter_counts
from core.counting.ngrams import CountModel
from core.data.corpus import Corpus
from core.data.dataset import Dataset
from core.data.vocabulary import DataError, Vocabulary
from core.engine.model import Parameters
from core.engine.probe import log_probabilities, sample_all, score, spelled, word_losses
from core.engine.snapshot import Snapshot

SAMPLES = 12
LIKELIER = 0.05  # nats below a uniform guess from which a name can be placed among others


@dataclass(frozen=True)
class Question:
    """What to compute for every network on the page: words sampled with `seed` and `temperature`, P of the next
    character after `context`, P of `name` ("" for none). context and name have only characters of the vocabulary."""

    seed: int
    temperature: float
    context: str
    name: str


def moment(frame: Frame) -> dict:
    """A frame for the page's JavaScript: positions of the letters, row by row, rounded, and exact losses."""
    seen, (step, train, dev) = frame.seen, frame.exact
    rounded = lambda numbers: tuple([round(x, 4) for x in numbers])  # of tuples the garbage collector soon knows enough
    return {
        "step": frame.step,
        "exact_step": step,
        "train": round(train, 7),  # the page rounds it once more, to three decimals
        "dev": round(dev, 7),
        "points": tuple(np.round(seen.points.numpy(), 4).flatten().tolist()),
        "window": rounded((*frame.window.centre, frame.window.half)),
        "middle": rounded((*frame.middle.centre, frame.middle.half)),
        "apart": frame.apart,
        "explained": tuple([round(100 * share) for share in seen.explained]),
        "residual": round(100 * seen.residual, 1),
        "nearest": frame.nearest,
    }


def coordinates(C: torch.Tensor) -> list[str]:
    """The coordinates of each character as hover text: the first six dimensions."""
    more = ", …" if C.shape[1] > 6 else ""
    text = f"({', '.join(['%.3f'] * min(6, C.shape[1]))}{more})"
    return [text % tuple(row) for row in C[:, :6].tolist()]


def answers(stack: Parameters, vocabulary: Vocabulary, known: frozenset[str], question: Question) -> list[dict]:
    """The answers of each network of a stack to the question. All sample words with the same random numbers.

    words: [text, 1 if it is in the data]; next: P of each character after the context; if there is a name,
    letters: P of each letter of the name and of its end, and loss, nats per character.
    """
    block_size = stack.shape.block_size
    words = sample_all(stack, vocabulary, SAMPLES, question.seed, question.temperature)
    X = torch.tensor([vocabulary.context(question.context, block_size)])  # and the examples of the name, if any
    letters, Y = spelled(vocabulary, block_size, question.name) if question.name else (X[:0], X[:0, 0])
    logp = log_probabilities(stack, torch.cat([X, letters]))  # (F, 1 + letters, V)
    following, of_name = logp[:, 0].exp().tolist(), logp[:, 1:][:, range(len(Y)), Y]
    found = [
        {"words": [[word, int(word in known)] for word in row], "next": [round(p, 4) for p in likely]}
        for row, likely in zip(words, following)
    ]
    if question.name:
        for answer, own in zip(found, of_name):
            answer |= {"letters": [round(p, 4) for p in own.exp().tolist()], "loss": round(-float(own.mean()), 3)}
    return found


def next_chars(corpus: Corpus, bigram: CountModel, block_size: int, context: str) -> dict:
    """The part of the panel of next characters that does not change in training: characters, groups, bigram.

    problem: a sentence if a character of the context is not in the data (the start of a word is shown), or None.
    """
    vocabulary, problem, seen = corpus.vocabulary, None, context
    try:
        vocabulary.encode(context)
    except DataError as error:
        problem, seen = str(error), ""
    counted = bigram.probabilities(torch.tensor([vocabulary.context(seen, 1)]))[0].tolist()
    return {
        "context": vocabulary.decode(vocabulary.context(seen, block_size)),
        **corpus.shown.for_script,
        "bigram": [round(p, 4) for p in counted],
        "problem": problem,
    }


def spelling(vocabulary: Vocabulary, known: frozenset[str], name: str) -> dict:
    """The part of the panel of the typed name that does not change in training; problem: as in `next_chars`."""
    if not name:
        return {"characters": [], "known": False, "problem": None}
    try:
        vocabulary.encode(name)
    except DataError as error:
        return {"characters": [], "known": False, "problem": str(error)}
    characters = [*vocabulary.symbols(name), vocabulary.itos[vocabulary.stop]]
    return {"characters": characters, "known": name in known, "problem": None}


def percentile(parameters: Parameters, dataset: Dataset, name: str) -> int | None:
    """The percentage of dev names with a higher loss per character than `name`.

    None if the network hardly finds it likelier than a uniform guess does: its order of such names means nothing.
    """
    own = score(parameters, dataset.vocabulary, name).loss
    if own > math.log(len(dataset.vocabulary)) - LIKELIER:
        return None
    return round(100 * float((word_losses(parameters, dataset.dev) > own).double().mean()))


def sizes(snapshot: Snapshot) -> dict[str, int]:
    """Numbers in each parameter, by name."""
    return parameter_counts(snapshot.config, len(snapshot.vocabulary))
