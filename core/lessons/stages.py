"""The forward pass of one example, stage by stage, in the order of the lecture: the data of the page "Inside".

Each stage is plain data: title, shape, code (the lines that compute it; the tests run them), said (one
sentence), help, and its numbers as `core.lessons.lines.heat`. The pass is `core.engine.model.forward`. The
layers are in core/lessons/layers.py, the backward pass is in core/lessons/backward.py.
"""

import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
import torch.nn.functional as F

from core.data.corpus import Corpus
from core.data.dataset import Split, build_dataset
from core.data.shown import Shown
from core.data.vocabulary import Vocabulary
from core.engine.model import Activations, Parameters, forward
from core.lessons.lines import by, heat, run
from core.messages import tr

STAGES = ("indices", "lookup", "batch", "concatenation", "hidden", "tanh", "softmax", "backward")
ROUNDS, LOOKUPS = 7, 40


@dataclass(frozen=True)
class ForwardPass:
    """A context X (1, block_size), the character that follows it Y (1,), and the pass over it.

    shown: the characters as pictures show them.
    """

    parameters: Parameters
    vocabulary: Vocabulary
    shown: Shown
    X: torch.Tensor
    Y: torch.Tensor
    seen: Activations

    @classmethod
    def of(cls, parameters: Parameters, corpus: Corpus, context: str, label: str) -> "ForwardPass":
        """DataError if the vocabulary lacks a character."""
        vocabulary = corpus.vocabulary
        X = torch.tensor([vocabulary.context(context, parameters.shape.block_size)])
        Y = torch.tensor(vocabulary.encode(label))
        return cls(parameters, vocabulary, corpus.shown, X, Y, forward(parameters, X))

    @property
    def symbols(self) -> list[str]:
        """Those of the context, block_size of them."""
        return [self.vocabulary.itos[i] for i in self.X[0]]

    @property
    def context(self) -> str:
        return "".join(self.symbols)

    @property
    def loss(self) -> float:
        """Nats."""
        return -float(self.seen.log_probabilities[0, self.Y])

    @property
    def probabilities(self) -> torch.Tensor:
        return self.seen.log_probabilities.exp()


def usual_label(train: Split, vocabulary: Vocabulary, context: str) -> str:
    """The most frequent next character of a context in the training split; "." if the context is not in it."""
    X = torch.tensor(vocabulary.context(context, train.contexts.shape[1]))
    followed = torch.bincount(train.Y[(train.X == X).all(1)], minlength=len(vocabulary))
    return vocabulary.itos[int(followed.argmax())]


def numbers(values: Sequence[float]) -> list[str]:
    """Numbers as text: four significant digits, or "nan" or "inf"."""
    return [f"{value:.4g}" for value in values]


def stage(title: str, shape: str, code: str, said: str, help: str, **parts) -> dict:
    return {"title": title, "shape": shape, "code": code, "said": said, "help": help, **parts}


def strip(example: ForwardPass) -> list[dict]:
    """The name, shape and a small heat map of each stage; for the backward pass, the gradient of the logits."""
    p, seen, C = example.parameters, example.seen, example.parameters.C
    x, chances = seen.emb.flatten(1), example.probabilities
    error = chances - F.one_hot(example.Y, len(example.vocabulary))
    small = (
        (tr("characters → indices"), by(example.X[0].shape), None),
        (tr("look up C[i]"), by(seen.emb[0].shape), seen.emb[0]),
        (tr("many at once: C[X]"), by((32, *seen.emb[0].shape)), C),
        (tr("concatenate"), by(x.shape), x),
        ("@ W1 + b1", by(seen.h.shape), seen.preactivation),
        ("tanh", by(seen.h.shape), seen.h),
        (f"@ W2{' @ C.T' * p.shape.tied} + b2 → softmax → {tr('loss')}", by(seen.logits.shape), chances),
        (tr("backwards"), tr("{n:,} gradients", n=len(p.weights)), error),
    )
    return [
        {"stage": stage, "name": name, "shape": shape, "heat": None if values is None else heat(values)}
        for stage, (name, shape, values) in zip(STAGES, small)
    ]


# ---------------------------------------------------------------- into numbers


def indices(example: ForwardPass) -> dict:
    symbols, context = example.symbols, example.context
    return stage(
        tr("Characters become indices"),
        by(example.X[0].shape),
        f"ix = [stoi[s] for s in {context if list(context) == symbols else symbols!r}]",
        tr(
            "A network needs numbers: each character becomes its index in the sorted vocabulary, whose first entry is "
            "“.”."
        ),
        tr("“.” marks the start and the end of a word. The label, the character to predict, is an index as well."),
        ix=example.X[0].tolist(),
        y=int(example.Y),
        **example.shown.for_script,
    )


def lookup(example: ForwardPass) -> dict:
    C, ix, V = example.parameters.C, example.X[0], len(example.vocabulary)
    hot = F.one_hot(ix, num_classes=V).float()
    product = hot @ C
    return stage(
        tr("Each index picks a row of C"),
        by(example.seen.emb[0].shape),
        f"C[{ix.tolist()}]  # the same as F.one_hot(torch.tensor({ix.tolist()}), num_classes={V}).float() @ C",
        tr("Taking row i of C and multiplying by a vector that is 1 at i and 0 elsewhere give the same numbers."),
        tr("So the embedding is a linear layer without bias or tanh. Indexing only avoids multiplying by zeros."),
        table=heat(C),
        hot=heat(hot),
        rows=heat(example.seen.emb[0]),
        product=heat(product),
        ix=ix.tolist(),
        equal=torch.equal(product, example.seen.emb[0]),
    )


def race(C: torch.Tensor, X: torch.Tensor, clock: Callable[[], float] = time.perf_counter) -> float:
    """How many times longer `one_hot(X) @ C` takes than `C[X]`, measured now: medians of alternating rounds."""
    V = len(C)
    ways = (lambda: C[X], lambda: F.one_hot(X, num_classes=V).float() @ C)
    took: tuple[list[float], list[float]] = ([], [])
    for _ in range(ROUNDS):
        for way, times in zip(ways, took):
            began = clock()
            for _ in range(LOOKUPS):
                way()
            times.append(clock() - began)
    indexing, product = map(statistics.median, took)
    return product / indexing


def batch(example: ForwardPass, words: Sequence[str]) -> dict:
    """C[X] for all examples of some words."""
    parameters, vocabulary = example.parameters, example.vocabulary
    X, Y = build_dataset(list(words), parameters.shape.block_size, vocabulary)
    emb = forward(parameters, X).emb  # (B, block_size, n_embd)
    few = [min(i, len(vocabulary) - 1) for i in (5, 6, 7)]
    lines = f"C[{few}]", f"C[torch.tensor({few})]", f"C[torch.tensor({[*few, few[-1], few[-1]]})]"
    return stage(
        tr("A whole table of indices at once"),
        by(emb.shape),
        f"emb = C[X]  # X: {by(X.shape)}",
        tr("Indexing takes any shape: every index in X is replaced by its row of C."),
        tr("The {n} examples are those of {words}.", n=len(X), words=", ".join(words)),
        X=X.tolist(),
        Y=Y.tolist(),
        **example.shown.for_script,
        table=heat(parameters.C),
        emb=heat(emb),
        ways=[
            {"code": line, "shape": by(run(line, C=parameters.C).shape), "heat": heat(run(line, C=parameters.C))}
            for line in lines
        ],
    )


def inputs(example: ForwardPass) -> list[str]:
    """A name for each number of x: the character, and the dimension of its embedding (from 1)."""
    n_embd = example.parameters.shape.n_embd
    return [f"{s} · {d + 1}" for s in example.symbols for d in range(n_embd)]


def concatenation(example: ForwardPass) -> dict:
    x = example.seen.emb.flatten(1)
    return stage(
        tr("One row for the whole context"),
        by(x.shape),
        f"x = C[X].view(1, {x.shape[1]})",
        tr("The hidden layer takes one row of numbers: the embeddings of the context side by side."),
        tr(
            "In memory, numbers are in one sequence. A view only changes the distances of rows and columns; cat copies."
        ),
        x=heat(x),
        names=inputs(example),
    )
