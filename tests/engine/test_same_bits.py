"""Runs of five kinds give the same bits as they always did: losses and parameters after 2,000 steps, written down.

They were measured before the packages of `core/` were laid out. Other versions of torch, and
processors that torch uses in other ways, may round differently: there the test is skipped.
"""

import hashlib
from typing import NamedTuple

import pytest
import torch

from core.config import FULL, Config
from core.engine.history import TORCH as BY_TORCH
from core.engine.run import Run

TORCH, PROCESSOR = "2.13.0+cpu", "AVX2"  # what the values below hold for
STEPS = 2_000


class After(NamedTuple):
    """The last (step, minibatch loss, learning rate, batch size), exact losses, and sha256 of the parameters.

    frozen: of `Parameters.freeze`. flat: of the bytes of `Parameters.flat`.
    """

    last: tuple[int, float, float, int | str]
    train: float
    dev: float
    frozen: str
    flat: str


DECAYING = Config(n_embd=10, n_hidden=200, init="lecture", schedule="step", decay_at=1_000, weight_decay=1e-4)
CASES = {
    "2-D": (Config(), After(
        (1996, 2.6781829055398703, 0.1, 32), 2.4628576122038597, 2.472225975314227,
        "06832a3267f27ad96902eb7edb415884dd8a14a43f0f16b3a949cbe24a36cd98",
        "a9a5cf97fb82b215a9346ecc91238ba5c5e1cb0936e3b16fb20b88409ff79efb",
    )),
    "10-D with schedule and decay": (DECAYING, After(
        (1996, 3.956235566176474, 0.010000000000000002, 32), 3.2443901621316122, 3.2798566838812224,
        "ef820028cda0f291b3bf3006fe822687c435ed1c98ef6a68f548daec8002545c",
        "c5fcbba63c40f44f26abcd2908b9b4285a650411640cd862f36c336bacc75c0e",
    )),
    "direct connections": (Config(block_size=4, n_embd=30, n_hidden=50, direct=True, weight_decay=1e-4), After(
        (1996, 2.444530051201582, 0.1, 32), 2.2971236433152957, 2.3256564154650237,
        "3f5c3b57155905f452488db675b9322a91ffbb929c74a93eb13bc7a60b67b050",
        "a290f81164e3dfa4ad134cb05e5027e1a6c79f78ce549b45fb5a075202d00b73",
    )),
    "no hidden units": (Config(n_hidden=0, direct=True), After(
        (1996, 2.672459937632084, 0.1, 32), 2.5423220371178767, 2.5508557045450395,
        "00f81d2248e53aa852f3766406c3230b5aafacab704a7b01a187d67223cf3a78",
        "3935929dda2687e2fd4cf3a9a899771b7ff01c3f8c69287051c5deae2807848c",
    )),
    "output bias only": (Config(n_hidden=0), After(
        (1996, 2.8997737988829613, 0.1, 32), 2.8260714099219912, 2.8299677341538807,
        "e8f29d602c09e7d7c0b0b76158c86e05081c6467be8fd95f44137cc6eed56cb4",
        "e8f29d602c09e7d7c0b0b76158c86e05081c6467be8fd95f44137cc6eed56cb4",
    )),
    "full batch": (Config(batch_size=FULL, learning_rate=0.5), After(
        (1996, 2.28559269752202, 0.5, FULL), 2.2854728073597075, 2.302106656230552,
        "f818acdf220635da31706509e1ffa75e7f93fa34b34b23c0d6d2c20e36ca3649",
        "ff5cfda9a5b278b3deabc3cdec7e60ffd01fa87a0bc4a612a0d4c97b8458fc01",
    )),
}  # fmt: skip


@pytest.mark.skipif(
    (torch.__version__, torch.backends.cpu.get_cpu_capability()) != (TORCH, PROCESSOR),
    reason=f"these bits were measured with torch {TORCH} on a processor that it uses with {PROCESSOR}",
)
@pytest.mark.parametrize("name", CASES)
def test_losses_and_parameters_are_the_same_to_the_last_bit(name, datasets):
    config, after = CASES[name]
    run = Run(config, datasets(config.block_size), path=BY_TORCH)
    run.advance(STEPS)
    digests = (hashlib.sha256(raw).hexdigest() for raw in (run.parameters.freeze(), run.parameters.flat.numpy()))
    assert After(run.history.losses[-1], run.evaluate("train"), run.evaluate("dev"), *digests) == after
