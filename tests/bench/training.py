"""Steps a second of training, beside other ways to train the same network: `python -m tests.bench.training`.

All contenders make SGD steps on minibatches of the training split of assets/names.txt
(block size 3 or, in the last column, 8), on one core, in one process, in turn (tests/bench/timing.py):

- ours: `Run.advance` as the product trains, history and exact losses included, from step 10,000 on;
  by machine code (core/engine/kernel), and by torch where that cannot be used
- eager autograd: the lecture's loop, word for word
- nn.Module + SGD: `nn.Embedding`, `nn.Linear` and `torch.optim.SGD`
- JAX, when installed: one `jit` of `lax.scan` over 1,000 steps of `value_and_grad`. The
  1,000 minibatches are drawn with `jax.random` in the same program, before the scan
- six products: the matrix products of a forward and a backward pass in the lecture's layout
  and nothing else, into buffers: about the floor for torch operations. It does not train

The last row says what share of the core's peak, measured in the same run, `ours` would need for
those six products alone. It needs less: what occurs several times in a minibatch is done once.
"""

import os

os.environ.setdefault("JAX_PLATFORMS", "cpu")  # and one core, as for torch:
os.environ.setdefault("XLA_FLAGS", "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1")

import torch
import torch.nn.functional as F
from torch import nn

from core.config import Config
from core.data.dataset import Dataset, Split, load_words
from core.engine.history import FALLBACK, KERNEL
from core.engine.run import Run
from tests.bench.peak import fma_peak, plain_arithmetic
from tests.bench.timing import arguments, print_table, rates

try:
    import jax
    import jax.numpy as jnp
except ImportError:
    jax = None

V, LEARNING_RATE = 27, 0.1
SHAPES = ((3, 2, 100), (3, 10, 200))  # (block_size, n_embd, n_hidden)
COLUMNS = [(*shape, batch) for batch in (32, 256) for shape in SHAPES] + [(8, 16, 300, 256)]
BASE, OURS = "eager autograd", "ours"


def ours(dataset: Dataset, n_embd: int, n_hidden: int, batch_size: int, path: str):
    sizes = {"block_size": dataset.block_size, "n_embd": n_embd, "n_hidden": n_hidden}
    run = Run(Config(**sizes, batch_size=batch_size), dataset, path=path)
    run.advance(10_000)  # most of what a run remembers is remembered at its beginning
    return run.advance


def first_weights(block_size: int, n_embd: int, n_hidden: int) -> list[torch.Tensor]:
    """C, W1, b1, W2, b2, small enough that every contender's loss falls."""
    torch.manual_seed(42)
    K = block_size * n_embd
    shapes = ((V, n_embd), (K, n_hidden), (n_hidden,), (n_hidden, V), (V,))
    return [torch.randn(shape) * 0.1 for shape in shapes]


def eager(split: Split, n_embd: int, n_hidden: int, batch_size: int):
    Xtr, Ytr = split.X, split.Y
    block_size = Xtr.shape[1]
    parameters = C, W1, b1, W2, b2 = first_weights(block_size, n_embd, n_hidden)
    for p in parameters:
        p.requires_grad = True

    def advance(n: int) -> None:
        for _ in range(n):
            ix = torch.randint(0, Xtr.shape[0], (batch_size,))
            emb = C[Xtr[ix]]
            h = torch.tanh(emb.view(-1, block_size * n_embd) @ W1 + b1)
            logits = h @ W2 + b2
            loss = F.cross_entropy(logits, Ytr[ix])
            for p in parameters:
                p.grad = None
            loss.backward()
            for p in parameters:
                p.data += -LEARNING_RATE * p.grad

    return advance


def module(split: Split, n_embd: int, n_hidden: int, batch_size: int):
    layers = nn.Embedding(V, n_embd), nn.Flatten(), nn.Linear(split.X.shape[1] * n_embd, n_hidden), nn.Tanh()
    model = nn.Sequential(*layers, nn.Linear(n_hidden, V))
    optimizer = torch.optim.SGD(model.parameters(), lr=LEARNING_RATE)

    def advance(n: int) -> None:
        for _ in range(n):
            ix = torch.randint(0, len(split), (batch_size,))
            loss = F.cross_entropy(model(split.X[ix]), split.Y[ix])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()

    return advance


def in_jax(split: Split, n_embd: int, n_hidden: int, batch_size: int, at_once: int = 1_000):
    X, Y = jnp.asarray(split.X.numpy(), jnp.int32), jnp.asarray(split.Y.numpy(), jnp.int32)

    def loss_of(parameters, x, y):
        C, W1, b1, W2, b2 = parameters
        h = jnp.tanh(C[x].reshape(batch_size, -1) @ W1 + b1)
        logp = jax.nn.log_softmax(h @ W2 + b2)
        return -jnp.take_along_axis(logp, y[:, None], 1).mean()

    def step(parameters, ix):
        loss, grads = jax.value_and_grad(loss_of)(parameters, X[ix], Y[ix])
        return [p - LEARNING_RATE * g for p, g in zip(parameters, grads)], loss

    @jax.jit
    def steps(parameters, key):
        ix = jax.random.randint(key, (at_once, batch_size), 0, len(X))
        return jax.lax.scan(step, parameters, ix)

    state = [jnp.asarray(p.numpy()) for p in first_weights(X.shape[1], n_embd, n_hidden)]
    key = jax.random.key(42)

    def advance(n: int) -> int:
        nonlocal state, key
        programs = -(-n // at_once)
        for _ in range(programs):
            key, draw = jax.random.split(key)
            state, losses = steps(state, draw)
        losses.block_until_ready()
        return programs * at_once

    return advance


def six_products(block_size: int, n_embd: int, n_hidden: int, batch_size: int):
    K = block_size * n_embd
    x, h, dlogits = torch.rand(batch_size, K), torch.rand(batch_size, n_hidden), torch.rand(batch_size, V)
    W1, W2 = torch.rand(K, n_hidden), torch.rand(n_hidden, V)
    z, logits, dh, dx, dW1, dW2 = map(torch.empty_like, (h, dlogits, h, x, W1, W2))
    xT, hT, W1T, W2T = x.t(), h.t(), W1.t(), W2.t()

    def advance(n: int) -> None:
        with torch.inference_mode():
            for _ in range(n):
                torch.mm(x, W1, out=z)
                torch.mm(h, W2, out=logits)
                torch.mm(hT, dlogits, out=dW2)
                torch.mm(dlogits, W2T, out=dh)
                torch.mm(xT, dh, out=dW1)
                torch.mm(dh, W1T, out=dx)

    return advance


def main() -> None:
    options = arguments(__doc__.partition("\n")[0])
    torch.set_num_threads(1)
    columns, table = [], {}
    for block_size, *size, batch_size in COLUMNS:
        columns.append(f"({', '.join(map(str, size))}), {batch_size}" + f", block {block_size}" * (block_size != 3))
        print(f"(n_embd, n_hidden), batch: {columns[-1]} ...", flush=True)
        dataset = Dataset.of(load_words(), block_size)
        contenders = {
            BASE: eager(dataset.train, *size, batch_size),
            "nn.Module + SGD": module(dataset.train, *size, batch_size),
            OURS: ours(dataset, *size, batch_size, KERNEL),
            "ours by torch": ours(dataset, *size, batch_size, FALLBACK),
        }
        if jax:
            contenders["JAX jit + scan"] = in_jax(dataset.train, *size, batch_size)
        contenders["six products (floor)"] = six_products(block_size, *size, batch_size)
        measured = rates(contenders, options.rounds, options.seconds)
        for name, rate in measured.items():
            table.setdefault(name, []).append(f"{rate:,.0f} ({rate / measured[BASE]:.1f})")
        n_embd, n_hidden = size
        needed = measured[OURS] * plain_arithmetic(block_size * n_embd, n_hidden, V, batch_size)
        table.setdefault("ours, of the core's peak", []).append(f"{needed / fma_peak():.0%}")
    print()
    table["ours, of the core's peak"] = table.pop("ours, of the core's peak")  # last
    print_table("steps/s (against eager), batch", columns, table)
    print(f"\nOne core's peak: {fma_peak() / 1e9:.0f} GFLOP/s. Load: {os.getloadavg()[0]:.1f}.")


if __name__ == "__main__":
    main()
