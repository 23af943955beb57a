"""The size of the paper's network: how many parameters each layer has, and how many multiplications it needs.

    y = b + W x + U tanh(d + H x)     equation 1 of Bengio et al. 2003; x: the words' embeddings side by side

In our names b is b2, U is W2, d is b1, H is W1 and W, the direct connections, is Wd.
"""

from dataclasses import dataclass

from core.config import ConfigError, Knob, parameter_counts
from core.engine.model import Shape
from core.messages import mark, tr

# Inputs of the calculator: limits large enough for the words of a language, small enough for readable results.
INPUTS = {
    knob.name: knob
    for knob in (
        Knob(
            mark("Vocabulary"),
            mark("How many words (or characters) can come next: |V| in the paper."),
            low=2,
            high=1_000_000,
            name="vocabulary_size",
            default=17_000,
        ),
        Knob(
            mark("Embedding dimensions"),
            mark("How many numbers describe each word: m in the paper."),
            low=1,
            high=1_000,
            name="n_embd",
            default=30,
        ),
        Knob(
            mark("Words of context"),
            mark("How many words the network sees: n − 1 in the paper, whose n counts the next one."),
            low=1,
            high=20,
            name="block_size",
            default=3,
        ),
        Knob(
            mark("Hidden units"),
            mark("How many tanh units: h in the paper."),
            low=0,
            high=10_000,
            name="n_hidden",
            default=100,
        ),
        Knob(
            mark("Direct connections"),
            mark("A linear path from the embeddings to the guess: W in the paper, dashed there."),
            name="direct",
            default=False,
        ),
    )
}

LAYERS = {
    "C": mark("embeddings"),
    "W1": mark("embeddings to hidden"),
    "b1": mark("hidden biases"),
    "W2": mark("hidden to output"),
    "b2": mark("output biases"),
    "Wd": mark("embeddings to output"),
}
# Networks of the lecture and the paper: its MLP10 on either corpus was its best.
KNOWN = {
    mark("As in the lecture"): Shape(17_000, 3, 30, 100, False),
    mark("The paper's best on Brown"): Shape(16_383, 4, 30, 100, False),
    mark("The paper's best on AP News"): Shape(17_964, 5, 100, 60, True),
}


@dataclass(frozen=True)
class Layer:
    """One parameter array: its name, its shape, how many numbers it has, how many multiplications one example
    needs there in the forward pass, and its share of all parameters and of all multiplications (0 to 1)."""

    name: str
    shape: tuple[int, ...]
    parameters: int
    multiplications: int
    parameter_share: float
    multiplication_share: float


def entered(size: Shape) -> dict:
    """The inputs of the calculator that describe a network."""
    return {name: getattr(size, name) for name in INPUTS}


def shape(**values) -> Shape:
    """A Shape of these values; ConfigError, one sentence, if one is out of bounds."""
    if values.keys() != INPUTS.keys():
        raise ConfigError(tr("The calculator takes {names}.", names=", ".join(INPUTS)))
    return Shape(**{name: INPUTS[name].check(value) for name, value in values.items()})


def _array(name: str, shape: Shape) -> tuple[int, ...]:
    V, K, H = shape.vocabulary_size, shape.block_size * shape.n_embd, shape.n_hidden
    return {
        "C": (V, shape.n_embd),
        "W1": (K, H),
        "b1": (H,),
        "W2": (H, shape.n_embd if shape.tied else V),
        "b2": (V,),
        "Wd": (K, V),
    }[name]


def layers(shape: Shape) -> list[Layer]:
    """All layers, in the order of initialisation.

    Multiplications: one per weight of a matrix product. Looking up C and adding a bias need none. The H
    evaluations of tanh and V of exp are not counted.
    """
    counts = parameter_counts(shape, shape.vocabulary_size)
    products = {name: counts[name] * (name in ("W1", "W2", "Wd") or (name == "C" and shape.tied)) for name in counts}
    total, multiplied = sum(counts.values()), max(1, sum(products.values()))
    return [
        Layer(name, _array(name, shape), n, products[name], n / total, products[name] / multiplied)
        for name, n in counts.items()
    ]


def sentences(shape: Shape) -> str:
    """Two sentences: how large the network is, and which layer needs most multiplications."""
    found = layers(shape)
    parameters, multiplications = (
        sum(getattr(layer, what) for layer in found) for what in ("parameters", "multiplications")
    )
    largest = max(found, key=lambda layer: layer.parameters)
    share = _percent(largest.parameter_share)
    text = tr("{n:,} parameters, {share} of them in {layer}.", n=parameters, share=share, layer=largest.name)
    if not multiplications:
        return f"{text} {tr('No multiplications: without hidden units or direct connections only b2 predicts.')}"
    costliest = max(found, key=lambda layer: layer.multiplications)
    share = _percent(costliest.multiplication_share)
    said = tr(
        "{n:,} multiplications for one example, {share} of them in {layer}.",
        n=multiplications,
        share=share,
        layer=costliest.name,
    )
    return f"{text} {said}"


def _percent(share: float) -> str:
    """A share as a percentage with one decimal; only a share of exactly 1 is "100 %"."""
    return "100 %" if share == 1 else f"{min(100 * share, 99.9):.1f} %"
