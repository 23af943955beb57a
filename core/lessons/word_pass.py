"""One example of a run on words on its way through the network: the data of "Inside the network" at word level.

The same pass as core/lessons/stages.py, `core.engine.model.forward`. Of a vocabulary of thousands only the likeliest
words are drawn; the others are one sum, and the sum of all is checked in float64.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import torch

from core.data.dataset import Split
from core.data.vocabulary import Vocabulary
from core.engine.model import SATURATED, Activations, Parameters, forward
from core.lessons.lines import by, heat
from core.messages import tr

TOP = 20  # words that can come next
LOOKED_AT = 20_000  # contexts of training among which those are found for which a hidden unit is highest
UNITS_AT_ONCE = 64  # silenced together, which bounds the memory
LISTED = 5  # of them, and of the units that matter most


@dataclass(frozen=True)
class WordPass:
    """A context X (1, block_size), the word that follows it, y, and the pass over it."""

    parameters: Parameters
    vocabulary: Vocabulary
    X: torch.Tensor
    y: int
    seen: Activations

    @classmethod
    def of(cls, parameters: Parameters, vocabulary: Vocabulary, context: str, y: int | None) -> "WordPass":
        """context: tokens separated by spaces. y: None for the word that the network finds likeliest."""
        X = torch.tensor([vocabulary.context(context, parameters.shape.block_size)])
        seen = forward(parameters, X)
        return cls(parameters, vocabulary, X, int(seen.logits.argmax()) if y is None else y, seen)

    @property
    def chances(self) -> torch.Tensor:
        """(V,) float64, from the logits: they add up to 1 but for rounding."""
        return torch.softmax(self.seen.logits[0].double(), 0)

    @property
    def words(self) -> list[str]:
        return [self.vocabulary.label(i) for i in self.X[0]]


def usual_next(train: Split, X: torch.Tensor) -> int | None:
    """The word that follows a context X (1, block_size) most often in training; None if training never showed it."""
    followed = train.Y[(train.X == X).all(1)]
    return int(torch.bincount(followed).argmax()) if len(followed) else None


def indices(example: WordPass, typed: Sequence[str]) -> dict:
    """typed: the last tokens of what was typed, as the network would see them. unknown: those that it does not know."""
    vocabulary, ids = example.vocabulary, example.X[0].tolist()
    return {
        "words": example.words,
        "ix": ids,
        "unknown": [token for token in typed if token not in vocabulary.stoi],
        "code": f"ix = [stoi.get(word, 1) for word in {example.words!r}]  # {ids}",
        "shape": by(example.X[0].shape),
    }


def lookup(example: WordPass) -> dict:
    C = example.parameters.C
    return {
        "code": f"emb = C[{example.X[0].tolist()}]",
        "shape": by(example.seen.emb[0].shape),
        "table": by(C.shape),
        "rows": heat(example.seen.emb[0]),
        "names": example.words,
    }


def hidden(example: WordPass) -> dict:
    seen, W1 = example.seen, example.parameters.W1
    h = seen.h[0]
    return {
        "code": f"h = torch.tanh(emb.view(1, {W1.shape[0]}) @ W1 + b1)",
        "shape": by(seen.h.shape),
        "table": by(W1.shape),
        "z": heat(seen.preactivation),
        "h": heat(seen.h),
        "saturated": int((h.abs() > SATURATED).sum()),
        "units": len(h),
    }


def softmax(example: WordPass) -> dict:
    """top: [word, logit, probability] of the likeliest words; rest: how many others, and their probability in all.

    label: the word that follows, its probability, its rank (1 is the likeliest) and its loss; total: the sum of all.
    """
    p, logits, chances = example.parameters, example.seen.logits[0], example.chances
    best = chances.topk(min(TOP, len(chances)))
    row = lambda i: [example.vocabulary.label(i), _finite(logits[i]), _finite(chances[i])]
    code = "logits = (h @ W2) @ C.T + b2" if p.shape.tied else "logits = h @ W2 + b2"
    chance = chances[example.y]
    return {
        "code": code + (" + x @ Wd" if p.Wd is not None else "") + "\nP = torch.softmax(logits, 1)",
        "shape": by(example.seen.logits.shape),
        "top": [row(i) for i in best.indices.tolist()],
        "rest": [len(chances) - len(best.values), _finite(chances.sum() - best.values.sum())],
        "total": f"{float(chances.sum()):.6f}",
        "label": [*row(example.y), int((chances > chance).sum()) + 1, f"{-float(chance.log()):.4f}"],
    }


def _finite(value: torch.Tensor) -> float:
    """For JSON, which has no NaN."""
    return float(value.nan_to_num())


def moved_rows(example: WordPass) -> str:
    """Which rows of C the gradient of this example's loss reaches, in a sentence."""
    V, rows = len(example.vocabulary), len(set(example.X[0].tolist()))
    if example.parameters.shape.tied:
        return tr(
            "A step on this example moves all {V:,} rows of C, as they are the output weights too: the true word's "
            "towards what the hidden layer made, every other away from it, by its probability.",
            V=V,
        )
    return tr(
        "A step on this example moves {rows} of the {V:,} rows of C, those of its context; all {V:,} columns of W2 "
        "move: the true word's towards the hidden layer, every other away from it, by its probability.",
        rows=rows,
        V=V,
    )


# ---------------------------------------------------------------- hidden units


def silenced(example: WordPass) -> torch.Tensor:
    """By how much the loss of this example grows when each unit alone is silenced: (n_hidden,) float64, nats."""
    outputs, h = example.parameters.outputs, example.seen.h[0].double()
    logits, y = example.seen.logits[0].double(), example.y
    found = [torch.zeros(0, dtype=torch.float64)]
    for units in torch.arange(len(h)).split(UNITS_AT_ONCE):
        without = logits - h[units, None] * outputs[units].double()  # (units, V)
        found.append(without.logsumexp(1) - without[:, y])
    return torch.cat(found) - (logits.logsumexp(0) - logits[y])


def most(costs: torch.Tensor) -> list[list]:
    """[unit, cost] of those that cost most when they are silenced; costs (n_hidden,)."""
    best = costs.topk(min(LISTED, len(costs)))
    return [[unit, f"{cost:+.4f}".replace("-", "−")] for unit, cost in zip(best.indices.tolist(), best.values.tolist())]


def responses(example: WordPass, train: Split, unit: int) -> dict:
    """high, low: [context, h] for which a hidden unit is highest and lowest, among evenly spaced training contexts."""
    p, contexts = example.parameters, train.contexts
    some = contexts[:: max(1, len(contexts) // LOOKED_AT)][:LOOKED_AT]
    z = p.C[some].flatten(1) @ p.W1[:, unit] + p.b1[unit]
    order = z.argsort(descending=True).tolist()
    label, start = example.vocabulary.label, example.vocabulary.start
    words = lambda m: " ".join(label(i) for i in some[m].tolist() if i != start) or tr("(start)")
    row = lambda m: [words(m), f"{float(torch.tanh(z[m])):.3f}".replace("-", "−")]
    ends = {"high": [row(m) for m in order[:LISTED]], "low": [row(m) for m in order[: -LISTED - 1 : -1]]}
    return {"unit": unit, "among": len(some), "of": len(contexts), **ends}
