"""How tensors are stored in memory: views and copies, with the strides and offsets of real tensors."""

import torch

from core.engine.model import Parameters
from core.lessons.lines import by, heat, run
from core.lessons.mistakes import slices
from core.messages import tr

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
    """Whether two tensors share their memory."""
    return one.untyped_storage().data_ptr() == other.untyped_storage().data_ptr()


def layouts() -> list[dict]:
    """Several views and one copy of `torch.arange(18)`.

    For each: code, shape, stride, offset (of its first number in its storage), copied (whether it has memory
    of its own), and places: for each number, row by row, its position in the storage.
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
    """Three ways to put the embeddings of each context into one row. emb (B, block_size, n_embd).

    For each: code, result, shape, equal (whether it is exactly the first result), and copied (whether it has
    memory of its own).
    """
    b, n = parameters.shape.block_size, parameters.shape.n_embd
    lines = (
        (slices(b), tr("names every position, so it works for one block size only")),
        ("torch.cat(torch.unbind(emb, 1), 1)", tr("works for any number of positions")),
        (f"emb.view({len(emb)}, {b * n})", tr("reads the same memory with another shape; copies nothing")),
    )
    first, found = run(lines[0][0], emb=emb), []
    for line, said in lines:
        laid = run(line, emb=emb)
        found.append({
            "code": line, "said": said, "shape": by(laid.shape), "numbers": heat(laid),
            "equal": torch.equal(laid, first), "copied": not shares(laid, emb),
        })  # fmt: skip
    return found
