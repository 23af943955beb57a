"""The network of Bengio et al. 2003 at character level, as in the lecture makemore part 2.

    emb    = C[X]                          (B, block_size, n_embd)   one embedding table for all positions
    x      = emb.view(B, K)                (B, K), K = block_size * n_embd
    h      = tanh(x @ W1 + b1)             (B, n_hidden)
    logits = h @ W2 + b2  [+ x @ Wd]       (B, V)   Wd: the paper's direct connections (its equation 1)

With tied output weights the embeddings are also the weights of the output: W2 is (n_hidden, n_embd)
and takes the hidden layer to the space of the embeddings, and logits = (h @ W2) @ C.T + b2 [+ x @ Wd].

`forward` is this pass, written to be read; everything that evaluates a network uses it.
core/engine/gradients.py has the same pass with its gradients written out by hand, for training.
The tests compare the two, autograd, torch.nn and finite differences. No file, no clock, no UI.
"""

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import torch

from core.config import ADAGRAD, Config
from core.data.dataset import Examples, Pairs
from core.engine.draws import logarithms, normals


class Shape(NamedTuple):
    """What fixes the shape of every parameter."""

    vocabulary_size: int
    block_size: int
    n_embd: int
    n_hidden: int
    direct: bool
    tied: bool = False  # the output layer uses C
    squares: bool = False  # each weight has its sum of squared gradients beside it, for Adagrad

    @classmethod
    def of(cls, config: Config, vocabulary_size: int) -> "Shape":
        adagrad = config.optimiser == ADAGRAD
        sizes = config.block_size, config.n_embd, config.n_hidden
        return cls(vocabulary_size, *sizes, config.direct, config.tied, adagrad)


class Parameters:
    """C (V, n_embd), W1 (K, H), b1 (H,), W2 (H, V), or (H, n_embd) if tied, b2 (V,) and Wd (K, V) or None.

    All are views into one vector `weights`. `flat` holds everything that a run needs to go on: the
    weights and, for Adagrad, after them as many sums of squares, by the same names in `squares`.
    Each bias is a further row of its matrix: `layer1` is W1 over b1 and takes (x, 1); `layer2` is
    [Wd over] b2 over W2 (which is separate if tied) and takes ([x,] 1, h). `layer2` is stored transposed,
    as `layer2T`, and `C_flat` is C as a vector, because `core.engine.gradients.Workspace` is faster with them.
    With `flat` (F, numbers) it is F networks of one shape, each tensor with an axis in front, and one
    batched `forward` evaluates all of them.
    """

    def __init__(self, shape: Shape, flat: torch.Tensor | None = None, dtype: torch.dtype = torch.float32):
        V, E, K, H = shape.vocabulary_size, shape.n_embd, shape.block_size * shape.n_embd, shape.n_hidden
        D, rows = K * shape.direct, K * shape.direct + 1 + (0 if shape.tied else H)
        sizes = [V * E, (K + 1) * H, V * rows, H * E * shape.tied]
        weights = sum(sizes)
        self.shape = shape
        self.flat = torch.zeros(weights * (1 + shape.squares), dtype=dtype) if flat is None else flat
        self.weights, squares = self.flat.split([weights, weights * shape.squares], -1)
        self.squares = Parameters(shape._replace(squares=False), squares) if shape.squares else None
        self.C_flat, layer1, layer2T, W2 = self.weights.split(sizes, -1)
        self.layer1, self.layer2T = layer1.unflatten(-1, (K + 1, H)), layer2T.unflatten(-1, (V, rows))
        self.layer2 = self.layer2T.mT
        self.C = self.C_flat.unflatten(-1, (V, E))
        self.W1, self.b1 = self.layer1[..., :K, :], self.layer1[..., K, :]
        self.Wd = self.layer2[..., :D, :] if D else None
        self.b2 = self.layer2[..., D, :]
        self.W2 = W2.unflatten(-1, (H, E)) if shape.tied else self.layer2[..., D + 1 :, :]

    def named(self) -> dict[str, torch.Tensor]:
        """The parameters by name, in the order in which the lecture draws them."""
        named = {"C": self.C, "W1": self.W1, "b1": self.b1, "W2": self.W2, "b2": self.b2}
        return named if self.Wd is None else named | {"Wd": self.Wd}

    def everything(self) -> dict[str, torch.Tensor]:
        """All of `flat` by name: the parameters, and "squares.C" and so on if there are any."""
        squares = self.squares.named() if self.squares else {}
        return self.named() | {f"squares.{name}": tensor for name, tensor in squares.items()}

    @property
    def outputs(self) -> torch.Tensor:
        """The weights from the hidden layer to the logits, tied or not: (H, V)."""
        return self.W2 @ self.C.mT if self.shape.tied else self.W2

    def like(self) -> "Parameters":
        """Zeros with the same names and shapes, without squares: for gradients."""
        return Parameters(self.shape._replace(squares=False), torch.zeros_like(self.weights))

    def look_up(self, X: torch.Tensor) -> torch.Tensor:
        """C[X]; of F networks each its own rows: (F, B, block_size) -> (F, B, block_size, n_embd)."""
        return self.C[X] if self.C.dim() == 2 else self.C[torch.arange(len(self.C)).view(-1, 1, 1), X]

    def decayed(self) -> tuple[torch.Tensor, ...]:
        """What weight decay pulls towards zero: C and the weights, not the biases (section 3.1 of the paper)."""
        return (self.C, self.W1, self.W2) if self.Wd is None else (self.C, self.W1, self.W2, self.Wd)

    def decay(self, share: float) -> None:
        """Take this share of C and the weights away."""
        for tensor in self.decayed():
            tensor.mul_(1 - share)

    def only(self, units: Sequence[int], direct: bool = False) -> "Parameters":
        """A copy with these of the hidden units only; without direct connections unless `direct` keeps them."""
        direct = direct and self.Wd is not None
        shape = self.shape._replace(n_hidden=len(units), direct=direct, squares=False)
        few = Parameters(shape, dtype=self.flat.dtype)
        few.C.copy_(self.C), few.W1.copy_(self.W1[:, units]), few.b1.copy_(self.b1[units])
        few.W2.copy_(self.W2[units]), few.b2.copy_(self.b2)
        if direct:
            few.Wd.copy_(self.Wd)
        return few

    @classmethod
    def stacked(cls, networks: Sequence["Parameters"]) -> "Parameters":
        """A copy of F networks of one shape, to be evaluated together."""
        return cls(networks[0].shape, torch.stack([network.flat for network in networks]))

    def clone(self) -> "Parameters":
        return Parameters(self.shape, self.flat.clone())

    def freeze(self) -> bytes:
        """Everything, row by row, as bytes: immutable, so safe to hand to another thread or process."""
        return torch.cat([part.flatten() for part in self._parts()]).numpy().tobytes()

    def _parts(self) -> list[torch.Tensor]:
        """What `freeze` writes, in its order."""
        own = [self.C, self.layer1, self.layer2, *([self.W2] if self.shape.tied else [])]
        return own + (self.squares._parts() if self.squares else [])

    @classmethod
    def thaw(cls, shape: Shape, frozen: bytes, dtype: torch.dtype = torch.float32) -> "Parameters":
        """A fresh copy of what `freeze` froze."""
        parameters = cls(shape, dtype=dtype)
        parameters._fill(torch.frombuffer(bytearray(frozen), dtype=dtype))
        return parameters

    @classmethod
    def thaw_all(cls, shape: Shape, networks: Sequence[bytes]) -> "Parameters":
        """Of F networks of this shape, float32, as `stacked` puts them together."""
        numbers = torch.frombuffer(bytearray().join(networks), dtype=torch.float32).view(len(networks), -1)
        parameters = cls(shape, torch.empty_like(numbers))
        parameters._fill(numbers)
        return parameters

    def _fill(self, numbers: torch.Tensor) -> None:
        """Set everything to what `freeze` gave: (numbers,), or (F, numbers) of F networks."""
        parts = self._parts()
        sizes = [part.shape[-1] * part.shape[-2] for part in parts]
        for part, values in zip(parts, numbers.split(sizes, -1)):
            part.copy_(values.view(part.shape))

    @staticmethod
    def embeddings(shape: Shape, networks: Sequence[bytes]) -> torch.Tensor:
        """C alone of what `freeze` froze of P networks, where it comes first: (P, V, n_embd) float32, a copy."""
        V, E = shape.vocabulary_size, shape.n_embd
        parts = [np.frombuffer(frozen, np.float32, V * E) for frozen in networks]
        return torch.from_numpy(np.stack(parts)).view(-1, V, E)


SMALL = 0.1  # standard deviation of embeddings with "frequency": with 0.3, words separate clearly more slowly


def initialise(
    config: Config,
    vocabulary_size: int,
    dtype: torch.dtype = torch.float32,
    by_torch: bool = False,
    counts: torch.Tensor | None = None,
) -> Parameters:
    """The initial weights of a run: a pure function of the config, and of how often each symbol comes next.

    "lecture": everything from torch's randn, in the order C, W1, b1, W2, b2, Wd; its last bits
    are not the same on every processor. "scaled": normal too, W1 with Kaiming's tanh gain
    (5/3) / sqrt(K), the layers before the softmax near zero and the biases zero, so that the first
    guess is uniform; drawn by core/engine/draws.py, the same everywhere, or `by_torch` as "lecture" is.
    "frequency": as "scaled", but with small embeddings, and output biases by which the first guess is how
    often each symbol comes next: counts (V,), which only this one needs. Squares are zero.
    """
    parameters = Parameters(Shape.of(config, vocabulary_size), dtype=dtype)
    K, scaled, small = config.block_size * config.n_embd, config.init != "lecture", config.init == "frequency"
    scales = {"C": 1.0, "W1": (5 / 3) / math.sqrt(K), "b1": 0.0, "W2": 0.01, "b2": 0.0, "Wd": 0.01}
    if small:
        scales |= {"C": SMALL, "W2": SMALL if config.tied else 0.01}
    generator = torch.Generator().manual_seed(config.seed)
    for name, tensor in parameters.named().items():
        if by_torch or not scaled:
            tensor.copy_(torch.randn(tensor.shape, generator=generator)).mul_(scales[name] if scaled else 1.0)
        elif scales[name]:
            numbers = normals(f"{config.seed}/{name}", tensor.numel()) * scales[name]
            tensor.copy_(torch.from_numpy(numbers).view(tensor.shape))
    if small:
        shares = (counts.double() + 1) / (counts.sum() + vocabulary_size)
        parameters.b2.copy_(torch.from_numpy(logarithms(shares.numpy())))
    return parameters


def initial_weights(config: Config, train: Examples, by_torch: bool = False) -> Parameters:
    """`initialise` for a run on these examples."""
    V = train.vocabulary_size
    return initialise(config, V, by_torch=by_torch, counts=torch.bincount(train.Y, minlength=V))


SATURATED, FLAT = 0.97, 0.99  # |tanh| beyond which less than 6 %, less than 2 % of a gradient passes


class Activations(NamedTuple):
    """Every intermediate value of one forward pass over B contexts."""

    emb: torch.Tensor  # (B, block_size, n_embd)
    preactivation: torch.Tensor  # (B, n_hidden)
    h: torch.Tensor  # (B, n_hidden)
    logits: torch.Tensor  # (B, V)
    log_probabilities: torch.Tensor  # (B, V)


def forward(parameters: Parameters, X: torch.Tensor) -> Activations:
    """The pass as the lecture writes it. X (B, block_size) int64; of F networks at once X (F, B, block_size)."""
    *before, logits = to_logits(parameters, X)
    return Activations(*before, logits, torch.log_softmax(logits, -1))


def to_logits(parameters: Parameters, X: torch.Tensor) -> tuple[torch.Tensor, ...]:
    """The pass up to the logits, for who needs no more: emb, preactivation, h and logits of `Activations`."""
    emb, preactivation, h = to_hidden(parameters, X)
    logits = h @ parameters.W2
    if parameters.shape.tied:
        logits = logits @ parameters.C.mT
    logits = logits + parameters.b2.unsqueeze(-2)
    if parameters.Wd is not None:
        logits = logits + emb.flatten(-2) @ parameters.Wd
    return emb, preactivation, h, logits


def to_hidden(parameters: Parameters, X: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """The pass up to the hidden layer: emb, preactivation and h of `Activations`."""
    emb = parameters.look_up(X)  # (B, block_size, n_embd)
    x = emb.flatten(-2)  # (B, K)
    preactivation = x @ parameters.W1 + parameters.b1.unsqueeze(-2)
    return emb, preactivation, torch.tanh(preactivation)


ROWS = 8192  # contexts in one pass; bounds the memory of long contexts and wide layers
NUMBERS = 257 * ROWS  # logits in one pass: with a vocabulary of thousands, fewer contexts


def rows_at_once(vocabulary_size: int) -> int:
    """How many contexts one pass takes."""
    return max(1, min(ROWS, NUMBERS // vocabulary_size))


def loss(parameters: Parameters, examples: Examples) -> float:
    """Mean cross-entropy of the examples in nats: exact, over their distinct contexts, summed in float64."""
    V, total = parameters.shape.vocabulary_size, torch.zeros((), dtype=torch.float64)
    if rows_at_once(V) < ROWS:  # thousands of words, of which few follow a context
        return float(-pair_log_probabilities(parameters, examples).double() @ examples.pairs.times) / len(examples)
    for contexts, (row, next, times) in examples.pieces(rows_at_once(V)):
        logp, at = forward(parameters, contexts).log_probabilities, row * V + next
        parts = torch.zeros(logp.numel(), dtype=torch.float64)  # its zeros are summed too:
        parts[at] = (
            logp.view(-1).index_select(0, at).double() * times
        )  # the order decides the last bits, which tests pin
        total -= parts.sum()
    return float(total / len(examples))


def mean_loss(parameters: Parameters, examples: Examples) -> tuple[float, float]:
    """The mean cross-entropy of examples that are a random sample, and its standard error; nats, summed in float64."""
    nats = -pair_log_probabilities(parameters, examples).double()
    times = examples.pairs.times
    mean = float(nats @ times / len(examples))
    squares = float((nats - mean).square() @ times)
    return mean, math.sqrt(squares / max(1, len(examples) - 1) / len(examples))


def pair_log_probabilities(parameters: Parameters, examples: Examples) -> torch.Tensor:
    """log P(next | context) of each of the examples' pairs: (pairs,), nats.

    Of contexts longer than its own, the network sees the end.
    """
    rows = rows_at_once(parameters.shape.vocabulary_size)
    return torch.cat([piece_log_probabilities(parameters, *piece) for piece in examples.pieces(rows)])


def piece_log_probabilities(parameters: Parameters, contexts: torch.Tensor, pairs: Pairs) -> torch.Tensor:
    """The same of one of `Examples.pieces`, in one pass."""
    X = contexts[:, contexts.shape[1] - parameters.shape.block_size :]
    return forward(parameters, X).log_probabilities[pairs.row, pairs.next]
