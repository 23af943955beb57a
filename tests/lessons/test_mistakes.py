"""core/lessons/mistakes.py and core/lessons/lines.py: the messages are PyTorch's own, raised here again by
code of the test.
"""

import pytest
import torch
import torch.nn.functional as F
from hypothesis import given
from hypothesis import strategies as st

from core.engine.model import forward
from core.lessons.lines import attempt, run
from core.lessons.mistakes import Mistake, of_concatenation, of_hidden, of_lookup, slices
from tests.support.networks import network


def said(act) -> str:
    with pytest.raises(Exception) as caught:
        act()
    return f"{type(caught.value).__name__}: {caught.value}"


def test_one_hot_wants_a_tensor_and_a_product_one_type():
    p = network()
    an_int, long = of_lookup(p, 5)
    assert an_int["message"] == said(lambda: F.one_hot(5, num_classes=27))
    assert an_int["message"].startswith("TypeError") and an_int["shape"] == "27"
    assert long["message"] == said(lambda: F.one_hot(torch.tensor(5), num_classes=27) @ p.C)
    assert long["message"].startswith("RuntimeError") and long["shape"] == "2"


def test_32_x_3_x_2_does_not_meet_6_x_100_until_it_is_laid_in_rows():
    p = network()
    emb = forward(p, torch.zeros(32, 3, dtype=torch.int64)).emb
    product, bias = of_hidden(p, emb)
    assert product["label"] == "32 × 3 × 2 @ 6 × 100" and product["shape"] == "32 × 100"
    assert product["message"] == said(lambda: emb @ p.W1)
    assert bias["message"] == said(lambda: emb.view(32, 6) @ p.W1 + torch.zeros(102)) and bias["shape"] == "32 × 100"


def test_the_line_with_slices_fails_at_another_block_size():
    shorter, longer = of_concatenation(network())
    assert shorter["code"] == "torch.cat([emb[:, 0], emb[:, 1], emb[:, 2]], 1) @ W1"
    assert shorter["message"] == said(lambda: torch.zeros(32, 2, 2)[:, 2]) and shorter["message"].startswith("Index")
    assert longer["message"] == said(lambda: torch.zeros(32, 6) @ torch.zeros(8, 100))
    assert shorter["shape"] == longer["shape"] == "32 × 100"


@given(st.integers(1, 8), st.integers(1, 6), st.integers(0, 40))
def test_for_every_shape_each_mend_works_and_what_does_not_fail_says_so(block_size, n_embd, n_hidden):
    p = network(block_size, n_embd, n_hidden)
    emb = forward(p, torch.zeros(32, block_size, dtype=torch.int64)).emb
    made = [*of_lookup(p, 0), *of_concatenation(p), *of_hidden(p, emb)]
    assert all(one["shape"] for one in made)
    assert all(one["failed"] != one["message"].startswith("No error") for one in made)
    assert made[-2]["failed"] == (block_size > 1)  # a context of one character is a row already
    assert len(made) == (6 if block_size > 1 else 5)


def test_slices_are_what_the_lecture_writes():
    emb = torch.arange(24.0).view(4, 3, 2)
    assert torch.equal(run(slices(3), emb=emb), torch.cat([emb[:, 0, :], emb[:, 1, :], emb[:, 2, :]], 1))


def test_an_attempt_tells_what_came_out_or_what_was_said():
    assert attempt("C @ C", C=torch.ones(2, 2)) == {"code": "C @ C", "message": None, "shape": "2 × 2"}
    failed = attempt("C @ C", C=torch.ones(2, 3))
    assert failed["shape"] is None and failed["message"] == said(lambda: torch.ones(2, 3) @ torch.ones(2, 3))
    mistake = Mistake("none", "C", "C", "It works.")
    assert mistake.made(C=torch.ones(2))["message"] == "No error: here it gives 2."
