"""The pass of `core.engine.model.forward` once more, for training: with its gradients, written out by hand.

Why it is fast (tests/bench/training.py): the examples are the last axis of every buffer, because
matrix products 27 columns wide are slow, and softmax along the first axis is faster; one buffer
holds (x, 1, h), whose slices are the inputs of both layers; the matrix products that compute
gradients also add them to the parameters; nothing is allocated; and tanh(z) = 2 sigmoid(2 z) - 1,
because torch's sigmoid takes a third of the time of its tanh.
"""

from collections.abc import Sequence

import torch

from core.data.dataset import Examples
from core.engine.model import Parameters, rows_at_once

AT_ONCE = 1 << 16  # numbers: log-probabilities of several steps are kept, to be gathered at once
EPSILON = 1e-10  # added to the root of the squares, as by torch.optim.Adagrad


class Workspace:
    """The buffers of one training pass over `rows` examples, bound to `parameters`.

    A pass is `predict`, `propagate` and `descend`; `train` and `gradient` are made of them. The
    loss is -(weights * log_probabilities).sum(), where weights (V, rows) are 1 / rows at Y for a
    minibatch, and next-character counts / N for distinct contexts.
    """

    def __init__(self, parameters: Parameters, rows: int):
        shape, like = parameters.shape, parameters.flat.new_empty
        self.parameters, self.gradients = parameters, parameters.like()
        K, H, V = shape.block_size * shape.n_embd, shape.n_hidden, shape.vocabulary_size
        inputs = like(K + 1 + H, rows).fill_(1.0)
        self._x, self._in1, self._h = inputs[:K].view(-1), inputs[: K + 1], inputs[K + 1 :]
        self._in2 = inputs[0 if shape.direct else K : K + 1 if shape.tied else None]
        self._q, self._dq = like(shape.n_embd, rows), like(shape.n_embd, rows)  # h @ W2 if tied
        self._steps = max(1, AT_ONCE // (V * rows))
        self._logp, self._minus_weights = like(self._steps, V, rows), like(self._steps, V, rows).zero_()
        self._logits = self._dlogits = like(V, rows)  # the gradients overwrite the logits
        self._dh, self._dx = like(H, rows), like(K, rows)
        self._dx_flat, self._dhT, self._in2T = self._dx.view(-1), self._dh.t(), self._in2.t()
        self._layer1T, self._minus_one = parameters.layer1.t(), like(()).fill_(-1.0)

    def train(
        self, places: torch.Tensor, Y: torch.Tensor, rates: Sequence[float], weight_decay: float = 0.0
    ) -> torch.Tensor:
        """Make a step with each of the rates: places (steps, K * rows) of X, Y (steps, rows).

        Returns the log-probabilities of Y before each step, (steps, rows). The decay comes just before an update.
        """
        found = torch.empty(Y.shape, dtype=self._logp.dtype)
        for first in range(0, len(rates), self._steps):
            part = slice(first, first + self._steps)
            found[part] = self._train(places[part], Y[part].unsqueeze(1), rates[part], weight_decay)
        return found

    def _train(self, places, Y, rates, weight_decay: float) -> torch.Tensor:
        logp, minus_weights = self._logp[: len(Y)], self._minus_weights[: len(Y)]
        minus_weights.scatter_(1, Y, -1 / Y.shape[2])
        for x, weights, out, rate in zip(places.unbind(), minus_weights.unbind(), logp.unbind(), rates):
            self.predict(x, out)
            self.propagate(weights, out)
            self._change(x, rate, weight_decay)
        minus_weights.scatter_(1, Y, 0.0)
        return logp.gather(1, Y).squeeze(1)

    def _change(self, x: torch.Tensor, rate: float, weight_decay: float) -> None:
        """After `propagate`: the decay, and the update."""
        parameters = self.parameters
        if weight_decay:
            parameters.decay(rate * weight_decay)
        if parameters.squares is None:
            self.descend(x, parameters, -rate)
        else:
            self.fill(x)
            update(parameters, self.gradients, rate)

    def gradient(self, places: torch.Tensor, Y: torch.Tensor) -> torch.Tensor:
        """Fill `gradients` for one minibatch, places (K * rows,) and Y (rows,); the log-probabilities of Y (rows,)."""
        logp, minus_weights, Y = self._logp[0], self._minus_weights[0], Y.unsqueeze(0)
        minus_weights.scatter_(0, Y, -1 / Y.shape[1])
        self.predict(places, logp)
        self.propagate(minus_weights, logp)
        minus_weights.scatter_(0, Y, 0.0)
        self.fill(places)
        return logp.gather(0, Y).squeeze(0)

    def fill(self, places: torch.Tensor) -> None:
        """After `propagate`: the gradients into `gradients`."""
        self.gradients.flat.zero_()
        self.descend(places, self.gradients, 1.0)

    def predict(self, places: torch.Tensor, logp: torch.Tensor) -> None:
        """Write the log-probabilities of the examples at `places(X)` into logp (V, rows)."""
        self._compute_logits(places)
        torch._log_softmax(self._logits, 0, False, out=logp)

    def _compute_logits(self, places: torch.Tensor) -> None:
        p, h = self.parameters, self._h
        torch.index_select(p.C_flat, 0, places, out=self._x)
        torch.addmm(h, self._layer1T, self._in1, beta=0, alpha=2, out=h)
        torch.add(self._minus_one, h.sigmoid_(), alpha=2, out=h)
        if p.shape.tied:
            torch.mm(p.W2.t(), h, out=self._q)
            torch.addmm(p.b2.unsqueeze(1), p.C, self._q, out=self._logits)
            if p.Wd is not None:
                self._logits.addmm_(p.Wd.t(), self._in1[:-1])
        else:
            torch.mm(p.layer2T, self._in2, out=self._logits)

    def propagate(self, minus_weights: torch.Tensor, logp: torch.Tensor) -> None:
        """After `predict`: d loss / d logits, preactivations and x. minus_weights, logp (V, rows)."""
        torch._log_softmax_backward_data(minus_weights, logp, 0, logp.dtype, out=self._dlogits)
        self._propagate_back()

    def _propagate_back(self) -> None:
        p, dlogits, dh, dx = self.parameters, self._dlogits, self._dh, self._dx
        if p.shape.tied:
            torch.mm(p.C.t(), dlogits, out=self._dq)
            torch.mm(p.W2, self._dq, out=dh)
        else:
            torch.mm(p.W2, dlogits, out=dh)
        torch.ops.aten.tanh_backward.grad_input(dh, self._h, grad_input=dh)  # dh * (1 - h^2)
        torch.mm(p.W1, dh, out=dx)
        if p.Wd is not None:
            dx.addmm_(p.Wd, dlogits)

    def descend(self, places: torch.Tensor, into: Parameters, scale: float) -> None:
        """After `propagate`: add scale * d loss / d parameters to `into`."""
        into.layer2T.addmm_(self._dlogits, self._in2T, alpha=scale)
        into.layer1.addmm_(self._in1, self._dhT, alpha=scale)
        if into.shape.tied:
            into.W2.addmm_(self._h, self._dq.t(), alpha=scale)
            into.C.addmm_(self._dlogits, self._q.t(), alpha=scale)
        into.C_flat.index_add_(0, places, self._dx_flat, alpha=scale)


def update(parameters: Parameters, gradients: Parameters, rate: float) -> None:
    """One step along a whole gradient: SGD, or Adagrad where there are squares (Duchi, Hazan, Singer 2011)."""
    if parameters.squares is None:
        parameters.weights.add_(gradients.flat, alpha=-rate)
        return
    squares = parameters.squares.flat.addcmul_(gradients.flat, gradients.flat)
    parameters.weights.addcdiv_(gradients.flat, squares.sqrt().add_(EPSILON), value=-rate)


def places(X: torch.Tensor, n_embd: int) -> torch.Tensor:
    """Where in `C_flat` each number of x lies: X (..., rows, block_size) -> (..., K * rows), rows last."""
    return (X.mT.unsqueeze(-2) * n_embd + torch.arange(n_embd).unsqueeze(1)).flatten(-3)


class FullGradient:
    """The exact gradient of examples, by way of their distinct contexts, at whatever `parameters` hold when asked."""

    def __init__(self, parameters: Parameters, examples: Examples):
        self._examples, V = examples, parameters.shape.vocabulary_size
        self._rows = min(rows_at_once(V), len(examples.contexts))
        self._workspace = Workspace(parameters, self._rows)
        self._logp = parameters.flat.new_empty(V, self._rows)
        self._minus_weights = torch.zeros_like(self._logp)
        self.gradients = parameters.like()

    def compute(self) -> float:
        """Fill `gradients`; the loss in nats, rounded as its numbers are (`core.engine.model.loss` is exact)."""
        workspace, logp, minus_weights, loss = self._workspace, self._logp, self._minus_weights, 0.0
        n_embd, N = workspace.parameters.shape.n_embd, len(self._examples)
        self.gradients.flat.zero_()
        for contexts, (row, next, times) in self._examples.pieces(self._rows):
            X = torch.zeros(self._rows, contexts.shape[1], dtype=torch.int64)  # the last piece is padded:
            X[: len(contexts)] = contexts  # rows of weight zero have no gradient
            at = places(X, n_embd)
            workspace.predict(at, logp)
            minus_weights[next, row] = times.to(logp.dtype) / -N
            workspace.propagate(minus_weights, logp)
            workspace.fill(at)
            self.gradients.flat.add_(workspace.gradients.flat)
            parts = torch.zeros_like(logp.T, memory_format=torch.contiguous_format)
            parts[row, next] = logp[next, row] * minus_weights[next, row]
            loss += float(parts.sum(dtype=torch.float64))
            minus_weights[next, row] = 0.0
        return loss


def gradients(parameters: Parameters, examples: Examples) -> Parameters:
    """d loss / d parameters of the examples, by the code that trains."""
    full = FullGradient(parameters, examples)
    full.compute()
    return full.gradients
