"""core/keeping/link.py: what a URL says, whoever wrote it."""

import hashlib
import math
import unicodedata
from urllib.parse import parse_qs, unquote

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from core.config import ADAGRAD, FULL, KNOB, KNOBS, PRESETS, Config, ConfigError
from core.data.dataset import NAMES
from core.data.plain import plain
from core.engine.history import KERNEL, PATHS, TORCH
from core.engine.run import Run
from core.keeping.link import MAX_CHANGES, MAX_LINK, MAX_NOTES, Link, data_note, encode, parse, path_note, to_params
from tests.support.configs import configs, values

DIGEST = hashlib.sha256(NAMES.read_bytes()).hexdigest()
LIVE = [knob.name for knob in KNOBS if knob.live]
OTHERS = ["data", "engine", "changes", "step", "present"]
LAST = KNOB["steps"].high

changes = st.sampled_from(LIVE).flatmap(lambda name: st.tuples(st.integers(0, LAST), st.just(name), values(KNOB[name])))
links = st.builds(
    Link,
    configs,
    st.lists(changes, max_size=8).map(tuple),
    st.text(max_size=60),
    st.binary(min_size=32, max_size=32).map(bytes.hex) | st.just(""),
    st.none() | st.integers(0, LAST),
    st.booleans(),
    st.sampled_from(PATHS),
    st.none() | st.integers(500, 17_000),
)
LIVE_EXAMPLE = Link(
    Config(n_hidden=200, schedule="cosine"),
    ((1200, "learning_rate", 0.03), (5000, "batch_size", FULL)),
    "names",
    DIGEST,
    30_000,
    True,
    KERNEL,
)


def opened(query: str) -> tuple[Link, list[str]]:
    """What a browser that opens this link gets."""
    return parse(parse_qs(query, keep_blank_values=True))


# ---------------------------------------------------------------- a link comes back


def test_a_link_is_short_and_can_be_read():
    said = "n_hidden=200&schedule=cosine&data=names.bd02dfd33179&engine=kernel-1"
    said += "&changes=1200.learning_rate.0.03~5000.batch_size.full&step=30000&present=1"
    assert encode(LIVE_EXAMPLE) == said
    assert opened(said) == (LIVE_EXAMPLE, [])


def test_the_default_run_needs_no_query():
    assert encode(Link()) == "" and parse({}) == (Link(), [])
    assert encode(Link(Config(n_hidden=200))) == "n_hidden=200"


@given(links)
@example(LIVE_EXAMPLE)
def test_every_link_comes_back_equal_through_a_url_and_through_plain_values(link):
    assert opened(encode(link)) == (link, [])
    assert parse(to_params(link)) == (link, [])


def test_a_link_from_before_there_were_engines_took_torchs_path():
    assert opened(f"data=names.{DIGEST[:12]}") == (Link(data="names", digest=DIGEST, path=TORCH), [])
    assert opened("n_hidden=200")[0].path is None  # written by hand, or the first visit: the best there is
    link, said = opened(f"data=names.{DIGEST[:12]}&engine=abacus")
    assert link.path == KERNEL and said == [
        "Engine cannot be “abacus”, only kernel-1, torch-1 or torch; the link's value was ignored."
    ]


def test_a_run_that_opens_by_another_path_says_which_digits_may_differ():
    assert path_note(Link(), KERNEL) is None and path_note(Link(path=KERNEL), KERNEL) is None
    said = path_note(Link(path=KERNEL), "torch 1")
    assert "“kernel 1”, which cannot be used here" in said and "seventh digit" in said


@given(links)
def test_only_the_name_of_the_data_needs_escaping(link):
    query = encode(Link(link.config, link.changes, "names", link.digest, link.step, link.present, link.path))
    assert unquote(query) == query and query.isascii()


@pytest.mark.parametrize("preset", PRESETS)
def test_every_preset_has_a_link_of_its_own(preset):
    assert opened(encode(Link(PRESETS[preset]))) == (Link(PRESETS[preset]), [])


def test_floats_come_back_to_the_last_bit():
    for rate in (0.1 + 0.2, 1 / 3, math.nextafter(0.1, 1), 1e-6, 5e-5, 100.0):
        link = Link(Config(learning_rate=rate), ((7, "learning_rate", rate),))
        back = opened(encode(link))[0]
        assert back.config.learning_rate.hex() == rate.hex() == back.changes[0][2].hex()


def test_an_opened_link_is_the_same_run_to_the_last_bit(few):
    first = Run(Config(n_hidden=20, learning_rate=1 / 3, seed=7), few(3))
    first.advance(30)
    first.set(learning_rate=0.7 / 3, batch_size=16)
    first.advance(40)
    link = Link(Config(**first.history.config), tuple(first.history.changes), step=first.step)
    link, said = opened(encode(link))
    again = Run(link.config, few(3))
    for step, name, value in link.changes:
        again.advance(step - again.step)
        again.set(**{name: value})
    again.advance(link.step - again.step)
    assert said == [] and again.parameters.freeze() == first.parameters.freeze()
    assert again.history == first.history


def test_the_longest_link_is_shorter_than_what_is_read():
    rate, decay = 1.2345678901234567e-06, 1.2345678901234567e-200
    config = Config(8, 32, 500, rate, 4096, 2**31 - 1, LAST, "cosine", LAST, decay, "frequency", ADAGRAD, True, True)
    for name in LIVE:
        changes = ((LAST, name, getattr(config, name)),) * MAX_CHANGES
        link = Link(config, changes, "\N{PILE OF POO}" * 40, DIGEST, LAST, True, KERNEL)
        assert len(encode(link)) < MAX_LINK
        assert opened(encode(link)) == (link, [])


# ---------------------------------------------------------------- what no link can say


@pytest.mark.parametrize(
    ("what", "sentence"),
    [
        ({"changes": ((5, "n_embd", 3),)}, "“n_embd” cannot change while training."),
        ({"changes": ((5, "epochs", 3),)}, "“epochs” cannot change while training."),
        ({"changes": ((5, "learning_rate", -1.0),)}, "Learning rate must be between 1e-06 and 100.0, not -1.0."),
        ({"changes": ((-1, "steps", 9),)}, "The step of a change must be between 0 and 10,000,000, not -1."),
        ({"changes": ((1, "steps", 9),) * 151}, "A link holds at most 150 changes, and this run has 151."),
        ({"digest": "emma"}, "A link names its words by 12 hexadecimal digits, not by “emma”."),
        ({"step": LAST + 1}, "Step must be between 0 and 10,000,000, not 10,000,001."),
        ({"present": 1}, "Present must be one of False, True, not 1."),
    ],
)
def test_a_link_that_cannot_be_is_refused_in_a_sentence(what, sentence):
    with pytest.raises(ConfigError) as caught:
        Link(**what)
    assert str(caught.value) == sentence


def test_changes_stand_in_the_order_of_their_steps_and_of_one_step_as_they_were_made():
    made = ((9, "steps", 99), (5, "learning_rate", 0.3), (5, "learning_rate", 0.2), (5, "batch_size", 8))
    ordered = (*made[1:], made[0])
    assert Link(changes=made).changes == ordered
    assert opened("changes=9.steps.99~5.learning_rate.0.3~5.learning_rate.0.2~5.batch_size.8")[0].changes == ordered


# ---------------------------------------------------------------- what a URL says that is not so


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("n_hidden=9999", "Hidden units was 9,999 in the link; the limit is 500."),
        ("n_embd=-5", "Embedding dimensions was -5 in the link; the limit is 1."),
        ("learning_rate=0", "Learning rate was 0 in the link; the limit is 1e-06."),
        ("learning_rate=100.00000000000001", "Learning rate was 100.00000000000001 in the link; the limit is 100."),
        ("seed=1e999", "Seed was 1e999 in the link; the limit is 2,147,483,647."),
        ("step=99999999", "Step was 99,999,999 in the link; the limit is 10,000,000."),
        ("learning_rate=abc", "Learning rate cannot be “abc”, only a number; the link's value was ignored."),
        ("n_hidden=3.5", "Hidden units cannot be “3.5”, only a whole number; the link's value was ignored."),
        ("n_hidden=", "Hidden units cannot be “”, only a whole number; the link's value was ignored."),
        ("n_hidden=full", "Hidden units cannot be “full”, only a whole number; the link's value was ignored."),
        ("weight_decay=NaN", "Weight decay cannot be “NaN”, only a number; the link's value was ignored."),
        ("steps=∞", "Steps cannot be “∞”, only a whole number; the link's value was ignored."),
        ("steps=٣", "Steps cannot be “٣”, only a whole number; the link's value was ignored."),
        ("steps=1_000", "Steps cannot be “1_000”, only a whole number; the link's value was ignored."),
        ("steps=0x10", "Steps cannot be “0x10”, only a whole number; the link's value was ignored."),
        ("direct=true", "Direct connections cannot be “true”, only 0 or 1; the link's value was ignored."),
        ("init=x", "Initialisation cannot be “x”, only scaled, lecture or frequency; the link's value was ignored."),
        ("schedule=1", "Schedule cannot be “1”, only constant, step, cosine or paper; the link's value was ignored."),
        ("step=soon", "Step cannot be “soon”, only a whole number; the link's value was ignored."),
        ("present=yes", "Present cannot be “yes”, only 0 or 1; the link's value was ignored."),
        ("data=names", "The words of the link, “names”, do not end in 12 hexadecimal digits and were ignored."),
        ("data=names.BD02DFD33179",
         "The words of the link, “names.BD02DFD33179”, do not end in 12 hexadecimal digits and were ignored."),
        ("changes=9.n_embd.3",
         "Embedding dimensions cannot change while training; the link's change was ignored."),
        ("changes=emma", "“emma” is not a knob that can change while training; the link's change was ignored."),
        ("changes=9.step.3", "“9.step.3” is not a knob that can change while training; the link's change was "
         "ignored."),
        ("changes=9.steps", "Steps cannot be “”, only a whole number; the link's value was ignored."),
        ("changes=9.steps.0", "Steps was 0 in the link; the limit is 1."),
        ("changes=-1.steps.9", "The step of a change was -1 in the link; the limit is 0."),
        ("changes=x.steps.9", "The step of a change cannot be “x”, only a whole number; the link's value was ignored."),
    ],
)  # fmt: skip
def test_a_value_that_cannot_be_taken_is_named_in_a_sentence(query, sentence):
    link, said = opened(query)
    assert said == [sentence]
    assert opened(encode(link)) == (link, [])


@pytest.mark.parametrize("name", [knob.name for knob in KNOBS if knob.low is not None])
def test_a_number_beyond_a_limit_becomes_the_limit_and_nothing_else_changes(name):
    knob = KNOB[name]
    for text, limit in (("1e308", knob.high), ("-1e308", knob.low), ("9" * 400, knob.high)):
        link, said = parse({name: text})
        assert link.config == Config(**{name: limit}) and len(said) == 1 and knob.label in said[0]


def test_numbers_may_be_written_in_other_ways():
    link, said = opened("n_hidden=2e2&learning_rate=.3&seed=%2B7.0&direct=0&weight_decay=1E-4&present=0")
    assert said == [] and link == Link(Config(n_hidden=200, learning_rate=0.3, seed=7, weight_decay=1e-4))


def test_a_bad_value_leaves_the_good_ones():
    link, said = opened("n_hidden=200&n_embd=x&changes=5.steps.9~oops~7.learning_rate.0.3&step=12")
    assert len(said) == 2
    assert link == Link(Config(n_hidden=200), ((5, "steps", 9), (7, "learning_rate", 0.3)), step=12)


def test_of_a_repeated_name_the_last_counts():
    assert opened("n_hidden=10&n_hidden=20") == (Link(Config(n_hidden=20)), [])


def test_names_that_no_link_has_are_passed_over():
    assert parse({"utm_source": "x" * 100_000, "embed": "true", "N_HIDDEN": "3", "": ["", ""]}) == (Link(), [])


def test_of_too_many_changes_the_first_by_step_are_kept():
    link, said = opened("changes=" + "~".join(f"{step}.steps.{step}" for step in range(300, 0, -1)))
    assert [step for step, *_ in link.changes] == list(range(1, MAX_CHANGES + 1))
    assert said == ["The link holds 300 changes; the limit is 150, and the last were left out."]


def test_a_link_that_is_too_long_is_ignored_as_a_whole():
    link, said = parse({"n_hidden": "200", "changes": "~" * MAX_LINK})
    assert link == Link() and said == ["The link is longer than 8,192 characters, so it was ignored."]


def test_the_sentences_of_a_link_full_of_nonsense_are_few():
    said = opened("changes=" + "~".join("x" * 12))[1]
    assert len(said) == MAX_NOTES + 1
    assert said[-1] == "And 7 more values of the link could not be used as they were."


# ---------------------------------------------------------------- anything at all

HOSTILE = [
    "", "NaN", "inf", "-inf", "1e308", "-1e999", "∞", "٣", "½", "²", "0x1p3", "9" * 5000, "1" + "0" * 400, "1_0", " 7",
    "\0", "\x1b[2J", "\u202e7", "\ud800", "<script>alert(1)</script>", "[x](javascript:x)", "$x$", ":red[x]", "=cmd|x",
    "../../etc/passwd", "%00", "~" * 9, "." * 9, "1.learning_rate.", "1.learning_rate.nan~", "1..~.learning_rate.1",
    "names.bd02dfd33179", "\u202e.bd02dfd33179", ".bd02dfd33179", "full", "true", "1", "0", "-0",
]  # fmt: skip
texts = st.text(max_size=30) | st.sampled_from(HOSTILE) | st.floats().map(repr) | st.integers().map(str)
items = st.lists(st.tuples(texts, st.sampled_from([*KNOB, "x"]), texts).map(".".join), max_size=30).map("~".join)
junk = st.none() | st.booleans() | st.integers() | st.floats() | st.binary(max_size=9) | st.just({}) | st.just(object())
names = st.sampled_from([*KNOB, *OTHERS]) | st.text(max_size=9)
anything = st.dictionaries(names, texts | items | junk | st.lists(texts | junk, max_size=3), max_size=20)


def harmless(text: str) -> bool:
    shown = all(unicodedata.category(c)[0] not in "CZ" for c in text.replace(" ", ""))
    return shown and not set(text) & set('<>[]()`*$~:/\\|!#=&@"{}^') and "www." not in text.lower()


@given(anything)
@example(dict.fromkeys([*KNOB, *OTHERS], "<b>\u202e</b>"))
def test_whatever_a_url_says_a_valid_link_and_a_few_harmless_sentences_come_out(params):
    link, said = parse(params)
    assert isinstance(link, Link) and Link(**vars(link)) == link
    assert len(said) <= MAX_NOTES + 1
    for sentence in said:
        assert sentence.endswith(".") and len(sentence) < 200 and harmless(sentence), sentence
    query = encode(link)
    assert len(query) < MAX_LINK and opened(query) == (link, []), "what was understood is a link of its own"


@pytest.mark.parametrize("name", [*KNOB, *OTHERS])
def test_a_hostile_value_is_taken_ignored_or_clamped(name):
    for value in (*HOSTILE, *([text] for text in HOSTILE), *(["7", text] for text in HOSTILE)):
        link, said = parse({name: value})
        assert len(said) <= MAX_NOTES + 1 and all(map(harmless, said))
        assert opened(encode(link)) == (link, [])


# ---------------------------------------------------------------- words


def test_other_words_are_noted_and_the_same_are_not():
    link = opened(f"data=names.{DIGEST[:12]}")[0]
    assert data_note(link, "names", DIGEST) is None and data_note(Link(), "names", DIGEST) is None
    assert data_note(link, "<b>cities</b>", "1" * 64) == (
        "The link was made with other words (names, bd02dfd33179) than these (b cities b, 111111111111), "
        "so its losses will differ."
    )


@given(st.text() | st.text("_.www wW-…a1e\u0301", max_size=60))
def test_what_is_quoted_is_short_harmless_and_stays_as_it_is(text):
    shown = plain(text)
    assert len(shown) <= 40 and harmless(shown) and plain(shown) == shown
    assert not any(part.startswith("_") or part.endswith("_") for part in shown.split())


def test_ordinary_names_are_quoted_as_they_are():
    for name in ("names", "my_names-2.txt", "prénoms, été 2018", "имена", "नाम", "∞"):
        assert plain(name) == name
    assert plain("a" * 99) == "a" * 39 + "…" and plain("_a_ __b__ c_d") == "a b c_d"
