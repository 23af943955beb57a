"""core/ui/explore/wordexact.py: the exact losses of a run on words at rest, a piece at a time."""

import pytest

from core.engine.model import loss
from core.ui import server
from core.ui.explore import wordexact


class Late:
    """In place of the background: what is asked for is there when it is asked for again."""

    def __init__(self):
        self.made = {}

    def get(self, topic, key, make, then):
        if key in self.made:
            return self.made[key]
        self.made[key] = make()
        return None


def test_the_pieces_make_the_exact_losses_and_the_share_only_grows(visitor_of_words, monkeypatch):
    visitor = visitor_of_words
    visitor.press("Step")
    snapshot, late = visitor.snapshot, Late()
    data = server.dataset(snapshot.corpus, snapshot.config.block_size)
    monkeypatch.setattr(wordexact, "PASSES", 2)
    monkeypatch.setattr(wordexact, "rows_at_once", lambda V: len(data.train.contexts) // 9)
    monkeypatch.setattr(server, "background", lambda: late)
    look = wordexact.ExactLook(lambda: None)
    told = [look.look(snapshot) for _ in range(1 + 1 + 5)]
    for split in ("dev", "train"):
        assert told[-1][split] == pytest.approx(loss(snapshot.parameters(), getattr(data, split)), abs=1e-4)
        shares = [one["share"][split] for one in told]
        assert shares == sorted(shares) and shares[-1] == 1
    assert [one["share"]["train"] for one in told] == pytest.approx([0, 0, 0.2, 0.4, 0.6, 0.8, 1])
    assert [one["train"] for one in told[:-1]] == [None] * 6 and told[0]["dev"] is None
    visitor.press("Step")
    assert look.look(visitor.snapshot)["dev"] is None, "of another step"


def test_while_it_trains_and_before_its_first_step_nothing_is_summed(visitor_of_words):
    visitor = visitor_of_words
    look = wordexact.ExactLook(lambda: None)
    assert look.look(visitor.snapshot) is None
    visitor.press("Train")
    assert look.look(visitor.snapshot) is None
    visitor.press("Pause")
