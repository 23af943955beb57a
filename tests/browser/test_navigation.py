"""The bar of the pages in a browser: it is where it was on every page, and on a phone all of it is seen."""

import pytest
from playwright.sync_api import Page, expect

from tests.support.waiting import eventually

PAGES = ("Explore", "Compare runs", "Data", "Inside the network", "Tune", "Guide")
BOXES = """
() => [...document.querySelectorAll('.st-key-pages a')].map((link) => {
  const box = link.getBoundingClientRect();
  return [box.left, box.top, box.right, box.bottom].map(Math.round);
})
"""


def boxes(page: Page) -> list[list[int]]:
    """Where each page's link is: left, top, right, bottom."""
    expect(page.locator(".st-key-page_here a")).to_be_visible()
    expect(page.locator(".st-key-pages a")).to_have_count(len(PAGES))
    return page.evaluate(BOXES)


@pytest.mark.parametrize(("width", "height"), [(1440, 900), (1280, 720), (390, 844)])
def test_the_pages_links_stay_where_they_are_on_every_page_and_all_can_be_seen(open_page, width, height):
    page = open_page(width, height)
    first = boxes(page)
    rights, lefts = [box[2] for box in first], [box[0] for box in first]
    assert lefts[0] >= 0 and rights[-1] <= width
    assert all(right <= left for right, left in zip(rights, lefts[1:])), "one over another"
    for name in (*PAGES[1:], "Explore"):
        page.locator(".st-key-pages").get_by_role("link", name=name, exact=True).click()
        expect(page.locator(".st-key-page_here a")).to_have_text(name)
        eventually(lambda: boxes(page) == first)
        page.locator('[data-testid="stMain"]').evaluate("(main) => main.scrollTo(0, 400)")
        eventually(lambda: boxes(page) == first)
