"""Snapshot -> the plain data of the panels that are not charts. Pure, JSON-able."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch

from core.analysis.timeline import Frame
from core.config import parameter_counts
from core.counting.ngrams import CountModel
from core.data.dataset import Dataset
from core.data.vocabulary import BOUNDARY, DataError, Vocabulary
from core.engine.model import Parameters
from core.engine.probe import next_all, sample_all, score, score_all, spelled, word_losses
from core.engine.snapshot import Snapshot

SAMPLES = 12


@dataclass(frozen=True)
class Question:
    """What the page asks every network that it shows: words from a seed, what follows `context`,
    how likely `name` is ("" for none). Both hold only characters of the vocabulary."""

    seed: int
    temperature: float
    context: str
    name: str


def moment(frame: Frame) -> dict:
    """A frame as the page's JavaScript takes it: the letters' places row by row, rounded, and exact losses."""
    seen, (step, train, dev) = frame.seen, frame.exact
    return {
        "step": frame.step,
        "exact_step": step,
        "train": round(train, 4),
        "dev": round(dev, 4),
        "points": [round(x, 4) for x in seen.points.flatten().tolist()],
        "window": [round(x, 4) for x in (*frame.window.centre, frame.window.half)],
        "explained": [round(100 * share) for share in seen.explained],
        "residual": round(100 * seen.residual, 1),
        "nearest": frame.nearest,
    }


def coordinates(C: torch.Tensor) -> list[str]:
    """Where each character is in the full space, as hover text: the first six dimensions."""
    return [f"({', '.join(f'{x:.3f}' for x in row[:6])}{', …' if len(row) > 6 else ''})" for row in C.tolist()]


def answers(
    networks: Sequence[Parameters], vocabulary: Vocabulary, known: frozenset[str], question: Question
) -> list[dict]:
    """What each network answers. Words come from the same random numbers for all.

    words: [text, 1 if it is in the data]; next: P of each character after the context; letters:
    P of each letter of the name and of its end, and loss, nats a character, if there is a name.
    """
    block_size, stack = networks[0].shape.block_size, Parameters.stacked(networks)
    words = sample_all(stack, vocabulary, SAMPLES, question.seed, question.temperature)
    following = next_all(stack, vocabulary.context(question.context, block_size)).tolist()
    said = [
        {"words": [[word, int(word in known)] for word in row], "next": [round(x, 4) for x in p]}
        for row, p in zip(words, following)
    ]
    if question.name:
        for answer, logp in zip(said, score_all(stack, *spelled(vocabulary, block_size, question.name))):
            answer |= {"letters": [round(p, 4) for p in logp.exp().tolist()], "loss": round(-float(logp.mean()), 3)}
    return said


def next_chars(vocabulary: Vocabulary, bigram: CountModel, block_size: int, context: str) -> dict:
    """What stands still in the panel of next characters: their names and groups, and what the bigram says.

    problem: a sentence when the data does not have a character of the context; the start of a word is shown then.
    """
    problem, seen = None, context
    try:
        vocabulary.encode(context)
    except DataError as error:
        problem, seen = str(error), ""
    counted = bigram.probabilities(torch.tensor([vocabulary.context(seen, 1)]))[0].tolist()
    return {
        "context": "".join(vocabulary.itos[i] for i in vocabulary.context(seen, block_size)),
        "characters": list(vocabulary.itos),
        "groups": list(vocabulary.groups),
        "bigram": [round(p, 4) for p in counted],
        "problem": problem,
    }


def spelling(vocabulary: Vocabulary, known: frozenset[str], name: str) -> dict:
    """What stands still in the panel of one's own name; a problem in one sentence if the data lacks a character."""
    if not name:
        return {"characters": [], "known": False, "problem": None}
    try:
        vocabulary.encode(name)
    except DataError as error:
        return {"characters": [], "known": False, "problem": str(error)}
    return {"characters": [*vocabulary.symbols(name), BOUNDARY], "known": name in known, "problem": None}


def percentile(parameters: Parameters, dataset: Dataset, name: str) -> int:
    """The percentage of dev names that the network finds less likely, letter for letter, than `name`."""
    losses = word_losses(parameters, dataset.dev)
    return round(100 * float((losses > score(parameters, dataset.vocabulary, name).loss).double().mean()))


def sizes(snapshot: Snapshot) -> dict[str, int]:
    """Numbers in each parameter, by name."""
    return parameter_counts(snapshot.config, len(snapshot.vocabulary))
