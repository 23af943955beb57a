"""Why letters move: the gradient of each, and the examples of the last step. Pure."""

import torch

from core.config import FULL, Config
from core.data.dataset import Dataset
from core.engine.gradients import gradients
from core.engine.minibatches import Minibatches, steps_at_once
from core.engine.model import Parameters, forward
from core.messages import mark, tr

WORK = 2e8  # multiplications: about a tenth of a second
NAMED = 2  # next characters that a sentence names


def pulls(parameters: Parameters, dataset: Dataset) -> torch.Tensor | None:
    """(V, n_embd): minus the exact gradient of the train loss for each row of C; None if that would take long."""
    shape, contexts = parameters.shape, len(dataset.train.contexts)
    if contexts * (shape.n_hidden + shape.block_size * shape.n_embd) * shape.vocabulary_size > WORK:
        return None
    return -gradients(parameters, dataset.train).C


def step_sentence(before: Parameters, after: torch.Tensor, step: int, config: Config, dataset: Dataset) -> str:
    """Which character the step after `step` moved most, and what followed it in the minibatch.

    before: the parameters at `step`; after: C (V, n_embd) one step later; config: in force at `step`. "" if nothing
    moved, or if a step looks at all examples.
    """
    distance = (after - before.C).norm(dim=1)
    if config.batch_size == FULL or not 0 < float(distance.max()) < float("inf"):
        return ""
    letter = int(distance.argmax())
    number, row = divmod(step, steps_at_once(config.batch_size))
    picks = Minibatches(dataset.train, config.seed, config.batch_size, config.n_embd).picks(number)[row]
    X, Y = dataset.train.X[picks], dataset.train.Y[picks]
    among = (letter == X).any(1)
    label = dataset.vocabulary.label
    most = {"letter": label(letter), "distance": f"{float(distance[letter]):.2g}"}
    if not among.any():
        return tr("“{letter}” moved most, by {distance}.", **most)
    came = torch.bincount(Y[among], minlength=len(distance))
    guessed = forward(before, X[among]).logits.softmax(1).sum(0)
    more = [i for i in (came - guessed).argsort(descending=True).tolist() if came[i] > guessed[i]][:NAMED]
    each = mark("“{letter}” {times}× (guessed: {guessed:.1f})")
    parts = [tr(each, letter=label(i), times=int(came[i]), guessed=float(guessed[i])) for i in more]
    followers = tr("{one} and {other}", one=parts[0], other=parts[1]) if len(parts) > 1 else "".join(parts)
    said = mark(
        "“{letter}” moved most, by {distance}: it was in the context of {times} of this step's {batch:,} examples, and "
        "more often than guessed came {followers}."
    )
    return tr(said, **most, times=int(among.sum()), batch=config.batch_size, followers=followers)
