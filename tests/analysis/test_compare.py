"""Runs side by side: what is taken of each, the table, the verdict's true numbers, embeddings upon one another."""

import dataclasses
from dataclasses import replace

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from core.analysis.compare import (
    TOO_DIFFERENT,
    Entry,
    ago,
    differing,
    duration,
    loss_text,
    perplexity,
    picture_note,
    pictures,
    summary,
    table,
)
from core.analysis.seeds import Reseeds, band, reseeded
from core.analysis.verdict import seeds_sentence
from core.config import KNOB, KNOBS, Config
from core.engine.job import Progress
from core.engine.run import Run
from core.serving.worker import complete
from tests.support.entries import ITOS, entry, moved
from tests.support.runs_kept import saved

# ---------------------------------------------------------------- what is taken of a run


@pytest.fixture(scope="module")
def run(few) -> Run:
    run = Run(Config(n_hidden=10), few(3), [(20, "learning_rate", 0.05)])
    run.advance(41)  # no step at which a run is evaluated by itself
    return run


def test_an_entry_has_the_exact_losses_of_its_very_step_and_the_test_loss_where_the_words_are_ours(run, few):
    kept = saved(run)
    early = dataclasses.replace(kept, exact=kept.history.evaluations[-1])
    assert early.exact[0] < 41
    taken = Entry.of(early, few(3))
    assert taken.exact == pytest.approx((41, run.evaluate("train"), run.evaluate("dev")), rel=1e-7)  # by torch
    assert taken.test == pytest.approx(run.evaluate("test"), rel=1e-7)
    assert taken.changes == ((20, "learning_rate", 0.05),)
    assert taken.start == Config(n_hidden=10)
    assert taken.parameter_count == len(run.parameters.flat) and torch.equal(taken.C, run.parameters.C)
    assert [known for _, known in taken.words] == [word in few(3).known for word, _ in taken.words]


def test_of_a_run_that_learned_from_other_words_nothing_is_made_up(run, dataset):
    kept = saved(run)
    early = dataclasses.replace(kept, exact=kept.history.evaluations[-1])
    taken = Entry.of(early, dataset)
    assert taken.exact == early.exact and taken.test is None
    assert not any(known for _, known in taken.words)


def test_all_runs_are_asked_for_names_with_the_same_random_numbers(run, few):
    one, other = Entry.of(saved(run), few(3)), Entry.of(saved(run, id="x", name="copy"), few(3))
    assert one.words == other.words and (one.name, other.name) == ("2-D · 10 hidden · seed 42 · few", "copy")


# ---------------------------------------------------------------- in a few words


def test_a_summary_says_what_differs_from_the_defaults():
    assert summary(Config()) == "all knobs at their defaults"
    assert summary(Config(n_hidden=300, seed=7)) == "hidden units 300 · seed 7"
    assert (
        summary(Config(direct=True), [(5, "learning_rate", 0.3)]) == "direct connections on · 1 change while training"
    )
    assert summary(Config(weight_decay=1e-4)) == "weight decay 0.0001"


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(-5, "just now"), (59, "just now"), (60, "1 minute ago"), (7_100, "1 hour ago"), (86_400 * 3, "3 days ago")],
)
def test_how_long_ago(seconds, text):
    assert ago(seconds) == text


@pytest.mark.parametrize(("seconds", "text"), [(0.04, "0.0 s"), (9.94, "9.9 s"), (9.96, "10 s"), (125, "2 min")])
def test_a_duration_is_as_exact_as_it_is_of_use(seconds, text):
    assert duration(seconds) == text


def test_losses_and_perplexities_of_any_size_are_short():
    assert (loss_text(2.28394), perplexity(2.28394)) == ("2.2839", "9.82")  # e^2.28394 = 9.8152...
    assert (loss_text(3.2e34), perplexity(3.2e34)) == ("3.2e+34", "over 1e+300")
    assert perplexity(55.0) == "7.7e+23"


# ---------------------------------------------------------------- the table


@given(
    st.lists(st.sampled_from([Config(), Config(n_hidden=300), Config(seed=1, init="lecture")]), min_size=2, max_size=6)
)
def test_every_knob_is_either_among_those_that_differ_or_among_those_alike(configs):
    runs = [entry(f"r{i}", 2.3, config=config) for i, config in enumerate(configs)]
    found = table(runs)
    different, alike = [row[0] for row in found["different"]], [row[0] for row in found["alike"]]
    assert sorted(different + alike) == sorted(knob.label for knob in KNOBS)
    assert different == [KNOB[name].label for name in differing(runs)]
    assert all(len(set(texts)) > 1 for _, texts in found["different"])
    assert all(len(texts) == len(runs) for _, texts, _ in found["results"])


def test_the_best_loss_is_marked_only_where_losses_compare_and_differ():
    one, other = entry("a", 2.3), entry("b", 2.2, digest="towns")
    rows = {label: best for label, _, best in table([one, entry("c", 2.2)])["results"]}
    assert rows["Dev loss"] == rows["Test loss"] == [1] and rows["Steps"] == []
    assert all(best == [] for _, _, best in table([one, other])["results"])
    assert all(best == [] for _, _, best in table([one, entry("same", 2.3)])["results"])


def test_the_table_tells_of_changes_failures_and_losses_that_are_older_than_the_run():
    changes = tuple((at, "learning_rate", 0.1 / at) for at in (1, 2, 4, 5))
    runs = [entry("a", 2.3, changes=changes), entry("b", 9.0, step=120, failure="Stopped.", test=None)]
    late = dataclasses.replace(runs[0], exact=(49_000, 2.2, 2.3))
    rows = {label: texts for label, texts, _ in table([late, runs[1]])["results"]}
    assert rows["Changes while training"][0].startswith("learning rate 0.1 from step 1; ")
    assert rows["Changes while training"] == [rows["Changes while training"][0], "none"]
    assert rows["Changes while training"][0].endswith("; 1 more")
    assert rows["Steps"] == ["50,000", "120, then it broke down"]
    assert rows["Dev loss"] == ["2.3000 at 49,000", "9.0000"] and rows["Test loss"][1] == "–"


# ---------------------------------------------------------------- embeddings


def test_a_turned_mirrored_moved_and_scaled_embedding_lies_upon_the_first_without_a_residual():
    first = entry("a", 2.3)
    turn = torch.tensor([[0.6, 0.8], [0.8, -0.6]])
    other = entry("b", 2.3, C=3 * first.C @ turn + 5)
    a, b = pictures([first, other])
    window = a.window
    torch.testing.assert_close(b.points, a.points, atol=1e-5, rtol=0)
    assert b.residual == pytest.approx(0, abs=1e-6) and a.residual is None and a.before is None
    assert b.window == window and a.shared and b.shared
    assert torch.equal(b.before, a.points) and b.nearest == a.nearest
    low, high = window.centre[0] - window.half, window.centre[0] + window.half
    assert all(low < x < high for x in a.points[:, 0].tolist())


def test_embeddings_of_any_sizes_can_be_laid_upon_the_first():
    runs = [entry("a", 2.3, config=Config(n_embd=n, seed=n)) for n in (10, 1, 2, 3)]
    found = pictures(runs)
    assert all(0 < picture.residual <= 1 for picture in found[1:])
    for picture in found:
        assert ((picture.points - torch.tensor(picture.window.centre)).abs() < picture.window.half).all()


@pytest.mark.parametrize("at", [0, 1])
def test_a_run_that_diverged_does_not_shrink_the_letters_of_the_others(at):
    runs = [entry(name, 2.3, config=Config(seed=seed)) for name, seed in (("a", 1), ("b", 1), ("c", 1))]
    runs[at] = moved(runs[at], torch.cat([1e6 * runs[at].C[:1], runs[at].C[1:]]))
    for i, picture in enumerate(pictures(runs)):
        spread = (picture.points.max(0).values - picture.points.min(0).values).max() / 2
        assert spread > picture.window.half / 2, i  # more than half of the picture
        assert ((picture.points - torch.tensor(picture.window.centre)).abs() < picture.window.half).all()


def test_what_a_picture_shows_is_said_in_a_few_words():
    runs = [entry("a", 2.3), entry("b", 2.3, config=Config(n_embd=10, seed=7))]
    first, other = pictures(runs)
    assert picture_note(runs[0], first, True) == "raw coordinates, 2 dimensions"
    note = picture_note(runs[1], other, False)
    assert note.startswith("PCA of 10 dimensions, ")
    assert (f"residual {other.residual:.2f}: too different for arrows" in note) == (other.residual > TOO_DIFFERENT)
    far = dataclasses.replace(other, shared=False, residual=None)
    assert picture_note(runs[1], far, False).endswith("; other characters, not aligned; a scale of its own")


def test_other_characters_are_shown_and_not_aligned():
    other = entry("b", 2.3, itos=ITOS[:5], C=torch.randn(5, 2))
    _, b = pictures([entry("a", 2.3), other])
    assert b.before is None and b.residual is None and b.points.tolist() == other.C.double().tolist()


# ---------------------------------------------------------------- other seeds


@pytest.fixture(scope="module")
def reseeds(few) -> tuple[Run, dict]:
    original, others = Run(Config(n_hidden=10), few(3)), {}
    original.advance(30)
    for seed in (43, 44, 45):
        again = Run(Config(n_hidden=10, seed=seed), few(3))
        again.advance(30)
        others[seed] = complete(again).freeze()
    return original, others


def test_a_reseeded_run_is_kept_with_the_exact_losses_and_parameters_of_its_last_step(reseeds, few):
    original, others = reseeds
    kept = reseeded(saved(original, name="x", created=5.0), others[43])
    again = Run(Config(n_hidden=10, seed=43), few(3))
    again.advance(30)
    assert kept.name == "seed 43 of “x”" and kept.id != original.id and kept.created == 0.0
    assert (kept.step, kept.exact) == (30, (30, again.evaluate("train"), again.evaluate("dev")))
    assert torch.equal(kept.parameters().flat, again.parameters.flat)
    assert kept.config.seed == 43 and kept.test is None and kept.failure is None


def test_reseeds_say_how_the_run_stands_among_them(reseeds, few):
    original, others = reseeds
    taken = Entry.of(saved(original, name="x"), few(3))
    found = Reseeds.of(taken, Progress(others, {}, 1.0))
    assert found.devs == {seed: history.evaluations[-1][2] for seed, history in others.items()}
    assert found.band == band(list(others.values())) and len(found.survival.overlap) == len(taken.vocabulary)
    assert all(2 <= seeds <= 3 and {one, other} <= set(taken.vocabulary.itos) for one, other, seeds in found.lasting(5))
    survival = replace(found.survival, pairs=((1, 2, 3), (1, 3, 2), (2, 3, 1)))
    assert [seeds for *_, seeds in replace(found, survival=survival).lasting(5)] == [3, 2], "most of three"
    of_four = replace(found, survival=survival, devs=found.devs | {99: 2.5})
    assert [seeds for *_, seeds in of_four.lasting(5)] == [3], "two of four are not most"
    text = seeds_sentence(found)
    low, high = min(found.devs.values()), max(found.devs.values())
    place = "below" if taken.dev < low else "above" if taken.dev > high else "among"
    assert text.startswith("With 3 other seeds the dev losses end between ") and f"is {place} them." in text
    assert f"chance would give {100 * found.survival.chance:.0f} %" in text and "a character keeps" in text
    assert "a word keeps" in seeds_sentence(replace(found, entry=replace(taken, most=500)))


def test_of_one_seed_or_none_nothing_is_said_of_neighbourhoods(reseeds, few):
    taken = Entry.of(saved(reseeds[0], name="x"), few(3))
    one = Reseeds.of(taken, Progress({43: reseeds[1][43]}, {44: "It ended too early."}, 1.0))
    assert one.survival is None and one.lasting(5) == [] and one.failed == {44: "It ended too early."}
    assert seeds_sentence(one).startswith("With one other seed the dev loss ends at ")
    none = Reseeds.of(taken, Progress({}, {43: "No."}, 1.0))
    assert seeds_sentence(none) == "No run with another seed was completed."
