"""core/analysis/naming.py: no two runs of a list are called the same."""

from types import SimpleNamespace

from hypothesis import given
from hypothesis import strategies as st

from core.analysis.naming import distinct_names, without_shared

RATE = (5, "learning_rate", 0.3)


def run(name: str = "A", created: float = 0.0, step: int = 100, changes=(), data: str = "names", digest: str = "aaaaa"):
    return SimpleNamespace(name=name, created=created, step=step, changes=changes, data=data, digest=digest)


def test_a_name_that_only_one_run_has_stays():
    assert distinct_names([run("A"), run("B", step=7)]) == ["A", "B"]


def test_runs_of_one_name_are_told_apart_by_what_differs():
    assert distinct_names([run(), run(data="towns", digest="bbbbb")]) == ["A · names", "A · towns"]
    assert distinct_names([run(), run(digest="bbbbb")]) == ["A · names aaaa", "A · names bbbb"]
    assert distinct_names([run(), run(changes=(RATE,))]) == ["A", "A · learning rate 0.3 from step 5"]
    assert distinct_names([run(), run(changes=(RATE, RATE))])[1] == "A · learning rate 0.3 from step 5 and 1 more"
    assert distinct_names([run(), run(step=2_000)]) == ["A · 100 steps", "A · 2,000 steps"]


def test_runs_that_nothing_tells_apart_are_numbered_by_their_age():
    assert distinct_names([run(created=9.0), run(created=5.0)]) == ["A (2)", "A"]
    assert distinct_names([run("A (2)", 1.0), run(created=2.0), run(created=3.0)]) == ["A (2)", "A", "A (3)"]


RUNS = st.builds(
    run, st.sampled_from(["A", "A (2)", "A · towns"]), st.floats(0, 9), st.integers(1, 2),
    st.sampled_from([(), (RATE,)]), st.sampled_from(["names", "towns"]), st.sampled_from(["aaaaa", "bbbbb"]),
)  # fmt: skip


@given(st.lists(RUNS, max_size=12))
def test_no_two_names_are_the_same_and_each_begins_with_its_own(runs):
    names = distinct_names(runs)
    assert len({*names}) == len(names) == len(runs)
    assert all(name.startswith(run.name) for run, name in zip(runs, names))


def test_side_by_side_a_name_is_what_differs():
    one, other = "2-D · 100 hidden · seed 42 · 5 steps", "10-D · 100 hidden · seed 42 · 9 steps"
    assert without_shared([one, other]) == ["2-D · 5 steps", "10-D · 9 steps"]
    assert without_shared(["Mine", one]) == ["Mine", one]
    default, hot = "2-D · seed 42", "2-D · seed 42 · rate 10"
    assert without_shared([default, hot]) == [default, hot]
    assert without_shared([default, hot], ["rate 0.1", "rate 10"]) == ["rate 0.1", "rate 10"]
    for names in ([one], [one, "seed 42"], [one, one], ["seed 1 · a", "a · seed 1"]):
        assert without_shared(names) == names
