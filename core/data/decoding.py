"""The bytes of a file, or pasted text -> text; DataError with one sentence if the bytes are not text."""

import codecs
import pathlib

from core.config import MAX_BYTES
from core.data.plain import plain
from core.data.vocabulary import DataError
from core.messages import mark, tr

# First bytes of common files that are not text -> what such a file is.
NOT_TEXT = {
    b"PK\x03\x04": mark("a spreadsheet or a zip archive"),
    b"\x89PNG": mark("a picture"),
    b"\xff\xd8\xff": mark("a picture"),
    b"GIF8": mark("a picture"),
    b"%PDF-": mark("a PDF document"),
    b"\x1f\x8b": mark("a compressed file"),
    b"\x80\x04\x95": mark("a Python pickle"),
}


def on_disk(path: pathlib.Path, most: int = MAX_BYTES) -> bytes:
    """A file's first bytes, one more than `most` if there are so many. DataError if it cannot be opened."""
    try:
        with path.open("rb") as file:
            return file.read(most + 1)
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or tr("a file cannot have this name")
        raise DataError(tr("“{name}” cannot be read: {why}.", name=plain(path.name), why=why)) from None


def decoded(raw: bytes | str, name: str, most: int = MAX_BYTES) -> tuple[str, list[str]]:
    """The text, and notes about how it was decoded (sentences). DataError if it is no text, or over `most` bytes."""
    size = len(raw) if isinstance(raw, bytes) or len(raw) > most else len(raw.encode("utf-8", "surrogatepass"))
    if size > most:
        raise DataError(tr("“{name}” is larger than {most:g} MB; use a part of it.", name=name, most=most / 1e6))
    text, notes = (raw, []) if isinstance(raw, str) else _text_of(raw, name)
    if "\0" in text:
        raise _binary(name)
    return text, notes


def _binary(name: str) -> DataError:
    said = tr("“{name}” contains zero bytes, so it is not text; save its words as plain text in UTF-8.", name=name)
    return DataError(said)


def _text_of(raw: bytes, name: str) -> tuple[str, list[str]]:
    for start, what in NOT_TEXT.items():
        if raw.startswith(start):
            said = tr("“{name}” is {what}; save its words as plain text or CSV in UTF-8.", name=name, what=tr(what))
            raise DataError(said)
    if raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        try:
            return raw.decode("utf-16"), [tr("The text was UTF-16.")]
        except UnicodeDecodeError:
            raise DataError(tr("“{name}” is damaged UTF-16 text; save it as UTF-8.", name=name)) from None
    if _is_utf_16(raw):
        raise DataError(tr("“{name}” looks like UTF-16 text without a byte order mark; save it as UTF-8.", name=name))
    if b"\0" in raw:
        raise _binary(name)
    try:
        return raw.decode("utf-8-sig"), []
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise DataError(
            tr("“{name}” is not UTF-8 text (see line {line:,}); save it as UTF-8.", name=name, line=line)
        ) from None


def _is_utf_16(raw: bytes) -> bool:
    """Whether zero bytes occur only at even or only at odd positions, and next to most line ends."""
    ends = max(raw.count(b"\n\0"), raw.count(b"\0\n"))
    return bool(raw[::2].count(0)) != bool(raw[1::2].count(0)) and 0 < raw.count(b"\n") <= 2 * ends
