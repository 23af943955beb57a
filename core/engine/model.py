"""The network of Bengio et al. 2003 at character level, as in the lecture makemore part 2.

    emb    = C[X]                          (B, block_size, n_embd)   one embedding table for all positions
    x      = emb.view(B, K)                (B, K), K = block_size * n_embd
    h      = tanh(x @ W1 + b1)             (B, n_hidden)
    logits = h @ W2 + b2  [+ x @ Wd]       (B, V)   Wd: the paper's direct connections (its equation 1)

`forward` is that, to be read. `Workspace` is the same pass with its gradients written
out by hand in preallocated buffers, for training. The tests hold the two, autograd,
torch.nn and finite differences against one another. No file, no clock, no UI.
"""

from typing import NamedTuple

import torch

from core.config import Config


class Shape(NamedTuple):
    """What fixes the shape of every parameter."""

    vocabulary_size: int
    block_size: int
    n_embd: int
    n_hidden: int
    direct: bool

    @classmethod
    def of(cls, config: Config, vocabulary_size: int) -> "Shape":
        return cls(vocabulary_size, config.block_size, config.n_embd, config.n_hidden, config.direct)


class Parameters:
    """C (V, n_embd), W1 (K, H), b1 (H,), W2 (H, V), b2 (V,) and Wd (K, V) or None.

    All are views into one vector `flat`. Each bias is a further row of its matrix: `layer1`
    is W1 over b1 and takes (x, 1); `layer2` is [Wd over] b2 over W2 and takes ([x,] 1, h).
    `layer2` is stored transposed, as `layer2T`, and `C_flat` is C without its shape:
    `Workspace` is quicker so.
    """

    def __init__(self, shape: Shape, flat: torch.Tensor | None = None, dtype: torch.dtype = torch.float32):
        V, K, H = shape.vocabulary_size, shape.block_size * shape.n_embd, shape.n_hidden
        D = K * shape.direct
        sizes = [V * shape.n_embd, (K + 1) * H, V * (D + 1 + H)]
        self.shape = shape
        self.flat = torch.zeros(sum(sizes), dtype=dtype) if flat is None else flat
        self.C_flat, layer1, layer2T = self.flat.split(sizes)
        self.layer1, self.layer2T = layer1.view(K + 1, H), layer2T.view(V, D + 1 + H)
        self.layer2 = self.layer2T.t()
        self.C, self.W1, self.b1 = self.C_flat.view(V, shape.n_embd), self.layer1[:K], self.layer1[K]
        self.Wd, self.b2, self.W2 = self.layer2[:D] if D else None, self.layer2[D], self.layer2[D + 1 :]

    def named(self) -> dict[str, torch.Tensor]:
        """The parameters by name, in the order in which the lecture draws them."""
        named = {"C": self.C, "W1": self.W1, "b1": self.b1, "W2": self.W2, "b2": self.b2}
        return named if self.Wd is None else named | {"Wd": self.Wd}

    def clone(self) -> "Parameters":
        return Parameters(self.shape, self.flat.clone())

    def freeze(self) -> bytes:
        """C, layer1 and layer2, row by row, as bytes: immutable, so safe to hand to another thread or process."""
        return torch.cat([part.flatten() for part in (self.C, self.layer1, self.layer2)]).numpy().tobytes()

    @classmethod
    def thaw(cls, shape: Shape, frozen: bytes, dtype: torch.dtype = torch.float32) -> "Parameters":
        """A fresh copy of what `freeze` froze."""
        parameters = cls(shape, dtype=dtype)
        parts = parameters.C, parameters.layer1, parameters.layer2
        numbers = torch.frombuffer(bytearray(frozen), dtype=dtype)
        for part, values in zip(parts, numbers.split([part.numel() for part in parts])):
            part.copy_(values.view(part.shape))
        return parameters


def initialise(config: Config, vocabulary_size: int, dtype: torch.dtype = torch.float32) -> Parameters:
    """The first weights of a run: a pure function of the config.

    "lecture": everything from plain randn, in the order C, W1, b1, W2, b2, Wd.
    "scaled": the same draws, but W1 with Kaiming's tanh gain (5/3) / sqrt(K), the layers
    before the softmax near zero and the biases zero, so that the first guess is uniform.
    """
    generator = torch.Generator().manual_seed(config.seed)
    parameters = Parameters(Shape.of(config, vocabulary_size), dtype=dtype)
    for tensor in parameters.named().values():
        tensor.copy_(torch.randn(tensor.shape, generator=generator))
    if config.init == "scaled":
        K = config.block_size * config.n_embd
        scales = {"C": 1.0, "W1": (5 / 3) / K**0.5, "b1": 0.0, "W2": 0.01, "b2": 0.0, "Wd": 0.01}
        for name, tensor in parameters.named().items():
            tensor.mul_(scales[name])
    return parameters


class Activations(NamedTuple):
    """Every intermediate value of one forward pass over B contexts."""

    emb: torch.Tensor  # (B, block_size, n_embd)
    preactivation: torch.Tensor  # (B, n_hidden)
    h: torch.Tensor  # (B, n_hidden)
    logits: torch.Tensor  # (B, V)
    log_probabilities: torch.Tensor  # (B, V)


def forward(parameters: Parameters, X: torch.Tensor) -> Activations:
    """The pass as the lecture writes it. X (B, block_size) int64."""
    emb = parameters.C[X]  # (B, block_size, n_embd)
    x = emb.flatten(1)  # (B, K)
    preactivation = x @ parameters.W1 + parameters.b1
    h = torch.tanh(preactivation)
    logits = h @ parameters.W2 + parameters.b2
    if parameters.Wd is not None:
        logits = logits + x @ parameters.Wd
    return Activations(emb, preactivation, h, logits, torch.log_softmax(logits, 1))


ROWS = 8192  # contexts a pass takes at once; bounds the memory of long contexts and wide layers


def log_probabilities(parameters: Parameters, X: torch.Tensor) -> torch.Tensor:
    """log P(next character | context) for any number of contexts: X (B, block_size) -> (B, V), nats."""
    return torch.cat([forward(parameters, rows).log_probabilities for rows in X.split(ROWS)])


def weighted_loss(parameters: Parameters, contexts: torch.Tensor, counts: torch.Tensor) -> float:
    """Mean cross-entropy in nats of all examples that `counts` (M, V) counts; exact, summed in float64."""
    total = torch.zeros((), dtype=torch.float64)
    for rows, weights in zip(contexts.split(ROWS), counts.split(ROWS)):
        total -= (forward(parameters, rows).log_probabilities.double() * weights).sum()
    return float(total / counts.sum(dtype=torch.float64))


class Workspace:
    """The buffers of one training pass over `rows` examples, bound to `parameters`.

    A training step is `predict`, `propagate` and `descend`; `forward` and `backward` are the
    same for those who want the gradients. The loss is -(weights * log_probabilities).sum():
    one-hot rows / B for a minibatch, or next-character counts / N over distinct contexts.

    What made it quick (tests/bench/training.py): the examples are the last axis of every
    buffer, because matrix products 27 columns wide are slow and softmax is quicker so; one
    buffer holding (x, 1, h), whose slices are the inputs of both layers, gathered in place;
    gradients added to the parameters by the product that makes them; nothing allocated; and
    tanh(z) = 2 sigmoid(2 z) - 1, as torch's sigmoid takes a third of the time of its tanh.
    """

    def __init__(self, parameters: Parameters, rows: int):
        shape, like = parameters.shape, parameters.flat.new_empty
        self.parameters, self.gradients = parameters, Parameters(shape, torch.zeros_like(parameters.flat))
        K, H, V = shape.block_size * shape.n_embd, shape.n_hidden, shape.vocabulary_size
        inputs = like(K + 1 + H, rows).fill_(1.0)
        self._x, self._in1, self._h = inputs[:K].view(-1), inputs[: K + 1], inputs[K + 1 :]
        self._in2 = inputs if shape.direct else inputs[K:]
        self._logp, self._logits, self._dlogits = like(V, rows), like(V, rows), like(V, rows)
        self._dh, self._dx = like(H, rows), like(K, rows)
        self._dx_flat, self._dhT, self._in2T = self._dx.view(-1), self._dh.t(), self._in2.t()
        self._layer1T, self._minus_one = parameters.layer1.t(), like(()).fill_(-1.0)

    def predict(self, places: torch.Tensor, logp: torch.Tensor) -> None:
        """Write the log-probabilities of the examples at `places(X)` into logp (V, rows)."""
        p, h = self.parameters, self._h
        torch.index_select(p.C_flat, 0, places, out=self._x)
        torch.addmm(h, self._layer1T, self._in1, beta=0, alpha=2, out=h)
        torch.add(self._minus_one, h.sigmoid_(), alpha=2, out=h)
        torch.mm(p.layer2T, self._in2, out=self._logits)
        torch._log_softmax(self._logits, 0, False, out=logp)

    def propagate(self, minus_weights: torch.Tensor, logp: torch.Tensor) -> None:
        """After `predict`: d loss / d logits, preactivations and x. minus_weights, logp (V, rows)."""
        p, dlogits, dh, dx = self.parameters, self._dlogits, self._dh, self._dx
        torch._log_softmax_backward_data(minus_weights, logp, 0, logp.dtype, out=dlogits)
        torch.mm(p.W2, dlogits, out=dh)
        torch.ops.aten.tanh_backward.grad_input(dh, self._h, grad_input=dh)  # dh * (1 - h^2)
        torch.mm(p.W1, dh, out=dx)
        if p.Wd is not None:
            dx.addmm_(p.Wd, dlogits)

    def descend(self, places: torch.Tensor, into: Parameters, scale: float) -> None:
        """After `propagate`: add scale * d loss / d parameters to `into`."""
        into.layer2T.addmm_(self._dlogits, self._in2T, alpha=scale)
        into.layer1.addmm_(self._in1, self._dhT, alpha=scale)
        into.C_flat.index_add_(0, places, self._dx_flat, alpha=scale)

    def forward(self, X: torch.Tensor, logp: torch.Tensor) -> None:
        """Write the log-probabilities of X (rows * block_size,) into logp (rows, V)."""
        self.predict(self._places(X), self._logp)
        logp.copy_(self._logp.t())

    def backward(self, X: torch.Tensor, minus_weights: torch.Tensor, logp: torch.Tensor) -> None:
        """Fill `gradients`, from the log-probabilities that `forward` wrote for the same X."""
        self.propagate(minus_weights.t().contiguous(), logp.t().contiguous())
        self.gradients.flat.zero_()
        self.descend(self._places(X), self.gradients, 1.0)

    def _places(self, X: torch.Tensor) -> torch.Tensor:
        shape = self.parameters.shape
        return places(X.view(-1, shape.block_size), shape.n_embd)


def places(X: torch.Tensor, n_embd: int) -> torch.Tensor:
    """Where in `C_flat` each number of x lies: X (..., rows, block_size) -> (..., K * rows), rows last."""
    return (X.mT.unsqueeze(-2) * n_embd + torch.arange(n_embd).unsqueeze(1)).flatten(-3)


def gradients(parameters: Parameters, X: torch.Tensor, weights: torch.Tensor) -> Parameters:
    """d loss / d parameters by the code that trains, for X (B, block_size) and weights (B, V) that sum to 1."""
    workspace, X = Workspace(parameters, len(X)), X.flatten()
    logp = torch.empty_like(weights)
    workspace.forward(X, logp)
    workspace.backward(X, -weights, logp)
    return workspace.gradients
