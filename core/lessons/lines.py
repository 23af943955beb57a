"""Lines of code that the page shows, run here: what a line gives, or what PyTorch really says of it.

A shown line and what it gave cannot differ, as one string is both. The lines are this
program's own; nothing that a person typed is ever part of one.
"""

import base64

import torch
import torch.nn.functional as F


def run(line: str, **names):
    """The value of an expression, with torch, F and the tensors in `names` at hand."""
    return eval(line, {"torch": torch, "F": F, **names})


def attempt(line: str, **names) -> dict:
    """What comes of a line: {"code", "message", "shape"}.

    message: what the installed PyTorch raised, word for word, or None; shape: of what came out, or None.
    """
    try:
        value = run(line, **names)
    except Exception as error:
        return {"code": line, "message": f"{type(error).__name__}: {error}", "shape": None}
    return {"code": line, "message": None, "shape": by(value.shape)}


def by(shape) -> str:
    """A shape as one says it: "32 × 3 × 2"; a single number is "a number"."""
    return " × ".join(f"{n:,}" for n in shape) or "a number"


def heat(values: torch.Tensor) -> dict:
    """A tensor for a heat map: its shape, and its numbers row by row as base64 of little-endian float32.

    Exact for float32, and NaN and infinity pass, which JSON has no words for.
    """
    numbers = values.detach().float().contiguous().flatten()
    raw = numbers.numpy().astype("<f4").tobytes()
    return {"shape": list(values.shape), "numbers": base64.b64encode(raw).decode("ascii")}
