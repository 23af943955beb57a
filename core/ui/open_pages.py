"""How many pages may be open at a time by one browser, and from one address: each takes memory and a connection.

Streamlit keeps one websocket for each open page. Behind a proxy on this machine the address is what the proxy says in
X-Forwarded-For (uvicorn reads it); without that all come from the machine itself, which is not counted.
"""

import ipaddress
from collections import Counter

from starlette.datastructures import Headers
from starlette.requests import HTTPConnection
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send
from starlette.websockets import WebSocketClose

from core.messages import mark, speaking, tr
from core.serving.visitors import COOKIE, TOKEN
from core.ui.language import asked_by

STREAM = "/_stcore/stream"  # Streamlit's websocket
MOST_PAGES = {"cookie": 24, "address": 120}  # pages; a class may share an address
LATER = 1013  # of a websocket that is refused: try again later
TOO_MANY = mark(
    "Too many pages of Letterspace are open already: {cookie} in one browser and {address} from one address are "
    "possible. Close some, then reload this one."
)

Owner = tuple[str, str]  # ("cookie", token) or ("address", host)


class OpenPages:
    """Middleware. An index page beyond the limits is answered with a sentence, a websocket with LATER."""

    def __init__(self, app: ASGIApp):
        self.app = app
        self.open: Counter[Owner] = Counter()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        page, stream = is_page(scope), scope["type"] == "websocket" and scope["path"].endswith(STREAM)
        who = owners(scope) if page or stream else []
        if any(self.open[one] >= MOST_PAGES[one[0]] for one in who):
            refusal = PlainTextResponse(too_many(scope), 429) if page else WebSocketClose(LATER)
            return await refusal(scope, receive, send)
        if not stream:
            return await self.app(scope, receive, send)
        self.open.update(who)
        try:
            await self.app(scope, receive, send)
        finally:
            self.open.subtract(who)
            self.open = +self.open  # without those that have none


def too_many(scope: Scope) -> str:
    """The sentence, in the language of whoever asks."""
    with speaking(asked_by(HTTPConnection(scope))):
        return tr(TOO_MANY, **MOST_PAGES) + "\n"


def is_page(scope: Scope) -> bool:
    """Whether an index page is asked for."""
    return (
        scope["type"] == "http" and scope["method"] == "GET" and "text/html" in Headers(scope=scope).get("accept", "")
    )


def owners(scope: Scope) -> list[Owner]:
    """To whom a page counts."""
    asked = HTTPConnection(scope)
    token, host = asked.cookies.get(COOKIE, ""), asked.client.host if asked.client else ""
    return [("cookie", token)] * bool(TOKEN.fullmatch(token)) + [("address", host)] * (not is_here(host))


def is_here(host: str) -> bool:
    """Whether it is this machine, or not known."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return True
