"""What the browser is told of a run on words, which keeps C more often than whole networks."""

from core.config import Config
from core.data.dataset import Dataset
from core.data.sentences import read_text
from core.engine.run import Run
from core.engine.snapshot import PAUSED, TRAINING
from core.plots.feed import Broadcast
from core.plots.panels import Question
from tests.support.few_checkpoints import few_checkpoints
from tests.support.snapshots import shot
from tests.support.story import STORY


def test_between_checkpoints_words_move_and_the_network_before_answers(monkeypatch):
    few_checkpoints(monkeypatch)
    config = Config(n_embd=4, n_hidden=6, optimiser="Adagrad", tied=True, init="frequency", steps=120)
    run, broadcast = Run(config, Dataset.of_corpus(read_text(STORY, "story", 500).corpus, 3)), Broadcast()
    broadcast.ask(Question(seed=42, temperature=1.0, context="the cat", name=""))
    promised = broadcast.look(shot(run, 1, TRAINING), ())["total"]
    for _ in range(40):
        run.advance(3)
        told = broadcast.look(shot(run, 1, TRAINING), ())
    while not broadcast.complete:
        told = broadcast.look(shot(run, 1, PAUSED), ())
    frames, answers = told["frames"].rows, told["answers"].rows
    if len(answers) < len(frames):
        told = broadcast.look(shot(run, 1, PAUSED), ())
        frames, answers = told["frames"].rows, told["answers"].rows
    steps, whole = [frame["step"] for frame in frames], dict(run.history.checkpoints)
    assert steps == sorted({*whole, *dict(run.history.embeddings)}) and promised == told["total"] == len(steps) > 50
    assert len(answers) == len(steps)
    for step, said in zip(steps, answers):
        at = step if step in whole else steps[said]
        assert at == max(kept for kept in whole if kept <= step) and "words" in answers[steps.index(at)]
    assert frames[50]["packed"] != frames[51]["packed"]
