"""core/keeping/export.py: the table of a run's losses, as CSV."""

import csv
import io

from hypothesis import given, settings
from hypothesis import strategies as st

from core.config import FULL, Config
from core.engine.history import History
from core.engine.run import Run
from core.keeping.export import COLUMNS, history_csv

SMALL = Config(n_hidden=20, steps=300)


def rows(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text, newline=""), strict=True))


def test_the_csv_has_every_remembered_loss_and_change_of_a_run(few):
    plan = ((50, "batch_size", FULL), (50, "learning_rate", 0.3), (777, "steps", 900))
    run = Run(SMALL.with_(steps=1_000), few(3), plan=plan)
    run.advance(1_000)
    head, *body = rows(history_csv(run.history))
    assert tuple(head) == COLUMNS
    steps = [int(row[0]) for row in body]
    assert steps == sorted(set(steps)) and {0, 50, 777, 900, 1_000} <= set(steps)
    assert [
        (int(s), float(m), float(r), b if b == FULL else int(b)) for s, m, r, b, *_ in body if m
    ] == run.history.losses
    assert [(int(row[0]), float(row[4]), float(row[5])) for row in body if row[4]] == run.history.evaluations
    assert {int(row[0]): row[6] for row in body if row[6]} == {
        50: "batch_size=full; learning_rate=0.3",
        777: "steps=900",
    }


FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")  # OWASP, "CSV Injection"
FLOATS = st.floats(allow_nan=False, allow_infinity=False)


@given(st.lists(st.tuples(FLOATS, FLOATS, FLOATS), min_size=1, max_size=20))
def test_numbers_stay_numbers_with_every_digit(values):
    losses = [(step, loss, abs(rate), 32) for step, (loss, rate, _) in enumerate(values)]
    evaluations = [(step, train, dev) for step, (_, train, dev) in enumerate(values)]
    _, *body = rows(history_csv(History({}, losses, evaluations)))
    assert [(int(r[0]), float(r[1]), float(r[2]), int(r[3])) for r in body] == losses
    assert [(int(r[0]), float(r[4]), float(r[5])) for r in body] == evaluations


@settings(max_examples=100)
@given(st.sampled_from(["", *FORMULA]), st.text(st.characters(codec="utf-8")))
def test_text_is_never_a_formula_and_never_more_than_one_cell(first, rest):
    text = first + rest
    for history in (History({}, changes=[(3, text, 1)]), History({}, losses=[(3, 1.0, 0.1, text)])):
        lines = rows(history_csv(history))
        assert [len(line) for line in lines] == [len(COLUMNS)] * 2
        cell = max(lines[1][3], lines[1][6], key=len)
        assert not cell.startswith(FORMULA)
        assert text in cell and cell.removeprefix("'") in (
            text,
            f"{text}=1",
            text.removeprefix("'"),
            f"{text}=1".removeprefix("'"),
        )
