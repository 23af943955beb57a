"""Word lists in a browser: the gallery, a file, pasted text, colour groups; on a phone, in the dark, by keyboard."""

import pytest
from playwright.sync_api import Page, expect

from core.data import gallery
from tests.support.browser import press, step_is

pytestmark = pytest.mark.still

SIDEWAYS = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
PETS = ["Rex", "Bella", "Luna", "Max", "Milo", "Zoë", "Ämmi", "Bo", "Coco", "Lola", "Ruby", "Fido", "Kiki"]
TABLE = "kind,name\n" + "".join(f"dog,{pet}\n" for pet in PETS)
BUTTON = "Train on these words"


def to_data(page: Page) -> Page:
    page.get_by_role("link", name="Data", exact=True).click()
    expect(page.locator(".ls-listing")).to_have_count(len(gallery.GALLERY))
    return page


@pytest.fixture
def data(page):
    return to_data(page)


def upload(page: Page, text: str, name: str = "pets.txt") -> None:
    file = {"name": name, "mimeType": "text/plain", "buffer": text.encode()}
    page.locator(".st-key-own_file input[type=file]").set_input_files(file)


def tiles(page: Page, role: str) -> list[str]:
    return page.locator(f".ls-report .ls-char.ls-{role}").all_inner_texts()


def learning(page: Page, title: str) -> None:
    """Explore is shown, and its run learns from this list."""
    expect(page.get_by_role("combobox", name="Words")).to_have_value(title)


def test_a_list_of_the_gallery_is_a_click_or_a_key_away_and_the_pages_speak_of_words(data):
    cards = data.locator(".ls-listing")
    expect(cards.first).to_have_attribute("aria-pressed", "true")
    cards.filter(has_text="Russian words").focus()
    data.keyboard.press("Enter")
    expect(cards.nth(2)).to_have_attribute("aria-pressed", "true")
    expect(cards.nth(2)).to_be_focused()
    expect(cards.first).to_have_attribute("aria-pressed", "false")
    expect(data.get_by_role("heading", name="X and Y of the first five words")).to_be_visible()
    data.get_by_role("link", name="Explore", exact=True).click()
    learning(data, "Russian words")
    for heading in ("Words it writes", "Your word"):
        expect(data.get_by_role("heading", name=heading)).to_be_visible()
    expect(data.locator(".ls-letters .point")).to_have_count(34)
    expect(data.get_by_role("textbox", name="Word")).to_have_value("абажур")


def test_a_list_of_the_sidebar_or_a_card_replaces_a_trained_run_says_so_and_undo_brings_the_old_one_back(page):
    press(page, "Step")
    step_is(page, 1)
    page.get_by_role("combobox", name="Words").click()
    page.get_by_role("option", name="Lojban roots").click()
    learning(page, "Lojban roots")
    expect(page.get_by_role("heading", name="Words it writes")).to_be_visible()
    expect(page.get_by_role("slider", name="Context length")).to_have_attribute("aria-valuetext", "5")
    press(page, "Undo")
    learning(page, "Names")
    expect(page.get_by_role("heading", name="Names it writes")).to_be_visible()
    page.get_by_role("link", name="Use your own words").click()
    expect(page.get_by_text("Your own file")).to_be_visible()
    cards = page.locator(".ls-listing")
    cards.filter(has_text="Lojban roots").click()
    expect(page.locator(".ls-replaced")).to_contain_text("has begun. The one before, at step 1, is kept.")
    press(page, "Undo")
    expect(cards.first).to_have_attribute("aria-pressed", "true")
    expect(page.locator(".ls-replaced span")).to_have_text("")
    page.get_by_role("link", name="Explore", exact=True).click()
    step_is(page, 1)


def test_a_file_is_reported_grouped_and_learned_from(data):
    upload(data, TABLE, "pets.csv")
    data.get_by_role("combobox", name="Column").click()
    data.get_by_role("option", name="2. name").click()
    facts = data.locator(".ls-report-facts")
    expect(facts).to_contain_text("13 words")
    expect(facts).to_contain_text("longest bella (5)")
    assert tiles(data, "vowel") == [*"aeiouäë"]
    groups = data.get_by_role("textbox", name="Colour groups")
    groups.fill("hard: kx / ka")
    groups.press("Control+Enter")
    expect(data.locator(".ls-view-own [role=alert]")).to_have_text(
        "“k” is in two colour groups; leave it in one of them."
    )
    expect(data.get_by_role("button", name=BUTTON)).to_have_count(0)
    groups.fill("hard: kx / soft: ea")
    groups.press("Control+Enter")
    expect(data.locator(".ls-report-group").first).to_contain_text("hard")
    assert (tiles(data, "vowel"), tiles(data, "consonant")) == (["k", "x"], ["a", "e"])
    press(data, BUTTON)
    learning(data, "pets.csv")
    expect(data.locator(".ls-keys .ls-key")).to_have_text(["hard", "soft", "other", "start/end"])
    expect(data.get_by_role("button", name="Pause")).to_be_visible()
    to = data.get_by_role("textbox", name="Word")
    expect(to).to_have_value("rex")
    to.fill("ZOË")
    to.press("Enter")
    expect(data.locator(".ls-tile b")).to_have_text(["z", "o", "ë", "."])


def test_what_cannot_be_learned_from_is_answered_in_the_panel(data):
    problem = data.locator(".ls-view-own [role=alert]")
    upload(data, "emma\n", "mine.txt")
    expect(problem).to_contain_text("“mine.txt” has only one word to learn from")
    box = data.get_by_role("textbox", name="Or paste a list")
    box.fill("\n".join(map(chr, range(0x4E00, 0x5000))))
    box.press("Control+Enter")
    expect(problem).to_contain_text("“your words” uses 512 different symbols; the limit is 256.")
    box.fill("\n".join(PETS))
    data.get_by_role("button", name="Read these words").click()
    expect(problem).to_be_hidden()
    expect(data.locator(".ls-report-facts")).to_contain_text("13 words")
    expect(data.locator(".ls-listing").first).to_have_attribute("aria-pressed", "true")


def test_a_phone_in_the_dark_shows_all_of_it_without_going_sideways(open_page):
    phone = to_data(open_page(390, 844, color_scheme="dark"))
    upload(phone, "\n".join([*PETS, "x" * 60, "שלום", "1.5", "<b>bold</b>"]))
    expect(phone.locator(".ls-report-row")).to_have_count(4)
    expect(phone.locator(".ls-report")).to_contain_text("1 word with a “.”, which marks where words begin and end: 1.5")
    assert phone.evaluate(SIDEWAYS) == 0
    for part in (".ls-listing", ".ls-report-facts", ".ls-report-value", "textarea"):
        for box in (found.bounding_box() for found in phone.locator(part).all()):
            assert box["x"] >= 0 and box["x"] + box["width"] <= 390
    light = "rgb(236, 238, 242)"
    expect(phone.locator(".ls-report-facts b").first).to_have_css("color", light)
    expect(phone.locator(".ls-listing").first).to_have_css("color", light)
