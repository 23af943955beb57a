"""core/serving/outgoing.py: whatever a page is told, a browser can read it."""

import json

import pytest

from core.engine.log import News
from core.serving.outgoing import as_json


@pytest.mark.parametrize("odd", ["plain", "half of a pair: \ud83d", 10**400])
def test_what_is_no_finite_number_is_null_and_nothing_else_is_lost(odd):
    told = as_json({"odd": odd, "loss": [float("nan"), float("inf"), -1.5], "new": News(3, 1, [(0.5, "é")])})
    refuse = lambda name: pytest.fail(f"{name} is no JSON")
    read = json.loads(told, parse_constant=refuse)
    assert read == {"odd": odd, "loss": [None, None, -1.5], "new": [3, 1, [[0.5, "é"]]]}
