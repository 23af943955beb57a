"""All that the pages say comes from messages: with a table that puts each message in brackets, nothing is outside."""

import html
import re

import pytest

from core import messages
from tests.support.visitor import Visitor

PAGES = ("explore", "start", "compare", "data", "inside", "tune", "reference")
LITERATURE = {"glossary", "results", "results_more", "reading"}  # views with words to search for, and titles of papers
INNERMOST = re.compile(r"⟦[^⟦⟧]*⟧")
TAGS = re.compile(r"<style>.*?</style>|<[^>]*>", re.DOTALL)
MARKDOWN = re.compile(r":(?:small|material)[\[/]\w*|https?://\S+|`[^`]*`")
WORD = re.compile(r"[^\W\d_]{2,}")  # of at least two letters
SENTENCE = re.compile(r"[a-z’]{2,} [a-z’]{2,}")
# What is not translated: the names of the product, of files and formats, of methods, of what a link or a file may say.
NAMES = {"Letterspace", "PCA", "SGD", "Adagrad", "tanh", "softmax", "PyTorch", "CSV", "UTF", "seed", "py", "svg",
         "txt", "csv", "html", "safetensors", "url", "De", "utsch"}  # fmt: skip
# Parts of what is sent to JavaScript that are no sentences, or that are data.
DATA = {
    "palette", "kind", "characters", "groups", "words", "names", "name", "code", "font", "family", "textposition",
    "mode", "text", "customdata", "parts", "examples", "source", "link", "path", "known", "asks",
}  # fmt: skip


class Bracketed(dict):
    """A table of messages in which each is translated to itself, in brackets."""

    def get(self, message: str, default: str) -> str:
        return f"⟦{message}⟧" if message else ""


@pytest.fixture
def bracketed(monkeypatch):
    monkeypatch.setattr(messages, "table", lambda language: Bracketed())


def outside(text: str) -> str:
    """What of a text is in no brackets, as a person reads it."""
    text = html.unescape(TAGS.sub(" ", text))
    while INNERMOST.search(text):
        text = INNERMOST.sub("", text)
    return MARKDOWN.sub(" ", text)


def words_outside(text: str) -> list[str]:
    return [word for word in WORD.findall(outside(text)) if word not in NAMES]


def drawn(visitor: Visitor) -> set[str]:
    """The texts of Streamlit's own elements, without values and options, which are data."""
    texts = {
        text.value for kind in ("markdown", "caption", "text", "header", "subheader") for text in visitor.at.get(kind)
    }
    texts |= {element.proto.body for element in visitor.at.get("html")}
    texts |= {link.proto.label for link in visitor.at.get("page_link")}
    kinds = ("slider", "select_slider", "selectbox", "toggle", "number_input", "pills", "segmented_control",
             "text_input", "button", "download_button", "file_uploader", "expander", "tab", "popover")  # fmt: skip
    for element in (element for kind in kinds for element in visitor.at.get(kind)):
        of = element.proto
        texts |= {getattr(of, name, "") for name in ("label", "help", "placeholder")}
    return {text for text in texts if text}


def sentences(data: object) -> set[str]:
    """All texts with two small words side by side in what is sent to JavaScript, without DATA."""
    if isinstance(data, str):
        return {data} if SENTENCE.search(outside(data)) else set()
    if isinstance(data, list):
        return set().union(*map(sentences, data))
    return (
        set().union(*(sentences(part) for name, part in data.items() if name not in DATA))
        if isinstance(data, dict)
        else set()
    )


def test_what_is_in_no_brackets_is_found():
    assert words_outside("⟦Start from⟧ here ⟦a ⟦b⟧ c⟧ <b>now</b>") == ["here", "now"]
    assert sentences({"said": ["⟦a b⟧", "not translated"], "words": ["some data"], "kind": "a view"}) == {
        "not translated"
    }


@pytest.mark.parametrize("page", PAGES)
def test_every_text_of_a_page_is_a_message(page, bracketed):
    visitor = Visitor()
    visitor.at.switch_page(f"{page}/page.py")
    visitor.look()
    said = drawn(visitor)
    assert any("⟦" in text for text in said)
    assert {text: found for text in said if (found := words_outside(text))} == {}
    views = [data for data in visitor.all_views if data["kind"] not in LITERATURE]
    assert views and set().union(*map(sentences, views)) == set()
    if page == "explore":
        assert sentences(visitor.told) == set() and visitor.status.startswith("⟦")
