"""The pages “Start here” and Reference, and the tour's card in streamlit.testing."""

import math

import pytest

from core.config import parameter_counts
from core.lessons import papermodel
from core.lessons.paper import CORPORA, ranked
from core.lessons.tour import CARDS, PAGES, REFERENCE, START
from core.plots.guide import track
from core.ui.start import tour
from core.ui.start.tour import PANELS, Tour
from tests.support.visitor import Visitor

TITLES = [card.title for card in CARDS]


class TourVisitor(Visitor):
    """Somebody who can open the card, go to a page, and look again as the page does by itself."""

    def go(self, page: str) -> None:
        self.at.switch_page(f"{page or 'explore'}/page.py")
        self.look()

    @property
    def tour(self) -> Tour:
        return self.at.session_state["tour"]

    @property
    def card(self) -> dict:
        return self.view("tour")

    def open(self, title: str) -> None:
        self.tour.at, self.tour.open, self.tour.begun = TITLES.index(title), True, True
        self.look()

    def noticed(self) -> bool:
        """Whether the card says, after another look, that its action was done."""
        self.look()
        return self.card["done"][self.card["at"]]


@pytest.fixture
def visitor():
    visitor = TourVisitor()
    yield visitor
    visitor.client.stop()


# ---------------------------------------------------------------- the card


def test_it_never_opens_by_itself(visitor):
    for page in PAGES:
        visitor.go(page)
        assert not visitor.card["open"] and not any(visitor.card["done"])


def test_it_says_where_it_belongs_and_what_to_look_at(visitor):
    for card in CARDS:
        visitor.open(card.title)
        assert (visitor.card["title"], visitor.card["page"]) == (card.title, PAGES[card.page])
        assert visitor.card["here"] == (card.page == "") and visitor.card["panel"] == PANELS[card.panel]


def test_every_panel_of_a_card_has_its_place_and_no_other_has():
    assert PANELS.keys() == {card.panel for card in CARDS}


def test_it_takes_one_to_its_page(visitor):
    visitor.open("Count first")
    visitor.tour.going = CARDS[1].page
    visitor.look()
    assert visitor.card["here"] and visitor.view("standings")["lines"]


# ---------------------------------------------------------------- what is noticed


def test_training_is_noticed_and_stays_so_after_a_reset(visitor):
    visitor.open("Train")
    assert not visitor.noticed()
    visitor.press("Step")
    assert visitor.noticed()
    visitor.press("Reset")
    assert visitor.step == 0 and visitor.noticed()


def test_what_was_done_before_the_card_came_counts(visitor):
    visitor.press("Step")
    visitor.open("Train")
    assert visitor.noticed()


def test_a_wider_layer_and_another_temperature_are_noticed(visitor):
    visitor.open("A wider hidden layer")
    visitor.set("Hidden units", 200)
    assert not visitor.noticed()
    visitor.set("Hidden units", 300)
    assert visitor.noticed()
    visitor.open("Let it generate names")
    assert not visitor.noticed()
    visitor.set("Temperature", 0.5)
    assert visitor.noticed()


def test_below_the_bigram_is_noticed_when_the_exact_dev_loss_is(visitor, baselines):
    visitor.open("Names it has not seen")
    visitor.set("Speed", "max")
    visitor.press("Train")
    visitor.until(lambda: visitor.noticed())
    assert min(dev for _, _, dev in visitor.snapshot.history.evaluations) < baselines.dev["bigram"]


def test_on_the_data_page_the_page_and_ones_own_word_are_noticed(visitor):
    visitor.open("Count first")
    assert not visitor.noticed()
    visitor.go("data")
    assert visitor.noticed()
    visitor.open("Words become examples")
    assert not visitor.noticed()
    visitor.set("Word", "zoe")
    assert visitor.noticed()


def test_inside_the_open_stage_and_a_chosen_label_are_noticed(visitor):
    visitor.go("inside")
    visitor.open("Look up the embedding")
    assert not visitor.noticed()
    visitor.at.session_state["inside_state"].open = "lookup"
    assert visitor.noticed()
    visitor.open("From logits to a loss")
    assert not visitor.noticed()
    visitor.press("Random example")
    assert visitor.noticed()


# ---------------------------------------------------------------- what a person does


@pytest.fixture
def mine(monkeypatch) -> Tour:
    it = Tour()
    monkeypatch.setattr(tour, "tour", lambda: it)
    return it


def test_forward_and_back_stay_within_the_cards_and_the_last_one_closes(mine):
    tour.back()
    assert (mine.at, mine.open) == (0, True)
    for _ in range(len(CARDS) - 1):
        tour.forward()
    assert (mine.at, mine.open) == (len(CARDS) - 1, True)
    tour.forward()
    assert (mine.at, mine.open) == (len(CARDS) - 1, False)


def test_closed_and_opened_again_it_is_at_the_same_card(mine):
    tour.open_at(4), tour.close()
    assert not mine.open
    tour.resume()
    assert (mine.at, mine.open) == (4, True)


HOSTILE = [None, True, -1, 10**30, 1.5, math.nan, "x" * 100, "../explore", [], {}, "<b>"]


@pytest.mark.parametrize("said", HOSTILE)
def test_whatever_a_page_says_there_is_a_card_and_a_page(mine, monkeypatch, said):
    monkeypatch.setattr(tour.components, "received", lambda kind, name: said)
    tour.jump(), tour.to_term()
    assert mine.card in CARDS and mine.going is None


def test_a_chosen_card_opens_and_a_term_leads_to_its_page(mine, monkeypatch):
    monkeypatch.setattr(tour.components, "received", lambda kind, name: {"jump": 3, "to": "tune"}[name])
    tour.jump(), tour.to_term()
    assert (mine.at, mine.open, mine.going) == (3, True, "tune")


# ---------------------------------------------------------------- the page


@pytest.fixture
def reader(visitor):
    visitor.go(REFERENCE)
    return visitor


def test_the_list_of_cards_shows_what_was_done(reader):
    reader.go("")
    reader.press("Step")
    reader.open("Train")
    reader.go(START)
    done = {card["title"] for card in reader.view("cards")["cards"] if card["done"]}
    assert done == {"Train"} and reader.view("cards")["at"] == TITLES.index("Train")


def test_the_calculator_begins_with_the_lectures_network_beside_ones_own(reader):
    paper, own = reader.view("papermodel")["models"]
    assert paper["totals"] == ["2,236,100", "1,709,000"] and len(paper["rows"]) == 5
    assert own["totals"][0] == f"{sum(parameter_counts(reader.snapshot.config, 27).values()):,}"


def test_its_numbers_follow_the_inputs_and_ones_own_run(reader):
    reader.set("Direct connections", True)
    assert reader.view("papermodel")["models"][0]["totals"] == ["3,766,100", "3,239,000"]
    reader.press("The paper's best on AP News")
    size = papermodel.KNOWN["The paper's best on AP News"]
    assert reader.control("Vocabulary").value == size.vocabulary_size
    assert reader.view("papermodel")["models"][0]["said"] == papermodel.sentences(size)
    reader.client.reset(reader.snapshot.config.with_(n_hidden=200))
    reader.look()
    assert reader.view("papermodel")["models"][1]["totals"][0] == "6,881"  # 54 + 1,200 + 200 + 5,400 + 27


def test_what_was_entered_survives_a_visit_to_another_page(reader):
    reader.set("Hidden units", 7)
    reader.go("")
    reader.go(REFERENCE)
    assert reader.control("Hidden units").value == 7
    assert reader.view("papermodel")["models"][0]["rows"][1]["shape"] == "90 × 7"


def test_inputs_are_bounded(reader):
    for knob in papermodel.INPUTS.values():
        if knob.kind is int:
            control = reader.control(knob.label)
            assert (control.min, control.max) == (knob.low, knob.high)


def test_the_papers_lines_stand_in_order_with_their_perplexities(reader):
    for kind, corpus in zip(("results", "results_more"), CORPORA):
        shown = reader.view(kind)
        assert [line["ppl"] for line in shown["lines"]] == [[r.valid, r.test] for r in ranked(corpus)]
        assert shown["source"].startswith("Bengio") and shown["name"] == corpus


@pytest.mark.parametrize("corpus", CORPORA)
def test_places_on_the_line_are_in_proportion(corpus):
    lines = ranked(corpus)
    drawn = track(lines)
    points = [pair for one, places in zip(lines, drawn["places"]) for pair in zip((one.valid, one.test), places)]
    points += [(int(text), place) for place, text in drawn["ticks"]]
    assert 3 <= len(drawn["ticks"]) <= 10 and all(0 <= place <= 100 for _, place in points)
    (low, left), (high, right) = min(points), max(points)
    for ppl, place in points:
        assert place == pytest.approx(left + (ppl - low) / (high - low) * (right - left), abs=0.02)
