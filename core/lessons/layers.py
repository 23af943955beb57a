"""The layers of the forward pass of one example: weighted sums, tanh, softmax and loss. See core/lessons/stages.py."""

import torch
import torch.nn.functional as F

from core.data.dataset import Split
from core.engine.model import SATURATED, forward
from core.lessons.lines import by, heat
from core.lessons.stages import ForwardPass, inputs, numbers, stage
from core.messages import tr

MIN_OCCURRENCES, MAX_CONTEXTS = 10, 6  # for a unit, this many contexts are shown, each with this many occurrences
ADDED = (-100, -10, 0, 10, 100)  # to every logit


# ---------------------------------------------------------------- the hidden layer


def hidden(example: ForwardPass) -> dict:
    parameters, seen = example.parameters, example.seen
    x, W1, b1 = seen.emb.flatten(1), parameters.W1, parameters.b1
    aligned = [
        ["x", by(x.shape), ""],
        ["W1", by(W1.shape), tr("{columns} columns meet {rows} rows", columns=x.shape[1], rows=W1.shape[0])],
        ["x @ W1", by(seen.h.shape), ""],
        ["b1", by(b1.shape), tr("read as 1 × {n:,}: the same for every example", n=len(b1))],
        ["z", by(seen.preactivation.shape), ""],
    ]
    return stage(
        tr("Weighted sums"),
        by(seen.preactivation.shape),
        "z = x @ W1 + b1",
        tr("Each hidden unit has its own weight for every number of x, and adds its bias.")
        if len(b1)
        else tr("This network has no hidden units, so there are no weighted sums."),
        tr(
            "b1 has no rows: broadcasting compares shapes from the right and uses b1 for every example. "
            "Point at a column, or move over it with the arrow keys, to see one unit's sum."
        ),
        x=heat(x),
        W1=heat(W1),
        b1=heat(b1),
        z=heat(seen.preactivation),
        names=inputs(example),
        aligned=aligned,
    )


def tanh(example: ForwardPass) -> dict:
    seen = example.seen
    h = seen.h[0]
    saturated = (h.abs() > SATURATED).nonzero().flatten().tolist()
    z = torch.linspace(-4, 4, 81)
    return stage(
        tr("tanh squeezes every sum into −1 to 1"),
        by(seen.h.shape),
        "h = torch.tanh(z)",
        tr(
            "{saturated} of {units} units are saturated (|h| > {limit}): where tanh is flat, hardly any "
            "gradient comes back.",
            saturated=len(saturated),
            units=len(h),
            limit=SATURATED,
        )
        if len(h)
        else tr("This network has no hidden units, so tanh has no input."),
        tr(
            "The slope of tanh at z is 1 − h². Choose a unit to see for which training contexts it is highest and "
            "lowest."
        ),
        z=heat(seen.preactivation),
        h=heat(seen.h),
        saturated=saturated,
        curve=heat(torch.stack([z, torch.tanh(z)])),
    )


def responses(example: ForwardPass, train: Split, unit: int) -> dict:
    """The contexts for which a hidden unit is highest and lowest, among those that occur often in training.

    high and low: [context, h, occurrences]; saturated: on which share of all training examples; passes: the share
    of a gradient that it lets through for this example, the slope 1 - h² of tanh.
    """
    itos = example.vocabulary.itos
    seen = forward(example.parameters.only([unit]), train.contexts)
    times = train.times
    share = float(times[seen.h[:, 0].abs() > SATURATED].sum() / times.sum())
    often = (times >= min(MIN_OCCURRENCES, float(times.max()))).nonzero().flatten()
    order = often[seen.preactivation[often, 0].argsort(descending=True)].tolist()  # z has no ties where h has
    row = lambda m: [
        "".join(itos[i] for i in train.contexts[m]),
        f"{float(seen.h[m, 0]):.4f}",
        int(times[m]),
    ]
    ends = {"high": [row(m) for m in order[:MAX_CONTEXTS]], "low": [row(m) for m in order[: -MAX_CONTEXTS - 1 : -1]]}
    passes = 1 - float(example.seen.h[0, unit]) ** 2
    return {"unit": unit, **ends, "saturated": f"{100 * share:.1f} %", "passes": f"{100 * passes:.1f} %"}


# ---------------------------------------------------------------- the guess


def softmax(example: ForwardPass) -> dict:
    p, seen, y = example.parameters, example.seen, int(example.Y)
    logits, chances = seen.logits, example.probabilities
    parts = [["h @ W2 @ C.T" if p.shape.tied else "h @ W2", heat(seen.h @ p.outputs)], ["b2", heat(p.b2)]]
    code = "logits = (h @ W2) @ C.T + b2" if p.shape.tied else "logits = h @ W2 + b2"
    if p.Wd is not None:
        parts.append(["x @ Wd", heat(seen.emb.flatten(1) @ p.Wd)])
        code += " + x @ Wd"
    code += f"\nloss = F.cross_entropy(logits, torch.tensor([{y}]))"
    chance = float(chances[0, y])
    label, loss = example.vocabulary.itos[y], f"{example.loss:.4f}"
    return stage(
        tr("From logits to a guess, and to its loss"),
        by(logits.shape),
        code,
        tr(
            "The network gives “{label}” a probability of {chance:.4f}; the loss is −log of that, {loss} nats.",
            label=label,
            chance=chance,
            loss=loss,
        ),
        tr(
            "exp turns every logit into a positive “count”; the counts divided by their sum are probabilities. Adding "
            "the same number to all logits multiplies every count by the same factor, which the division removes."
        ),
        parts=[
            *parts,
            ["logits", heat(logits)],
            ["exp(logits)", heat(logits.exp())],
            [tr("probabilities"), heat(chances)],
        ],
        **example.shown.for_script,
        y=y,
        chances=[round(chance, 6) for chance in chances[0].nan_to_num().tolist()],
        loss=loss,
        added=[shifted(logits, example.Y, constant) for constant in ADDED],
    )


def shifted(logits: torch.Tensor, Y: torch.Tensor, constant: float) -> dict:
    """The loss with `constant` added to every logit, by counts and division, and by cross-entropy; as text."""
    moved = logits + constant
    counts = moved.exp()
    chances = counts / counts.sum(1, keepdim=True)
    naive = -chances[0, Y].log()
    return {
        "constant": constant,
        "largest": numbers([float(counts.max())])[0],
        "naive": numbers([float(naive)])[0],
        "loss": numbers([float(F.cross_entropy(moved, Y))])[0],
    }
