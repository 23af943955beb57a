"""Other words than names in a browser: their groups and colours, and characters that cannot be seen alone."""

import pytest
from playwright.sync_api import expect

from core.data.gallery import BY_KEY, words
from core.data.vocabulary import Vocabulary
from core.plots import PALETTE
from tests.support.browser import STILL, opening

pytestmark = pytest.mark.still


def link(key: str) -> str:
    return f"?data={key}.{words(key).digest[:12]}"


def rgb(colour: str) -> str:
    return f"rgb({', '.join(str(int(colour[i : i + 2], 16)) for i in (1, 3, 5))})"


@pytest.fixture(scope="module")
def turkmen(browser, address):
    """One page with a list that has groups of its own, for the tests that only look."""
    with opening(browser, address, **STILL) as open_page:
        yield open_page(link=link("turkmen"))


@pytest.mark.parametrize(("scheme", "which"), [("light", 0), ("dark", 1)])
def test_a_list_with_groups_of_its_own_has_their_names_and_colours_on_every_panel(turkmen, scheme, which):
    page = turkmen
    page.get_by_role("tab", name="Filmstrip").click()
    page.emulate_media(color_scheme=scheme)
    expect(page.locator(".ls-keys .ls-key")).to_have_text(["front vowel", "back vowel", "consonant", "start/end"])
    roles = ("vowel", "consonant", "third", "boundary")
    for dot, role in zip(page.locator(".ls-keys .ls-key i").all(), roles):
        expect(dot).to_have_css("background-color", rgb(PALETTE[role][which]))
    stoi = {s: i for i, s in enumerate((".", *sorted(set().union(*words("turkmen").units))))}
    glyphs = page.locator(".ls-film").first.locator(".ls-glyph")
    for symbol, role in (("ö", "vowel"), ("y", "consonant"), ("ş", "third"), (".", "boundary")):
        colour = rgb(PALETTE[role][which])
        expect(page.locator(".ls-letters .point").nth(stoi[symbol])).to_have_css("fill", colour)
        expect(page.locator(".ls-bars .ls-bar").nth(stoi[symbol])).to_have_css("background-color", colour)
        expect(glyphs.nth(stoi[symbol])).to_have_css("fill", colour)


def test_the_question_below_is_about_the_groups_of_the_words(turkmen):
    page = turkmen
    page.get_by_role("tab", name="Structure").click()
    panel = page.locator(".ls-view-structure")
    expect(panel.get_by_role("heading")).to_have_text("Do front vowels sit apart from back vowels?")
    expect(panel.locator(".ls-help")).to_have_attribute("data-tip", "The silhouette of front vowels against back vowels"
        " in all dimensions: 1 means two tight groups far apart, 0 none. The band is what 95 % of random labellings of"
        " the same picture give: inside it, a cluster is an accident.")  # fmt: skip
    expect(panel.locator(".ls-structure")).to_have_attribute(
        "aria-label", "Silhouette of front vowels and back vowels over training steps"
    )
    expect(panel.locator(".ls-verdict")).to_contain_text("silhouette")


def test_a_space_can_be_seen_wherever_it_stands_alone(open_page):
    page = open_page(link=link("communes"))
    assert BY_KEY["communes"].groups == ()
    expect(page.locator(".ls-keys .ls-key")).to_have_text(["vowel", "consonant", "other sign", "start/end"])
    expect(page.locator(".ls-letters .textpoint").nth(1)).to_have_text("␣")
    expect(page.locator(".ls-column").nth(1)).to_have_text("␣")
    expect(page.locator(".ls-film").first.locator(".ls-glyph").nth(1)).to_have_text("␣")
    page.locator(".ls-column").nth(1).hover()
    expect(page.locator(".ls-view-bars .ls-note").first).to_contain_text("␣")
    expect(page.locator(".ls-letters .points .ls-lit")).to_have_count(1)


def test_the_page_and_the_figures_show_a_character_in_the_same_way(turkmen):
    symbols = [" ", "\u00a0", "\u3000", "\u0301", "\u0940", "e", "-", "<", "क्षि", "ש", "."]
    seen = Vocabulary(tuple(symbols))
    shown = turkmen.evaluate("(all) => all.map(letterspace.glyph)", symbols)
    assert shown == [seen.label(i) for i in range(len(symbols))]


def test_a_sentence_keeps_its_order_around_a_character_that_is_written_from_right_to_left(turkmen):
    quoted = turkmen.evaluate("['e', 'ש', 'ب', ' '].map((s) => letterspace.quoted(s))")
    assert quoted == ["e", "\u2068ש\u2069", "\u2068ب\u2069", "␣"]
