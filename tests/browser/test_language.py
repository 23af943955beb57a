"""The page in German: chosen by the link at the end of the pages' names, spoken by scripts and live line, and kept."""

import re

import pytest
from playwright.sync_api import expect

from tests.support.browser import step, step_beyond, train

pytestmark = pytest.mark.still


def test_the_link_changes_the_language_and_loses_nothing_of_the_run_and_a_reload_keeps_it(open_page):
    page = open_page()
    page.get_by_role("radio", name="slow", exact=True).click()  # or it could be finished before the page is there again
    step_beyond(page, train(page))
    expect(page.locator("html")).to_have_attribute("lang", "en")
    before = step(page)
    page.locator(".st-key-pages").get_by_role("link", name="Deutsch").click()
    in_german(page)
    assert step(page) >= before  # the same run, which has gone on
    page.get_by_role("button", name="Anhalten").click()
    expect(page.get_by_role("button", name="Trainieren", exact=True)).to_be_visible()
    rests = step(page)
    page.get_by_role("button", name="Trainieren", exact=True).click()
    step_beyond(page, rests)
    page.reload()
    in_german(page)
    page.locator(".st-key-pages").get_by_role("link", name="Daten").click()
    expect(page.locator(".st-key-page_here a")).to_have_text("Daten")
    page.locator(".st-key-pages").get_by_role("link", name="English").click()
    expect(page.locator(".st-key-page_here a")).to_have_text("Data")
    expect(page.locator("html")).to_have_attribute("lang", "en")


def in_german(page) -> None:
    """The page's frame by the index page, its names by Streamlit's script, its buttons by ours, its status line by the
    server over the live line."""
    expect(page.locator("html")).to_have_attribute("lang", "de")
    expect(page.locator(".st-key-page_here a")).to_have_text("Erkunden")
    expect(page.locator(".ls-press-train")).to_have_text(re.compile("Anhalten|Trainieren"))
    expect(page.locator(".ls-status")).to_have_text(re.compile("Lernt|Besser als|Noch nicht trainiert"))
    expect(page.get_by_role("radio", name="langsam", exact=True)).to_be_visible()
    expect(page.locator(".ls-letters [data-title='Achsen zurücksetzen']")).to_be_attached()  # one of Plotly's own
