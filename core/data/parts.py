"""Parts of speech of English words, for colours on the map of words: assets/words/parts.tsv, after WordNet 3.0."""

import pathlib
from functools import cache

FILE = pathlib.Path(__file__).parent.parent.parent / "assets" / "words" / "parts.tsv"
OTHER = "other"
# name -> what a legend says; words of all other kinds, and those that the file does not have, are OTHER.
PARTS = {
    "noun": "nouns",
    "name": "names",
    "verb": "verbs",
    "aux": "auxiliaries",
    "adj": "adjectives",
    "adv": "adverbs",
    "pron": "pronouns",
    "det": "determiners",
    "prep": "prepositions",
    "conj": "conjunctions",
    "num": "numbers",
    OTHER: "others",
}


@cache
def _known() -> dict[str, str]:
    rows = (line.split("\t") for line in FILE.read_text(encoding="utf-8").splitlines())
    return {word: part for word, part in rows if part in PARTS}


def part_of(word: str) -> str:
    """The commonest part of speech of a word, one of PARTS; many words have several."""
    return _known().get(word) or _known().get(word.lower(), OTHER)
