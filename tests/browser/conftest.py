"""The app in a real browser. Skipped, with the reason, where there is none."""

from contextlib import contextmanager
from urllib.parse import urlparse

import pytest

from tests.support.app_server import FLAGS, READY, chromium, served

PATIENCE = 45_000  # ms: the machine may be busy
LEASE = 30.0  # seconds: what one test left in training does not slow the others down for long


@pytest.fixture(scope="package")
def browser():
    api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    path = chromium()
    if path is None:
        pytest.skip("no Chromium or Chrome on the PATH")
    with api.sync_playwright() as playwright:
        api.expect.set_options(timeout=PATIENCE)
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="package")
def address(browser):
    """Asks for the browser, so that nothing is served where nobody can look."""
    with served(lease=LEASE) as address:
        yield address


@contextmanager
def opening(browser, address):
    """Gives open_page(width, height, link, **context) -> the page at `link` with its letters drawn.

    At the end: nothing went to the console as an error, no exception, no request to another host.
    """
    complaints, contexts = [], []
    own = urlparse(address).netloc

    def ask(url: str) -> None:
        asked = urlparse(url)
        if asked.scheme in ("http", "https", "ws", "wss") and asked.netloc != own:
            complaints.append(f"request to {url}")

    def open_page(width: int = 1440, height: int = 900, link: str = "", **more):
        context = browser.new_context(viewport={"width": width, "height": height}, **more)
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(PATIENCE)
        page.on("console", lambda m: complaints.append(f"console: {m.text}") if m.type == "error" else None)
        page.on("pageerror", lambda error: complaints.append(f"exception: {error}"))
        page.on("dialog", lambda dialog: (complaints.append(f"dialog: {dialog.message}"), dialog.dismiss()))
        page.on("request", lambda request: ask(request.url))
        page.on("websocket", lambda socket: ask(socket.url))
        page.goto(address + link)
        page.locator(READY).nth(26).wait_for()
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert not complaints


@pytest.fixture
def open_page(browser, address):
    with opening(browser, address) as open_page:
        yield open_page


@pytest.fixture
def page(open_page):
    return open_page()
