"""Streamlit's own scripts and styles, gzipped once each and then kept: most of the bytes of a first visit.

Their names have a hash of their content, and Streamlit lets browsers keep them for ever.
"""

import gzip

import anyio.to_thread
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from core.ui.responses import send_whole, whole

FOLDER, ENDINGS = "/static/", (".js", ".css")
LEAST = 1024  # bytes: smaller files are not compressed
LARGEST = 40_000_000  # bytes that are kept, of all files together
LEVEL = 6


class Compressed:
    """Middleware. Range requests, and clients that do not accept gzip, get the files as they are."""

    def __init__(self, app: ASGIApp):
        self.app = app
        self._kept: dict[str, tuple[Message, list, bytes]] = {}  # path -> what `send_whole` takes
        self._size = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if not wanted(scope):
            return await self.app(scope, receive, send)
        kept = self._kept.get(scope["path"])
        if kept:
            return await send_whole(*kept, send)

        async def finish(start: Message, body: bytes) -> None:
            await self._send(scope["path"], start, body, send)

        await whole(self.app, scope, receive, send, compressible, finish)

    async def _send(self, path: str, start: Message, body: bytes, send: Send) -> None:
        headers = MutableHeaders(raw=list(start["headers"]))
        if len(body) >= LEAST:
            body = await anyio.to_thread.run_sync(lambda: gzip.compress(body, LEVEL, mtime=0))
            headers["Content-Encoding"] = "gzip"
            headers["Content-Length"] = str(len(body))
            for name in ("etag", "last-modified", "accept-ranges"):  # of the uncompressed file
                del headers[name]
        headers["Vary"] = "Accept-Encoding"
        if path not in self._kept and self._size + len(body) <= LARGEST:
            self._kept[path], self._size = (start, headers.raw, body), self._size + len(body)
        await send_whole(start, headers.raw, body, send)


def wanted(scope: Scope) -> bool:
    """Whether a whole script or style of Streamlit's is requested by a client that accepts gzip."""
    if scope["type"] != "http" or scope["method"] != "GET" or not scope["path"].endswith(ENDINGS):
        return False
    asked = Headers(scope=scope)
    return FOLDER in scope["path"] and "gzip" in asked.get("accept-encoding", "") and "range" not in asked


def compressible(start: Message) -> bool:
    """Whether a response is a whole file in plain text that browsers may keep for ever."""
    headers = Headers(raw=start["headers"])
    kept = "immutable" in headers.get("cache-control", "")
    script = any(kind in headers.get("content-type", "") for kind in ("javascript", "css"))
    return start["status"] == 200 and kept and script and "content-encoding" not in headers
