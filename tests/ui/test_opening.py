"""The route of the opening: the recorded run, as the page's script draws it."""

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from core.ui import server
from core.ui.explore import opening


@pytest.mark.parametrize("how", ["gzip", "identity"])
def test_the_opening_is_the_recorded_run_from_its_untrained_letters_to_its_last(how):
    answer = TestClient(Starlette(routes=[opening.route("/opening")])).get("/opening", headers={"accept-encoding": how})
    told, recording = answer.json(), server.recording()
    assert answer.headers.get("content-encoding") == ("gzip" if how == "gzip" else None)
    assert told["characters"] == list(recording.corpus.shown.symbols)
    assert [frame["step"] for frame in told["frames"]] == [row[0] for row in recording.history.checkpoints]
    for i in (0, -1):
        C = recording.checkpoint(i % len(told["frames"])).C
        assert told["frames"][i]["points"] == pytest.approx(C.flatten().tolist(), abs=6e-4)
        assert len(told["frames"][i]["window"]) == 3
