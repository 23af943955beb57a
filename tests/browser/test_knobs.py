"""Knobs in a browser while the run goes on: what a person chose stays, and nothing else starts a new run."""

import time

from playwright.sync_api import expect

from tests.support.browser import pause, press, settled, slide, step, step_beyond, step_is, train

LATE = 3  # seconds: fifteen looks of a page that trains; what a browser sends late has been sent by then


def shows(page, label: str, value: str):
    expect(page.get_by_role("slider", name=label)).to_have_attribute("aria-valuetext", value)


def value(page, label: str) -> str:
    return page.get_by_role("slider", name=label).get_attribute("aria-valuetext")


def stays(look, as_it_is) -> None:
    """Look again and again, until what comes late has come."""
    end = time.monotonic() + LATE
    while time.monotonic() < end:
        assert look() == as_it_is


def test_the_run_that_undo_brings_back_after_a_new_seed_stays(page):
    train(page)
    page.get_by_text("max", exact=True).click()
    step_beyond(page, 2_000)
    pause(page)
    settled(page)  # the newest step is shown a moment after the button
    held = step(page)
    press(page, "New seed")
    step_is(page, 0)
    settled(page)
    press(page, "Undo")
    step_is(page, held)
    stays(lambda: step(page), held)


def test_a_preset_and_a_knob_moved_by_keys_while_it_trains_stay(page):
    train(page)
    page.get_by_role("radio", name="Wide 2-D").or_(page.get_by_role("button", name="Wide 2-D")).first.click()
    shows(page, "Hidden units", "300")
    stays(lambda: value(page, "Hidden units"), "300")
    slide(page, "Hidden units", "ArrowLeft")
    shows(page, "Hidden units", "290")
    stays(lambda: value(page, "Hidden units"), "290")
    step_beyond(page, 0)
