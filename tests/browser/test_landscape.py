"""The landscape of a letter in a browser: touched, read, scrubbed, dragged uphill, and let be."""

import itertools
import math
import pathlib
import re

import pytest
from playwright.sync_api import expect

from tests.support.browser import MEDIA, at_rest, button, opening, pause, press, settled, step, step_is, train
from tests.support.landscape_page import FIELDS, FILLS, beside, opaque, place, says, surveyed


@pytest.fixture(scope="module")
def kept(browser, address):
    """One page for the tests that only look: some steps, so that there are valleys, and at rest."""
    with opening(browser, address) as open_page:
        page = open_page(link="/?block_size=2&n_hidden=30&step=500")  # 602 contexts: quick to survey
        step_is(page, 500)
        at_rest(page)
        settled(page)
        yield page


@pytest.fixture
def trained(kept):
    """That page as wide and as light as usual, with no letter touched."""
    kept.set_viewport_size({"width": 1440, "height": 900})
    kept.emulate_media(**MEDIA)
    kept.wait_for_function(FILLS)
    kept.mouse.move(0, 0)
    kept.locator(".ls-view-letters h2").click()
    kept.keyboard.press("Escape")
    kept.wait_for_function("!letterspace.time.live.landscape")  # the server has heard of it, too
    return kept


def test_a_click_shows_the_landscape_a_second_one_takes_it_away_and_so_do_keys(trained):
    page = trained
    x, y = place(page, "e")
    page.mouse.click(x, y)
    surveyed(page)
    expect(says(page)).to_have_text(re.compile(r"^(e is already within 0\.0001 nats|At the best place for e .* lower)"))
    near = beside(page, x, y)
    assert opaque(page, *near) > 100 and page.locator(".ls-land .ls-down").count() == 1
    page.mouse.move(5, 5)  # where the pointer reads a place, that is said instead
    expect(page.locator(".ls-marks")).to_be_visible()
    expect(page.locator(".ls-marks")).to_have_text("→its pull×lowest placenearest letters")
    page.mouse.click(*place(page, "e"))
    expect(says(page)).to_have_text(re.compile("Click or type a letter|sit together"))
    assert opaque(page, *near) == 0 and page.locator(".ls-land .ls-down").count() == 0
    expect(page.locator(".ls-marks")).to_be_hidden()
    page.keyboard.press("a")
    surveyed(page)
    expect(says(page)).to_contain_text(re.compile(r"\ba\b"))
    page.keyboard.press("Escape")
    expect(says(page)).to_have_text(re.compile("Click or type a letter|sit together"))


def test_typing_into_a_field_touches_no_letter_and_r_and_c_are_letters_too(trained):
    page = trained
    page.get_by_role("textbox", name="Name").fill("emma")
    page.keyboard.press("e")
    assert page.evaluate("letterspace.time.live.landscape") is None
    page.locator(".ls-view-letters h2").click()
    page.keyboard.press("c")
    surveyed(page, 21)
    assert page.get_by_role("dialog").count() == 0


def test_a_pointer_reads_the_cost_of_any_place_and_the_exact_one_of_a_letters(trained):
    page = trained
    page.keyboard.press("e")
    surveyed(page)
    x, y = place(page, "e")
    page.mouse.move(x + 90, y - 60)
    expect(page.locator(".ls-here")).to_have_text(re.compile(r"^moving e here (costs|saves) \d\.\d{4} nats$"))
    page.mouse.move(*place(page, "a"))
    there = page.evaluate(f"{FIELDS}.of[0].there[1]") / 1e5
    expect(page.locator(".ls-here")).to_have_text(
        f"moving e here {'saves' if there < 0 else 'costs'} {abs(there):.4f} nats"
    )


def test_the_field_can_be_read_as_a_table_while_there_is_one(trained):
    name = "The landscape, nats above the lowest place"
    show = trained.get_by_role("button", name=f"{name}: show as a table", exact=True)
    expect(show).to_be_hidden()
    trained.mouse.click(*place(trained, "e"))
    surveyed(trained)
    show.press("Enter")
    table = trained.get_by_role("table", name=name)
    expect(table.get_by_role("rowheader")).to_have_count(9)
    expect(table.get_by_role("columnheader")).to_have_count(9)
    costs = [float(said) for said in table.get_by_role("cell").all_inner_texts() if said]
    assert len(costs) == 81 and -0.01 < min(costs) < max(costs)
    show.press("Enter")
    trained.mouse.click(*place(trained, "e"))
    expect(show).to_be_hidden()


def test_a_picture_that_is_downloaded_has_the_field_and_its_marks(trained):
    page = trained
    page.keyboard.press("e")
    surveyed(page)
    page.locator(".ls-view-letters").hover()
    with page.expect_download() as download:
        page.locator('.ls-letters [data-title="Download as SVG"]').click()
    text = pathlib.Path(download.value.path()).read_text("utf-8")
    assert len(re.findall(r"<image [^>]*data:image/png", text)) == 1
    (marks,) = re.findall(r"<image [^>]*data:image/svg\+xml,([^\"]*)\"", text)
    assert "ls-down" in marks and "stroke%3D%22rgb(" in marks


def test_the_pictures_of_the_filmstrip_are_those_between_which_letters_moved_equally_far(trained):
    page = trained
    page.wait_for_function("document.querySelectorAll('.ls-film').length === 8")
    shown = [int(text.replace(",", "").removeprefix("step ")) for text in page.locator(".ls-film b").all_inner_texts()]
    frames = page.evaluate("letterspace.time.frames.map(({ step, points }) => [step, points])")
    far = [0.0]
    for (_, before), (_, points) in itertools.pairwise(frames):
        places = zip(zip(before[::2], before[1::2]), zip(points[::2], points[1::2]))
        far.append(far[-1] + sum(math.dist(a, b) for a, b in places))
    steps = [step for step, _ in frames]
    assert shown[0] == 0 and shown[-1] == steps[-1]
    for n, there in enumerate(shown):
        mark, at = far[-1] * n / 7, far[steps.index(there)]
        assert abs(at - mark) == pytest.approx(min(abs(one - mark) for one in far))


@pytest.mark.still
@pytest.mark.timeout(300)
def test_the_field_follows_training_and_the_time_cursor(open_page):
    page = open_page(link="/?block_size=2&n_hidden=10&steps=10000000")  # it still trains when there are two fields
    page.keyboard.press("e")
    page.get_by_text("slow", exact=True).click()  # a faster run would have more checkpoints to survey
    train(page)
    first = page.wait_for_function(f"{FIELDS}?.step > 0 && {FIELDS}.step", timeout=90_000).json_value()
    page.wait_for_function(f"{FIELDS}.step > {first}", timeout=90_000)
    pause(page)
    surveyed(page)
    now = page.evaluate(f"{FIELDS}.of[0].now")
    assert now == pytest.approx(float(page.locator(".ls-train b").inner_text()), abs=6e-4)
    page.keyboard.press("Home")
    surveyed(page)
    assert page.evaluate(f"[{FIELDS}.step, {FIELDS}.of[0].now > {now}]") == [0, True]
    page.keyboard.press("End")
    surveyed(page)
    assert page.evaluate(f"{FIELDS}.step") == step(page)
    # by now, or soon, every checkpoint has a field: no step waits
    page.wait_for_function(
        """() => { letterspace.time.by(-3);
          const stale = document.querySelector('.ls-stale');
          letterspace.time.go(null); return !stale; }""",
        polling=1000,
        timeout=180_000,
    )


def test_two_letters_show_where_their_valleys_overlap_and_a_third_takes_the_place_of_the_first(trained):
    page = trained
    page.keyboard.press("e")
    page.keyboard.press("a")
    surveyed(page, letters=2)
    expect(says(page)).to_have_text(
        re.compile(
            r"^e where a stands (costs|saves) .*, a where e stands .* Within the thick line both are within [\d.]+ nats"
        )
    )
    hues = page.locator(".ls-marks .ls-key:has(.ls-hue)")
    expect(hues).to_have_text(["e", "a"])
    of_a = hues.last.locator("i").get_attribute("style")
    page.keyboard.press("o")
    page.wait_for_function(f"{FIELDS}?.of.map((one) => one.name).join() === 'a,o'")
    expect(hues).to_have_text(["a", "o"])
    expect(hues.first.locator("i")).to_have_attribute("style", of_a)  # a letter keeps its colour


def test_a_letter_that_is_dragged_uphill_rolls_back_on_a_copy_and_is_put_back(trained):
    page = trained
    page.keyboard.press("e")
    surveyed(page)
    before, zoom = place(page, "e"), page.evaluate("document.querySelector('.ls-letters').layout.xaxis.range.slice()")
    x, y = before
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 60, y - 100, steps=4)
    expect(page.locator(".ls-ghost")).to_have_count(1)
    page.mouse.up()
    expect(says(page)).to_have_text(
        re.compile(r"^Let go there, e rolls down in \d+ of its own gradient steps: loss \d\.\d{4} → \d\.\d{4}\.$"),
        timeout=90_000,
    )
    expect(page.locator(".ls-way")).to_have_count(1)
    assert place(page, "e") == before  # it is a copy
    assert page.evaluate("document.querySelector('.ls-letters').layout.xaxis.range.slice()") == zoom
    press(page, "Put it back")
    expect(page.locator(".ls-ghost")).to_have_count(0)
    expect(page.locator(".ls-way")).to_have_count(0)
    expect(button(page, "Put it back")).to_be_hidden()


def test_a_letter_that_is_dragged_while_the_run_rests_is_answered_by_a_copy_and_can_be_let_roll_or_put_back(trained):
    page = trained
    before, dev, bars = place(page, "o"), page.locator(".ls-dev b"), page.locator(".ls-view-bars .ls-bars")
    loss = dev.inner_text()
    page.get_by_role("textbox", name="Context").fill("o")
    page.get_by_role("textbox", name="Context").press("Enter")
    expect(bars).to_have_attribute("aria-label", re.compile("^After .o: "))
    said = bars.get_attribute("aria-label")
    x, y = before
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 40, y - 90, steps=3)
    page.mouse.up()
    expect(page.locator(".ls-view-status")).to_contain_text("On a copy, o stands elsewhere: dev loss ")
    expect(dev).not_to_have_text(loss)
    expect(bars).not_to_have_attribute("aria-label", said)
    assert place(page, "o") == before and page.locator(".ls-ghost").count() == 1
    press(page, "Put it back")
    expect(dev).to_have_text(loss)
    expect(bars).to_have_attribute("aria-label", said)
    expect(page.locator(".ls-ghost")).to_have_count(0)
    page.keyboard.press("h")  # its landscape says nothing of o, and goes
    surveyed(page, 21)
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 40, y - 90, steps=3)
    page.mouse.up()
    expect(says(page)).to_have_text("“o” stands there on a copy only.")
    press(page, "Let it roll")
    expect(says(page)).to_have_text(re.compile(r"^Let go there, o rolls down in \d+ of its own"), timeout=90_000)
    expect(dev).to_have_text(loss)


def test_who_would_feel_at_home_here_is_a_map_of_lands_at_rest(trained):
    page = trained
    page.keyboard.press("e")
    surveyed(page)
    press(page, "Who would feel at home here?")
    expect(says(page)).to_have_text("Each place belongs to the letter that would lose least there.", timeout=120_000)
    assert page.evaluate("letterspace.time.live.landscape.territories.costs.length") == 27
    press(page, "Who would feel at home here?")
    expect(says(page)).to_contain_text("nats")


@pytest.mark.still
def test_of_more_than_two_dimensions_it_is_said_to_be_a_slice_and_in_a_picture_of_three_that_a_plane_is_needed(
    open_page,
):
    page = open_page(link="/?block_size=2&n_embd=3&n_hidden=10")
    page.keyboard.press("e")
    surveyed(page)
    expect(says(page)).to_contain_text("in this plane")
    page.keyboard.press("Escape")
    page.get_by_role("combobox", name="What is drawn").click()
    page.get_by_role("option", name="3-D").click()
    page.wait_for_function("letterspace.time.head?.window.length === 4")
    settled(page)
    page.locator(".ls-view-letters h2").click()
    page.keyboard.press("e")
    expect(says(page)).to_have_text("A landscape lies in a plane: choose PCA or two dimensions instead of 3-D.")


@pytest.mark.parametrize(
    ("width", "height", "scheme"), [(1440, 900, "dark"), (1280, 720, "light"), (390, 844, "light")]
)
def test_the_field_covers_the_picture_nothing_is_cut_off_and_nothing_moves(trained, width, height, scheme):
    page = trained
    page.set_viewport_size({"width": width, "height": height})
    page.emulate_media(color_scheme=scheme)
    page.wait_for_function(FILLS)
    tops = "() => [...document.querySelectorAll('.ls-letters, .ls-view-loss, .ls-time')].map((e) => e.offsetTop)"
    before = page.evaluate(tops)
    page.locator(".ls-view-letters h2").click()
    page.keyboard.press("e")
    surveyed(page)
    assert page.evaluate(tops) == before
    box = page.locator(".ls-land canvas").bounding_box()
    for u, v in ((0.01, 0.02), (0.99, 0.02), (0.01, 0.98), (0.99, 0.98)):
        assert opaque(page, box["x"] + u * box["width"], box["y"] + v * box["height"]) > 0
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    for part in page.locator(".ls-land-says > *:visible").all():
        inner, outer = part.bounding_box(), page.locator(".ls-land-says").bounding_box()
        assert inner["y"] + inner["height"] <= outer["y"] + outer["height"] + 2 and inner["y"] >= outer["y"] - 2
