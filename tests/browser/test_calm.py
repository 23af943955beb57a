"""Explore in a browser: nothing is cut off or lies over something else, and what matters is always seen."""

import pytest
from playwright.sync_api import Page, expect

from tests.support.browser import STILL, opening, press, steady, step_is
from tests.support.waiting import eventually

OVERLAPS = """
() => {
  const discs = [...document.querySelectorAll('.ls-letters .trace.scatter:last-child .points .point')]
    .map((point) => point.getBoundingClientRect())
    .map((box) => [box.left + box.width / 2, box.top + box.height / 2]);
  let pairs = 0;
  discs.forEach(([a, b], i) => discs.slice(i + 1).forEach(([c, d]) => (pairs += Math.hypot(a - c, b - d) < 22)));
  return discs.length && pairs;
}
"""
CUT = """
() => [...document.querySelectorAll('.ls-names li, .ls-note, .ls-status, .ls-said, .ls-head h2')]
  .filter((e) => e.checkVisibility() && e.scrollWidth > e.clientWidth + 1)
  .filter((e) => e.getBoundingClientRect().bottom <= (e.closest('.ls-names')?.getBoundingClientRect().bottom ?? 1e9))
  .map((e) => e.textContent)
"""


# The pixels between each dash under a bar and the letter below it.
DASHES = """(columns) => columns.filter((column) => column.querySelector('.ls-tick')).map((column) =>
  column.querySelector(':scope > span').getBoundingClientRect().top -
  column.querySelector('.ls-tick').getBoundingClientRect().bottom)"""
# The titles of axes, and names of curves, that lie over a tick's number.
TITLES = """(chart) => {
  const boxes = (what) => [...chart.querySelectorAll(what)].map((e) => [e.textContent, e.getBoundingClientRect()]);
  const over = (a, b) => a.left < b.right && b.left < a.right && a.top < b.bottom - 1 && b.top < a.bottom - 1;
  const ticks = boxes('.xtick text, .ytick text');
  const texts = boxes('.g-xtitle text, .g-ytitle text, .textpoint text, .annotation-text');
  return texts.filter(([, box]) => ticks.some(([, tick]) => over(box, tick))).map(([text]) => text);
}"""


@pytest.fixture(scope="module")
def seen(browser, address):
    """The page of somebody who only looks."""
    with opening(browser, address, **STILL) as open_page:
        yield open_page()


SIZES = pytest.mark.parametrize(("width", "height"), [(1440, 900), (1280, 720)])


@pytest.mark.parametrize(("width", "height"), [(1440, 900), (1280, 720), (390, 844)])
def test_the_time_bar_is_seen_without_scrolling_and_wherever_the_page_is_scrolled(seen, width, height):
    page = seen
    page.set_viewport_size({"width": width, "height": height})
    page.locator('[data-testid="stMain"]').evaluate("(main) => main.scrollTo(0, 0)")
    bar = page.locator(".ls-time")
    whole = lambda: (box := bar.bounding_box()) and box["y"] >= 0 and box["y"] + box["height"] <= height
    eventually(whole)
    page.locator('[data-testid="stMain"]').evaluate("(main) => main.scrollTo(0, 200)")
    eventually(whole)


@SIZES
def test_no_name_or_sentence_is_cut_off_and_the_letters_under_the_bars_can_be_read(seen, width, height):
    page = seen
    page.set_viewport_size({"width": width, "height": height})
    expect(page.locator(".ls-names li")).to_have_count(12)
    eventually(lambda: page.evaluate(CUT) == [])
    sizes = page.locator(".ls-column > span, .ls-tile small").evaluate_all(
        "(texts) => texts.map((text) => parseFloat(getComputedStyle(text).fontSize))"
    )
    assert sizes and min(sizes) >= 12
    expect(page.locator(".st-key-letters .ls-status")).to_have_css("font-size", "18px")  # the map's caption
    assert page.locator(".ls-bars").bounding_box()["height"] >= 120
    expect(page.get_by_text("counting letter pairs (bigram)")).to_be_visible()
    assert min(page.locator(".ls-column").evaluate_all(DASHES)) >= 2  # px: a dash at zero is not read as an accent
    for chart in (".ls-letters", ".ls-loss"):
        assert page.locator(chart).evaluate(TITLES) == []


def test_files_come_at_the_first_press_under_the_names_that_the_script_looks_for(seen):
    page, lost = seen, []
    page.on("response", lambda response: response.status >= 400 and lost.append(response.url))
    press(page, "Step")
    page.get_by_role("button", name="Share").first.click()
    for label, name, begins in (("Words (.txt)", "names.txt", b"emma\n"), ("Run (", "letterspace.safetensors", b"")):
        with page.expect_download() as found:
            page.get_by_role("button", name=label).click()
        assert found.value.suggested_filename == name
        assert len(content := found.value.path().read_bytes()) > 1_000 and content.startswith(begins)
    assert lost == []
    page.keyboard.press("Escape")


@pytest.mark.still
def test_letters_in_one_dimension_do_not_lie_over_one_another(open_page):
    page = open_page(link="/?n_embd=1")
    eventually(lambda: page.evaluate(OVERLAPS) == 0)
    press(page, "Step")
    step_is(page, 1)
    eventually(lambda: page.evaluate(OVERLAPS) == 0)
    expect(page.get_by_text("height only keeps letters apart")).to_be_visible()


@pytest.mark.still
def test_under_a_finger_no_toolbar_lies_over_a_chart(open_page):
    page: Page = open_page(390, 844, has_touch=True, is_mobile=True)
    expect(page.locator(".ls-loss .modebar")).to_be_hidden()
    top = "(box) => box.querySelector('.nsewdrag').getBoundingClientRect().top"
    bar = page.locator(".ls-letters .modebar").bounding_box()
    eventually(lambda: page.locator(".ls-letters").evaluate(top) >= bar["y"] + bar["height"] - 2)


def test_a_new_visitor_sees_a_recorded_run_behind_one_line_until_the_first_key_and_never_again(open_page):
    page = open_page(new=True)
    over = page.locator(".ls-opening")
    expect(over.locator("p")).to_have_text("Nobody told it what a vowel is.")
    expect(over.locator("small")).to_contain_text("A recorded run")
    page.keyboard.press("Shift")
    expect(over).to_have_count(0)
    page.reload()
    steady(page)
    expect(over).to_have_count(0)
