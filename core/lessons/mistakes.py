"""The lecture's deliberate mistakes: each line is run here, to show the error message of the installed PyTorch."""

from dataclasses import dataclass

import torch

from core.engine.model import Parameters
from core.lessons.lines import attempt, by
from core.messages import tr

ROWS = 32  # examples, as in the lecture


@dataclass(frozen=True)
class Mistake:
    """label: the mistake. code: the wrong line. fix: the corrected line. why: one sentence."""

    label: str
    code: str
    fix: str
    why: str

    def made(self, **names) -> dict:
        """Both lines, run: label, why, code and message (None where the line happens to work), fix and its shape."""
        wrong, right = attempt(self.code, **names), attempt(self.fix, **names)
        said = wrong["message"] or tr("No error: here it gives {shape}.", shape=wrong["shape"])
        return {
            "label": self.label, "why": self.why, "code": self.code, "message": said,
            "fix": self.fix, "shape": right["shape"], "failed": wrong["message"] is not None,
        }  # fmt: skip


def of_lookup(parameters: Parameters, index: int) -> list[dict]:
    """The two ways to get one_hot wrong, for the character with this index."""
    V = parameters.shape.vocabulary_size
    whole = f"F.one_hot(torch.tensor({index}), num_classes={V})"
    mistakes = (
        Mistake(tr("An int for one_hot"), f"F.one_hot({index}, num_classes={V})", whole,
                tr("one_hot needs a tensor; a plain int is not one.")),
        Mistake(tr("Long times float"), f"{whole} @ C", f"{whole}.float() @ C",
                tr("one_hot gives whole numbers (int64), C holds float32; a product needs one type.")),
    )  # fmt: skip
    return [mistake.made(C=parameters.C) for mistake in mistakes]


def slices(block_size: int) -> str:
    """The line that names each position of a context, as the lecture first writes it."""
    return f"torch.cat([{', '.join(f'emb[:, {i}]' for i in range(block_size))}], 1)"


def of_concatenation(parameters: Parameters) -> list[dict]:
    """The line with the slices, written for this block size and run with a shorter and a longer one."""
    b, n, H = parameters.shape[1:4]
    line, mistakes = slices(b), []
    for other, why in (
        (b - 1, tr("The line names a position that a shorter context does not have.")),
        (
            b + 1,
            tr("cat leaves out the newest position without an error; only the product after it fails."),
        ),
    ):
        if other:
            said = f"Block size {other} instead of {b}"
            mistake = Mistake(said, f"{line} @ W1", f"emb.view({ROWS}, -1) @ W1", why)
            mistakes.append(mistake.made(emb=torch.zeros(ROWS, other, n), W1=torch.zeros(other * n, H)))
    return mistakes


def of_hidden(parameters: Parameters, emb: torch.Tensor) -> list[dict]:
    """The product without the concatenation, and a bias that has one number too many. emb (B, block_size, n_embd)."""
    K, H = parameters.W1.shape
    rows = f"emb.view({len(emb)}, {K})"
    mistakes = (
        Mistake(f"{by(emb.shape)} @ {by(parameters.W1.shape)}", "emb @ W1", f"{rows} @ W1",
                tr("A product needs as many columns left as rows right: the embeddings must lie in one row.")),
        Mistake(tr("A bias of {n} numbers", n=H + 2), f"{rows} @ W1 + torch.zeros({H + 2})", f"{rows} @ W1 + b1",
                tr("Broadcasting compares shapes from the right: sizes must be equal, or one of them 1.")),
    )  # fmt: skip
    return [mistake.made(emb=emb, W1=parameters.W1, b1=parameters.b1) for mistake in mistakes]
