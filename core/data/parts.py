"""Parts of speech of English words, for colours on the map of words: assets/words/parts.tsv, after WordNet 3.0."""

import pathlib
from collections import Counter
from functools import cache

from core.data.shown import Shown
from core.data.words import Words

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


EACH, FEWEST = 9, 4  # words of a part of speech; parts of speech that a language has at least


def chosen(vocabulary: Words, each: int = EACH) -> Shown:
    """The words for a small picture, which cannot hold all: the `each` most frequent of each part of speech.

    If those are very few, as in a language that the file does not have, then the most frequent of all.
    """
    ids, often = [], Counter()
    for i in range(vocabulary.unknown + 1, len(vocabulary)):
        part = part_of(vocabulary.itos[i])
        often[part] += 1
        if often[part] <= each:
            ids.append(i)
    if len(ids) < FEWEST * each:
        ids = range(vocabulary.unknown + 1, min(len(vocabulary), vocabulary.unknown + 1 + 2 * FEWEST * each))
    labels = tuple(vocabulary.label(i) for i in ids)
    roles = tuple(part_of(vocabulary.itos[i]) for i in ids)
    return Shown(tuple(ids), tuple(vocabulary.itos[i] for i in ids), labels, roles, {r: PARTS[r] for r in roles})
