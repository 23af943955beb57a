"""The route of the opening, which Explore's script fetches for a new visitor (assets/page/explore/opening.js)."""

import gzip
from functools import cache

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from core.analysis.timeline import Timeline
from core.plots import opening
from core.ui import server

DAY = "public, max-age=86400"


def route(path: str) -> BaseRoute:
    return Route(path, _answer, methods=["GET"])


@cache
def _packed() -> bytes:
    recording, timeline = server.recording(), Timeline()
    timeline.update(recording)
    return gzip.compress(opening.opening(recording.corpus.shown, timeline.frames), 9, mtime=0)


async def _answer(request: Request) -> Response:
    data = await run_in_threadpool(_packed)
    headers = {"Cache-Control": DAY, "Vary": "Accept-Encoding", "X-Content-Type-Options": "nosniff"}
    if "gzip" in request.headers.get("accept-encoding", ""):
        headers["Content-Encoding"] = "gzip"
    else:
        data = gzip.decompress(data)
    return Response(data, media_type="application/json", headers=headers)
