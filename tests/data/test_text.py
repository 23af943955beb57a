"""core/data/text.py: running text becomes sentences of tokens, by rules that can be read off these cases."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.config import MAX_SENTENCE, MAX_WORD_LENGTH
from core.data.text import sentences, tokens, too_long

CASES = {
    "the cat sat.": "the cat sat .",
    "Wait... what?!": "Wait . . . what ? !",
    "I don't know; it's o'clock.": "I don't know ; it's o'clock .",
    "Tom's dog and the dogs' tails": "Tom 's dog and the dogs tails",
    "no one's perfect, they've said": "no one's perfect , they've said",
    "It costs 3.14 at 10:30, or 1,000.": "It costs 3.14 at 10:30 , or 1,000 .",
    "“Hello,” she said — and left…": "Hello , she said , and left .",
    "a well-known (old) word-": "a well-known old word",
    "Mr. Smith lives in the U.S. now": "Mr Smith lives in the US now",
    "rock’n’roll": "rock'n'roll",
    "Привет, как дела?": "Привет , как дела ?",
    "今日は。": "今 日 は .",
    "naïve café": "naïve café",
    "e\u0301te\u0301": "été",
    "<b>&amp;</b> $5 * 3": "b amp ; b 5 3",
    "": "",
}


@pytest.mark.parametrize("text", CASES)
def test_tokens_are_found_by_the_rules(text):
    assert " ".join(tokens(text)) == CASES[text]


def test_a_sentence_ends_at_its_mark_and_at_the_end_of_a_line():
    found = sentences("it rained. why?! nobody knew\nthe end")
    assert [" ".join(s) for s in found] == ["it rained .", "why ?", "nobody knew .", "the end ."]


def test_what_is_only_punctuation_is_no_sentence():
    assert sentences("...\n?!\n, ;\n--") == []


def test_a_word_that_begins_a_sentence_is_spelled_as_elsewhere():
    found = sentences("The dog saw Tom. Tom saw the dog. Dogs see.")
    assert [s[0] for s in found] == ["the", "Tom", "Dogs"]  # "Dogs" stands nowhere else


def test_a_sentence_that_is_too_long_is_divided():
    found = sentences(" ".join(["word"] * (2 * MAX_SENTENCE + 3)))
    assert [len(s) for s in found] == [MAX_SENTENCE, MAX_SENTENCE, 4]


def test_a_word_that_is_too_long_is_left_out_and_counted():
    most = "x" * MAX_WORD_LENGTH
    text = f"the {most} and {most}x and {most}-y\n{'ﬃ' * MAX_WORD_LENGTH} end\n{most}x"
    assert [" ".join(s) for s in sentences(text)] == [f"the {most} and and .", "end ."]
    assert too_long(text) == 4 and too_long(f"the {most}.") == 0


@given(st.text(max_size=300))
def test_tokens_joined_by_spaces_give_the_same_tokens(text):
    once = tokens(text)
    assert tokens(" ".join(once)) == once
    assert all(token and not any(c.isspace() for c in token) for token in once)


@given(st.lists(st.sampled_from(["I'm", "dog", "'s", "don't", "3.5", ".", "?", ",", "Ü-x", "été", "日"]), max_size=40))
def test_whatever_is_a_token_stays_one(some):
    assert tokens(" ".join(some)) == some


@pytest.mark.timeout(60)  # a pattern that backtracks would take hours
@pytest.mark.parametrize("hostile", ["a'" * 200_000, "-" * 400_000, "1." * 200_000, "é́" * 100_000, "A." * 200_000])
def test_hostile_text_takes_time_in_proportion_to_its_length(hostile):
    assert all(len(sentence) <= MAX_SENTENCE + 1 for sentence in sentences(hostile))
