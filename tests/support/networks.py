"""Networks and examples for tests of "Inside the network", and reading its heat maps."""

import base64
import struct

import torch
from hypothesis import strategies as st

from core.config import Config
from core.data.corpus import Corpus
from core.engine.model import Parameters, initialise
from core.lessons.stages import ForwardPass

CORPUS = Corpus("letters", ("abcdefghijklmnopqrstuvwxyz",))
VOCABULARY = CORPUS.vocabulary


def network(block_size: int = 3, n_embd: int = 2, n_hidden: int = 100, direct: bool = False, seed: int = 1, tied=False):
    """A network that is neither uniform nor certain: the lecture's draws, all made smaller."""
    sizes = {"block_size": block_size, "n_embd": n_embd, "n_hidden": n_hidden}
    config = Config(**sizes, direct=direct, seed=seed, init="lecture", tied=tied)
    parameters = initialise(config, len(VOCABULARY))
    parameters.flat.mul_(0.4)
    return parameters


@st.composite
def examples(draw) -> ForwardPass:
    """Any shape of network, any context, any label."""
    block_size, n_embd = draw(st.integers(1, 8)), draw(st.integers(1, 12))
    parameters = network(
        block_size,
        n_embd,
        draw(st.integers(0, 40)),
        draw(st.booleans()),
        draw(st.integers(0, 10_000)),
        draw(st.booleans()),
    )
    context, label = draw(st.text("abcxyz", max_size=10)), draw(st.sampled_from(VOCABULARY.itos))
    return ForwardPass.of(parameters, CORPUS, context, label)


def numbers(heat: dict) -> torch.Tensor:
    """The tensor of a heat map, unpacked by `struct` alone."""
    raw = base64.b64decode(heat["numbers"])
    return torch.tensor(struct.unpack(f"<{len(raw) // 4}f", raw)).view(heat["shape"])


def names(example: ForwardPass) -> dict:
    """The variables that the code of the stages uses."""
    parameters: Parameters = example.parameters
    return {
        "stoi": VOCABULARY.stoi,
        "X": example.X,
        "Y": example.Y,
        **{name: tensor.clone() for name, tensor in parameters.named().items()},
    }


def execute(code: str, variables: dict) -> dict:
    """Run code; returns all variables afterwards."""
    from torch.nn import functional

    scope = {"torch": torch, "F": functional, **variables}
    exec(code, scope)
    return scope
