"""core/plots/card.py: a picture of a run with words that are new, its loss, and a link that a phone can read."""

import math
import re
import xml.etree.ElementTree as xml
from itertools import combinations

import pytest
import segno
import torch

from core.analysis.geometry import project
from core.analysis.timeline import Frame, Window
from core.data.shown import Shown
from core.data.vocabulary import Vocabulary
from core.plots.card import HIGH, NO_LINK, WIDE, card

LETTERS = Shown.of(Vocabulary((".", "a", "<", "é")))
LINK = "http://127.0.0.1:8501/?n_hidden=200&data=names.bd02dfd33179&step=30000"


def frame(points: torch.Tensor) -> Frame:
    window = Window((0.0, 0.0), 2.0)
    return Frame(1200, lambda: points, project(points), [], window, (1200, 2.3, 2.345), window)


def drawn(link: str = LINK, words=("emma", "li"), points: torch.Tensor | None = None) -> xml.Element:
    there = torch.randn(4, 2, generator=torch.Generator().manual_seed(1)) if points is None else points
    return xml.fromstring(card(LETTERS, frame(there), words, "name", math.log(4), link))


def texts(picture: xml.Element) -> list[str]:
    return [node.text or "" for node in picture.findall(".//{*}text")]


def test_it_says_loss_step_words_and_link_and_draws_every_letter():
    picture, said = drawn(), texts(drawn())
    assert (picture.get("width"), picture.get("height")) == (str(WIDE), str(HIGH))
    assert {"2.345", "dev loss after 1,200 steps", "emma", "li", "Names it made up"} < {*said}
    assert "pure chance: 1.386; lower is better" in said and {".", "a", "<", "é"} < {*said}
    assert "".join(text for text in said if text[:4] in ("http", LINK[58:62])) == LINK
    assert len(picture.findall(".//{*}circle")) == 4


def test_its_code_is_that_of_the_link():
    (path,) = drawn().findall(".//{*}path")
    dark = {(int(r), int(c)) for c, r in re.findall(r"M(\d+) (\d+)h1v1h-1z", path.get("d"))}
    rows = segno.make_qr(LINK, error="l").matrix
    assert dark == {(r, c) for r, row in enumerate(rows) for c, on in enumerate(row) if on}


@pytest.mark.parametrize("link", ["http://127.0.0.1/?" + "x" * 4000, "http://127.0.0.1/?" + "x" * 400])
def test_a_long_link_is_cut_where_it_is_text_and_left_out_of_the_code_only_if_none_can_hold_it(link):
    said = [text for text in texts(drawn(link)) if "xxx" in text]
    assert len(said) == 3 and said[-1].endswith("…")
    assert len(drawn(link).findall(".//{*}path")) == (len(link) < 2900)


def test_without_a_link_it_says_so():
    assert NO_LINK in texts(drawn("")) and not drawn("").findall(".//{*}path")


@pytest.mark.parametrize("word", ["</svg><script>", "\x00\x07a", "]]>", "a" * 300, "\ud800", "&lt;"])
def test_words_are_text_whatever_they_are(word):
    picture = drawn(words=[word])
    assert not picture.findall(".//{*}script") and max(map(len, texts(picture)[:11])) < 50


def test_a_letter_far_out_stands_at_the_rim():
    far = drawn(points=torch.tensor([[0.0, 0.0], [1.0, 0.0], [0.0, 1.0], [900.0, 900.0]]))
    for disc in far.findall(".//{*}circle"):
        assert 36 <= float(disc.get("cx")) <= 594 and 36 <= float(disc.get("cy")) <= 594


def test_letters_in_one_place_can_all_be_read():
    discs = drawn(points=torch.tensor([[0.5, 0.5], [0.5, 0.5], [0.51, 0.5], [-1.0, 0.0]])).findall(".//{*}circle")
    places = [complex(float(disc.get("cx")), float(disc.get("cy"))) for disc in discs]
    assert min(abs(a - b) for a, b in combinations(places, 2)) > 23
    assert places[3] == pytest.approx(complex(36 + 279 - 255 / 2, 36 + 279), abs=0.1), "it was alone, and stays"
