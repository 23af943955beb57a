"""The opening: the recorded run as places of letters, small enough to be fetched while the page is looked at."""

import json
from collections.abc import Sequence

from core.analysis.timeline import Frame
from core.data.shown import Shown


def opening(shown: Shown, frames: Sequence[Frame]) -> bytes:
    """JSON: characters, groups, and for each frame its step, points (row by row, to a thousandth) and window."""
    moments = [
        {
            "step": frame.step,
            "points": [round(x, 3) for x in frame.seen.points.flatten().tolist()],
            "window": [round(x, 3) for x in (*frame.window.centre, frame.window.half)],
        }
        for frame in frames
    ]
    return json.dumps({**shown.for_script, "frames": moments}, separators=(",", ":")).encode()
