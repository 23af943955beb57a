"""The Tune page in a browser, in a visitor's words: find a rate and use it, try sizes, repair the initial weights."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.support.browser import press, settled, slide

pytestmark = pytest.mark.still

LOADED = 120_000  # ms: processes of low priority on a busy machine


@pytest.fixture
def tune(open_page):
    """tune(width, height, link) -> the Tune page."""

    def visit(*size, **more) -> Page:
        page = open_page(*size, **more)
        page.get_by_role("link", name="Tune", exact=True).click()
        expect(page.locator(".ls-view-tune_run .ls-small .main-svg").first).to_be_visible()
        return page

    return visit


def about(page: Page):
    return page.locator(".ls-view-tune_run > .ls-head .ls-note")


def click_the_first_rate(page: Page) -> None:
    """The leftmost point of the valley, where the mouse would find it."""
    x, y = page.wait_for_function("""() => {
      const chart = document.querySelector('.ls-valley'), box = chart.getBoundingClientRect();
      const {xaxis, yaxis} = chart._fullLayout;
      const rates = chart.data.find((trace) => trace.name === 'rates');
      const now = [box.x + xaxis._offset + xaxis.d2p(rates.x[0]), box.y + yaxis._offset + yaxis.d2p(rates.y[0])];
      if (String(window.lsRate) !== String(now)) [window.lsRate, window.lsSince] = [now, performance.now()];
      return performance.now() - window.lsSince > 500 && now;  // the page may be drawn anew, and the chart move
    }""").json_value()
    page.mouse.move(x, y)
    page.mouse.click(x, y)


def test_a_rate_is_found_clicked_and_used(tune):
    page = tune(link="?learning_rate=0.001&n_hidden=20")
    slide(page, "Steps of each run", "Home")
    press(page, "Find a learning rate")
    said = page.locator(".ls-view-finder .ls-outcome")
    expect(said).to_have_text(re.compile("Best: .* Yours, 0.001, reached .*: too low"), timeout=LOADED)
    press(page, "Cancel")
    expect(page.get_by_role("button", name="Cancel")).to_have_count(0)
    settled(page)  # the panel is drawn once more
    expect(said).to_have_text(re.compile(r"^Best: [\d.]+, a loss of"))
    best = re.match(r"Best: ([\d.]+),", said.text_content())[1]
    press(page, f"Use {best}")
    expect(page.locator(".ls-took")).to_have_text(f"Your run's learning rate is {best} from step 0 on.")
    expect(about(page)).to_contain_text(f"learning rate {best}" if best != "0.1" else "hidden units 20")
    expect(page.locator(".ls-use")).to_be_hidden()
    click_the_first_rate(page)
    expect(page.locator(".ls-took")).to_have_text("Your run's learning rate is 0.001 from step 0 on.")
    press(page, "Find a learning rate")
    expect(page.get_by_role("progressbar")).to_be_visible()
    press(page, "Cancel")
    expect(page.get_by_role("button", name="Cancel")).to_have_count(0)
    expect(page.get_by_text("Starting …")).to_be_hidden()


def test_sizes_are_tried_and_one_is_clicked_to_start_a_run(tune):
    page = tune()
    slide(page, "Steps of each size", "Home")
    press(page, "Try sizes")
    cell = page.get_by_role("button", name=re.compile(r"^30 hidden units, 1 dimension: dev \d"))
    cell.wait_for(timeout=LOADED)
    assert re.fullmatch(r"\d\.\d{4}( *best)?", " ".join(cell.inner_text().split()))
    expect(page.locator(".ls-size:disabled")).to_contain_text("yours")
    press(page, "Cancel")
    cell.click()
    expect(about(page)).to_contain_text("embedding dimensions 1 · hidden units 30")
    expect(page.locator(".ls-size:disabled")).to_have_accessible_name(re.compile("^30 hidden units, 1 dimension"))


def test_on_a_phone_the_alarms_of_plain_randn_are_gone_after_starting_anew_with_scaled(tune):
    page = tune(390, 844, link="?init=lecture")
    expect(page.locator(".ls-alarm")).to_have_count(1)
    expect(page.locator(".ls-alarms li")).to_have_count(2)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    cut = page.evaluate("""[...document.querySelectorAll('[class*=ls-view-] h2, [class*=ls-view-] p, .stButton button')]
      .filter((e) => e.getBoundingClientRect().right > innerWidth + 1).map((e) => e.innerText)""")
    assert cut == []
    press(page, "Mend it: a new run with scaled initialisation")
    expect(page.locator(".ls-alarms")).to_have_text("Looks healthy.")
    expect(page.get_by_role("button", name="Start a new run with scaled")).to_be_hidden()
