"""Reading the page in browser tests, and waiting for it."""

import re
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.parse import urlparse

from playwright.sync_api import Locator, Page, expect

from tests.support.app_server import READY

PATIENCE = 45_000  # ms: the machine may be busy
IDLE: dict[tuple, list] = {}  # (browser, address, options) -> tabs that no test uses now
MEDIA = {"color_scheme": "light", "reduced_motion": "no-preference"}  # what a visitor has who chose nothing
STILL = {"reduced_motion": "reduce"}  # and who wants no motion: a page that trains then takes half of the processor
PLACES = """() => [...document.querySelectorAll('.ls-letters .point')].map((p) => {
  const { e, f } = p.transform.baseVal[0].matrix;
  return [Math.round(e), Math.round(f)];
})"""
ZOOM = '.ls-letters .modebar-btn[data-attr="dragmode"][data-val="zoom"]'
RANGES = "() => ['xaxis', 'yaxis'].map((a) => document.querySelector('.ls-letters').layout[a].range.slice())"
# What the panels show, and the letters' places (not where they are drawn, as they may lie over one another).
SHOWN = """() => {
  const of = (selector) => [...document.querySelectorAll(selector)], chart = document.querySelector('.ls-letters');
  const letters = chart.data.at(-1), loss = document.querySelector('.ls-loss').data;
  const cursor = loss.find(({ mode, hoverinfo }) => mode === 'lines' && hoverinfo === 'skip'); // once it was drawn
  const number = (name) => Number(document.querySelector(`.ls-${name} b`).textContent.replaceAll(',', ''));
  return {
    step: number('step'), train: number('train'), dev: number('dev'),
    x: letters.customdata.map((one) => one[4]), y: letters.customdata.map((one) => one[5]),
    marker: cursor?.x[0] ?? null,
    names: of('.ls-names li').map((item) => item.dataset.text),
    bars: of('.ls-bar').map((bar) => parseFloat(bar.style.transform.slice('scaleY('.length))),
    tiles: of('.ls-tile').map((tile) => tile.title),
  };
}"""
# Whether the letters stood still in 30 frames and in half a second: a glide moves them in each of its frames.
STEADY = """() => {
  const now = [...document.querySelectorAll('.ls-letters .point')].map((p) => p.getAttribute('transform')).join();
  if (window.lsSeen !== now) [window.lsSeen, window.lsSince, window.lsFrames] = [now, performance.now(), 0];
  return (window.lsFrames += 1) > 30 && performance.now() - window.lsSince > 500;
}"""
BEGUN = "() => letterspace.time.cursor === null && !letterspace.time.head.step && !letterspace.time.live.training"
VISITED = "location.protocol.startsWith('http') && localStorage.setItem('letterspace.opening', '1')"
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
    """A button by the end of its text, because the name of an icon can come first."""
    return page.get_by_role("button", name=re.compile(rf"(^|\s){re.escape(label)}$")).first


IN_MENU = "Reset", "New seed"


def press(page: Page, *labels: str) -> None:
    """Press these buttons of the page, one after the other; two of Explore's bar are in its menu."""
    for label in labels:
        if label in IN_MENU and page.locator(".ls-press-more").is_visible():
            page.locator(".ls-press-more").click()
            page.get_by_role("menuitem", name=label).click()
        else:
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
    """Wait until the page shows that the run is at rest."""
    page.wait_for_function("() => letterspace.time.live.training === false")


def put_to_rest(page: Page) -> None:
    """Pause what trains. Not by its button, which no longer says so if the run comes to its end meanwhile."""
    page.evaluate("() => letterspace.time.live.training && letterspace.time.order('pause')")
    at_rest(page)


def settled(page: Page) -> None:
    """Wait until the script has not run for half a second."""
    page.evaluate("() => { delete window.lsIdle; }")
    page.wait_for_function("""() => {
      const idle = document.querySelector('[data-testid=stApp]').dataset.testScriptState === 'notRunning';
      window.lsIdle = idle ? (window.lsIdle ?? performance.now()) : null;
      return idle && performance.now() - window.lsIdle > 500;
    }""")


def begin_again(page: Page) -> None:
    """As the page was when it was opened, but for Undo: the run at step 0 and at rest, at the speed "auto"."""
    put_to_rest(page)
    page.get_by_role("radio", name="auto", exact=True).click()
    if time(page, "head.step"):
        press(page, "Reset")
    page.wait_for_function(BEGUN)
    page.mouse.move(5, 5)
    page.evaluate("() => document.activeElement.blur()")


def as_marked(page: Page, test) -> None:
    """With motion, or without it where this test (pytest's item) is marked as `still`."""
    page.emulate_media(**MEDIA | (STILL if test.get_closest_marker("still") else {}))


def frames(page: Page, seconds: float, check: str) -> tuple[int, int]:
    return tuple(page.evaluate(FRAMES, [seconds, check]))


def centre(locator: Locator) -> tuple[float, float]:
    box = locator.bounding_box()
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


@dataclass
class Tab:
    """A page in a browser context of its own, and its errors."""

    page: Page
    own: str  # the server's host and port
    new: bool = False  # a visitor who has not seen the opening
    complaints: list[str] = field(default_factory=list)

    def __post_init__(self):
        page, note = self.page, self.complaints.append
        page.set_default_timeout(PATIENCE)
        if not self.new:
            page.add_init_script(script=VISITED)
        page.on("console", lambda m: note(f"console: {m.text}") if m.type == "error" else None)
        page.on("pageerror", lambda error: note(f"exception: {error}"))
        page.on("dialog", lambda dialog: (note(f"dialog: {dialog.message}"), dialog.dismiss()))
        page.on("request", lambda request: self._asked(request.url))
        page.on("websocket", lambda socket: self._asked(socket.url))

    def _asked(self, url: str) -> None:
        asked = urlparse(url)
        if asked.scheme in ("http", "https", "ws", "wss") and asked.netloc != self.own:
            self.complaints.append(f"request to {url}")

    def forget(self) -> bool:
        """Leave the page and delete cookies and storage. Whether the tab can be used again."""
        context = self.page.context
        if self.page.is_closed() or len(context.pages) > 1:
            context.close()
            return False
        if button(self.page, "Pause").is_visible():  # a run that nobody looks at takes a core until its lease ends
            put_to_rest(self.page)
        self.page.evaluate("() => { localStorage.clear(); sessionStorage.clear(); }")
        self.page.goto("about:blank")
        context.clear_cookies()
        context.clear_permissions()
        return True


@contextmanager
def opening(browser, address, **usual):
    """Gives open_page(width, height, link, **context) -> the page at `link` with its letters drawn, for a new visitor.
    usual: as `context`, of all visitors.

    The tab of an earlier test is used again, where Streamlit starts with half the work. `alone`: a new tab, for a test
    that changes more than `Tab.forget` resets; `new`: one whose visitor has not seen the opening. `before`: is called
    with the page before it is at `link`.
    At the end, fails if there was an error on the console, an exception, or a request to another host.
    """
    opened = []

    def open_page(width: int = 1440, height: int = 900, link: str = "", alone=False, new=False, before=None, **more):
        media = {name: more.pop(name, value) for name, value in (MEDIA | usual).items()}
        idle = [] if alone or new else IDLE.setdefault((browser, address, repr(sorted(more.items()))), [])
        tab = idle.pop() if idle else Tab(browser.new_context(**more).new_page(), urlparse(address).netloc, new)
        opened.append((tab, idle))
        tab.page.set_viewport_size({"width": width, "height": height})
        tab.page.emulate_media(**media if new else media | STILL)  # what moves at first takes a third of the processor
        if before:
            before(tab.page)
        tab.page.goto(address + link)
        tab.page.locator(READY).nth(26).wait_for()
        tab.page.emulate_media(**media)
        return tab.page

    yield open_page
    complaints = [complaint for tab, _ in opened for complaint in tab.complaints]
    for tab, idle in opened:
        if tab.forget():
            tab.complaints.clear()
            idle.append(tab)
    assert not complaints, complaints
