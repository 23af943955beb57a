"""The URL is the experiment: it carries the step, opens the same run elsewhere, and back goes back."""

import re
from urllib.parse import parse_qs, urlparse

import pytest
from playwright.sync_api import expect

from tests.support.browser import (
    at_rest,
    cursor_is,
    frames,
    pause,
    press,
    slide,
    step,
    step_beyond,
    step_is,
    time,
    train,
)

pytestmark = pytest.mark.still


def said(page) -> dict[str, str]:
    """The parameters of the page's URL."""
    return {name: values[-1] for name, values in parse_qs(urlparse(page.url).query).items()}


def says(page, name: str, value: str | None) -> None:
    page.wait_for_function(
        "([name, value]) => new URLSearchParams(location.search).get(name) === value", arg=[name, value]
    )


def test_the_url_follows_the_cursor_without_a_new_entry_for_each_step(again):
    page = again
    train(page)
    step_beyond(page, 30)
    pause(page)
    at_rest(page)
    says(page, "step", str(step(page)))
    entries = page.evaluate("() => history.length")
    page.keyboard.press("Home")
    cursor_is(page, 0)
    says(page, "step", None)
    for n in (1, 2, 3):
        page.keyboard.press("ArrowRight")
        says(page, "step", str(n))
    assert page.evaluate("() => history.length") == entries


def test_back_and_forward_go_from_experiment_to_experiment(again):
    page = again
    hidden = page.get_by_role("slider", name="Hidden units").last  # the old one may stand beside it for a moment
    says(page, "data", "names.bd02dfd33179")
    slide(page, "Hidden units", "ArrowRight")
    says(page, "n_hidden", "110")
    slide(page, "Hidden units", "ArrowRight")
    says(page, "n_hidden", "120")
    for go, n in ((page.go_back, 110), (page.go_back, 100), (page.go_forward, 110), (page.go_back, 100)):
        go()
        says(page, "n_hidden", None if n == 100 else str(n))
        expect(hidden).to_have_attribute("aria-valuetext", str(n))
        expect(page.locator(".ls-sizes > b")).to_have_text(f"{3_481 + 34 * (n - 100):,} parameters")
        says(page, "n_hidden", None if n == 100 else str(n))  # and the page does not write it over


# The run now: step, exact losses, places, names, chances; but not `residual`, which is about the picture before.
HEAD = "() => { const { residual, ...rest } = letterspace.time.head; return rest; }"


def test_a_copied_link_opened_by_somebody_else_is_the_same_run_to_the_last_digit(again, open_page):
    page = again
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    train(page)
    step_beyond(page, 40)
    slide(page, "Learning rate", "ArrowRight")
    step_beyond(page, step(page) + 40)
    pause(page)
    at_rest(page)
    end = step(page)
    says(page, "step", str(end))
    assert re.fullmatch(r"\d+\.learning_rate\.0\.3", said(page)["changes"])
    press(page, "Share")
    page.get_by_role("button", name="Copy link").click()
    expect(page.locator(".ls-link")).to_contain_text("Copied")
    link = page.evaluate("() => navigator.clipboard.readText()")
    assert link == page.url
    other = open_page(link=link[len(page.evaluate("location.origin")) :])
    step_is(other, end)
    at_rest(other)
    page.wait_for_function("() => letterspace.time.head.exact_step === letterspace.time.head.step")
    other.wait_for_function("() => letterspace.time.head.exact_step === letterspace.time.head.step")
    mine, theirs = page.evaluate(HEAD), other.evaluate(HEAD)
    assert mine == theirs and mine["step"] == end
    assert time(other, "frames.length") == time(page, "frames.length")
    assert other.locator(".ls-train b").inner_text() == page.locator(".ls-train b").inner_text()
    expect(other.get_by_role("slider", name="Learning rate")).to_have_attribute("aria-valuetext", "0.3")
    says(other, "step", str(end))
    assert said(other) == said(page)


HOSTILE = (
    "?n_hidden=%3Cimg%20src%3Dx%20onerror%3Dalert(1)%3E&seed=javascript:alert(1)&learning_rate=1e999"
    "&data=%3Cscript%3Ealert(1)%3C%2Fscript%3E.0123456789ab&changes=1.%3Csvg%20onload%3Dalert(1)%3E.2"
)


def test_a_hostile_link_gives_sentences_and_nothing_else(open_page):
    page = open_page(link=HOSTILE)
    note = page.locator(".st-key-notes [data-testid=stText]")
    expect(note).to_have_text(re.compile(r"^Hidden units cannot be “img src x.*Seed cannot be “javascript.*svg.*\.$"))
    assert page.locator("img[src=x], svg[onload], .st-key-notes a, .st-key-notes script").count() == 0
    page.get_by_role("button", name="OK").click()
    expect(note).to_have_count(0)


def test_a_presentation_has_no_sidebar_fits_a_projector_in_larger_type_and_is_left_by_a_button(open_page):
    page = open_page(1280, 720, link="?present=1")
    expect(page.get_by_test_id("stSidebar")).to_be_hidden()
    assert page.locator(".st-key-letters").bounding_box()["x"] < 60
    says(page, "present", "1")
    train(page)
    step_beyond(page, 5)
    seen, hidden = frames(page, 0.5, "!document.querySelector('[data-testid=stSidebar]')?.checkVisibility()")
    assert seen == hidden and said(page)["present"] == "1"
    pause(page)
    for hidden in (".st-key-names", ".st-key-bars", ".ls-view-network", ".st-key-pages"):
        expect(page.locator(hidden)).to_be_hidden()
    for shown in (".ls-view-status", ".st-key-letters .ls-chart", ".st-key-loss .ls-chart"):
        box = page.locator(shown).bounding_box()
        assert box["y"] >= 0 and box["y"] + box["height"] < 720 and box["x"] + box["width"] <= 1280
    size = "parseFloat(getComputedStyle(document.querySelector('.ls-letters .textpoint text')).fontSize)"
    page.wait_for_function(f"{size} >= 20")  # 15 px and half as much again
    large = page.evaluate(size)
    press(page, "Leave the big screen")
    expect(page.locator(".st-key-names:visible")).to_have_count(1)
    page.wait_for_function(f"1.45 * {size} < {large}")
    says(page, "present", None)
