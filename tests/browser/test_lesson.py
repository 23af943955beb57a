"""A lesson in a browser: predict by keyboard and by a click on the map, train, hand in, and be on the board."""

import re

import pytest
from playwright.sync_api import Page, expect

from core.keeping.points import KeptPoints, Point
from core.lessons.lesson import Lesson
from tests.support.accessible import grave_faults
from tests.support.app_server import free_port, served
from tests.support.browser import press, settled

pytestmark = pytest.mark.still

LESSON = Lesson.of(
    {
        "title": "Where will it go?",
        "cards": ["First card.", "Second card."],
        "start": {"n_hidden": 10, "steps": 300},
        "questions": [
            {"ask": "loss", "step": 0, "why": "It knows nothing."},
            {"ask": "place", "letter": "y", "step": 50},
        ],
        "goals": ["parameters < 500", "step >= 300"],
        "hints": ["Press Train."],
    }
)


def test_a_student_predicts_trains_hands_in_and_is_on_the_board(open_page):
    page: Page = open_page(link=f"/?lesson={LESSON.link}", height=1000)
    strip = page.get_by_role("region", name="Lesson")
    expect(strip.get_by_role("heading", name=LESSON.title)).to_be_visible()
    strip.get_by_role("button", name="Next card").click()
    expect(strip.get_by_text("Second card.")).to_be_visible()
    expect(page.locator(".ls-dev b")).to_be_hidden()  # it is asked for
    page.get_by_label(re.compile("dev loss before the first step")).fill("3")
    page.keyboard.press("Enter")
    expect(
        strip.get_by_text(re.compile(r"You said 3.00. At step 0 it is 3\.\d{4}: 0\.\d\d away. It knows"))
    ).to_be_visible()
    expect(page.locator(".ls-dev b")).to_be_visible()

    expect(strip.get_by_text("Click on the map.")).to_be_visible()
    box = page.locator(".ls-letters").bounding_box()
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    expect(page.locator(".ls-predict input").nth(1)).to_have_value(re.compile(r"-?\d+\.\d\d"))
    assert not page.locator(".ls-touched").count()  # the click has touched no letter
    strip.get_by_role("button", name="Predict").click()
    expect(strip.get_by_text("the place you marked")).to_be_visible()
    press(page, "Train")
    expect(strip.get_by_text(re.compile(r"y is \d+\.\d\d from your place"))).to_be_visible()
    expect(strip.locator(".ls-lesson-goals .ls-done")).to_have_count(2)

    address, scripts = page.url.partition("?")[0], []
    wall = page.context.browser.new_context().new_page()  # another browser, which has the board open already
    wall.on("websocket", lambda one: "_stcore" in one.url and one.on("framereceived", lambda got: scripts.append(got)))
    wall.goto(f"{address}board?lesson={LESSON.link}")
    expect(wall.get_by_role("heading", name=LESSON.title)).to_be_visible()
    expect(wall.get_by_text("Nothing handed in yet")).to_be_visible()
    settled(wall)
    assert scripts
    scripts.clear()
    wall.evaluate("() => { window.lsOpened = true; }")
    strip.get_by_role("button", name="Hand in").click()
    expect(strip.get_by_label("Your answer, a link")).to_have_value(re.compile(r"step=300.*proof=[0-9a-f]{12}$"))

    expect(wall.get_by_text("1 handed in, 1 reached the goals")).to_be_visible()
    expect(wall.locator(".ls-board circle.ls-met")).to_have_count(1)
    assert scripts == [] and wall.evaluate("window.lsOpened"), "the point came without a script or a reload"
    assert wall.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert [grave_faults(page), grave_faults(wall)] == [[], []]
    wall.emulate_media(color_scheme="dark")
    wall.wait_for_function("document.documentElement.dataset.lsScheme === 'dark'")
    assert grave_faults(wall) == []
    wall.context.close()


def test_a_board_that_is_open_comes_back_with_the_server(browser, tmp_path):
    library, port = tmp_path / "library.sqlite", free_port()
    wall = browser.new_context().new_page()
    with served(library=library, port=port) as address:
        wall.goto(f"{address}/board?lesson={LESSON.link}")
        expect(wall.get_by_text("Nothing handed in yet")).to_be_visible()
        wall.evaluate("() => { window.lsOpened = true; }")
    expect(wall.locator(".ls-board .ls-status")).to_contain_text("The connection was lost")
    kept = KeptPoints(library)
    kept.add(LESSON.digest, "ann", Point(421, 2.5, True))
    kept.close()
    with served(library=library, port=port):
        expect(wall.locator(".ls-board circle.ls-met")).to_have_count(1)
        expect(wall.locator(".ls-board .ls-status")).to_be_empty()
        assert wall.evaluate("window.lsOpened")
        wall.context.close()
