"""Word lists and texts in the library, by digest, so that a run on one's own words can continue after a restart.

Functions of a connection within a transaction; core/keeping/store.py calls them.
"""

import json
import sqlite3
import zlib

from core.config import DEFAULT_WORDS, MAX_BYTES, MAX_GROUPS
from core.data.corpus import CHARACTER, WORD, Corpus
from core.data.groups import Group
from core.keeping.runtext import clean_name
from core.messages import mark, tr

MAX_BYTES_OF_ONE = 8 * MAX_BYTES  # one list as text: normalised (NFC, lower case) words can be longer than the file
MAX_BYTES_OF_ALL = 100_000_000  # all lists, compressed
MAX_BYTES_OF_ALL_IN_MEMORY = 20_000_000  # the same for a library in memory (on a public server, one per visitor)
DAY = 86_400.0  # seconds that a list without a run is kept


def keep(db: sqlite3.Connection, words: Corpus, now: float, in_memory: bool) -> None:
    """Insert a list, or update its name, groups and date. ValueError if it is too large."""
    text = "\n".join(words.units).encode()
    if len(text) > MAX_BYTES_OF_ONE:
        raise ValueError(tr("the word list has more than {most:g} MB", most=MAX_BYTES_OF_ONE / 1e6))
    packed, groups = zlib.compress(text), json.dumps([[group.name, group.symbols] for group in words.groups])
    values = words.digest, clean_name(words.name), groups, now, len(packed), packed
    db.execute("REPLACE INTO words VALUES (?, ?, ?, ?, ?, ?)", values)
    if words.level == WORD:
        db.execute("INSERT INTO texts VALUES (?)", [words.digest])
    _make_room(db, words.digest, now, MAX_BYTES_OF_ALL_IN_MEMORY if in_memory else MAX_BYTES_OF_ALL)


def find(db: sqlite3.Connection, prefix: str) -> Corpus | None:
    """The only list whose digest begins so, a text with the usual vocabulary; prefix: hex digits. ValueError if it is
    damaged."""
    query = "SELECT digest, name, groups, words, digest IN (SELECT digest FROM texts) FROM words"
    found = db.execute(f"{query} WHERE digest >= ? AND digest < ? LIMIT 2", [prefix, prefix + "g"]).fetchall()
    return _read(*found[0]) if len(found) == 1 else None


def _make_room(db: sqlite3.Connection, digest: str, now: float, most: int) -> None:
    """Delete lists without a run that are over a day old; then the oldest, those with a run last, never `digest`."""
    alone = "digest NOT IN (SELECT digest FROM runs)"
    db.execute(f"DELETE FROM words WHERE kept < ? AND digest != ? AND {alone}", [now - DAY, digest])
    (size,) = db.execute("SELECT TOTAL(size) FROM words").fetchone()
    order = f"SELECT digest, size FROM words WHERE digest != ? ORDER BY {alone} DESC, kept, rowid"
    for other, its_size in db.execute(order, [digest]).fetchall():
        if size <= most:
            return
        db.execute("DELETE FROM words WHERE digest = ?", [other])
        size -= its_size


def _read(digest: str, name: str, groups: str, packed: bytes, is_text: int) -> Corpus:
    try:
        text = zlib.decompressobj().decompress(packed, MAX_BYTES_OF_ONE).decode()
        level = (WORD, DEFAULT_WORDS) if is_text else (CHARACTER,)
        words = Corpus(clean_name(name), tuple(text.split("\n")), _groups(json.loads(groups)), *level)
    except (zlib.error, ValueError, TypeError):
        raise ValueError(mark("the word list is damaged")) from None
    if words.digest != digest:
        raise ValueError(mark("the word list is damaged"))
    return words


def _groups(value: object) -> tuple[Group, ...]:
    if not isinstance(value, list) or len(value) > MAX_GROUPS:
        raise ValueError("not a few groups")
    groups = tuple(Group(clean_name(name), tuple(symbols)) for name, symbols in value)
    if not all(isinstance(symbol, str) for group in groups for symbol in group.symbols):
        raise ValueError("not symbols")
    return groups
