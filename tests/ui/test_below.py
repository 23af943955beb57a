"""What stands below the fold of Explore (streamlit.testing)."""

import pytest

from core.config import Config
from core.plots.feed import Broadcast
from tests.support.visitor import Visitor


@pytest.mark.parametrize("tab", ["Neighbours", "Structure"])
def test_a_run_that_another_tab_starts_while_this_page_is_drawn_is_not_mixed_with_the_one_before(monkeypatch, tab):
    visitor = Visitor()
    visitor.press("Step")
    visitor.at.session_state["tab"] = tab
    looked, other = Broadcast.see, Config(n_embd=10)

    def see(self, *seen):
        head = looked(self, *seen)
        if visitor.client.snapshot.config != other:
            visitor.client.reset(other)
        return head

    monkeypatch.setattr(Broadcast, "see", see)
    visitor.look()  # once raised: only positions of one shape can be compared, not (27, 2) and (27, 10)
    visitor.until(lambda: visitor.snapshot.config == other and visitor.view(tab.lower()))
    visitor.client.stop()
