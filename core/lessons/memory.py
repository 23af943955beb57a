"""How tensors lie in memory: views and copies, with strides and offsets read off the tensors."""

import torch

from core.engine.model import Parameters
from core.lessons.lines import by, heat, run
from core.lessons.mistakes import slices

NUMBERS = torch.arange(18)
LAID_OUT = (
    "a.view(2, 9)",
    "a.view(9, 2)",
    "a.view(3, 3, 2)",
    "a.view(3, 3, 2)[:, 1]",
    "a.view(3, 3, 2).view(3, 6)",
    "torch.cat(torch.unbind(a.view(3, 3, 2), 1), 1)",
)


def shares(one: torch.Tensor, other: torch.Tensor) -> bool:
    """Whether two tensors lie in one piece of memory."""
    return one.untyped_storage().data_ptr() == other.untyped_storage().data_ptr()


def layouts() -> list[dict]:
    """`torch.arange(18)` seen in several ways.

    For each its code, shape, stride, offset (of its first number in its storage), whether its
    memory is another than that of the 18 numbers, and places: for each number, row by row, where
    it lies in its storage.
    """
    return [_layout(line, run(line, a=NUMBERS)) for line in LAID_OUT]


def _layout(line: str, seen: torch.Tensor) -> dict:
    offset, stride = seen.storage_offset(), seen.stride()
    places = torch.arange(len(NUMBERS)).as_strided(seen.shape, stride, offset)
    return {
        "code": line, "shape": list(seen.shape), "stride": list(stride), "offset": offset,
        "copied": not shares(seen, NUMBERS), "places": places.flatten().tolist(), "values": seen.flatten().tolist(),
    }  # fmt: skip


def concatenations(parameters: Parameters, emb: torch.Tensor) -> list[dict]:
    """Three ways to lay the embeddings of each context in one row. emb (B, block_size, n_embd).

    For each its code, what came out, its shape, whether it is the first one's result to the last
    bit, and whether its memory is another than that of emb.
    """
    b, n = parameters.shape.block_size, parameters.shape.n_embd
    lines = (
        (slices(b), "names every position: written for one block size only"),
        ("torch.cat(torch.unbind(emb, 1), 1)", "takes as many positions as there are"),
        (f"emb.view({len(emb)}, {b * n})", "only says how the same memory is to be read"),
    )
    first, found = run(lines[0][0], emb=emb), []
    for line, said in lines:
        laid = run(line, emb=emb)
        found.append({
            "code": line, "said": said, "shape": by(laid.shape), "numbers": heat(laid),
            "equal": torch.equal(laid, first), "copied": not shares(laid, emb),
        })  # fmt: skip
    return found
