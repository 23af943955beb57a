"""A run on words in the library, in a file and as an answer: the same to the last bit, or refused with a sentence."""

import math

import pytest

from core.analysis import parting as parting_module
from core.analysis.compare import Entry, comparable, picture_note, pictures, table
from core.analysis.parting import parting, sentence
from core.config import Config
from core.data.dataset import Dataset
from core.data.sentences import english, read_text
from core.data.text import TOKEN
from core.engine.run import Run
from core.keeping import answers, proof
from core.keeping.library import Library
from core.keeping.runfile import NUMBERS, SCALES, from_bytes, to_bytes
from core.keeping.runtext import RunFileError
from core.plots.compare import map_figure
from tests.support.few_checkpoints import few_checkpoints
from tests.support.runs_kept import closed, opened, saved, tables
from tests.support.story import STORY

CONFIG = Config(n_embd=4, n_hidden=6, optimiser="Adagrad", tied=True, init="frequency", batch_size=32, steps=60)


@pytest.fixture(scope="module", autouse=True)
def _few():
    with pytest.MonkeyPatch.context() as patch:
        few_checkpoints(patch)
        yield


@pytest.fixture(scope="module")
def text():
    return read_text(STORY, "story", 500).corpus


@pytest.fixture(scope="module")
def run(text):
    run = Run(CONFIG, Dataset.of_corpus(text, 3))
    run.advance(30)
    return run


@pytest.fixture(scope="module")
def kept(run):
    return saved(run, exact=(run.step, *run.losses()))


def test_it_comes_back_after_a_restart_with_its_text_and_goes_on_to_the_same_bits(tmp_path, run, kept, text):
    library = Library(tmp_path / "library.sqlite")
    library.keep_words(text)
    library.save(kept, "anna")
    library.close()
    again = Library(library.path)
    (row,) = again.runs()
    assert (row.digest, row.most, row.name.split(" · ")[-2:]) == (text.digest, 500, ["story", "500 words"])
    back, words = again.load(row.id), again.words(row.digest)
    assert back.frozen == kept.frozen and back.history == kept.history and back.itos == text.vocabulary.itos
    assert words.units == text.units and words.level == text.level
    going = Run.resume(back.history, Dataset.of_corpus(text, 3), back.step, back.frozen)
    whole = Run(CONFIG, run.dataset)
    going.advance(30)
    whole.advance(60)
    assert going.parameters.freeze() == whole.parameters.freeze() and going.history == whole.history
    past = again.past_of(CONFIG, (), text.digest, 20, run.history.paths, 500)
    assert past.step <= 20 and past.most == 500
    assert again.past_of(CONFIG, (), text.digest, 20, run.history.paths, 600) is None, "another vocabulary"
    assert again.past_of(CONFIG, (), text.digest, 20, run.history.paths) is None, "a run on characters"


def test_another_vocabulary_is_another_run(tmp_path, kept):
    library = Library(tmp_path / "library.sqlite")
    library.save(kept)
    library.save(saved(Run(CONFIG, Dataset.of_corpus(read_text(STORY, "story", 501).corpus, 3)), id="b", step=1))
    assert {row.most for row in library.runs()} == {500, 501}


def test_in_memory_there_is_no_room_for_places_between_checkpoints(kept):
    library = Library(None)
    library.save(kept)
    (row,) = library.runs()
    back = library.load(row.id)
    assert kept.history.embeddings and back.history.embeddings == ()
    assert back.frozen == kept.frozen and back.history.checkpoints == kept.history.checkpoints


def test_a_file_has_the_same_values(kept):
    assert kept.history.embeddings and from_bytes(to_bytes(kept)) == kept


def test_a_save_writes_only_the_embeddings_that_are_new_and_takes_back_what_was_undone(tmp_path, run, kept):
    library, query = Library(tmp_path / "library.sqlite"), "SELECT rowid, step, packed FROM embeddings ORDER BY step"
    shorter = saved(run.fork(10), id=run.id)
    steps = []
    for each in (shorter, kept, kept):
        library.save(each)
        with tables(library.path) as db:
            steps.append(db.execute(query).fetchall())
    assert [row[1:] for row in steps[1]] == list(kept.history.embeddings) and steps[1] == steps[2]
    assert steps[0] == steps[1][: len(steps[0])] and 0 < len(steps[0]) < len(steps[1])


FORGED_EMBEDDINGS = {
    "another size": lambda text, tensors: tensors.update({SCALES: tensors[SCALES][:-1]}),
    "a step too many": lambda text, tensors: text["embeddings"].append(29),
    "no order": lambda text, tensors: text["embeddings"].reverse(),
    "a step that is none": lambda text, tensors: text["embeddings"].__setitem__(0, "x"),
    "no list": lambda text, tensors: text.update(embeddings=7),
    "other numbers": lambda text, tensors: tensors.update({NUMBERS: tensors[NUMBERS].float()}),
    "NaN": lambda text, tensors: tensors[SCALES].fill_(math.nan),
    "below zero": lambda text, tensors: tensors[SCALES].fill_(-1.0),
    "too large": lambda text, tensors: tensors[SCALES].fill_(1e200),
}


@pytest.mark.parametrize("forged", FORGED_EMBEDDINGS)
def test_a_file_with_other_embeddings_is_refused(kept, forged):
    text, tensors = opened(to_bytes(kept))
    FORGED_EMBEDDINGS[forged](text, tensors)
    with pytest.raises(RunFileError):
        from_bytes(closed(text, tensors))


@pytest.mark.parametrize("changed", ["packed = x'00'", "packed = 'text'", "step = 'x'", "step = 99"])
def test_embeddings_of_a_library_that_were_changed_are_not_read(tmp_path, kept, changed):
    library = Library(tmp_path / "library.sqlite")
    library.save(kept)
    with tables(library.path) as db:
        db.execute(f"UPDATE embeddings SET {changed} WHERE step = (SELECT max(step) FROM embeddings)")
    assert library.load(kept.id) is None


@pytest.mark.parametrize(
    "most, change",
    [(7, {}), (18_000, {}), ("500", {}), (True, {}), (500, {2: "two words"}), (500, {2: "<unk>"}), (500, {0: "."}),
     (500, {2: 7}), (500, {3: "."}), (None, {})],
)  # fmt: skip
def test_a_file_that_was_changed_is_refused(kept, most, change):
    text, tensors = opened(to_bytes(kept))
    text["run"]["most"] = most
    for place, word in change.items():
        text["run"]["itos"][place] = word
    with pytest.raises(RunFileError):
        from_bytes(closed(text, tensors))


def test_all_words_of_the_bundled_text_can_be_in_a_file():
    assert all(TOKEN.fullmatch(word) for word in english(17_000).corpus.vocabulary.itos[2:])


def test_an_answer_is_checked_by_training_again_on_the_text(kept, text, tmp_path, capsys):
    claim = proof.claimed_by(kept)
    assert claim.link.vocabulary == 500
    assert proof.Claim.read(claim.written()) == claim
    verdict = proof.check(claim, Dataset.of_corpus(text, 3))
    assert verdict.true and verdict.numbers["dev"] == kept.exact[2]
    (tmp_path / "story.txt").write_text(STORY)
    (tmp_path / "run.safetensors").write_bytes(to_bytes(kept))
    ask = answers.argparse.ArgumentParser()
    answers.add_flags(ask)
    path = str(tmp_path / "run.safetensors")
    assert (
        answers.run(ask.parse_args([path, claim.written(), "--text", str(tmp_path / "story.txt")]), answers.judged) == 0
    )
    assert "2 accepted, 0 refused" in capsys.readouterr().out
    assert answers.run(ask.parse_args([path]), answers.judged) == 1
    assert "add --names FILE, or --text FILE" in capsys.readouterr().out


def test_runs_on_words_are_compared_by_their_samples_and_only_with_the_same_vocabulary(kept, text):
    data = Dataset.of_corpus(text, 3)
    one, other = Entry.of(kept, data), Entry.of(saved(Run(CONFIG.with_(seed=7), data)), data)
    assert one.exact == kept.exact and one.test is not None and len(one.words) == 12
    assert not any("<unk>" in sentence for sentence, _ in one.words)
    rows = dict((label, texts) for label, texts, _ in table([one, other])["results"])
    assert "Dev loss, of at most 3,000 examples of a text" in rows and comparable([one, other])
    assert "They differ from the start" in sentence(
        parting(kept, saved(Run(CONFIG.with_(seed=7), data)), data), one.itos
    )
    assert [len(e.C) for e in (one, other)] == [len(one.shown)] * 2 and len(one.shown) < len(one.itos)
    pictures_of = pictures([one, other])
    assert len(pictures_of[1].points) == len(one.shown) and pictures_of[1].residual is not None
    assert "frequent words" in picture_note(other, pictures_of[1], False)
    figure = map_figure(other, pictures_of[1])
    assert figure["data"][-1]["text"] == list(one.shown.labels) and "<unk>" not in figure["data"][-1]["text"]
    larger = Dataset.of_corpus(read_text(STORY, "story", 501).corpus, 3)
    assert not comparable([one, Entry.of(saved(Run(CONFIG, larger)), larger)])


def test_where_two_runs_on_words_part_is_found_to_the_step(text, monkeypatch):
    """A change of the rate at step 37, between two checkpoints, by making the steps again; else an interval."""
    data = Dataset.of_corpus(text, 3)
    monkeypatch.setattr("core.engine.run.checkpoints_per_decade", lambda numbers: 2)
    runs = [Run(CONFIG, data, plan) for plan in ([], [(37, "learning_rate", 0.05)])]
    for run in runs:
        run.advance(60)
    found = parting(*map(saved, runs), data)
    assert (found.same, found.step) == (37, 38)
    monkeypatch.setattr(parting_module, "MOST_OF_WORDS", 0)
    roughly = parting(*map(saved, runs), data)
    assert roughly.same < 37 and roughly.step > 38
