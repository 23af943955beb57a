"""core/counting/contexts.py against dicts of tuples, with vocabularies for which a table would be too large."""

from collections import Counter

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from core.counting.contexts import NONE, Contexts, count_pairs, lookup, rows_of, values_of
from core.counting.kneser_ney import KneserNey
from core.counting.ngrams import CountModel
from core.data.dataset import Examples

V, LONGEST = 17_000, 5
symbol = st.sampled_from((0, 1, 2, V - 1))  # few, so that contexts repeat, and the largest number there is
example = st.tuples(*[symbol] * (LONGEST + 1))


def examples(rows: list[tuple[int, ...]]) -> Examples:
    X = torch.tensor([row[:-1] for row in rows])
    return Examples.counted(X, torch.tensor([row[-1] for row in rows]), V)


@given(st.lists(example, min_size=1), st.lists(example, min_size=1))
def test_contexts_have_the_same_id_exactly_where_their_symbols_are_the_same(rows, others):
    contexts = Contexts.of(examples(rows), LONGEST)
    known, asked = (contexts.ids(torch.tensor(some)[:, :-1]) for some in (rows, others))
    for length in range(LONGEST + 1):
        id_of = {row[LONGEST - length : -1]: id for row, id in zip(rows, known[length].tolist())}
        assert sorted(id_of.values()) == list(range(len(contexts.numbers[length])))
        assert asked[length].tolist() == [id_of.get(row[LONGEST - length : -1], NONE) for row in others]
        if length:
            first, rest = contexts.first(length).tolist(), contexts.rest(length).tolist()
            for context, id in id_of.items():
                assert first[id] == context[0]
                assert rest[id] == known[length - 1][[row[LONGEST - length : -1] for row in rows].index(context)]


@given(st.lists(example, min_size=1), st.lists(example, min_size=1), st.integers(0, LONGEST))
def test_counts_are_those_of_a_dict(rows, others, length):
    train = examples(rows)
    contexts = Contexts.of(train, length)
    keys, counts = count_pairs(contexts.ids(train.contexts)[-1], train.pairs, V)
    often = Counter(row[LONGEST - length :] for row in rows)
    ids = contexts.ids(torch.tensor(others)[:, :-1])[-1]
    after, next = [row[LONGEST - length : -1] for row in others], [row[-1] for row in others]
    assert values_of(keys, counts, ids, torch.tensor(next), V).tolist() == [
        often[*context, y] for context, y in zip(after, next)
    ]
    for row, context in zip(rows_of(keys, counts, ids, V), after):
        assert {y: n for y in (0, 1, 2, V - 1) if (n := row[y].item())} == {
            y: often[*context, y] for y in (0, 1, 2, V - 1) if often[*context, y]
        }
        assert row.sum() == sum(n for gram, n in often.items() if gram[:-1] == context)


def test_nothing_is_found_among_no_keys():
    place, seen = lookup(torch.zeros(0, dtype=torch.int64), torch.tensor([0, 5]))
    assert place.tolist() == [0, 0] and not seen.any()


@pytest.mark.parametrize("fit", [lambda x: CountModel.fit(x, 6, 0.1), lambda x: KneserNey.fit(x, 6)])
def test_a_model_of_a_large_vocabulary_takes_memory_for_what_occurs_only(fit):
    """17,000 ** 5 contexts are possible; 20,000 examples have at most as many."""
    draw = torch.Generator().manual_seed(5)
    X, Y = (torch.randint(V, (20_000, *more), generator=draw) for more in ((LONGEST,), ()))
    train = Examples.counted(X, Y, V)
    model = fit(train)
    P = model.probabilities(X[:50])
    assert torch.allclose(P.sum(1), torch.ones(50, dtype=torch.float64), rtol=0, atol=1e-12)
    row, next = (part[train.pairs.row < 50] for part in train.pairs[:2])
    few = model.probabilities(train.contexts[:50])[row, next]
    assert torch.allclose(model.pair_probabilities(train)[train.pairs.row < 50], few, rtol=1e-12)
    assert len(model.contexts.numbers[-1]) <= 20_000
