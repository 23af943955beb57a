"""The gallery: word lists that come with the program, each with something to look for in it.

assets/README.md says in full where each file is from, its licence, and how it was changed.
"""

import pathlib
from dataclasses import dataclass, field
from functools import cache

from core.config import WORD_PRESETS, Config
from core.data.corpus import WORD, Corpus
from core.data.groups import Group
from core.messages import mark

ASSETS = pathlib.Path(__file__).parent.parent.parent / "assets"


@dataclass(frozen=True)
class Listing:
    """One list of the gallery.

    title: its label on the page. file: path in assets/. why: one sentence on what to look for.
    groups: colour groups; (): from the alphabet. config: hyperparameters with which `why` can be seen.
    """

    key: str
    title: str
    file: str
    why: str
    source: str
    licence: str
    groups: tuple[Group, ...] = ()
    config: Config = field(default_factory=Config)


_HARMONY = (
    Group(mark("front vowels"), tuple("äeiöü")),
    Group(mark("back vowels"), tuple("aouy")),
    Group(mark("consonants"), tuple("bdfghjklmnprstwzçýňşž")),
)

GALLERY = (
    Listing(
        "names",
        mark("Names"),
        "names.txt",
        mark("As in the lecture: the vowels move together, although the network is never told what a vowel is."),
        "US Social Security Administration, 2018",
        "public domain",
    ),
    Listing(
        "turkmen",
        mark("Turkmen words"),
        "words/turkmen.txt",
        mark("Most words have only front vowels or only back vowels, so the two kinds move apart."),
        "npm dictionary-tk 2.0.2",
        "Apache-2.0",
        _HARMONY,
        Config(block_size=5, steps=30_000),
    ),
    Listing(
        "russian",
        mark("Russian words"),
        "words/russian.txt",
        mark("Another alphabet, the same result: the ten vowels move together among 33 letters."),
        "npm dictionary-ru 3.0.0",
        "BSD-3-Clause",
    ),
    Listing(
        "communes",
        mark("French communes"),
        "words/communes.txt",
        mark("Names with several parts: the hyphen moves close to the space, because a new word begins after both."),
        "npm @etalab/decoupage-administratif 6.0.0, after INSEE",
        "MIT",
    ),
    Listing(
        "lojban",
        mark("Lojban roots"),
        "words/lojban.txt",
        mark("Five letters in one of two patterns: with 3 characters of context the network loses its place."),
        "Debian lojban-common 1.5, The Logical Language Group",
        "public domain",
        config=Config(block_size=5, steps=5_000),
    ),
)  # the default list first
BY_KEY = {listing.key: listing for listing in GALLERY}


@cache
def words(key: str) -> Corpus:
    """The word list with this key; KeyError if there is none. Not checked here: the tests check every file."""
    listing = BY_KEY[key]
    text = (ASSETS / listing.file).read_text(encoding="utf-8")
    return Corpus(key, tuple(text.splitlines()), listing.groups)


def listing(of: Corpus) -> Listing | None:
    """The gallery's entry with the same words (whatever their name), or None."""
    if of.level == WORD:
        return None
    return next((entry for entry in GALLERY if words(entry.key).digest == of.digest), None)


def suggested(of: Corpus) -> Config:
    """The hyperparameters to begin with on these words."""
    if of.level == WORD:
        return next(iter(WORD_PRESETS.values()))
    entry = listing(of)
    return entry.config if entry else Config()
