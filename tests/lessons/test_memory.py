"""core/lessons/memory.py: where numbers lie, against memory read by address."""

import ctypes

import torch
from hypothesis import given
from hypothesis import strategies as st

from core.engine.model import forward
from core.lessons.lines import run
from core.lessons.memory import LAID_OUT, NUMBERS, concatenations, layouts, shares
from tests.support.networks import network, numbers


def test_strides_and_offsets_are_the_lectures():
    found = {layout["code"]: layout for layout in layouts()}
    view = found["a.view(3, 3, 2)"]
    assert (view["shape"], view["stride"], view["offset"], view["copied"]) == ([3, 3, 2], [6, 2, 1], 0, False)
    assert found["a.view(2, 9)"]["stride"] == [9, 1] and found["a.view(9, 2)"]["stride"] == [2, 1]
    part = found["a.view(3, 3, 2)[:, 1]"]
    assert (part["stride"], part["offset"], part["places"]) == ([6, 1], 2, [2, 3, 8, 9, 14, 15])
    joined = found["torch.cat(torch.unbind(a.view(3, 3, 2), 1), 1)"]
    assert joined["copied"] and joined["values"] == list(range(18))


def test_each_number_lies_where_it_is_said_to():
    for line, layout in zip(LAID_OUT, layouts()):
        seen = run(line, a=NUMBERS)
        start = seen.untyped_storage().data_ptr()
        memory = (ctypes.c_int64 * 18).from_address(start)
        assert [memory[place] for place in layout["places"]] == layout["values"] == seen.flatten().tolist()
        assert layout["copied"] == (start != NUMBERS.untyped_storage().data_ptr())


@given(st.integers(1, 8), st.integers(1, 6))
def test_three_ways_give_one_result_and_only_the_view_copies_nothing(block_size, n_embd):
    p = network(block_size, n_embd)
    emb = forward(p, torch.arange(4 * block_size).view(4, block_size) % 27).emb
    ways = concatenations(p, emb)
    assert [way["shape"] for way in ways] == [f"4 × {block_size * n_embd}"] * 3
    assert all(way["equal"] and numbers(way["numbers"]).tolist() == emb.reshape(4, -1).tolist() for way in ways)
    assert ways[0]["copied"] and ways[1]["copied"] and not ways[2]["copied"]


def test_a_change_through_a_view_is_seen_by_the_other_and_through_a_copy_is_not():
    a = torch.arange(6)
    assert shares(a, a.view(2, 3)) and shares(a, a[2:]) and not shares(a, a.clone())
    a.view(2, 3)[1, 0] = 99
    assert a[3] == 99
