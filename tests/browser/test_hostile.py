"""What people type stays text."""

import pytest
from playwright.sync_api import expect

from tests.support.browser import STILL, button, opening, pause, press, settled, step_beyond

pytestmark = pytest.mark.still


@pytest.fixture(scope="module")
def visitor(browser, address):
    with opening(browser, address, **STILL) as open_page:
        yield open_page()


@pytest.mark.parametrize("label", ["Context", "Name"])
def test_markup_that_somebody_types_is_answered_as_text(visitor, label):
    page = visitor
    dialogs, asked = [], []
    page.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
    said = page.locator({"Context": ".ls-view-bars .ls-note", "Name": ".ls-said"}[label]).first
    box = page.get_by_label(label, exact=True)
    settled(page)  # what Streamlit itself asks for is there
    page.on("request", lambda request: asked.append(request.url))
    for typed in ("<img src=x onerror=a()>", "<svg onload=alert(1)>", "javascript:alert(1)"):
        box.fill(typed)
        box.press("Enter")
        expect(said).to_contain_text("does not occur in the data")
        assert page.locator("img[src=x], .ls img, .ls svg[onload], .ls script").count() == 0
        box.fill("em")
        box.press("Enter")
        expect(said).not_to_contain_text("does not occur")
    asked = [url for url in asked if "/media/" not in url]  # Streamlit's own picture of the app may come late
    assert dialogs == [] and asked == []


WORDS = (
    "![a](http://evil/i)", "[b](http://evil/l)", "<a href='http://evil/a'>c</a>", "<img src=http://evil/g onerror=e()>",
    "<script>alert(2)</script>", "<svg/onload=alert(3)>", "<b>bold</b>", "javascript:alert(4)", "https://evil/x",
    ":material/home:", ":red[x]", "$x^2$", "`code`", "**b**", "{{7*7}}", "&lt;i&gt;", '=HYPERLINK("http://evil/h")',
    "![d](http://evil.invalid/dropped.png)", "<img src=//evil.invalid/dropped>",
)  # fmt: skip
FILE = "<img src=x onerror=alert(5)> ![f](http://evil.invalid/f).txt"
PAGES = ("Explore", "Start here", "Compare runs", "Data", "Inside the network", "Tune", "Reference")
MADE = """() => [
  ...[...document.querySelectorAll('a')].filter((a) => String(a.href.baseVal ?? a.href).includes('evil')),
  ...document.querySelectorAll("img[src*='evil'], img[src='x'], [onload], [onerror], .ls script"),
].map((element) => element.outerHTML)"""


def test_hostile_words_stay_text_on_every_page(open_page):
    """The fixture sees to it that there is no request to another host, no dialog and no error in the console."""
    page = open_page()
    page.get_by_role("link", name="Data").click()
    lines = "\n".join((*WORDS * 3, "emma", "olivia", "ava"))
    file = {"name": FILE, "mimeType": "text/plain", "buffer": lines.encode()}
    page.locator(".st-key-own_file input[type=file]").set_input_files(files=[file])
    button(page, "Train on these words").wait_for()
    settled(page)
    for said in (WORDS[0], WORDS[4], "img src evil.invalid dropped"):  # the first words, and what was left out
        expect(page.get_by_text(said, exact=True).first).to_be_visible()
    assert page.evaluate(MADE) == []
    press(page, "Train on these words")
    expect(page.locator(".ls-step b")).to_be_visible()  # Explore is shown
    step_beyond(page, 0)
    pause(page)
    for name in PAGES:
        page.get_by_role("link", name=name, exact=True).click()
        settled(page)
        assert page.evaluate(MADE) == [], name
        for tab in page.get_by_role("tab").all()[1:]:  # the first is open
            tab.click()
            settled(page)
            assert page.evaluate(MADE) == [], (name, tab.inner_text())
