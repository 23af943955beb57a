"""The bar of the pages in a browser: it is where it was on every page, and on a phone all of it is seen."""

import pytest
from playwright.sync_api import Page, expect

from tests.support.waiting import eventually

pytestmark = pytest.mark.still

PAGES = ("Explore", "Start here", "Compare runs", "Data", "Inside the network", "Tune", "Reference")
BOXES = """
() => [...document.querySelectorAll('.st-key-pages a, .ls-tour-open')].map((link) => {
  const box = link.getBoundingClientRect();
  return [box.left, box.top, box.right, box.bottom].map(Math.round);
})
"""


def boxes(page: Page) -> list[list[int]]:
    """Where each page's link is, and after them the tour's button and the other language: left, top, right, bottom."""
    expect(page.locator(".st-key-page_here a")).to_be_visible()
    expect(page.locator(".ls-tour-open")).to_be_visible()
    expect(page.locator(".st-key-pages a")).to_have_count(len(PAGES) + 1)
    return page.evaluate(BOXES)


SIZES = (1440, 900), (1280, 720), (720, 450), (390, 844)  # the third: a laptop's at 200 %


def resize(page: Page, size: tuple[int, int]) -> None:
    page.set_viewport_size(dict(zip(("width", "height"), size)))


def test_the_pages_links_stay_where_they_are_on_every_page_and_all_can_be_seen(page):
    first = {}
    for size in SIZES:
        resize(page, size)
        apart = lambda size=size: all_apart(boxes(page), size[0])
        eventually(apart)
        first[size] = boxes(page)
    for name in (*PAGES[1:], "Explore"):
        page.locator(".st-key-pages").get_by_role("link", name=name, exact=True).click()
        expect(page.locator(".st-key-page_here a")).to_have_text(name)
        for size in SIZES:
            resize(page, size)
            eventually(lambda size=size: boxes(page) == first[size])
            page.locator('[data-testid="stMain"]').evaluate("(main) => main.scrollTo(0, 400)")
            eventually(lambda size=size: boxes(page) == first[size])


def all_apart(found: list[list[int]], width: int) -> bool:
    """Whether no link lies over another, or beyond the page."""
    rights, lefts = [box[2] for box in found], [box[0] for box in found]
    return lefts[0] >= 0 and rights[-1] <= width and all(right <= left for right, left in zip(rights, lefts[1:]))
