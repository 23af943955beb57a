"""The Compare page in a browser, in a visitor's words: train, name, compare, delete, open, other seeds."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from core.config import Config
from core.engine.run import Run
from core.keeping.library import Library
from core.plots import PALETTE, RUNS
from tests.support.app_server import served
from tests.support.browser import MEDIA, STILL, opening, press, step_is
from tests.support.runs_kept import saved
from tests.support.waiting import eventually

pytestmark = pytest.mark.still

IMAGE, LINK = "<img src=x onerror=alert(1)>", "![a](http://x.invalid/a.png)"
NAMES = (LINK, IMAGE, "Fifth", "Fourth", "Third", "Second", "First")  # the newest first


@pytest.fixture(scope="module")
def shelf(tmp_path_factory, browser, dataset):
    """The address of an app whose library has seven runs of 200 steps, two of them with hostile names."""
    path = tmp_path_factory.mktemp("library") / "library.sqlite"
    library = Library(path)
    for i, name in enumerate(reversed(NAMES)):
        run = Run(Config(n_hidden=10 * (i + 1)), dataset)
        run.advance(200)
        library.save(saved(run, name=name, created=1.7e9 + i))
    library.close()
    with served(library=path) as address:
        yield address


@pytest.fixture(scope="module")
def visitor(browser, shelf):
    """One page for all tests of that library; each chooses its runs anew."""
    with opening(browser, shelf, **STILL) as open_page:
        yield open_page()


@pytest.fixture
def compare(visitor):
    """The Compare page with that library."""
    visitor.set_viewport_size({"width": 1440, "height": 900})
    visitor.emulate_media(**MEDIA | STILL)
    return visitor if visitor.locator(".ls-view-library").is_visible() else to_compare(visitor)


def to_compare(page: Page) -> Page:
    page.mouse.move(700, 500)
    page.get_by_role("link", name="Compare runs").click()
    expect(page.locator(".ls-outcome").first).to_have_text(re.compile("."))
    return page


def run_box(page: Page, name: str) -> Locator:
    return page.get_by_role("checkbox", name=f"Compare {name}", exact=True)


def choose(page: Page, *names: str) -> None:
    """Have exactly these runs chosen, in this order."""
    while page.locator(".ls-run input:checked").count():
        page.locator(".ls-run input:checked").first.click()
    for name in names:
        run_box(page, name).check()
    expect(page.locator(".ls-table thead th")).to_have_text(names)


def names(page: Page) -> list[str]:
    return page.locator(".ls-rename").evaluate_all("(fields) => fields.map((field) => field.value)")


# ---------------------------------------------------------------- from training to comparing


def test_two_runs_that_somebody_trained_stand_side_by_side_and_can_be_named(page):
    press(page, "Step", "Step")
    step_is(page, 2)
    press(page, "New seed")
    step_is(page, 0)
    press(page, "Step")
    step_is(page, 1)
    to_compare(page)
    expect(page.locator(".ls-run")).to_have_count(2)
    expect(page.locator(".ls-losses .js-line")).to_have_count(6)
    expect(page.locator(".ls-map")).to_have_count(2)
    field = page.get_by_role("textbox", name="Name").first
    before = field.input_value()
    assert re.fullmatch(r"2-D · 100 hidden · seed \d+", before)
    field.fill("Nothing")
    field.press("Escape")
    expect(field).to_have_value(before)
    field.fill("Mine")
    field.press("Enter")
    expect(page.locator(".ls-outcome").first).to_contain_text("“Mine”")
    expect(page.locator(".ls-table thead th").last).to_have_text("Mine")
    field.fill("")
    field.blur()
    expect(field).to_have_value(before)


def test_an_empty_library_leads_to_explore_and_what_that_is_set_to_is_still_so_when_somebody_comes_back(page):
    to_compare(page)
    expect(page.get_by_text("None yet")).to_be_visible()
    page.get_by_role("link", name=re.compile("Train one")).click()
    step_is(page, 0)
    press(page, "Step")
    step_is(page, 1)
    page.get_by_label("Name", exact=True).fill("ada")
    page.get_by_label("Name", exact=True).press("Enter")
    expect(page.locator(".ls-tile")).to_have_count(4)
    page.get_by_text("max", exact=True).click()
    to_compare(page)
    page.get_by_role("link", name="Explore", exact=True).click()
    step_is(page, 1)
    expect(page.get_by_label("Name", exact=True)).to_have_value("ada")
    expect(page.get_by_role("radio", name="max")).to_be_checked()
    expect(page.locator(".ls-letters .point")).to_have_count(27)


# ---------------------------------------------------------------- the library


def test_at_most_six_runs_are_compared(compare):
    page = compare
    assert names(page)[-7:] == list(NAMES)
    choose(page, *NAMES[:6])
    expect(page.locator(".ls-map")).to_have_count(6)
    run_box(page, "First").click()
    expect(page.get_by_text("At most 6 runs can be compared")).to_be_visible()
    expect(run_box(page, "First")).not_to_be_checked()
    run_box(page, "Third").uncheck()
    run_box(page, "First").check()
    expect(page.locator(".ls-table thead th").last).to_have_text("First")
    expect(page.get_by_text("At most 6 runs can be compared")).to_have_count(0)


def test_a_run_is_deleted_and_brought_back_by_keyboard(compare):
    page = compare
    choose(page, "Second", "Third")
    page.get_by_role("button", name="Delete Third", exact=True).focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("Deleted “Third”.")).to_be_visible()
    expect(run_box(page, "Third")).to_have_count(0)
    expect(page.locator(".ls-hint")).to_contain_text("Choose two")
    expect(page.get_by_role("button", name="Undo", exact=True)).to_be_focused()
    page.keyboard.press("Enter")
    expect(run_box(page, "Third")).to_be_checked()
    expect(page.get_by_text("Deleted “Third”.")).to_be_hidden()
    expect(page.locator(".ls-table thead th")).to_have_text(["Second", "Third"])


def test_open_goes_on_with_a_run_on_the_explore_page(compare):
    page = compare
    page.get_by_role("button", name="Open Third", exact=True).click()
    step_is(page, 200)
    expect(page.get_by_role("slider", name="Hidden units")).to_have_attribute("aria-valuetext", "30")
    press(page, "Step")
    step_is(page, 201)


# ---------------------------------------------------------------- side by side


def test_losses_over_seconds_and_settings_that_are_alike_are_a_click_away(compare):
    page = compare
    choose(page, "First", "Second")
    expect(page.locator(".ls-outcome").first).to_have_text(
        re.compile(
            r"^“(First|Second)” .* after as many steps, "
            r"with \d+ instead of \d+ hidden units(,| and) .*the parameters.*\.$"
        )
    )
    expect(page.locator(".ls-losses .xtitle")).to_have_text("step, log scale")
    page.get_by_text("seconds", exact=True).click()
    expect(page.locator(".ls-losses .xtitle")).to_have_text("seconds of training")
    expect(page.locator(".ls-losses .annotation-text")).to_have_text(["First", "Second"])
    differs = page.locator(".ls-differs")
    expect(differs).to_have_text("Hidden units1020")
    batch_size = page.get_by_role("rowheader", name="Batch size")
    expect(batch_size).to_be_hidden()
    page.get_by_role("button", name="13 more, all alike").click()
    expect(batch_size).to_be_visible()
    expect(page.locator(".ls-writings .ls-names")).to_have_count(2)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_run_has_one_colour_everywhere_in_both_schemes(compare, scheme):
    page = compare
    page.emulate_media(color_scheme=scheme)
    choose(page, "First", "Second")
    css = lambda colour: f"rgb({', '.join(str(int(colour[k : k + 2], 16)) for k in (1, 3, 5))})"
    known = [css(PALETTE[name][scheme == "dark"]) for name in RUNS]
    for i in (0, 1):
        line = page.locator(".ls-losses .js-line").nth(3 * i + 1)
        expect(line).to_have_css("stroke", re.compile("|".join(map(re.escape, known))))
        rgb = line.evaluate("(line) => getComputedStyle(line).stroke")
        for place in (".ls-table thead", ".ls-maps", ".ls-writings"):
            expect(page.locator(f"{place} .ls-dot").nth(i)).to_have_css("background-color", rgb)


@pytest.mark.parametrize(("width", "height"), [(390, 844), (1440, 900)])
def test_names_that_are_markup_stay_text_in_every_part_of_the_page(compare, width, height):
    page = compare
    page.set_viewport_size({"width": width, "height": height})
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    choose(page, IMAGE, LINK)
    outcome = page.locator(".ls-outcome").first
    expect(outcome).to_contain_text(f"“{IMAGE}”")
    expect(outcome).to_contain_text(f"“{LINK}”")
    for place in (".ls-table thead th", ".ls-maps figcaption .ls-run-head", ".ls-writings .ls-run-head"):
        expect(page.locator(place)).to_have_text([IMAGE, LINK])
    run = page.get_by_role("combobox", name=re.compile("Run"))
    expect(run).to_have_value(IMAGE)
    options = page.get_by_role("option")

    def listed() -> list[str]:
        if options.count() == 0:
            run.press("ArrowDown")  # anything that scrolls or redraws meanwhile closes the list
        return options.all_inner_texts()

    eventually(lambda: listed() == [IMAGE, LINK], 45)
    page.keyboard.press("Escape")
    page.get_by_role("button", name=f"Delete {IMAGE}", exact=True).click()
    expect(page.get_by_text(f"Deleted “{IMAGE}”.")).to_be_visible()
    page.get_by_role("button", name="Undo", exact=True).click()
    expect(run_box(page, IMAGE)).to_be_checked()
    assert page.locator("img[src=x], img[alt=a], .ls img, .ls script, [onerror]").count() == 0
    assert [url for url in asked if url.endswith("/x") or "invalid" in url] == []
    scrolled = page.evaluate(
        "[document.documentElement, document.querySelector('[data-testid=stMain]')].map((e) => e.scrollWidth)"
    )
    assert max(scrolled) <= width


# ---------------------------------------------------------------- other seeds


def test_the_same_again_with_two_other_seeds_and_cancel(compare):
    page = compare
    choose(page, "First", "Second")
    seeds = page.get_by_role("slider", name="Seeds")
    seeds.focus()
    seeds.press("End")  # as many as there can be, so that they are still training when they are cancelled
    page.get_by_role("button", name=re.compile("^Train 8 seeds, about")).click()
    page.get_by_role("button", name="Cancel").click()
    expect(page.get_by_role("button", name="Cancel")).to_have_count(0)
    seeds.focus()
    seeds.press("Home")
    start = page.get_by_role("button", name=re.compile("^Train 2 seeds, about"))
    expect(start).to_be_enabled()
    start.click()
    expect(page.get_by_role("progressbar")).to_be_visible()
    expect(page.locator(".st-key-reseed .ls-outcome")).to_have_text(
        re.compile(
            r"^With 2 other seeds the dev losses .*“First”, at \d\.\d+, is (below|above|among) them\. From seed to seed"
        ),
        timeout=60_000,
    )
    expect(page.locator(".ls-chips").first.locator("li")).to_have_count(3)
    expect(page.locator(".ls-overlap .point")).to_have_count(27)
    assert {"seed 43 of “First”", "seed 44 of “First”"} <= set(names(page))
    choose(page, "First", "seed 43 of “First”")
    expect(page.locator(".ls-outcome").first).to_contain_text("“seed 43 of ‘First’”")
