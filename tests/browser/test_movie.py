"""The animated page of core/plots/movie.py opened from disk, in a real browser."""

import pytest
import torch
from playwright.sync_api import expect

from core.analysis.geometry import project
from core.config import Config
from core.data.shown import Shown
from core.data.vocabulary import Vocabulary
from core.engine.history import History
from core.engine.model import Parameters, Shape
from core.engine.probe import sample
from core.engine.recorded import RECORDING
from core.plots.movie import MovieFrame, page
from tests.support.browser import MEDIA, PATIENCE

PLACES = "() => [...document.querySelectorAll('.letter')].map((g) => g.getAttribute('transform'))"
HOSTILE = [
    "<img src=x onerror=alert(1)>",
    "</script><script>alert(1)</script>",
    "<!--<script>",
    "javascript:alert(1)",
    "&lt;b&gt;\u2028\u202e",
]


@pytest.fixture(scope="module")
def recorded(dataset, baselines) -> str:
    """The page of the recorded run: 60 frames."""
    history, frames = History.load(RECORDING), []
    shape = Shape.of(Config(**history.config), len(dataset.vocabulary))
    for index, (step, _) in enumerate(history.checkpoints):
        parameters = Parameters.thaw(shape, history.parameters_at(index))
        frames.append(
            MovieFrame(step, project(parameters.C).points, sample(parameters, dataset.vocabulary, 12, seed=1))
        )
    return page("Lecture 2-D", dataset.corpus.shown, frames, history, baselines.dev)


@pytest.fixture(scope="module")
def tab(browser):
    """One page for all tests, with what it asked for, said and threw."""
    complaints, context = [], browser.new_context()
    page = context.new_page()
    page.set_default_timeout(PATIENCE)
    page.on("console", lambda message: complaints.append(f"console: {message.text}"))
    page.on("pageerror", lambda error: complaints.append(f"exception: {error}"))
    page.on("dialog", lambda dialog: (complaints.append(f"dialog: {dialog.message}"), dialog.dismiss()))
    page.on("request", lambda request: complaints.append(f"request: {request.url}"))
    page.clock.install()
    page.clock.pause_at("2100-01-01")  # from now on time passes when a test says so
    yield page, complaints
    context.close()


@pytest.fixture
def open_file(tab, tmp_path):
    """open_file(text, width, height, **media) -> the page; at the end nothing was asked for, said or thrown."""
    page, complaints = tab
    complaints.clear()
    path = tmp_path / "movie.html"

    def open_file(text: str, width: int = 1440, height: int = 900, **media):
        path.write_text(text, encoding="utf-8")
        page.set_viewport_size({"width": width, "height": height})
        page.emulate_media(**MEDIA | media)
        page.goto(path.as_uri())
        return page

    yield open_file
    assert set(complaints) <= {f"request: {url}" for url in (path.as_uri(), "data:,")}


def slide_to(page, frame: int) -> None:
    page.get_by_label("Time").evaluate("(e, v) => { e.value = v; e.dispatchEvent(new Event('input')); }", frame)


def shown(page) -> int:
    return int(page.get_by_label("Time").input_value())


def test_it_plays_by_itself_rests_at_the_end_and_begins_again(open_file, recorded):
    page = open_file(recorded)
    expect(page.get_by_role("button", name="Pause")).to_be_visible()
    page.keyboard.press("Home")
    page.keyboard.press(" ")
    before = page.evaluate(PLACES)
    page.clock.run_for(2_000)
    assert 5 < shown(page) < 30
    assert all(a != b for a, b in zip(before, page.evaluate(PLACES)))
    page.clock.run_for(7_000)
    assert shown(page) == 59
    page.clock.run_for(2_500)
    assert shown(page) < 15


def test_the_slider_moves_letters_numbers_names_and_the_loss_marker_together(open_file, recorded, dataset):
    page = open_file(recorded)
    slide_to(page, 0)
    expect(page.locator(".letter")).to_have_count(27)
    assert [page.locator(".letter text").nth(i).text_content() for i in range(27)] == list(dataset.vocabulary.itos)
    places, names = page.evaluate(PLACES), page.locator("#names li").all_text_contents()
    marker = page.locator("circle.dev").get_attribute("cx")
    expect(page.locator("#step")).to_have_text("0")
    slide_to(page, 59)
    expect(page.get_by_role("button", name="Play")).to_be_visible()
    expect(page.locator("#step")).to_have_text("50,000")
    last = History.load(RECORDING).evaluations[-1]
    expect(page.locator("#train")).to_have_text(f"{last[1]:.3f}")
    expect(page.locator("#dev")).to_have_text(f"{last[2]:.3f}")
    assert all(a != b for a, b in zip(places, page.evaluate(PLACES)))
    assert page.locator("#names li").all_text_contents() != names
    assert float(page.locator("circle.dev").get_attribute("cx")) > float(marker) + 200
    expect(page.get_by_label("Time")).to_have_attribute("aria-valuetext", "step 50,000")
    slide_to(page, 0)
    assert page.evaluate(PLACES) == places


def test_arrow_keys_step_home_and_end_jump_and_space_plays(open_file, recorded):
    page = open_file(recorded)
    for key, frame in (
        ("End", 59),
        ("ArrowRight", 59),
        ("ArrowLeft", 58),
        ("Home", 0),
        ("ArrowLeft", 0),
        ("ArrowRight", 1),
    ):
        page.keyboard.press(key)
        assert shown(page) == frame, key
    page.get_by_label("Time").focus()
    page.keyboard.press("ArrowRight")
    assert shown(page) == 2
    page.keyboard.press(" ")
    expect(page.get_by_role("button", name="Pause")).to_be_visible()
    page.get_by_role("button", name="Pause").focus()
    page.keyboard.press(" ")
    expect(page.get_by_role("button", name="Play")).to_be_visible()
    page.keyboard.press("End")
    page.get_by_role("button", name="Play").click()
    page.clock.run_for(500)
    assert shown(page) < 10


def test_with_reduced_motion_it_waits_and_then_jumps_from_frame_to_frame(open_file, recorded):
    page = open_file(recorded, reduced_motion="reduce")
    expect(page.get_by_role("button", name="Play")).to_be_visible()
    places = page.evaluate(PLACES)
    page.clock.run_for(3_000)
    assert page.evaluate(PLACES) == places
    page.get_by_role("button", name="Play").click()
    seen = set()
    for _ in range(60):
        page.clock.run_for(16)
        seen.add(page.evaluate(PLACES)[1])
    assert 1 < len(seen) < 12


@pytest.mark.parametrize(("width", "height"), [(1440, 900), (390, 844), (768, 1024)])
@pytest.mark.parametrize(("scheme", "vowel"), [("light", "rgb(229, 96, 60)"), ("dark", "rgb(255, 143, 107)")])
def test_in_every_frame_all_letters_are_in_the_picture_and_nothing_scrolls_sideways(
    open_file, recorded, width, height, scheme, vowel
):
    page = open_file(recorded, width, height, color_scheme=scheme)
    expect(page.locator(".letter circle").nth(1)).to_have_css("fill", vowel)
    for frame in range(0, 60, 7):
        slide_to(page, frame)
        outside = page.evaluate("""() => {
          const box = document.getElementById('letters').getBoundingClientRect();
          return [...document.querySelectorAll('.letter circle')].filter((c) => {
            const { left, right, top, bottom } = c.getBoundingClientRect();
            return left < box.left || right > box.right || top < box.top || bottom > box.bottom;
          }).length;
        }""")
        assert outside == 0
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    if width > 1000:
        assert page.evaluate("document.documentElement.scrollHeight") <= height


def test_on_a_phone_letters_and_loss_are_seen_together(open_file, recorded):
    page = open_file(recorded, 390, 844)
    below = page.locator("footer").bounding_box()["y"]
    loss = page.locator("#loss").bounding_box()
    assert loss["y"] + loss["height"] <= below


def test_a_line_of_letters_has_no_scale_for_heights_that_mean_nothing(open_file):
    frames = [MovieFrame(step, torch.tensor([[-1.0, 0], [0, 0], [1, 0]]), []) for step in (0, 10)]
    history = History(Config(n_embd=1).to_dict(), evaluations=[(0, 3.2, 3.2), (10, 2.8, 2.9)])
    letters = Shown.of(Vocabulary((".", "a", "b")))
    for n_embd, scales in ((1, ["tick middle"]), (2, ["tick", "tick middle"])):
        history.config["n_embd"] = n_embd
        page_ = open_file(page("", letters, frames, history, {}))
        slide_to(page_, 0)
        ticks = page_.locator("#letters text[class^=tick]")
        said = ticks.evaluate_all("(all) => all.filter((t) => t.textContent).map((t) => t.getAttribute('class'))")
        assert sorted(set(said)) == scales


def test_markup_in_letters_names_title_and_baselines_stays_text(open_file):
    points = torch.rand(3, 6, 2)
    frames = [MovieFrame(step, p, HOSTILE) for step, p in zip((0, 10, 20), points)]
    history = History(Config().to_dict(), evaluations=[(0, 3.2, 3.2), (20, 2.8, 2.9)])
    letters = Shown.of(Vocabulary((".", *HOSTILE)))
    page_ = open_file(page(HOSTILE[1], letters, frames, history, {HOSTILE[0]: 3.0}))
    slide_to(page_, 2)
    assert page_.locator("#names li").all_text_contents() == HOSTILE
    assert page_.locator(".letter text").all_text_contents() == [".", *HOSTILE]
    assert page_.locator("h1").text_content() == HOSTILE[1] and HOSTILE[1] in page_.title()
    expect(page_.locator(".name")).to_have_text(f"{HOSTILE[0]} 3.00")
    assert page_.locator("img, [onerror], b").count() == 0
    assert page_.locator("script").count() == 2


def test_the_pages_policy_is_in_force(tab, recorded, tmp_path):
    page, _ = tab
    (tmp_path / "movie.html").write_text(recorded, encoding="utf-8")
    page.goto((tmp_path / "movie.html").as_uri())
    assert page.evaluate("fetch('data:,x').then(() => 'let through', () => 'refused')") == "refused"
