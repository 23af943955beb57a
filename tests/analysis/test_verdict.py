"""The verdict on a comparison: grammar for all cases, and numbers that are those of the runs."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.analysis.compare import MAX_COMPARED, comparable
from core.analysis.verdict import headline, verdict
from core.config import Config
from tests.support.entries import entry

WIDE = Config(n_hidden=300)
OF_WORDS = [
    entry(name, dev, seconds=0, config=Config(size), most=500, parameter_count=9)
    for name, dev, size in (("a", 4, 3), ("b", 5, 1))
]
SENTENCES = [
    (OF_WORDS, "“a” ends at 4.00 on dev, 1.00 below “b” after as many steps, with 3 instead of 1 words of context."),
    (
        [entry("Lecture 2-D", 2.313), entry("Wide", 2.281, config=WIDE, parameter_count=10_281, seconds=6.4)],
        "“Wide” ends at 2.28 on dev, 0.03 below “Lecture 2-D” after as many steps, with 300 instead of 100 hidden "
        "units, three times the parameters and 1.6 times the training time.",
    ),
    (
        [entry("a", 2.3), entry("b", 2.3, config=Config(seed=7), seconds=0.1)],
        "“a” and “b” both end at 2.3000 on dev, after 50,000 steps; “a” with seed 42 instead of 7.",
    ),
    (
        [entry("a", 2.3), entry("b", 2.3)],
        "“a” and “b” both end at 2.3000 on dev, after 50,000 steps; “a” with about the same training time.",
    ),
    (
        [entry("a", 2.3004, seconds=0), entry("b", 2.3, seconds=0)],
        "“b” ends at 2.3000 on dev, 0.0004 below “a” after as many steps, with the same settings.",
    ),
    (
        [
            entry("long", 2.2, seconds=0, evaluations=((0, 3, 3.3), (10_000, 2, 2.41), (50_000, 2, 2.2))),
            entry("short", 2.35, 10_000, Config(schedule="cosine", direct=True), seconds=0, parameter_count=3_481),
        ],
        "“long” ends at 2.20 on dev, 0.15 below “short” after 50,000 instead of 10,000 steps, with a constant "
        "instead of a cosine schedule and no direct connections. At step 10,000, the last at which both were "
        "measured, “short” was at 2.35 and “long” at 2.41.",
    ),
    (
        [entry("a", 2.3, seconds=0), entry("hot", 9.1, 120, Config(learning_rate=10.0), seconds=0, failure="Stopped.")],
        "“a” ends at 2.30 on dev, 6.80 below “hot” after 50,000 instead of 120 steps, with a learning rate of 0.1 "
        "instead of 10. “hot” broke down after step 120: its loss was no longer a finite number.",
    ),
    (
        [entry("a", 2.3, seconds=0), entry("b", 2.1, seconds=0, changes=((500, "learning_rate", 0.01),))],
        "“b” ends at 2.10 on dev, 0.20 below “a” after as many steps, with the same settings. “b” was changed "
        "while training: learning rate 0.01 from step 500.",
    ),
    (
        [
            entry("a", 2.3, seconds=0),
            entry("b", 2.1, seconds=0, config=Config(1, 3, 10, 0.3, 64, 1, weight_decay=0.1), parameter_count=1),
        ],
        "“b” ends at 2.10 on dev, 0.20 below “a” after as many steps, with 1 instead of 3 characters of context, "
        "3 instead of 2 embedding dimensions, 10 instead of 100 hidden units, 4 other settings changed and 0.029 "
        "% of the parameters.",
    ),
    (
        [entry("A", 2.3), entry("B", 2.2, config=WIDE), entry("C", 2.5, config=Config(seed=1))],
        "Of 3 runs “B” ends lowest on dev, at 2.20, and “C” highest, at 2.50, after 50,000 steps each; they "
        "differ in hidden units (100 or 300) and seed (1 or 42).",
    ),
    (
        [entry("A", 2.3), entry("B", 2.2, 20_000), entry("C", 2.25)],
        "Of 3 runs “B” ends lowest on dev, at 2.20, and “A” highest, at 2.30, after 20,000 to 50,000 steps, all "
        "with the same settings.",
    ),
    (
        [entry("A", 2.3), entry("B", 2.31, digest="t", data="towns")],
        "These runs learned from different words, so their losses cannot be compared: “A” ends at 2.30 on dev of "
        "names and “B” ends at 2.31 on dev of towns.",
    ),
    (
        [entry("seed 1 of “x”", 2.3, seconds=0), entry("b", 5e20, seconds=0)],
        "“seed 1 of ‘x’” ends at 2.30 on dev, far below “b” (5.0e+20) after as many steps, with the same settings.",
    ),
]


@pytest.mark.parametrize(("runs", "said"), SENTENCES)
def test_the_verdict_is_one_true_sentence(runs, said):
    assert verdict(runs) == said


@pytest.mark.parametrize(
    ("ratio", "said"),
    [
        (2.04, "twice the"), (0.5, "half the"), (0.34, "a third of the"), (0.7, "70 % of the"), (1.26, "1.3 times the"),
        (17.3, "17 times the"), (1.02, "about as many"),
    ],
)  # fmt: skip
def test_a_ratio_reads_as_a_person_would_say_it(ratio, said):
    counts = {"a": int(10_000 * ratio), "b": 10_000}
    runs = [entry(name, 2.2, seconds=0, parameter_count=count) for name, count in counts.items()]
    assert f"with {said} parameters." in verdict(runs)


LOSSES = st.floats(0.5, 60.0)


@given(st.lists(st.tuples(LOSSES, st.integers(1, 10**6), st.integers(0, 5)), min_size=2, max_size=MAX_COMPARED))
def test_every_number_of_a_verdict_is_one_of_the_runs(rows):
    runs = [entry(f"run {i}", dev, step, Config(seed=seed)) for i, (dev, step, seed) in enumerate(rows)]
    text, devs = verdict(runs), [dev for dev, _, _ in rows]
    line = headline(runs)
    assert f"“run {devs.index(min(devs))}”" in line or "are level" in line
    assert text.endswith(".") and "  " not in text and " ." not in text
    best, worst = min(devs), max(devs)
    if f"{best:.4f}" not in text:  # they do not all end alike
        said = re.search(r"ends (?:at|lowest on dev, at) ([\d.]+)", text)[1].rstrip(".")
        digits = len(said.partition(".")[2])
        assert float(said) == pytest.approx(best, abs=0.501 * 10**-digits)
        below = re.search(r", ([\d.]+) below", text)
        if below:
            assert float(below[1]) == pytest.approx(worst - best, abs=0.501 * 10**-digits)


@pytest.mark.parametrize(
    ("devs", "said"),
    [
        ((2.2, 2.3), "Best on dev: “0” (2.20), 0.10 below “1”."),
        ((2.3, 2.2004, 2.2), "Best on dev: “2” (2.2000), 0.0004 below the next."),
        ((2.2, 2.2), "On dev “0” and “1” are level, at 2.2000."),
        ((2.2, 3e5), "Best on dev: “0” (2.20), far below “1”."),
    ],
)
def test_the_headline_is_who_is_best_and_by_how_much(devs, said):
    assert headline([entry(str(i), dev) for i, dev in enumerate(devs)]) == said


@given(st.permutations(range(3)))
def test_the_order_of_the_runs_changes_nothing_about_who_is_best(order):
    runs = [entry("A", 2.3), entry("B", 2.2, config=WIDE), entry("C", 2.5, config=Config(seed=1))]
    assert verdict([runs[i] for i in order]) == verdict(runs)


def test_runs_compare_when_they_learned_from_the_same_words():
    assert comparable([entry("a", 2.0), entry("b", 2.1)])
    assert not comparable([entry("a", 2.0), entry("b", 2.1, digest="other")])
