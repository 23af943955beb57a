"""Text -> the cells of a table: CSV, and the same with tabs, semicolons or bars."""

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from core.data.vocabulary import DataError

DELIMITERS = ",;\t|"
LOOKED_AT, SAMPLE = 200, 200_000  # rows and code points, to see whether a text is a table
MAX_COLUMNS = 100
TITLES = frozenset(("name", "names", "word", "words", "lemma", "term", "title"))


@dataclass(frozen=True)
class Table:
    """How a text is to be taken apart. first, second: its first rows; titled: whether the first one holds titles."""

    delimiter: str
    first: tuple[str, ...]
    second: tuple[str, ...]
    titled: bool

    @property
    def width(self) -> int:
        return len(self.first)


def table_of(text: str) -> Table | None:
    """The widest table that a text can be; None where no delimiter cuts its first rows into equally many cells."""
    if len(text) > SAMPLE:
        text = text[: text.rfind("\n", 0, SAMPLE) + 1]
    found = [table for delimiter in DELIMITERS if delimiter in text and (table := _cut(text, delimiter))]
    return max(found, key=lambda table: table.width, default=None)


def _cut(text: str, delimiter: str) -> Table | None:
    try:
        rows = list(islice(_rows(text, delimiter), LOOKED_AT))
    except csv.Error:
        return None
    used = [any(cell.strip() for cell in column) for column in zip(*rows)]
    if len(rows) < 2 or len({len(row) for row in rows}) > 1 or sum(used) < 2 or len(used) > MAX_COLUMNS:
        return None
    return Table(delimiter, tuple(rows[0]), tuple(rows[1]), _titled(rows))


def _rows(text: str, delimiter: str) -> Iterator[list[str]]:
    """Those that are not blank; csv.Error where quotation marks are not as they should be."""
    return filter(None, csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True))


def _titled(rows: list[list[str]]) -> bool:
    """Whether the first row says what the others hold: it has no number, and a column of numbers or a usual title."""
    first, *rest = rows
    if any(not cell.strip() or _is_number(cell) for cell in first):
        return False
    return not TITLES.isdisjoint(cell.strip().lower() for cell in first) or any(
        all(map(_is_number, column)) for column in zip(*rest)
    )


def likely_column(table: Table) -> int:
    """The column that most likely holds the words, from 0: the first with a usual title, or else without a number."""
    titled = [i for i, cell in enumerate(table.first) if table.titled and cell.strip().lower() in TITLES]
    words = [i for i, cell in enumerate(table.second) if cell.strip() and not _is_number(cell)]
    return next(iter([*titled, *words]), 0)


def _is_number(cell: str) -> bool:
    try:
        float(cell.replace(",", "."))
    except ValueError:
        return False
    return True


def cells(text: str, table: Table, column: int, name: str) -> Iterator[str]:
    """A column of the table, without its title; a row that is too short has an empty cell there."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=table.delimiter, strict=True)
    try:
        for row in islice(filter(None, reader), int(table.titled), None):
            yield row[column] if column < len(row) else ""
    except csv.Error:
        raise DataError(
            f"“{name}” cannot be read as a table beyond line {reader.line_num:,}: a quotation mark is open or "
            "misplaced; mend it, or read whole lines."
        ) from None
