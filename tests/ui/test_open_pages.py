"""core/ui/open_pages.py: so many pages of one browser and one address, and no more."""

from contextlib import ExitStack

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.responses import PlainTextResponse
from starlette.routing import Route, WebSocketRoute
from starlette.testclient import TestClient
from starlette.websockets import WebSocketDisconnect

from core.serving.visitors import COOKIE
from core.ui import open_pages
from core.ui.language import KEPT
from core.ui.open_pages import LATER, STREAM, TOO_MANY, OpenPages, is_here

ADA, BOB = "a" * 32, "b" * 32


@pytest.fixture
def server(monkeypatch):
    monkeypatch.setattr(open_pages, "MOST_PAGES", {"cookie": 2, "address": 3})

    async def stream(socket):
        await socket.accept()
        await socket.receive()

    async def page(request):
        return PlainTextResponse("the page")

    routes = [WebSocketRoute(f"/base{STREAM}", stream), WebSocketRoute("/other", stream), Route("/", page)]
    return Starlette(routes=routes, middleware=[Middleware(OpenPages)])


def visit(server, host: str = "203.0.113.5") -> TestClient:
    return TestClient(server, client=(host, 50000))


def opened(client: TestClient, token: str, path: str = f"/base{STREAM}"):
    return client.websocket_connect(path, headers={"Cookie": f"{COOKIE}={token}"})


def is_refused(client: TestClient, token: str) -> bool:
    """Both ways of opening a page must say the same."""
    asked = client.get("/", headers={"Accept": "text/html", "Cookie": f"{COOKIE}={token}"})
    try:
        with opened(client, token):
            refused = False
    except WebSocketDisconnect as closed:
        refused = closed.code == LATER
    sentence = TOO_MANY.format(**open_pages.MOST_PAGES) + "\n"
    assert (asked.status_code, asked.text) == ((429, sentence) if refused else (200, "the page"))
    return refused


def test_a_browser_and_an_address_open_so_many_pages_and_one_that_closes_makes_room(server):
    with visit(server) as client, ExitStack() as stack:
        first = stack.enter_context(opened(client, ADA))
        assert not is_refused(client, ADA)
        stack.enter_context(opened(client, ADA))
        assert is_refused(client, ADA) and not is_refused(client, BOB)
        stack.enter_context(opened(client, BOB))
        assert is_refused(client, BOB) and is_refused(client, "c" * 32), "the address is full"
        assert client.get("/", headers={"Accept": "text/javascript"}).status_code == 200
        stack.enter_context(opened(client, BOB, "/other"))
        german = {"Accept": "text/html", "Cookie": f"{COOKIE}={ADA}; {KEPT}=de"}
        assert client.get("/", headers=german).text.startswith("Es sind schon zu viele Seiten")
        first.close()
        assert not is_refused(client, ADA)


@pytest.mark.parametrize("token", ["", "forged", "a" * 31 + "é"])
def test_what_is_no_cookie_of_ours_counts_to_the_address_alone(server, token):
    with visit(server) as client, ExitStack() as stack:
        for _ in range(3):
            stack.enter_context(opened(client, token.encode("ascii", "ignore").decode()))
        assert is_refused(client, "")


def test_this_machine_is_a_proxy_and_not_counted_as_an_address(server):
    with visit(server, "127.0.0.1") as client, ExitStack() as stack:
        for token in (ADA, ADA, BOB, BOB):
            stack.enter_context(opened(client, token))
        assert not is_refused(client, "c" * 32) and is_refused(client, ADA)


@pytest.mark.parametrize(
    ("host", "here"), [("127.0.0.1", True), ("127.9.9.9", True), ("::1", True), ("", True), ("192.0.2.7", False)]
)
def test_a_loopback_address_is_here(host, here):
    assert is_here(host) is here
