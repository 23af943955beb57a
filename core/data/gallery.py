"""The gallery: word lists that come with the page, each with something to see in it.

Where each file is from, under which licence, and what was done to it, assets/README.md says in full.
"""

import pathlib
from dataclasses import dataclass, field
from functools import cache

from core.config import Config
from core.data.wordlist import Group, WordList

ASSETS = pathlib.Path(__file__).parent.parent.parent / "assets"


@dataclass(frozen=True)
class Listing:
    """One list of the gallery.

    title: as a choice shows it. file: in assets/. why: one sentence on what to look for.
    groups: (): made from the alphabet. config: what to look at it with, where `why` can be seen.
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
    Group("front vowels", tuple("äeiöü")),
    Group("back vowels", tuple("aouy")),
    Group("consonants", tuple("bdfghjklmnprstwzçýňşž")),
)

GALLERY = (
    Listing(
        "names",
        "Names",
        "names.txt",
        "The lecture’s kind of list: vowels come to sit together, though nobody says what a vowel is.",
        "US Social Security Administration, 2018",
        "public domain",
    ),
    Listing(
        "turkmen",
        "Turkmen words",
        "words/turkmen.txt",
        "Most words have front vowels only or back vowels only, so the two kinds part.",
        "npm dictionary-tk 2.0.2",
        "Apache-2.0",
        _HARMONY,
        Config(block_size=5, steps=30_000),
    ),
    Listing(
        "russian",
        "Russian words",
        "words/russian.txt",
        "Another alphabet and the same discovery: the ten vowels among 33 letters.",
        "npm dictionary-ru 3.0.0",
        "BSD-3-Clause",
    ),
    Listing(
        "communes",
        "French communes",
        "words/communes.txt",
        "Names of many parts: the hyphen comes to sit beside the space, as a new word begins after either.",
        "npm @etalab/decoupage-administratif 6.0.0, after INSEE",
        "MIT",
    ),
    Listing(
        "lojban",
        "Lojban roots",
        "words/lojban.txt",
        "All have five letters in two patterns: a context of 3 loses count of them, one of 5 does not.",
        "Debian lojban-common 1.5, The Logical Language Group",
        "public domain",
        config=Config(block_size=5, steps=5_000),
    ),
)  # the names first
LISTED = {listing.key: listing for listing in GALLERY}


@cache
def words(key: str) -> WordList:
    """The list that the gallery calls `key`; KeyError if it has none. Its files need no checks: the tests make them."""
    listing = LISTED[key]
    text = (ASSETS / listing.file).read_text(encoding="utf-8")
    return WordList(key, tuple(text.splitlines()), listing.groups)


def listing(of: WordList) -> Listing | None:
    """What the gallery says of these words, whatever they are called; None if it does not have them."""
    return next((one for one in GALLERY if words(one.key).digest == of.digest), None)


def suggested(of: WordList) -> Config:
    """What to look at these words with."""
    one = listing(of)
    return one.config if one else Config()
