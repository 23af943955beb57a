"""A file or pasted text -> a checked word list, with notes on everything that was changed.

Invalid words are left out and counted. An invalid list raises DataError: one sentence that says
what is wrong and what to do. The time is proportional to the length of the text for any content:
for that, the length of a word is checked before it is normalised.

The words are in Unicode form NFC, without invisible characters, without white space at either end,
and with single spaces inside. Lower case is `str.lower`, which keeps ß and writes ς at the end of a
word (casefold would write ss and σ). İ becomes i, not i and a combining dot. I becomes i, in Turkish
lists too.
"""

import pathlib
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

import regex

from core.config import (
    MAX_GROUPS,
    MAX_SYMBOL_LENGTH,
    MAX_SYMBOLS,
    MAX_WORD_LENGTH,
    MAX_WORDS,
    MIN_WORDS,
)
from core.data.columns import Table, cells, likely_column, table_of
from core.data.corpus import Corpus
from core.data.decoding import decoded, on_disk
from core.data.groups import Group
from core.data.plain import plain
from core.data.vocabulary import BOUNDARY, CLUSTER, JOINING, DataError, Vocabulary
from core.messages import mark, tr

FIRST, EXAMPLES = 8, 3  # how many words of the list, and how many left-out words, are shown
UNNAMED = "words"

INVISIBLE = regex.compile(r"[\p{Cf}\p{Default_Ignorable_Code_Point}]")  # bidi controls, joiners, soft hyphens ...
NO_TEXT = regex.compile(r"[^\P{C}\n]")
MANY_MARKS = regex.compile(rf"\p{{M}}{{{2 * MAX_SYMBOL_LENGTH}}}")  # normalising n marks in a row takes n ** 2 time
LONGEST_LINE = MAX_WORD_LENGTH * MAX_SYMBOL_LENGTH  # code points; a longer line is invalid, normalised or not

TOO_LONG = mark("longer than {most} characters")
TOO_MANY_MARKS = mark("with more than {points} code points in one character")
HAS_BOUNDARY = mark("with a “.”, which marks where words begin and end")
HAS_CONTROLS = mark("with control characters or other code points that are not text")
TOO_FEW = (
    mark("“{name}” has no word to learn from, but {least} are needed"),
    mark("“{name}” has only one word to learn from, but {least} are needed"),
    mark("“{name}” has only {n} different words to learn from, but {least} are needed"),
)


class Dropped(NamedTuple):
    """Words that were left out for one reason: how many, and the first `EXAMPLES` of them as `plain` text."""

    reason: str
    count: int
    examples: tuple[str, ...]


@dataclass(frozen=True)
class Reading:
    """A word list, and what a page shows about it before training.

    lines: lines (or cells of a table) that were not blank. distinct: distinct words. symbols: the alphabet, in
    the vocabulary's order. longest: the first of the longest words; length: its number of symbols. dropped: one
    item per reason. first: the first words. notes: sentences on what was changed; they and the words in `dropped`
    are safe to show anywhere.
    """

    corpus: Corpus
    lines: int
    distinct: int
    symbols: tuple[str, ...]
    longest: str
    length: int
    dropped: tuple[Dropped, ...]
    first: tuple[str, ...]
    notes: tuple[str, ...]


def read_file(path: pathlib.Path, fold: bool = False, column: int | None = None) -> Reading:
    """`read` for a file on disk; also DataError if the file cannot be opened."""
    return read(on_disk(path), path.name, fold, column)


def read(
    raw: bytes | str, name: str, fold: bool = False, column: int | None = None, groups: tuple[Group, ...] = ()
) -> Reading:
    """The words in the bytes of a file, or in pasted text; DataError if they cannot be used.

    fold: convert everything to lower case. column: index (from 0) of the column in `columns(raw)`; None: each line
    is a word. groups: as typed (`typed_groups`); their characters that are not in the words are left out.
    """
    name = plain(name) or UNNAMED
    text, notes = decoded(raw, name)
    text, hidden = INVISIBLE.subn("", text)
    if hidden:
        notes.append(tr("Invisible characters were removed: {n:,}.", n=hidden))
    lines = [line for line in (" ".join(line.split()) for line in _lines(text, name, column, notes)) if line]
    if len(lines) > MAX_WORDS:
        raise DataError(
            tr(
                "“{name}” has {n:,} words; the limit is {most:,}, so use a part of it.",
                name=name,
                n=len(lines),
                most=MAX_WORDS,
            )
        )
    words, dropped = _sifted(lines, fold, notes)
    vocabulary = _checked(words, name, len(lines), dropped)
    if JOINING.search("".join(vocabulary.itos)) and (clusters := _clusters(words)) > MAX_SYMBOLS:
        notes.append(
            tr(
                "Letters together with their marks would be {n:,} different symbols, but the limit is "
                "{most}, so each mark is a symbol of its own.",
                n=clusters,
                most=MAX_SYMBOLS,
            )
        )
    groups = _occurring(groups, vocabulary, fold, notes)
    longest = max(words, key=lambda word: len(vocabulary.symbols(word)))
    return Reading(
        Corpus(name, tuple(words), groups), len(lines), len(set(words)), vocabulary.itos[1:], longest,
        len(vocabulary.symbols(longest)), dropped, tuple(words[:FIRST]), tuple(notes),
    )  # fmt: skip


def columns(raw: bytes | str) -> list[str]:
    """Labels of the columns of a table: their titles, or else their first values, as `plain` text; [] for a plain list.

    A text is a table if each of its first lines has the same number of columns, at least two. Never raises: text
    that cannot be read has no columns, and `read` says why.
    """
    table = _table(raw)
    return _labels(table) if table else []


def first_choice(raw: bytes | str) -> int:
    """Which of `columns(raw)` most likely holds the words, from 0; 0 of a plain list."""
    table = _table(raw)
    return likely_column(table) if table else 0


def _table(raw: bytes | str) -> Table | None:
    try:
        return table_of(INVISIBLE.sub("", decoded(raw, UNNAMED)[0]))
    except DataError:
        return None


def typed_groups(text: str) -> tuple[Group, ...]:
    """Parse colour groups: one per line, its name (plural), a colon, its characters. DataError for any other line."""
    lines = [line for line in text.splitlines() if line.strip()]
    if len(lines) > MAX_GROUPS:
        raise _too_many_groups(len(lines))
    return tuple(_typed(line) for line in lines)


def _too_many_groups(n: int) -> DataError:
    said = tr(
        "There are {n:,} groups; at most {most} can have a colour, so combine some of them.", n=n, most=MAX_GROUPS
    )
    return DataError(said)


def _typed(line: str) -> Group:
    name, colon, symbols = line.partition(":")
    if not (colon and plain(name) and symbols.strip()) or len(symbols) > LONGEST_LINE:
        raise DataError(
            tr(
                "“{line}” is not a group; write its name, a colon and its characters, such as vowels: a e i o u.",
                line=plain(line),
            )
        )
    return Group(plain(name), tuple(dict.fromkeys(CLUSTER.findall("".join(symbols.split())))))


# ---------------------------------------------------------------- text -> lines


def _lines(text: str, name: str, column: int | None, notes: list[str]) -> Iterable[str]:
    """The lines, or the cells of a column; adds to `notes`."""
    table = table_of(text)
    if column is None:
        if table:
            notes.append(
                tr("This looks like a table with {n} columns, but each line was read as one word.", n=table.width)
            )
        return text.splitlines()
    if table is None:
        raise DataError(tr("“{name}” is a plain list and has no columns; read whole lines.", name=name))
    if not 0 <= column < table.width:
        raise DataError(
            tr(
                "“{name}” has {n} columns, and there is no column {column:,}; choose another.",
                name=name,
                n=table.width,
                column=column + 1,
            )
        )
    place = {"column": column + 1, "n": table.width, "label": _labels(table)[column]}
    said = tr("Column {column} of {n} was read ({label}).", **place)
    notes.append(f"{said} {tr('The first row was read as titles.')}" if table.titled else said)
    return cells(text, table, column, name)


def _labels(table: Table) -> list[str]:
    labels = [plain(top if table.titled else f"{top} {below}") for top, below in zip(table.first, table.second)]
    more = "" if table.titled else " …"
    return [f"{label}{more}" if label else tr("column {n}", n=n) for n, label in enumerate(labels, start=1)]


# ---------------------------------------------------------------- lines -> words


def _sifted(lines: list[str], fold: bool, notes: list[str]) -> tuple[list[str], tuple[Dropped, ...]]:
    """The valid words, normalised, in order; and those that were left out."""
    out: dict[str, list[str]] = {}
    words = _valid(lines, out, _too_long_to_normalise)
    text = unicodedata.normalize("NFC", "\n".join(words))
    if fold:
        lower = unicodedata.normalize("NFC", _lower(text))
        notes.extend([tr("The words were converted to lower case (toggle: Lower case).")] if lower != text else [])
        text = lower
    joining = JOINING.search("".join(set(text) - {"\n"})) is not None
    no_text = NO_TEXT.search(text) is not None
    words = _valid(text.split("\n") if text else [], out, lambda word: _fault(word, joining, no_text))
    return words, tuple(
        Dropped(_reason(fault), len(which), tuple(plain(word) for word in which[:EXAMPLES]))
        for fault, which in out.items()
    )


def _reason(fault: str) -> str:
    """A fault, as `_fault` gives it, in the visitor's language."""
    return tr(fault, most=MAX_WORD_LENGTH, points=MAX_SYMBOL_LENGTH)


def _lower(text: str) -> str:
    return text.replace("İ", "i").lower()


def _valid(words: list[str], out: dict[str, list[str]], fault) -> list[str]:
    """The words for which `fault` returns None; the others are added to `out`, by their fault."""
    kept = []
    for word in words:
        if reason := fault(word):
            out.setdefault(reason, []).append(word)
        else:
            kept.append(word)
    return kept


def _too_long_to_normalise(line: str) -> str | None:
    """The fault of a line that cannot be normalised in bounded time, or None."""
    if len(line) <= 2 * MAX_SYMBOL_LENGTH or (len(line) <= LONGEST_LINE and not MANY_MARKS.search(line)):
        return None
    return _fault(line[: LONGEST_LINE + 1], joining=True, no_text=False)


def _fault(word: str, joining: bool, no_text: bool) -> str | None:
    """Why a word is invalid, or None.

    joining, no_text: whether JOINING or NO_TEXT match anywhere in the list; if not, the slow checks are skipped.
    """
    if len(word) > MAX_SYMBOL_LENGTH:
        clusters = CLUSTER.findall(word) if joining else word
        if joining and max(map(len, clusters)) > MAX_SYMBOL_LENGTH:
            return TOO_MANY_MARKS
        if len(clusters) > MAX_WORD_LENGTH:
            return TOO_LONG
    if BOUNDARY in word:
        return HAS_BOUNDARY
    return HAS_CONTROLS if no_text and NO_TEXT.search(word) else None


# ---------------------------------------------------------------- words -> a list


def _checked(words: list[str], name: str, lines: int, dropped: tuple[Dropped, ...]) -> Vocabulary:
    """The vocabulary of the words; DataError if they are too few, too many, or have too many symbols."""
    if not lines:
        raise DataError(tr("“{name}” is empty; it should contain one word per line.", name=name))
    distinct, vocabulary = len(set(words)), Corpus(name, tuple(words)).vocabulary
    if distinct < MIN_WORDS:
        said = tr(TOO_FEW[min(distinct, 2)], name=name, n=distinct, least=MIN_WORDS)
        left_out = [tr("{n:,} left out {reason}", n=count, reason=reason) for reason, count, _ in dropped]
        raise DataError(f"{said} ({'; '.join(left_out)})." if dropped else f"{said}.")
    symbols = len(vocabulary) - 1
    if symbols > MAX_SYMBOLS:
        raise DataError(
            tr("“{name}” uses {n:,} different symbols; the limit is {most}.", name=name, n=symbols, most=MAX_SYMBOLS)
        )
    if not any(s[0].isalpha() for s in vocabulary.itos):
        raise DataError(tr("“{name}” contains no letters; it should contain one word per line.", name=name))
    return vocabulary


def _clusters(words: list[str]) -> int:
    """How many symbols there would be without a limit."""
    return len(set(CLUSTER.findall("\n".join(words))) - {"\n"})


def _occurring(groups: tuple[Group, ...], vocabulary: Vocabulary, fold: bool, notes: list[str]) -> tuple[Group, ...]:
    """The groups, each with only those symbols that occur in the words; adds to `notes`."""
    if len(groups) > MAX_GROUPS:
        raise _too_many_groups(len(groups))
    found = []
    for group in groups:
        texts = (unicodedata.normalize("NFC", _lower(text) if fold else text) for text in group.symbols)
        symbols = (s for text in texts for s in vocabulary.symbols(text) if s in vocabulary.stoi)
        found.append(Group(plain(group.name), tuple(dict.fromkeys(symbols))))
        if not found[-1].symbols:
            notes.append(tr("No character of the group “{name}” occurs in the words.", name=plain(group.name)))
    return tuple(found)
