"""The Data page in a browser: who predicts best, words as windows, pairs, a descent, a mix."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.support.browser import MEDIA, STILL, button, press

SIDEWAYS = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


@pytest.fixture(scope="module")
def visitor(after_one_step):
    """Somebody who went on to the Data page; the tests go from tab to tab."""
    return to_data(after_one_step)


@pytest.fixture
def data(visitor):
    yield visitor
    visitor.set_viewport_size({"width": 1440, "height": 900})
    visitor.emulate_media(**MEDIA)


def to_data(page: Page) -> Page:
    page.get_by_role("link", name="Data", exact=True).click()
    expect(page.locator(".ls-line")).to_have_count(14)  # the heads, twelve count models, one's own run
    return page


def tab(page: Page, name: str) -> None:
    page.get_by_role("tab", name=name, exact=True).click()


def test_ones_own_run_stands_among_the_count_models_in_nats_or_perplexity(data):
    own = data.locator(".ls-kind-run")
    expect(own).to_contain_text("1 step")
    nats = float(own.locator(".ls-loss-dev").inner_text())
    assert 3.2 < nats < 3.4
    press(data, "perplexity")
    expect(data.locator(".ls-line", has_text="uniform").locator(".ls-loss-dev")).to_have_text("27.00")
    expect(data.get_by_role("status").filter(has_text="Counting is better")).to_be_visible()


def test_a_typed_word_slides_through_its_window_until_every_example_stands_there(data):
    tab(data, "Examples")
    rows = data.locator(".ls-windows li")
    expect(rows).to_have_count(5)
    word = data.get_by_role("textbox", name="Word")
    word.fill("olivia")
    word.press("Enter")
    expect(rows).to_have_count(7)
    expect(rows.nth(6).locator("code")).to_have_text("[22, 9, 1] → 0")
    rows.nth(2).hover()
    expect(rows.nth(2)).to_have_class("ls-now")
    expect(data.locator(".ls-tape .ls-target")).to_have_text("i")
    word.fill("no-one")
    word.press("Enter")
    expect(data.get_by_text("“-” does not occur in the data")).to_be_visible()
    press(data, "numbers")
    expect(data.locator(".ls-example").nth(13)).to_have_text(re.compile(r"^001↓22$"))


def test_pairs_by_pointer_and_by_keyboard(data):
    tab(data, "Bigrams")
    said, after = data.get_by_text("of what follows"), data.locator(".ls-row-side h3")
    cells = data.locator(".ls-pair")
    expect(cells).to_have_count(729)
    cells.nth(17 * 27 + 21).hover()
    expect(said).to_have_text(re.compile(r"^q → u: 163 times, \d+\.\d % of what follows q$"))
    cells.nth(17 * 27 + 21).click()
    expect(after).to_have_text("After q")
    data.locator(".ls-pairs").focus()
    data.keyboard.press("ArrowDown")
    expect(said).to_have_text(re.compile(r"^r → u: "))
    data.keyboard.press("Enter")
    expect(after).to_have_text("After r")
    expect(data.locator(".ls-row-side")).to_contain_text("your network after 1 step")


def test_a_layer_falls_to_the_counts_and_a_mix_has_its_least(data):
    tab(data, "Gradient descent")
    press(data, "Train this layer")
    expect(data.get_by_text("As good as counting after 1,735 steps: train 2.4533")).to_be_visible()
    for name in "the counts", "the network":  # what a picture shows, for who does not see it
        button(data, f"What follows what, by {name}: show as a table").press("Enter")
        table = data.get_by_role("table", name=f"What follows what, by {name}")
        expect(table.get_by_role("row").filter(has=data.get_by_role("rowheader", name="q", exact=True))).to_have_text(
            re.compile(r"^q\S 0\.\d{3}")
        )
    slider = data.get_by_role("slider", name="Step of the descent")
    slider.focus()
    slider.press("Home")
    expect(data.get_by_text("Step 0: train 3.2958")).to_be_visible()
    tab(data, "Mix")
    weight = data.get_by_role("slider", name="Weight of the network in percent")
    weight.focus()
    weight.press("Home")
    expect(data.get_by_text("0 % network, 100 % trigram: 2.2393")).to_be_visible()
    weight.press("ArrowRight")
    expect(data.get_by_text(re.compile("^1 % network, 99 % trigram: "))).to_be_visible()


def test_nothing_goes_sideways_on_a_phone_and_all_is_there_at_once_for_those_who_want_no_motion(data):
    phone = data
    phone.get_by_role("link", name="Explore", exact=True).click()
    phone.locator(".ls-letters .point").nth(26).wait_for()
    phone.set_viewport_size({"width": 390, "height": 844})
    phone.emulate_media(**STILL)
    to_data(phone)
    word = phone.get_by_role("textbox", name="Word")
    word.fill("emma")
    word.press("Enter")
    expect(phone.locator(".ls-windows li")).to_have_count(5)
    for name in ("Contexts", "Bigrams", "Gradient descent", "Mix"):
        tab(phone, name)
        expect(phone.get_by_role("tab", name=name, exact=True)).to_have_attribute("aria-selected", "true")
        if name == "Gradient descent":
            press(phone, "Train this layer")
            expect(phone.get_by_text("As good as counting")).to_be_visible()
        expect(phone.locator(".ls-growth, .ls-pairs, .ls-descent, .ls-mix").first).to_be_visible()
        assert phone.evaluate(SIDEWAYS) == 0
