"""Text -> the cells of a table separated by commas (CSV), semicolons, tabs or vertical bars."""

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from core.data.vocabulary import DataError
from core.messages import tr

DELIMITERS = ",;\t|"
SAMPLE_ROWS, SAMPLE_LENGTH = 200, 200_000  # rows and code points that are read to decide whether a text is a table
MAX_COLUMNS = 100
TITLES = frozenset(("name", "names", "word", "words", "lemma", "term", "title"))


@dataclass(frozen=True)
class Table:
    """How a text is divided into cells. first, second: its first two rows; titled: whether the first row is titles."""

    delimiter: str
    first: tuple[str, ...]
    second: tuple[str, ...]
    titled: bool

    @property
    def width(self) -> int:
        return len(self.first)


def table_of(text: str) -> Table | None:
    """The reading with most columns; None if no delimiter gives every row of the sample the same number of cells."""
    if len(text) > SAMPLE_LENGTH:
        text = text[: text.rfind("\n", 0, SAMPLE_LENGTH) + 1]
    found = [table for delimiter in DELIMITERS if delimiter in text and (table := _cut(text, delimiter))]
    return max(found, key=lambda table: table.width, default=None)


def _cut(text: str, delimiter: str) -> Table | None:
    try:
        rows = list(islice(_rows(text, delimiter), SAMPLE_ROWS))
    except csv.Error:
        return None
    used = [any(cell.strip() for cell in column) for column in zip(*rows)]
    if len(rows) < 2 or len({len(row) for row in rows}) > 1 or sum(used) < 2 or len(used) > MAX_COLUMNS:
        return None
    return Table(delimiter, tuple(rows[0]), tuple(rows[1]), _titled(rows))


def _rows(text: str, delimiter: str) -> Iterator[list[str]]:
    """The rows that are not blank; csv.Error if quotation marks are not closed or misplaced."""
    return filter(None, csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True))


def _titled(rows: list[list[str]]) -> bool:
    """Whether the first row holds titles: no number in it, and either a common title or a column of numbers below."""
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
    """The cells of a column, without its title; "" for a row that is too short. DataError if a quote is not closed."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=table.delimiter, strict=True)
    try:
        for row in islice(filter(None, reader), int(table.titled), None):
            yield row[column] if column < len(row) else ""
    except csv.Error:
        raise DataError(
            tr(
                "“{name}” cannot be read as a table after line {line:,}: a quotation mark is not closed or "
                "is in the wrong place; correct it, or read whole lines.",
                name=name,
                line=reader.line_num,
            )
        ) from None
