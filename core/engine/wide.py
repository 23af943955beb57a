"""Training steps for vocabularies of thousands: those of `core.engine.gradients`, a part of the vocabulary at a time.

The logits of a minibatch are megabytes then. In parts they stay in a core's cache until all is done with them:

    e = 2^(logits - top)       logits: times log2(e), as torch's exp2 takes half the time of its exp; top: the largest
    back = weights^T @ e       of each example in this part; back: what goes back to the layer before

The softmax is e * f, where f, a number for each example and part, is known only after the last part. It is never
written: `back` is multiplied by f, and for the gradient of the part, e @ (f * inputs)^T, the inputs are. That
gradient is applied to the part's weights at once. Rows of inputs are padded to a multiple of eight, as a product
with 32 columns is faster than one with 30. Of C, unless the output uses it, only the minibatch's rows are touched.
"""

import math
from collections.abc import Sequence
from typing import NamedTuple

import torch

from core.engine.gradients import EPSILON
from core.engine.model import Parameters

WIDE = 1 << 9  # symbols from which on this is faster
CACHED = 1 << 19  # logits of a part: 2 MB
PADDED = 8
BITS = 1 / math.log(2.0)  # log2(e): e^x = 2^(BITS x)


class Output(NamedTuple):
    """A matrix of weights before the logits, with a row for each symbol: weights, squares (V, n), squares None for
    SGD. inputs (n, rows): what it is multiplied by. columns: its part of the gradient. backs (parts, n, rows)."""

    weights: torch.Tensor
    squares: torch.Tensor | None
    inputs: torch.Tensor
    columns: slice
    backs: torch.Tensor


class Wide:
    """The buffers of training passes over `rows` examples, bound to `parameters`."""

    def __init__(self, parameters: Parameters, rows: int):
        shape, like = parameters.shape, parameters.flat.new_empty
        V, E, K, H = shape.vocabulary_size, shape.n_embd, shape.block_size * shape.n_embd, shape.n_hidden
        self.parameters, self._rows, self._size = parameters, rows, max(1, CACHED // rows)
        self._parts = [slice(i, min(i + self._size, V)) for i in range(0, V, self._size)]
        self._edges = torch.tensor([part.start for part in self._parts] + [V])
        first, last = 0 if shape.direct else K, K + 1 + (E if shape.tied else H)
        inputs = like(last + (first - last) % PADDED, rows).zero_()  # x, 1, and h or q = h @ W2 if tied
        inputs[K] = 1.0
        self._x, self._in1, self._outer = inputs[:K], inputs[: K + 1], inputs[first:]
        self._h = like(H, rows) if shape.tied else inputs[K + 1 : last]
        self._q = inputs[K + 1 : last] if shape.tied else None
        squares, P = parameters.squares, len(self._parts)
        output = lambda weights, squares, begin, end: Output(
            weights, squares, inputs[begin:end], slice(begin - first, end - first), like(P, end - begin, rows)
        )
        layer2 = output(parameters.layer2T, squares and squares.layer2T, first, K + 1 if shape.tied else last)
        C = [output(parameters.C, squares and squares.C, K + 1, last)] if shape.tied else []
        self._outputs = [layer2, *C]
        self._leading_back = C if shape.tied and not shape.direct else self._outputs  # b2 alone leads nowhere
        self._minus_one = like(()).fill_(-1.0)
        self._e, self._tops, self._totals = like(V, rows), like(P, rows), like(P, rows)
        self._slopes = like(min(self._size, V), len(self._outer))

    def train(
        self, places: torch.Tensor, Y: torch.Tensor, rates: Sequence[float], weight_decay: float = 0.0
    ) -> torch.Tensor:
        """As `core.engine.gradients.Workspace.train`: the log-probabilities of Y before each step, (steps, rows)."""
        steps = zip(places.unbind(), Y.unbind(), rates)
        return torch.stack([self._step(*step, weight_decay) for step in steps])

    def _step(self, places: torch.Tensor, y: torch.Tensor, rate: float, weight_decay: float) -> torch.Tensor:
        p, E = self.parameters, self.parameters.shape.n_embd
        symbols = (places.view(-1, E, self._rows)[:, 0] // E).flatten()
        self._fill_inputs(symbols)
        picked = sum((each.weights.index_select(0, y).T * each.inputs).sum(0) for each in self._outputs)
        for number, part in enumerate(self._parts):
            self._forward(number, part)
        top = self._tops.amax(0)
        f = self._tops.sub_(top).exp2_()
        total = self._totals.mul_(f).sum(0)
        f.mul_((total * self._rows).reciprocal_())
        dh, dq, dx = self._backward(y, f)
        dx = dx.view(-1, E, self._rows).transpose(1, 2).flatten(0, 1)  # as symbols: (block_size * rows, E)
        slopes1, slopes_W2 = self._in1 @ dh.T, None if dq is None else self._h @ dq.T
        if weight_decay:
            p.decay(rate * weight_decay)
        self._descend(p.layer1, p.squares and p.squares.layer1, slopes1, rate)
        if dq is not None:
            self._descend(p.W2, p.squares and p.squares.W2, slopes_W2, rate)
        else:
            self._descend_rows(symbols, dx, rate)
        self._descend_outputs(y, f, symbols, dx, rate)
        return (picked - top / BITS - total.log()).clamp_(max=0.0)

    def _fill_inputs(self, symbols: torch.Tensor) -> None:
        p, h = self.parameters, self._h
        E = p.shape.n_embd
        self._x.view(-1, E, self._rows).copy_(p.C.index_select(0, symbols).view(-1, self._rows, E).mT)
        torch.addmm(h, p.layer1.T, self._in1, beta=0, alpha=2, out=h)  # tanh(z) = 2 sigmoid(2 z) - 1
        torch.add(self._minus_one, h.sigmoid_(), alpha=2, out=h)
        if self._q is not None:
            torch.mm(p.W2.T, h, out=self._q)

    def _forward(self, number: int, part: slice) -> None:
        """The part's logits, of them `_e`, `_tops` and `_totals`, and what goes back."""
        e, (layer2, *C) = self._e[part], self._outputs
        if not C:
            torch.addmm(e, layer2.weights[part], layer2.inputs, beta=0, alpha=BITS, out=e)
        else:
            b2 = self.parameters.b2[part].unsqueeze(1)
            torch.addmm(b2, C[0].weights[part], C[0].inputs, beta=BITS, alpha=BITS, out=e)
            if self.parameters.Wd is not None:
                e.addmm_(self.parameters.Wd.T[part], self._x, alpha=BITS)
        top = torch.amax(e, 0, out=self._tops[number])
        e.sub_(top).exp2_()
        torch.sum(e, 0, out=self._totals[number])
        for each in self._leading_back:
            torch.mm(each.weights[part].T, e, out=each.backs[number])

    def _backward(self, y: torch.Tensor, f: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor | None, torch.Tensor]:
        """d loss / d preactivations (H, rows), q (E, rows) or None, and x (K, rows)."""
        p, back = self.parameters, []
        for each in self._leading_back:
            mean = each.backs.mul_(f.unsqueeze(1)).sum(0)
            back.append(mean.sub_(each.weights.index_select(0, y).T, alpha=1 / self._rows))
        dq = back[-1] if p.shape.tied else None
        dh = back[0][-p.shape.n_hidden or len(back[0]) :] if dq is None else p.W2 @ dq
        dh = torch.ops.aten.tanh_backward(dh, self._h)
        dx = p.W1 @ dh
        return dh, dq, dx if p.Wd is None else dx + back[0][: len(dx)]

    def _descend_outputs(self, y, f: torch.Tensor, symbols: torch.Tensor, dx: torch.Tensor, rate: float) -> None:
        """The gradient of each part's weights, and their update."""
        outer, shown = self._outer, [(*y.sort(stable=True), self._outer.T * (-1 / self._rows), slice(None))]
        if self._q is not None:  # C is an output and an input
            shown.append((*symbols.sort(stable=True), dx, self._outputs[1].columns))
        ends = [torch.searchsorted(sorted, self._edges).tolist() for sorted, *_ in shown]
        for number, part in reversed([*enumerate(self._parts)]):  # the last are still in the cache
            slopes = self._slopes[: part.stop - part.start]
            torch.mm(self._e[part], (outer * f[number]).T, out=slopes)
            for end, (sorted, order, rows, columns) in zip(ends, shown):
                mine = slice(end[number], end[number + 1])
                slopes[:, columns].index_add_(0, sorted[mine] - part.start, rows.index_select(0, order[mine]))
            for each in self._outputs:
                squares = each.squares if each.squares is None else each.squares[part]
                self._descend(each.weights[part], squares, slopes[:, each.columns], rate)

    def _descend_rows(self, symbols: torch.Tensor, dx: torch.Tensor, rate: float) -> None:
        """The update of the rows of C that the minibatch has."""
        p = self.parameters
        if p.squares is None:
            p.C.index_add_(0, symbols, dx, alpha=-rate)
            return
        rows, which = symbols.unique(return_inverse=True)
        slopes = dx.new_zeros(len(rows), dx.shape[1]).index_add_(0, which, dx)
        weights, squares = p.C[rows], p.squares.C[rows]
        self._descend(weights, squares, slopes, rate)
        p.C[rows], p.squares.C[rows] = weights, squares

    @staticmethod
    def _descend(weights: torch.Tensor, squares: torch.Tensor | None, slopes: torch.Tensor, rate: float) -> None:
        """A step of SGD, or of Adagrad if there are squares."""
        if squares is None:
            weights.add_(slopes, alpha=-rate)
        else:
            squares.addcmul_(slopes, slopes)
            weights.addcdiv_(slopes, squares.sqrt().add_(EPSILON), value=-rate)
