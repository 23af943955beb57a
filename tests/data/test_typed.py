"""What a person means who types: core/data/dataset.py's Vocabulary.clean_input; what the pages call a word:
core/data/wordlist.py's noun.
"""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.data.corpus import Corpus
from core.data.vocabulary import Vocabulary

CASED = Vocabulary.of(["Emma", "zoë", "ÅSA"])
texts = st.text("emaEMAzoëÅSs?1", max_size=40)


@pytest.mark.parametrize(
    ("words", "typed", "meant"),
    [
        (["emma"], " Emma\n", "emma"),
        (["EMMA"], "emma", "EMMA"),
        (["Emma", "mia"], "EMMA", "Emma"),  # a capital E, and no small one; both kinds of nothing else
        (["emma"], "Éva", "Éva"),  # unknown in any case: the sentence that follows names it as it was typed
        (["zoë"], "zoe\u0308", "zoë"),
        (["straße"], "STRASSE", "strasse"),
        (["new york"], "New  York ", "new york "),
        (["שָׁלוֹם"], "שָׁלוֹם", "שָׁלוֹם"),
        (["ab"], "ab" * 30, "ababababa"),
        (["ab"], "", ""),
    ],
)
def test_what_is_typed_is_meant_as_the_data_has_it(words, typed, meant):
    assert Vocabulary.of(words).clean_input(typed, 9) == unicodedata.normalize("NFC", meant)


@given(texts, st.integers(1, 24))
def test_only_the_case_of_what_the_data_does_not_have_is_another(text, most):
    meant = CASED.clean_input(text, most)
    assert meant.lower() == text[:most].lower() and CASED.clean_input(meant, most) == meant
    assert all(s == t for s, t in zip(text, meant) if s in CASED.stoi)
    assert all(t in CASED.stoi for s, t in zip(text, meant) if s.lower() in CASED.stoi or s.upper() in CASED.stoi)


@pytest.mark.parametrize(
    ("name", "noun"), [("names", "name"), ("Names of stars.txt", "name"), ("turkmen", "word"), ("your words", "word")]
)
def test_what_a_list_of_names_holds_is_a_name(name, noun):
    assert Corpus(name, ()).noun == noun
