"""core/analysis/structure.py: silhouettes against brute force, the band against chance."""

import math

import pytest
import torch
from hypothesis import assume, given
from hypothesis import strategies as st

from core.analysis.geometry import distances
from core.analysis.structure import (
    SHUFFLES,
    Separation,
    all_apart,
    apart,
    compared,
    question,
    separation,
    separation_sentence,
    silhouettes,
    since,
)

NAMES = ("boundary", *("vowel" if letter in "aeiou" else "consonant" for letter in "abcdefghijklmnopqrstuvwxyz"))


def drawn(seed: int, V: int = 27, n_embd: int = 2) -> torch.Tensor:
    return torch.randn(V, n_embd, generator=torch.Generator().manual_seed(seed))


def kinds(vowels: int, consonants: int) -> tuple[str, ...]:
    return ("boundary",) + ("vowel",) * vowels + ("consonant",) * consonants


def planted(seed: int, apart: float, n_embd: int = 2) -> torch.Tensor:
    """Random letters, the vowels moved so many standard deviations along the first dimension."""
    C = drawn(seed, n_embd=n_embd)
    C[[group == "vowel" for group in NAMES], 0] += apart
    return C


def by_hand(rows: list[list[float]], labels: list[bool]) -> float:
    """The mean silhouette as Rousseeuw (1987) and scikit-learn define it, letter by letter."""
    scores = []
    for i, row in enumerate(rows):
        own = [math.dist(row, other) for j, other in enumerate(rows) if labels[j] == labels[i] and j != i]
        others = [math.dist(row, other) for j, other in enumerate(rows) if labels[j] != labels[i]]
        if not own:
            scores.append(0.0)
            continue
        a, b = sum(own) / len(own), sum(others) / len(others)
        scores.append((b - a) / max(a, b))
    return sum(scores) / len(scores)


# ---------------------------------------------------------------- the score


@st.composite
def labelled(draw):
    """Rows, some of them equal, and labels of which there are both."""
    n, n_embd = draw(st.integers(2, 20)), draw(st.integers(1, 8))
    C = drawn(draw(st.integers(0, 2**31)), n, n_embd).double()
    copies = draw(st.lists(st.tuples(st.integers(0, n - 1), st.integers(0, n - 1)), max_size=5))
    for i, j in copies:
        C[i] = C[j]
    assume(distances(C).any())
    vowels = draw(st.integers(1, n - 1))
    return C, draw(st.permutations([True] * vowels + [False] * (n - vowels)))


@given(labelled())
def test_the_silhouette_is_that_of_the_definition(case):
    C, labels = case
    found = silhouettes(distances(C), torch.tensor([labels, [not label for label in labels]]))
    assert found.tolist() == pytest.approx([by_hand(C.tolist(), labels)] * 2, abs=1e-8)


def test_two_pairs_on_a_line_by_hand():
    """0, 1 | 4, 5: a = 1; b = 4.5, 3.5, 3.5, 4.5, so that s = 7/9, 5/7, 5/7, 7/9."""
    D = distances(torch.tensor([[0.0], [1.0], [4.0], [5.0]]))
    assert float(silhouettes(D, torch.tensor([[True, True, False, False]]))) == pytest.approx(47 / 63)


@given(st.integers(0, 2**31), st.integers(1, 12), st.floats(0.01, 100))
def test_moving_turning_and_scaling_an_embedding_changes_no_score(seed, n_embd, scale):
    C = drawn(seed, n_embd=n_embd).double()
    Q = torch.linalg.qr(drawn(seed + 1, n_embd, n_embd).double())[0]
    one, other = separation(C, NAMES), separation(scale * C @ Q + 1, NAMES)
    numbers = [(found.score, found.low, found.middle, found.high) for found in (one, other)]
    assert numbers[0] == pytest.approx(numbers[1], abs=1e-7)


def test_the_score_is_that_of_the_letters_wherever_the_boundary_is():
    C = planted(1, 2.0)
    found = separation(C, NAMES)
    labels = [group == "vowel" for group in NAMES[1:]]
    assert found.score == pytest.approx(by_hand(C[1:].double().tolist(), labels), abs=1e-8)
    C[0] += 1_000
    assert separation(C, NAMES) == found


# ---------------------------------------------------------------- the band


def test_the_band_holds_all_but_one_in_forty_of_the_shuffled_on_either_side():
    C = drawn(3)
    D = distances(C[1:])
    g = torch.Generator().manual_seed(77)  # other labellings than its own
    labels = torch.rand(20_000, 26, generator=g).argsort(1) < 5
    scores, found = silhouettes(D, labels), separation(C, NAMES)
    for share, place in ((0.025, found.low), (0.5, found.middle), (0.975, found.high)):
        below = float((scores < place).double().mean())
        assert below == pytest.approx(share, abs=4 * (share * (1 - share) / SHUFFLES) ** 0.5)


@pytest.mark.parametrize("scale", [1e-15, 1.0, 1e15])
@pytest.mark.parametrize("n_embd", [1, 2, 10])
def test_whether_many_are_apart_is_found_quickly_and_as_their_scores_say(n_embd, scale):
    many = torch.stack([planted(seed, seed / 10, n_embd) for seed in range(60)])  # from chance to far apart
    many[7], many[8, 3] = 0.0, torch.nan
    many[9, 1:] = many[9, 1]  # all letters in one place
    many *= scale
    scores = [separation(C, NAMES) for C in many]
    found = [score is not None and score.above for score in scores]
    assert all_apart(many, NAMES) == found and 15 < sum(found) < 57
    assert [apart(C, NAMES) for C in many[::7]] == found[::7]
    assert not any(all_apart(drawn(0, 70).unsqueeze(0), kinds(20, 49)))  # too many characters


def test_random_embeddings_are_above_the_band_in_one_case_in_forty():
    found = [separation(drawn(seed, n_embd=n_embd), NAMES) for n_embd in (1, 2, 10) for seed in range(600)]
    # 45 of 1,800 expected. Binomial: outside 26 to 68 with probability 0.001; if it were one case in
    # twenty or in a hundred, inside with 0.01 and 0.04.
    assert 26 <= sum(one.above for one in found) <= 68
    assert 26 <= sum(one.score < one.low for one in found) <= 68


@pytest.mark.parametrize("n_embd", [1, 2, 10])
def test_groups_that_are_far_apart_are_above_the_band(n_embd):
    for seed in range(20):
        found = separation(planted(seed, 8.0, n_embd), NAMES)
        assert found.above and found.score > 0.4 and found.low <= found.middle <= found.high


def test_a_score_equal_to_the_bands_edge_is_not_above_it():
    """All letters equally far from each other: whatever the labels, every silhouette is 0."""
    assert separation(torch.eye(27), NAMES) == Separation(0.0, 0.0, 0.0, 0.0)
    assert not separation(torch.eye(27), NAMES).above


def test_too_few_letters_to_tell_are_never_above():
    """Of 3 letters there are 3 labellings, of 6 there are 15: none can be one in forty."""
    far = torch.tensor([[0.0], [1.0], [1.1], [9.0], [9.1], [9.2], [9.3]])
    for vowels, consonants in ((2, 1), (2, 4)):
        found = separation(far[: 1 + vowels + consonants], kinds(vowels, consonants))
        assert found.score > 0.3 and not found.above


def test_the_same_embedding_has_the_same_band_and_another_seed_nearly_so():
    C = drawn(5)
    assert separation(C, NAMES) == separation(C.clone(), NAMES)
    one, other = separation(C, NAMES), separation(C, NAMES, seed=1)
    assert one.score == other.score and one.high != other.high
    assert one.high == pytest.approx(other.high, abs=0.05)


# ---------------------------------------------------------------- where there is nothing to ask


@pytest.mark.parametrize("groups", [kinds(1, 25), kinds(0, 26), kinds(26, 0), kinds(0, 0)])
def test_without_two_vowels_and_a_consonant_there_is_no_score(groups):
    assert separation(drawn(0, len(groups)), groups) is None


@pytest.mark.parametrize(
    "C", [torch.zeros(27, 2), torch.full((27, 10), 0.1).double(), drawn(0).fill_(math.nan), drawn(0) / 0]
)
def test_letters_in_one_place_or_nowhere_have_no_score(C):
    assert separation(C, NAMES) is None


@given(st.integers(0, 2**31), st.integers(2, 40), st.integers(1, 216), st.integers(1, 4))
def test_any_vocabulary_has_finite_numbers_in_order(seed, vowels, consonants, places):
    """Also when its letters share a few places."""
    groups = kinds(vowels, consonants)
    C = drawn(seed, places, 3)[torch.arange(len(groups)) % places]
    found = separation(C, groups, shuffles=39)
    if places == 1:
        assert found is None
    else:
        assert -1 <= found.low <= found.middle <= found.high <= 1 and -1 <= found.score <= 1


# ---------------------------------------------------------------- other groups than vowels and consonants

FOUR = ("boundary", *("vowel",) * 5, *("consonant",) * 4, *("third",) * 10, *("fourth",) * 3)  # Turkmen has such


def test_the_first_two_groups_are_compared_wherever_the_others_are():
    C = drawn(11, len(FOUR))
    C[[role == "vowel" for role in FOUR], 0] += 8
    found = separation(C, FOUR)
    labels = [True] * 5 + [False] * 4
    assert found.score == pytest.approx(by_hand(C[1:10].double().tolist(), labels), abs=1e-8) and found.above
    C[10:] += 1_000
    assert separation(C, FOUR) == found


@pytest.mark.parametrize(
    ("roles", "two"),
    [
        (NAMES, ("vowel", "consonant")),
        (FOUR, ("vowel", "consonant")),
        (("boundary", "fourth", "third", "fourth"), ("third", "fourth")),  # a list without vowels
        (("boundary", "consonant", "consonant"), ()),
        (("boundary",), ()),
    ],
)
def test_which_two_groups_are_compared(roles, two):
    assert compared(roles) == two
    if not two:
        assert separation(drawn(0, len(roles)), roles) is None


def test_groups_of_four_and_four_are_never_above_as_the_other_way_round_is_as_good():
    C = torch.tensor([[0.0], *([[0.01 * i] for i in range(4)]), *([[9 + 0.01 * i] for i in range(4)])])
    found = separation(C, kinds(4, 4))
    assert found.score == found.high > 0.9 and not found.above


# ---------------------------------------------------------------- in words

CALLED = {"boundary": "start and end", "vowel": "vowels", "consonant": "consonants"}
TOGETHER, CHANCE = Separation(0.41, -0.12, -0.01, 0.15), Separation(0.1, -0.12, -0.01, 0.15)


def test_the_sentence_says_the_newest_numbers_and_since_when():
    rows = [(0, CHANCE), (10, TOGETHER), (20, CHANCE), (1_000, TOGETHER), (2_000, TOGETHER)]
    assert since(rows) == 1_000
    assert separation_sentence(rows, CALLED) == (
        "Vowels sit together since step 1,000: silhouette 0.41, shuffled labels give -0.12 to 0.15 (95 %)."
    )
    assert separation_sentence([(0, TOGETHER), (5, TOGETHER)], CALLED).startswith(
        "Vowels sit together from the start: "
    )


@pytest.mark.parametrize("score", [0.1, -0.3, 0.14])
def test_what_is_not_above_the_band_is_called_chance(score):
    rows = [(0, TOGETHER), (10, Separation(score, -0.12, -0.01, 0.15))]
    assert since(rows) is None
    said = f"No better than chance: silhouette {score:.2f}, shuffled labels give -0.12 to 0.15 (95 %)."
    assert separation_sentence(rows, CALLED) == said


def test_a_narrow_lead_can_be_seen_in_the_numbers():
    said = separation_sentence([(3, Separation(0.1512, -0.12, 0.0, 0.1508))], CALLED)
    assert said.startswith("Vowels sit together") and "silhouette 0.1512" in said and "to 0.1508" in said


def test_a_little_below_zero_is_not_minus_zero():
    assert "-0.00" not in separation_sentence([(3, Separation(-0.001, -0.002, 0.0, 0.15))], CALLED)


@pytest.mark.parametrize("rows", [[], [(0, None)], [(0, TOGETHER), (10, None)]])
def test_without_a_score_the_sentence_says_what_is_missing(rows):
    assert since(rows) is None
    said = "No score: at least two vowels and one of the consonants are needed, not all at the same point."
    assert separation_sentence(rows, CALLED) == said


def test_a_step_without_a_score_ends_what_was_so_before():
    assert since([(0, TOGETHER), (1, None), (2, TOGETHER)]) == 2


def test_with_other_groups_the_question_and_the_sentence_name_them():
    harmony = CALLED | {"vowel": "front vowels", "consonant": "back vowels", "third": "consonants"}
    assert question(CALLED) == "Do vowels sit together?"
    assert question(harmony) == "Do front vowels sit apart from back vowels?"
    assert separation_sentence([(0, TOGETHER)], harmony).startswith(
        "Front vowels sit apart from back vowels from the start: "
    )
    assert separation_sentence([(0, CHANCE)], harmony).startswith("No better than chance: ")
    assert separation_sentence([(0, None)], harmony).startswith(
        "No score: at least two front vowels and one of the back "
    )


def test_characters_of_one_group_have_no_score_and_the_sentence_says_so():
    letters = {"boundary": "start and end", "vowel": "letters"}
    assert question(letters) == "Do groups sit together?"
    assert (
        separation_sentence([(0, None)], letters)
        == "No score: two groups of characters are needed to compare, and there is only one."
    )
