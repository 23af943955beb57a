"""What the browser tests see on the page, and how they wait for it."""

import re
from contextlib import contextmanager
from urllib.parse import urlparse

from playwright.sync_api import Locator, Page, expect

from tests.support.app_server import READY

PATIENCE = 45_000  # ms: the machine may be busy
IDLE: dict[tuple, list] = {}  # (browser, address, options) -> contexts that no test uses now
PLACES = """() => [...document.querySelectorAll('.ls-letters .point')].map((p) => {
  const { e, f } = p.transform.baseVal[0].matrix;
  return [Math.round(e), Math.round(f)];
})"""
ZOOM = '.ls-letters .modebar-btn[data-attr="dragmode"][data-val="zoom"]'
RANGES = "() => ['xaxis', 'yaxis'].map((a) => document.querySelector('.ls-letters').layout[a].range.slice())"
# What the panels show, and the letters' places as Plotly has them (without the glide).
SHOWN = """() => {
  const of = (selector) => [...document.querySelectorAll(selector)], chart = document.querySelector('.ls-letters');
  const [letters, cursor] = [chart.data.at(-1), document.querySelector('.ls-loss').data.at(-1)];
  const number = (name) => Number(document.querySelector(`.ls-${name} b`).textContent.replaceAll(',', ''));
  return {
    step: number('step'), train: number('train'), dev: number('dev'),
    x: [...letters.x], y: [...letters.y], marker: cursor.x.length ? cursor.x[0] : null,
    names: of('.ls-names li').map((item) => item.dataset.text),
    bars: of('.ls-bar').map((bar) => parseFloat(bar.style.transform.slice('scaleY('.length))),
    tiles: of('.ls-tile').map((tile) => tile.title),
  };
}"""
STEADY = """() => {
  const now = [...document.querySelectorAll('.ls-letters .point')].map((p) => p.getAttribute('transform')).join();
  if (window.lsSeen !== now) [window.lsSeen, window.lsSince] = [now, performance.now()];
  return performance.now() - window.lsSince > 1300;  // a page at rest looks once a second
}"""
# Look at every animation frame for `seconds`; how many there were, and in how many `check` (JavaScript) was true.
FRAMES = """([seconds, check]) => new Promise((done) => {
  const holds = new Function("return " + check), until = performance.now() + 1000 * seconds;
  let frames = 0, held = 0;
  const look = () => {
    frames += 1;
    held += Boolean(holds());
    performance.now() < until ? requestAnimationFrame(look) : done([frames, held]);
  };
  requestAnimationFrame(look);
})"""


def button(page: Page, label: str) -> Locator:
    """A button by the word it ends with: an icon's name may stand before it."""
    return page.get_by_role("button", name=re.compile(rf"(^|\s){re.escape(label)}$")).first


def press(page: Page, *labels: str) -> None:
    for label in labels:
        button(page, label).click()


def slide(page: Page, label: str, key: str) -> None:
    slider = page.get_by_role("slider", name=label)
    slider.focus()
    slider.press(key)


def step(page: Page) -> int:
    return int(page.locator(".ls-step b").inner_text().replace(",", ""))


def step_beyond(page: Page, n: int) -> int:
    """Wait until the step number is larger than n."""
    shown = "Number(document.querySelector('.ls-step b').textContent.replaceAll(',', ''))"
    page.wait_for_function(f"(n) => {shown} > n", arg=n)
    return step(page)


def step_is(page: Page, n: int) -> None:
    expect(page.locator(".ls-step b")).to_have_text(f"{n:,}")


def train(page: Page) -> int:
    press(page, "Train")
    expect(button(page, "Pause")).to_be_visible()
    return step_beyond(page, 0)


def pause(page: Page) -> None:
    press(page, "Pause")
    expect(button(page, "Train")).to_be_visible()


def places(page: Page) -> list[list[int]]:
    """Where each letter is, in whole pixels of the chart."""
    return page.evaluate(PLACES)


def steady(page: Page) -> list[list[int]]:
    """Wait until the letters rest; where they are."""
    page.evaluate("() => { delete window.lsSeen; }")
    page.wait_for_function(STEADY)
    return places(page)


def shown(page: Page) -> dict:
    return page.evaluate(SHOWN)


def time(page: Page, what: str):
    """A part of what assets/page/common/time.js holds, such as "cursor"."""
    return page.evaluate(f"() => letterspace.time.{what}")


def cursor_is(page: Page, index: int | None) -> None:
    page.wait_for_function("(index) => letterspace.time.cursor === index", arg=index)


def at_rest(page: Page) -> None:
    """Wait until the page has been told of a run that rests."""
    page.wait_for_function("() => letterspace.time.live.training === false")


def settled(page: Page) -> None:
    """Wait until the server has drawn what it had to: half a second without the script at work."""
    page.evaluate("() => { delete window.lsIdle; }")
    page.wait_for_function("""() => {
      const idle = document.querySelector('[data-testid=stApp]').dataset.testScriptState === 'notRunning';
      window.lsIdle = idle ? (window.lsIdle ?? performance.now()) : null;
      return idle && performance.now() - window.lsIdle > 500;
    }""")


def frames(page: Page, seconds: float, check: str) -> tuple[int, int]:
    return tuple(page.evaluate(FRAMES, [seconds, check]))


def centre(locator: Locator) -> tuple[float, float]:
    box = locator.bounding_box()
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


@contextmanager
def opening(browser, address):
    """Gives open_page(width, height, link, **context) -> the page at `link` with its letters drawn, for a new visitor.

    A browser context of an earlier test, emptied of all but its cache, serves again: scripts come from there.
    At the end: nothing went to the console as an error, no exception, no request to another host.
    """
    complaints, opened = [], []
    own = urlparse(address).netloc

    def ask(url: str) -> None:
        asked = urlparse(url)
        if asked.scheme in ("http", "https", "ws", "wss") and asked.netloc != own:
            complaints.append(f"request to {url}")

    def open_page(width: int = 1440, height: int = 900, link: str = "", **more):
        idle = IDLE.setdefault((browser, address, repr(sorted(more.items()))), [])
        context = idle.pop() if idle else browser.new_context(**more)
        page = context.new_page()
        opened.append((page, idle))
        page.set_viewport_size({"width": width, "height": height})
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
    for page, idle in opened:
        _put_back(page, idle)
    assert not complaints, complaints


def _put_back(page: Page, idle: list) -> None:
    """Forget the visitor: cookies and what scripts stored. A context with other pages is closed."""
    context = page.context
    if page.is_closed() or len(context.pages) > 1:
        context.close()
        return
    page.evaluate("() => { localStorage.clear(); sessionStorage.clear(); }")
    page.close()
    context.clear_cookies()
    idle.append(context)
