"""What comes over the line on a visit: scripts over HTTP once, data over the websocket, nothing twice."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.support.app_server import READY
from tests.support.browser import VISITED, slide

OURS = re.compile(r"/letterspace/[0-9a-f]{16}/(.+)$")


# All that was ever shown as the train loss.
LOSSES = """window.losses = [];
new MutationObserver(() => {
  const shown = document.querySelector('.ls-train b')?.textContent;
  if (shown && losses.at(-1) !== shown) losses.push(shown);
}).observe(document, { subtree: true, childList: true, characterData: true });
"""
# What the field of a context held in each animation frame in which its bars could be seen.
CONTEXTS = """window.contexts = [];
const look = () => {
  const field = document.querySelector('[class*="st-key-context-"] input');
  if (field && document.querySelector('.ls-bars .ls-bar')) contexts.push(field.value);
  requestAnimationFrame(look);
};
requestAnimationFrame(look);
"""
MIDDLES = """(selector) => [...document.querySelectorAll(selector)].map((one) => {
  const { x, y, width, height } = one.getBoundingClientRect();
  return [x + width / 2, y + height / 2];
})"""


@pytest.fixture(scope="module")
def first(browser, address):
    """The first visit of all: its page; name of a file of ours -> bytes on the line; websocket frames received."""
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    page = context.new_page()
    yield page, *visit(page, address)
    context.close()


@pytest.fixture(scope="module")
def later(first, address):
    """That of a new visitor, who has no files to wait for: its page, files, and what could be seen at first."""
    before, *_ = first
    before.wait_for_load_state("networkidle")  # then its files are in the cache
    before.evaluate("() => localStorage.clear()")
    page = before.context.new_page()
    for script in (VISITED, LOSSES, CONTEXTS):
        page.add_init_script(script=script)
    for _ in range(3):
        page.context.clear_cookies()
        sent, _ = visit(page, address)
        if not any(sent.values()):
            break
        page.wait_for_load_state("networkidle")  # the browser fetches the tab's icon when it likes
    expect(page.locator("#ls-skeleton")).to_have_count(0)
    page.wait_for_function("() => contexts.length > 30")
    seen = {name: page.evaluate(name) for name in ("losses", "contexts")} | {"places": page.evaluate(MIDDLES, READY)}
    return page, sent, seen


def visit(page: Page, address: str) -> tuple[dict[str, int], list[str | bytes]]:
    """Open it until the letters are drawn; name of a file of ours -> bytes on the line; websocket frames received."""
    sent, frames, names = {}, [], {}
    line = page.context.new_cdp_session(page)
    line.send("Network.enable")

    def asked(event: dict) -> None:
        if found := OURS.search(event["request"]["url"]):
            names[event["requestId"]] = found[1]

    def loaded(event: dict) -> None:
        if event["requestId"] in names:
            name = names[event["requestId"]]
            sent[name] = sent.get(name, 0) + int(event["encodedDataLength"])

    line.on("Network.requestWillBeSent", asked)
    line.on("Network.loadingFinished", loaded)
    page.on("websocket", lambda socket: socket.on("framereceived", lambda data: frames.append(data)))
    page.goto(address)
    page.locator(READY).nth(26).wait_for()
    return sent, frames


def as_bytes(frame: str | bytes) -> bytes:
    return frame.encode() if isinstance(frame, str) else frame


def test_no_script_comes_through_the_websocket(first):
    _, sent, frames = first
    everything = b"".join(map(as_bytes, frames))
    assert b"letters" in everything  # the frames were seen
    for part in (b"plotly.js (basic", b"Plotly.newPlot", b"makers.", b"--ls-vowel:"):
        assert part not in everything
    assert len(everything) < 400_000
    assert 300_000 < sent["plotly-basic.min.js"] < 450_000


def test_a_page_brings_its_own_scripts_when_it_is_first_shown(first):
    page, sent, _ = first
    assert not any(name.startswith(("compare/", "data/", "inside/", "tune/")) for name in sent)
    page.get_by_role("link", name="Tune", exact=True).click()
    expect(page.get_by_role("heading", name="Your run", exact=True)).to_be_visible()
    assert {"tune/index.js", "tune/tune.js"} <= sent.keys()


def test_a_later_visit_takes_our_files_from_the_cache(later):
    _, sent, _ = later
    assert sent and {name: size for name, size in sent.items() if size} == {}


def test_the_page_is_named_and_has_its_letters_in_their_places_before_streamlit_starts(later, address):
    other, _, seen = later
    other.context.clear_cookies()  # of a visitor without a run
    page = other.context.new_page()
    page.route("**/static/js/index*.js", lambda route: route.abort())
    page.goto(address, wait_until="domcontentloaded")
    expect(page).to_have_title("Letterspace")
    expect(page.locator("#ls-skeleton .letters b")).to_have_count(27)
    early = page.evaluate(MIDDLES, "#ls-skeleton .letters b")
    page.close()
    assert {*seen["losses"]} <= {"–", "3.300"}  # no other is ever shown
    late = seen["places"]  # there, letters that would lie over one another are spread
    assert max(abs(a - b) for one, other in zip(early, late, strict=True) for a, b in zip(one, other)) < 12


def test_the_field_over_the_first_bars_says_after_what_they_are(later):
    *_, seen = later
    contexts = seen["contexts"]
    assert {*contexts} <= {"", "em"} and contexts[-1] == "em"
    assert contexts.count("") <= 2, "Streamlit fills a field in the frame after it has made it"


def test_three_dimensions_need_no_script_beyond_those_of_the_page(later):
    page, sent, _ = later
    before = dict(sent)
    slide(page, "Embedding dimensions", "ArrowRight")
    page.get_by_role("combobox", name="What is drawn").click()
    page.get_by_role("option", name="3-D", exact=True).click()
    page.wait_for_function("() => document.querySelector('.ls-letters').layout.meta.space")
    assert sent == before
