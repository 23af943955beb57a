"""The app in a real browser. Skipped, with the reason, where there is none."""

import pytest

from tests.support.app_server import FLAGS, READY, chromium, served
from tests.support.browser import PATIENCE, STILL, as_marked, begin_again, opening, press, step_is
from tests.support.expecting import wait_for_elements_first

SHELL = "chromium-headless-shell"  # Chromium without a window, which takes half as long to start
AS_WIDE = "--font-render-hinting=none"  # text is as wide in it as in a window
LEASE = 30.0  # seconds: what one test left in training does not slow the others down for long


@pytest.fixture(scope="package")
def browser():
    api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    path = chromium(SHELL)
    if path is None:
        pytest.skip("no Chromium or Chrome on the PATH")
    with api.sync_playwright() as playwright:
        api.expect.set_options(timeout=PATIENCE)
        wait_for_elements_first()
        browser = playwright.chromium.launch(executable_path=path, args=[*FLAGS, AS_WIDE])
        yield browser
        browser.close()


@pytest.fixture(scope="package")
def address(browser):
    """Asks for the browser, so that nothing is served where nobody can look."""
    with served(lease=LEASE) as address:
        yield address


@pytest.fixture
def open_page(browser, address, request):
    """Of visitors who want no motion where a test is marked as `still`: one that is not about motion."""
    with opening(browser, address, **(STILL if request.node.get_closest_marker("still") else {})) as open_page:
        yield open_page


@pytest.fixture
def page(open_page):
    return open_page()


EXPERIMENT = "() => document.querySelector('.ls-view-time') && letterspace.time.live.address"  # of the run it shows


@pytest.fixture(scope="module")
def shared(browser, address):
    """A page for a whole file, and the experiment that it showed when it was opened."""
    with opening(browser, address) as open_page:
        page = open_page()
        page.wait_for_function(EXPERIMENT)
        yield page, page.evaluate(EXPERIMENT)


@pytest.fixture(scope="module")
def after_one_step(browser, address):
    """A page for a whole file, of a run that has made one step."""
    with opening(browser, address) as open_page:
        page = open_page()
        press(page, "Step")
        step_is(page, 1)
        yield page


@pytest.fixture
def again(shared, address, request):
    """That page, as it was when it was opened, but for Undo; opened anew if the test before left another experiment."""
    page, experiment = shared
    as_marked(page, request.node)
    if page.evaluate(EXPERIMENT) != experiment:
        page.context.clear_cookies()
        page.goto(address)
        page.locator(READY).nth(26).wait_for()
    begin_again(page)
    return page
