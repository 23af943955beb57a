"""core/data/reading.py: what people give becomes words, and what was done is said. For hostile input see the
next file.
"""

import random
import unicodedata

import pytest
import regex
from hypothesis import given
from hypothesis import strategies as st

from core.config import MAX_SYMBOL_LENGTH, MAX_SYMBOLS, MAX_WORD_LENGTH, MAX_WORDS, MIN_WORDS
from core.data.dataset import NAMES, load_words
from core.data.groups import Group
from core.data.reading import columns, first_choice, read, read_file, typed_groups
from core.data.vocabulary import DataError, Vocabulary

TEN = tuple(f"name{letter}" for letter in "abcdefghij")


def lines(*words: str) -> bytes:
    return "\n".join([*TEN, *words]).encode()


def words_of(raw: bytes | str, **how) -> tuple[str, ...]:
    return read(raw, "list.txt", **how).corpus.units


# ---------------------------------------------------------------- what a good list becomes


def test_the_names_are_read_as_they_are():
    reading = read_file(NAMES)
    assert list(reading.corpus.units) == load_words() and reading.corpus.name == "names.txt"
    assert (reading.lines, reading.distinct, len(reading.symbols)) == (32_257, 29_693, 26)
    assert (reading.longest, reading.length, reading.first[0]) == ("muhammadibrahim", 15, "emma")
    assert reading.dropped == reading.notes == ()
    assert read_file(NAMES, fold=True).corpus == reading.corpus


def test_words_of_lower_case_ascii_keep_their_order_and_none_is_lost():
    """As the lecture's own names.txt is one: its examples are those of its own lines (test_dataset.py)."""
    draw = random.Random(1)
    words = ["".join(draw.choices("abcdefghijklmnopqrstuvwxyz", k=draw.randint(2, 15))) for _ in range(32_033)]
    assert read("\n".join(words) + "\n", "names.txt").corpus.units == tuple(words)


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r", "\n\n \t\n", "\u2028", "\x85"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_line_ends_blank_lines_and_marks_of_the_encoding_do_not_matter(end, encoding):
    raw = "".join(f"  {word}\u00a0\t{end}" for word in (*TEN, "zoë")).encode(encoding)
    reading = read(raw, "list.txt")
    assert reading.corpus.units == (*TEN, "zoë") and reading.lines == 11
    assert reading.notes == (("The text was UTF-16.",) if encoding == "utf-16" else ())
    assert read("\ufeff" + raw.decode(encoding), "pasted").corpus.units == (*TEN, "zoë")


def test_white_space_within_a_word_is_one_space():
    assert words_of(lines("new \t  york", "los\u3000angeles"))[-2:] == ("new york", "los angeles")


def test_a_letter_is_the_same_letter_however_its_accent_was_written():
    composed, decomposed = words_of(lines("ren\u00e9", "rene\u0301"))[-2:]
    assert composed == decomposed == "ren\u00e9"


def test_repetitions_are_kept_and_counted():
    reading = read("\n".join(TEN * 3), "list.txt")
    assert (reading.lines, len(reading.corpus.units), reading.distinct) == (30, 30, 10)


def test_case_is_kept_unless_folded_and_folding_keeps_the_spelling():
    given = ("Straße", "ΟΔΟΣ", "İzmir", "ÉLAN", "Ǆ")
    assert words_of(lines(*given))[-5:] == given
    assert words_of(lines(*given), fold=True)[-5:] == ("straße", "οδος", "izmir", "élan", "ǆ")
    assert "The words were converted to lower case (toggle: Lower case)." in read(lines("Emma"), "x", fold=True).notes
    assert read(lines("emma"), "x", fold=True).notes == ()


def test_a_list_at_its_limits_is_taken():
    symbols = [chr(0x4E00 + i) for i in range(MAX_SYMBOLS)]
    assert words_of("\n".join(symbols)) == tuple(symbols)
    assert words_of(lines("x" * MAX_WORD_LENGTH))[-1] == "x" * MAX_WORD_LENGTH
    assert words_of(lines("x\u0302" * MAX_WORD_LENGTH))[-1] == "x\u0302" * MAX_WORD_LENGTH
    assert len(words_of(lines() + b"\nab" * (MAX_WORDS - MIN_WORDS))) == MAX_WORDS


def test_right_to_left_and_combining_text_is_taken_by_its_letters():
    hebrew = ["שָׁלוֹם", "דָּג", "כֶּלֶב", "חָתוּל", "בַּיִת", "סֵפֶר", "יֶלֶד", "אִמָּא", "מַיִם", "לֶחֶם"]
    reading = read("\n".join(hebrew), "hebrew.txt")
    assert reading.corpus.units == tuple(hebrew) and "ש\u05b8\u05c1" in reading.symbols and not reading.notes
    assert reading.length == len(Vocabulary.of(hebrew).symbols(reading.longest)) == 4


def test_where_letters_with_marks_are_too_many_marks_are_symbols():
    letters, marks = [chr(0x5D0 + i) for i in range(20)], [chr(0x5B0 + i) for i in range(13)]
    reading = read("\n".join(letter + mark for letter in letters for mark in marks), "pointed")
    assert set(reading.symbols) == {*letters, *marks}
    assert reading.notes == (
        "Letters together with their marks would be 260 different symbols, but the limit is 256, so each mark is a "
        "symbol of its own.",
    )


# ---------------------------------------------------------------- words that are left out


def test_a_word_at_fault_is_left_out_and_told_and_the_others_stay():
    reading = read(lines("st. john", "a.b", "x" * 65, "bell\a", "q" + "\u0302" * 16, "fine"), "list.txt")
    assert reading.corpus.units == (*TEN, "fine") and reading.lines == 16
    assert reading.dropped == (
        ("with a “.”, which marks where words begin and end", 2, ("st. john", "a.b")),
        ("longer than 64 characters", 1, ("x" * 39 + "…",)),
        ("with control characters or other code points that are not text", 1, ("bell",)),
        ("with more than 16 code points in one character", 1, reading.dropped[3].examples),
    )


def test_few_examples_are_shown_of_many():
    reading = read(lines(*(f"{i}." for i in range(500))), "list.txt")
    assert reading.dropped[0].count == 500 and reading.dropped[0].examples == ("0.", "1.", "2.")


def test_invisible_characters_are_taken_out_and_told():
    reading = read(lines("em\u200bma", "\u202eolivia\u202c", "so\u00adphia", "m\u2066ia", "\u200f"), "list.txt")
    assert reading.corpus.units == (*TEN, "emma", "olivia", "sophia", "mia")
    assert reading.notes == ("Invisible characters were removed: 6.",) and reading.dropped == ()


# ---------------------------------------------------------------- tables

TABLE = "name,sex,count\n" + "".join(f'"{word}",F,{i}\n' for i, word in enumerate((*TEN, "o, brian")))


def test_a_column_of_a_table_is_read_and_the_choice_can_be_offered():
    assert columns(TABLE.encode()) == ["name", "sex", "count"]
    reading = read(TABLE, "list.csv", column=0)
    assert reading.corpus.units == (*TEN, "o, brian")
    assert reading.notes == ("Column 1 of 3 was read (name). The first row was read as titles.",)
    assert read(TABLE, "list.csv").notes == (
        "This looks like a table with 3 columns, but each line was read as one word.",
    )


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_every_usual_delimiter_is_known(delimiter, end):
    rows = [delimiter.join((word, "x y", f"{i},5" if delimiter == ";" else f"{i}")) for i, word in enumerate(TEN)]
    raw = "\ufeff" + end.join(rows) + end
    assert columns(raw.encode()) == ["namea nameb …", "x y x y …", columns(raw)[2]]
    assert read(raw, "list", column=0).corpus.units == TEN


@pytest.mark.parametrize(
    "text",
    [
        "\n".join(TEN),
        "\n".join((*TEN, "washington, dc", "a, b, c")),
        "name\n" + "\n".join(TEN),
        "\n".join(f"{word}," for word in TEN),
        ",".join(TEN),
        "",
        '"' + "\n".join(f"{word},1" for word in TEN),
        b"\x89PNG\r\n\x1a\n",
    ],
)
def test_a_plain_list_is_no_table(text):
    assert columns(text) == []
    with pytest.raises(
        DataError, match=r"^“list” (is a plain list and has no columns; read whole lines|is a picture.*)\.$"
    ):
        read(text, "list", column=0)


def test_a_column_without_a_title_is_named_by_its_number():
    assert columns("\n".join(f",{word},{i}" for i, word in enumerate(TEN))) == ["column 1", "namea nameb …", "0 1 …"]


def test_short_rows_and_empty_cells_are_blank_lines():
    long = "".join(f"{i}\t{word}\n" for i, word in enumerate(TEN * 30))
    assert read(long + "7\n8\t\n9\tlast\n", "list.tsv", column=1).corpus.units == (*TEN * 30, "last")


# ---------------------------------------------------------------- colour groups that people type


def test_typed_groups_are_names_with_their_characters():
    typed = typed_groups("front vowels: ä ö\ty\n\n back vowels :aou\nx̂: x̂ : \n")
    assert typed == (
        Group("front vowels", ("ä", "ö", "y")), Group("back vowels", ("a", "o", "u")), Group("x̂", ("x̂", ":"))
    )  # fmt: skip


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("aeiou", "“aeiou” is not a group"),
        (": aeiou", "is not a group"),
        ("vowels:", "is not a group"),
        ("vowels: " + "a" * 2_000, "is not a group"),
        ("\n".join(f"group {i}: a" for i in range(6)), "6 groups; at most 5"),
    ],
)
def test_what_is_no_group_is_refused_in_a_sentence(text, says):
    with pytest.raises(DataError, match=says):
        typed_groups(text)


def test_groups_are_of_the_symbols_that_the_words_have():
    typed = typed_groups("Front: Ä Ö e\u0308 ae\nnone: q")
    reading = read(lines("ärger", "Öl", "e\u0308"), "list.txt", fold=True, groups=typed)
    assert reading.corpus.groups == (Group("Front", ("ä", "ö", "ë", "a", "e")), Group("none", ()))
    assert reading.notes[-1] == "No character of the group “none” occurs in the words."
    assert reading.corpus.shown.names["vowel"] == "Front"
    again = read("\n".join(reading.corpus.units), "list.txt", groups=reading.corpus.groups)
    assert again.corpus == reading.corpus


# ---------------------------------------------------------------- properties

ODD = "aZéß ΣςİıǄ.\n\r\t,;\"'=<[\0\a\ud800\ue000\uffff\u200d\u202e\ufeff\u00ad\u1e9e\U0001f1e6"
ODD += "\u0301\u0302\u0323\u0345\u05e9\u05b8\u0915\u094d\u0937"
texts = st.one_of(
    st.text(max_size=300),
    st.text(ODD, max_size=300),
    st.lists(st.text(ODD, max_size=8) | st.text(max_size=8), min_size=10, max_size=40).map("\n".join),
)


@given(
    texts | st.binary(max_size=300) | texts.map(lambda t: t.encode("utf-16", "surrogatepass")),
    st.booleans(),
    st.none() | st.integers(-2, 5),
)
def test_whatever_is_given_is_read_within_bounds_or_refused_in_a_sentence(raw, fold, column):
    try:
        reading = read(raw, "list.txt", fold, column)
    except DataError as error:
        said = str(error)
        assert said.startswith("“list.txt” ") and said.endswith(".") and len(said) < 400 and "\n" not in said
        return
    good(reading, fold)


@given(
    st.lists(st.text(ODD.replace("\0", ""), max_size=8) | st.text("abAΣ\u0345\u0301İ", min_size=1), max_size=30),
    st.booleans(),
)
def test_reading_what_was_read_changes_nothing(words, fold):
    reading = read("\n".join([*TEN, *words]), "list.txt", fold)
    good(reading, fold)


def good(reading, fold: bool) -> None:
    """Everything that is promised of a reading."""
    words = reading.corpus.units
    assert MIN_WORDS <= reading.distinct == len(set(words)) <= len(words) <= reading.lines
    assert reading.lines == len(words) + sum(count for _, count, _ in reading.dropped)
    vocabulary = Vocabulary.of(words)
    assert reading.symbols == vocabulary.itos[1:] and len(reading.symbols) <= MAX_SYMBOLS
    assert reading.length == max(len(vocabulary.symbols(word)) for word in words)
    again = read("\n".join(words), "list.txt", fold)
    assert (again.corpus, again.symbols, again.dropped) == (reading.corpus, reading.symbols, ())
    assert again.corpus.digest == reading.corpus.digest
    for word in words:
        assert word == " ".join(word.split()) and "." not in word and unicodedata.is_normalized("NFC", word)
        assert not regex.search(r"[\p{C}\p{Default_Ignorable_Code_Point}]", word)
        assert all(len(cluster) <= MAX_SYMBOL_LENGTH for cluster in regex.findall(r"\X", word))
        assert not fold or word == word.lower()


@pytest.mark.parametrize(
    ("titles", "row", "expected"),
    [
        ("id,name,count", "{i},{word},7", 1),  # a usual title
        ("id,firstname,count", "{i},{word},7", 1),  # the first without numbers
        ("sex,name", "f,{word}", 1),
        ("", "{i},{word}", 1),  # no titles
        ("name,id", "{word},{i}", 0),
    ],
)
def test_of_a_table_the_column_that_looks_like_words_is_taken_first(titles, row, expected):
    rows = [row.format(i=i, word=word) for i, word in enumerate(TEN)]
    text = "\n".join([*filter(None, [titles]), *rows])
    assert first_choice(text) == expected
    assert read(text, "t.csv", column=first_choice(text)).corpus.units[: len(TEN)] == tuple(TEN)
