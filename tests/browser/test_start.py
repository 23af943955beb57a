"""The tour, “Start here” and Reference in a browser."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.support.browser import press
from tests.support.waiting import eventually

SIDEWAYS = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
# How many square pixels of what the card speaks of lie under it.
HIDDEN = """(selector) => {
  const [a, b] = ['.ls-card', selector].map((one) => document.querySelector(one).getBoundingClientRect());
  const common = (low, high) => Math.max(0, Math.min(a[high], b[high]) - Math.max(a[low], b[low]));
  return common("left", "right") * common("top", "bottom");
}"""


def opener(page: Page):
    return page.get_by_role("button", name=re.compile(r"^Tour"))


def card_is(page: Page, number: int) -> None:
    expect(page.get_by_role("dialog", name=f"Tour, card {number} of 16")).to_be_visible()


def done(page: Page) -> None:
    expect(page.locator(".ls-card-action")).to_have_attribute("aria-label", re.compile("^Done: "))


def outlined(page: Page, selector: str) -> None:
    expect(page.locator(selector)).to_have_css("outline-width", "3px")


def marked(page: Page, selector: str) -> None:
    """The panel is outlined, and not under the card once that has come to rest."""
    outlined(page, selector)
    page.wait_for_function(f"(selector) => ({HIDDEN})(selector) === 0", arg=selector)


def test_the_tour_goes_on_and_back_by_keyboard_leads_from_page_to_page_and_notices_what_is_done(again):
    page = again
    expect(page.locator(".ls-card")).to_be_hidden()
    opener(page).press("Enter")
    card_is(page, 1)
    expect(page.locator(".ls-card")).to_be_focused()
    for number in (2, 3, 4):
        page.keyboard.press("ArrowRight")
        card_is(page, number)
    page.keyboard.press("ArrowLeft")
    card_is(page, 3)
    page.locator(".ls-card").focus()
    page.keyboard.press("Escape")
    expect(page.locator(".ls-card")).to_be_hidden()
    expect(opener(page)).to_be_focused()
    opener(page).click()
    card_is(page, 3)
    for number in (2, 1):
        page.keyboard.press("ArrowLeft")
        card_is(page, number)
    marked(page, ".ls-press-train")
    page.wait_for_function(f"(selector) => ({HIDDEN})(selector) === 0", arg=".ls-fork")
    press(page, "Step")
    done(page)
    press(page, "Next →")
    card_is(page, 2)
    press(page, "Go to Data")
    done(page)
    outlined(page, ".st-key-standings")
    press(page, "Next →")
    card_is(page, 3)
    page.get_by_role("tab", name="Contexts", exact=True).click()
    done(page)
    press(page, "Next →")
    card_is(page, 4)
    page.get_by_role("tab", name="Examples", exact=True).click()
    page.get_by_label("Word", exact=True).fill("zoe")
    page.keyboard.press("Enter")
    done(page)
    marked(page, ".st-key-windows")


@pytest.mark.still
def test_the_reference_finds_terms_and_leads_to_where_they_occur(again):
    page = again
    page.get_by_role("link", name="Reference", exact=True).click()
    search = page.get_by_role("searchbox", name="Search the glossary")
    search.fill("perplex")
    expect(page.locator(".ls-term dt").first).to_have_text("Perplexity")
    search.fill("block size")
    expect(page.locator(".ls-term dt").first).to_have_text("Context length")
    search.fill("<b>zz")
    expect(page.locator(".ls-terms")).to_have_text("No term here has “<b>zz” in it.")
    search.fill("live knob")
    press(page, "Explore · knobs, Training")
    expect(page.locator("[class*=st-key-learning_rate]")).to_be_visible()


def seen_above(panel: dict, sheet: dict) -> bool:
    return panel["y"] >= 0 and panel["y"] + panel["height"] <= sheet["y"]


def test_on_a_phone_the_card_is_a_sheet_that_leaves_its_panel_to_be_seen(open_page):
    page = open_page(390, 844)
    opener(page).click()
    for number in range(1, 10):
        card_is(page, number)
        press(page, "Skip →")
    card_is(page, 10)
    marked(page, ".ls-time")
    sheet = page.locator(".ls-card").bounding_box()
    assert (sheet["x"], sheet["width"]) == (0, 390) and sheet["y"] + sheet["height"] >= 843
    eventually(lambda: seen_above(page.locator(".ls-time").bounding_box(), sheet), 30)  # it is scrolled to
    page.locator(".ls-card-close").click()
    page.get_by_role("link", name="Start here", exact=True).click()
    press(page, "Go on with card 10")
    card_is(page, 10)
    page.locator(".ls-card-close").click()
    page.get_by_role("link", name="Reference", exact=True).click()
    page.locator(".ls-reading li").last.wait_for()
    assert page.evaluate(SIDEWAYS) <= 0
    assert page.evaluate("() => document.querySelector('[data-testid=stMain]').scrollWidth") <= 390
