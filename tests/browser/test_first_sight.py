"""What comes over the line on a visit: scripts over HTTP once, data over the websocket, nothing twice."""

import re

import pytest
from playwright.sync_api import BrowserContext, expect

from tests.support.app_server import READY

OURS = re.compile(r"/letterspace/[0-9a-f]{16}/(.+)$")


@pytest.fixture(scope="module")
def first(browser, address):
    """The first visit of all."""
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    yield visited(context, address)
    context.close()


@pytest.fixture
def context(first):
    """Of a new visitor, who has no files to wait for: they are in the cache since the first visit."""
    page, *_ = first
    page.evaluate("() => localStorage.clear()")
    page.context.clear_cookies()
    yield page.context
    for other in page.context.pages[1:]:
        other.close()


def visited(context: BrowserContext, address: str):
    """A tab with the letters drawn; name of a file of ours -> bytes on the line; websocket frames received."""
    page, sent, frames, names = context.new_page(), {}, [], {}
    line = context.new_cdp_session(page)
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
    return page, sent, frames


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


def test_a_later_visit_takes_our_files_from_the_cache(context, address):
    """The second one, or a later one: a page may be left before the last file is in the cache."""
    for _ in range(4):
        page, sent, _ = visited(context, address)
        if sent and not any(sent.values()):
            return
        page.wait_for_load_state("networkidle")
    raise AssertionError(f"still fetched: {[name for name, size in sent.items() if size]}")


def test_a_page_brings_its_own_scripts_when_it_is_first_shown(first):
    page, sent, _ = first
    assert not any(name.startswith(("compare/", "data/", "inside/", "tune/")) for name in sent)
    page.get_by_role("link", name="Tune", exact=True).click()
    expect(page.get_by_role("heading", name="Your run", exact=True)).to_be_visible()
    assert {"tune/index.js", "tune/tune.js"} <= sent.keys()


def test_three_dimensions_need_no_script_beyond_those_of_the_page(context, address):
    page, sent, _ = visited(context, f"{address}/?n_embd=3")
    before = dict(sent)
    page.get_by_role("combobox", name="What is drawn").click()
    page.get_by_role("option", name="3-D", exact=True).click()
    page.wait_for_function("() => document.querySelector('.ls-letters').layout.meta.space")
    assert sent == before


MIDDLES = """(selector) => [...document.querySelectorAll(selector)].map((one) => {
  const { x, y, width, height } = one.getBoundingClientRect();
  return [x + width / 2, y + height / 2];
})"""


# All that was ever shown as the train loss.
LOSSES = """window.losses = [];
new MutationObserver(() => {
  const shown = document.querySelector('.ls-train b')?.textContent;
  if (shown && losses.at(-1) !== shown) losses.push(shown);
}).observe(document, { subtree: true, childList: true, characterData: true });
"""


def test_the_page_is_named_and_has_its_letters_in_their_places_before_streamlit_starts(context, address):
    page = context.new_page()
    page.route("**/static/js/index*.js", lambda route: route.abort())
    page.goto(address, wait_until="domcontentloaded")
    expect(page).to_have_title("Letterspace")
    expect(page.locator("#ls-skeleton .letters b")).to_have_count(27)
    early = page.evaluate(MIDDLES, "#ls-skeleton .letters b")
    page.unroute_all()
    page.add_init_script("localStorage.setItem('letterspace.opening', '1')")
    page.add_init_script(LOSSES)
    page.goto(address)
    page.locator(READY).nth(26).wait_for()
    expect(page.locator("#ls-skeleton")).to_have_count(0)
    assert {*page.evaluate("() => losses")} <= {"–", "3.300"}  # no other is ever shown
    late = page.evaluate(MIDDLES, READY)  # there, letters that would lie over one another are spread
    assert max(abs(a - b) for one, other in zip(early, late, strict=True) for a, b in zip(one, other)) < 12


# What the field of a context held in each animation frame in which its bars could be seen.
CONTEXTS = """window.contexts = [];
const look = () => {
  const field = document.querySelector('[class*="st-key-context-"] input');
  if (field && document.querySelector('.ls-bars .ls-bar')) contexts.push(field.value);
  requestAnimationFrame(look);
};
requestAnimationFrame(look);
"""


def test_the_field_over_the_first_bars_says_after_what_they_are(context, address):
    page = context.new_page()
    page.add_init_script(CONTEXTS)
    page.goto(address)
    page.locator(READY).nth(26).wait_for()
    page.wait_for_function("() => contexts.length > 30")
    contexts = page.evaluate("() => contexts")
    assert {*contexts} <= {"", "em"} and contexts[-1] == "em"
    assert contexts.count("") <= 2, "Streamlit fills a field in the frame after it has made it"
