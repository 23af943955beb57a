"""Lines of code that the page shows, and their results or PyTorch's error messages, from running them here.

The string that is shown is the string that is run, so a line and its result always agree. The lines are part
of this program; text from a user is never part of one.
"""

import base64

import torch
import torch.nn.functional as F

from core.messages import tr


def run(line: str, **names):
    """The value of an expression in which torch, F and the tensors in `names` are defined."""
    return eval(line, {"torch": torch, "F": F, **names})


def attempt(line: str, **names) -> dict:
    """Run a line: {"code", "message", "shape"}.

    message: what the installed PyTorch raised, word for word, or None; shape: of what came out, or None.
    """
    try:
        value = run(line, **names)
    except Exception as error:
        return {"code": line, "message": f"{type(error).__name__}: {error}", "shape": None}
    return {"code": line, "message": None, "shape": by(value.shape)}


def by(shape) -> str:
    """A shape as text, such as "32 × 3 × 2"; "a number" for a scalar."""
    return " × ".join(f"{n:,}" for n in shape) or tr("a number")


def heat(values: torch.Tensor) -> dict:
    """A tensor for a heat map: its shape, and its numbers row by row as base64 of little-endian float32.

    Exact for float32, and includes NaN and infinity, which JSON cannot represent.
    """
    numbers = values.detach().float().contiguous().flatten()
    raw = numbers.numpy().astype("<f4").tobytes()
    return {"shape": list(values.shape), "numbers": base64.b64encode(raw).decode("ascii")}
