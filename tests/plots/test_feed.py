"""What the browser is told: whatever is lost on the way, it says what it has and is told the rest."""

import dataclasses
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.analysis.timeline import Timeline
from core.config import Config
from core.data.corpus import Corpus
from core.engine.history import History
from core.engine.log import Have
from core.engine.probe import next_char, sample, score
from core.engine.recorded import RECORDING
from core.engine.recorded import recorded as snapshot_of
from core.engine.run import Run
from core.engine.snapshot import PAUSED, TRAINING, Snapshot
from core.plots.feed import AT_ONCE, BLOCK, NO_FRAMES, Broadcast
from core.plots.panels import SAMPLES, Question, coordinates, moment
from tests.support.logs import FeedReader
from tests.support.runs import FAIL_SLOWLY
from tests.support.snapshots import shot

EM = Question(seed=42, temperature=1.0, context="em", name="emma")
SMALL = Config(n_hidden=8, steps=600)


class Page(FeedReader):
    """What assets/page/common/time.js does with a look (`receive`, `have`), in Python."""

    def __init__(self):
        super().__init__()
        self.run = self.head = self.total = None

    def receive(self, told: dict) -> None:
        told = json.loads(json.dumps(told, allow_nan=False))
        self.run, self.total, self.head = told["run"], told["total"], told["head"]
        self.take(told)


class Server:
    """A run that is broadcast: the moves below are what can happen between two looks."""

    def __init__(self, dataset, config: Config = SMALL):
        self.dataset, self.config = dataset, config
        self.number, self.axes, self.question = 1, (), EM
        self.run, self.state = Run(config, dataset), TRAINING
        self.broadcast = Broadcast()
        self.broadcast.ask(self.question)

    @property
    def shown(self) -> Snapshot:
        return shot(self.run, self.number, self.state)

    def look(self, have: tuple[Have, ...] = NO_FRAMES) -> dict:
        return self.broadcast.look(self.shown, self.axes, have)

    def advance(self, steps: int) -> None:
        self.run.advance(steps)

    def rest(self, whether: bool) -> None:
        self.state = PAUSED if whether else TRAINING

    def ask(self, context: str) -> None:
        self.question = dataclasses.replace(self.question, context=context)
        self.broadcast.ask(self.question)

    def turn(self, axes: tuple) -> None:
        self.axes = axes

    def restart(self, seed: int) -> None:
        self.number, self.run = self.number + 1, Run(self.config.with_(seed=seed), self.dataset)

    def frames(self) -> list[dict]:
        """What the page should hold, made here from nothing."""
        timeline = Timeline()
        timeline.update(self.shown, self.axes)
        return json.loads(json.dumps(list(map(moment, timeline.frames))))

    def answers(self) -> list[dict]:
        """The same, each checkpoint asked alone."""
        count = range(len(self.run.history.checkpoints))
        return [answer(self.shown.checkpoint(i), self.dataset, self.question) for i in count]


def answer(network, dataset, question: Question) -> dict:
    """One network's answer, each question put to it alone."""
    vocabulary = dataset.vocabulary
    words = sample(network, vocabulary, SAMPLES, question.seed, question.temperature)
    said = {
        "words": [[word, int(word in dataset.known)] for word in words],
        "next": [round(p, 4) for p in next_char(network, vocabulary, question.context)],
    }
    if question.name:
        found = score(network, vocabulary, question.name)
        said |= {"letters": [round(p, 4) for _, p in found.letters], "loss": round(found.loss, 3)}
    return said


def assert_near(told: list[dict], expected: list[dict]) -> None:
    """Equal; but a batched product may round the last place otherwise."""
    assert len(told) == len(expected)
    for one, other in zip(told, expected):
        assert one.keys() == other.keys() and one["words"] == other["words"]
        for part in one.keys() - {"words"}:
            assert one[part] == pytest.approx(other[part], abs=1.5e-4 if part != "loss" else 1.1e-3)


MOVES = st.one_of(
    st.tuples(st.just("advance"), st.integers(1, 80)),
    st.tuples(st.just("rest"), st.booleans()),
    st.tuples(st.just("ask"), st.sampled_from(["", "em", "q"])),
    st.tuples(st.just("turn"), st.sampled_from([(), (1, 0)])),
    st.tuples(st.just("restart"), st.integers(1, 3)),
)
LOOKS = st.lists(st.tuples(st.lists(MOVES, max_size=3), st.booleans()), min_size=1, max_size=14)


@settings(max_examples=30)
@given(looks=LOOKS)
def test_whatever_looks_are_lost_the_next_one_brings_all_that_the_page_does_not_have(few, looks):
    server, page = Server(few(3)), Page()
    for moves, lost in looks:
        for move, value in moves:
            getattr(server, move)(value)
        told = server.look(page.have)
        if lost:
            continue
        page.receive(told)
        assert page.have == server.broadcast.made and page.frames == server.frames()
        assert (page.run, page.head["step"]) == (server.number, server.run.step)
    if not looks[-1][1]:
        assert_near(page.answers, server.answers()[: len(page.answers)])


@pytest.fixture
def server(few) -> Server:
    return Server(few(3))


def test_who_says_to_have_more_than_there_is_gets_what_comes_after(server):
    server.advance(40)
    server.look()
    frames, answers = server.broadcast.made
    told = server.look((Have(frames.epoch, 10**9), Have(answers.epoch, 10**9)))
    assert (told["frames"], told["answers"]) == ((*frames, []), (*answers, []))
    assert server.look((Have(frames.epoch + 1, 5), answers))["frames"].start == 0


def test_a_look_while_it_trains_is_bounded_however_long_the_run(server):
    page = Page()
    for steps in [8] * 20 + [20] * 20 + [100] * 100:  # five looks a second, slow at first: 28 seconds
        server.advance(steps)
        told = server.look(page.have)
        page.receive(told)
        assert len(told["answers"].rows) <= len(told["frames"].rows) + AT_ONCE
    assert len(page.frames) > 120 and len(told["frames"].rows) < 3
    assert len(json.dumps(told)) < 20_000


def test_the_first_look_at_a_long_run_asks_few_checkpoints_and_the_next_ones_the_rest(server):
    server.advance(1_000)
    page, looks = Page(), 0
    while not (looks and server.broadcast.complete):
        page.receive(server.look(page.have))
        looks += 1
        assert len(page.answers) == min(len(page.frames), looks * AT_ONCE)
    assert len(page.frames) == len(server.run.history.checkpoints) and looks > 1
    assert_near(page.answers, server.answers())


@pytest.mark.parametrize("case", FAIL_SLOWLY)
def test_after_a_failure_the_page_has_the_frames_of_one_who_never_looked(few, case):
    server, page, doomed = Server(few(3), FAIL_SLOWLY[case]), Page(), Run(FAIL_SLOWLY[case], few(3))
    doomed.advance(5_000)
    server.advance(doomed.step - 10)
    while server.run.failure is None:  # the last ten steps, and those that will be undone, one by one
        page.receive(server.look(page.have))
        server.advance(1)
    page.receive(server.look(page.have))
    assert page.frames == server.frames()


# ---------------------------------------------------------------- what makes the past worthless


def test_other_axes_are_another_epoch_and_come_whole(server):
    server.advance(60)
    before = server.look()["frames"]
    server.turn((1, 0))
    after = server.look(server.broadcast.made)["frames"]
    assert after.epoch == before.epoch + 1
    assert after.start == 0 and len(after.rows) == len(before.rows)
    pairs = [frames.rows[-1]["points"] for frames in (before, after)]
    assert pairs[0][::2] == pairs[1][1::2] and pairs[0][1::2] == pairs[1][::2]


def test_another_question_has_other_answers_and_the_same_again_none(server):
    server.advance(60)
    server.rest(True)  # all answers in one look
    before, had = server.look(), server.broadcast.made
    assert server.broadcast.ask(dataclasses.replace(EM)) == before["answers"].epoch
    assert server.look(had)["answers"].rows == []
    server.ask("q")
    after = server.look(had)
    assert after["frames"] == (*had[0], []) and after["answers"] == (before["answers"].epoch + 1, 0, [])
    assert after["head"]["next"] != before["head"]["next"]
    then = server.look(server.broadcast.made)["answers"]
    assert then.start == 0 and then.rows[5]["next"] != before["answers"].rows[5]["next"]
    assert server.broadcast.name == "emma"


def test_pages_of_the_same_run_share_what_its_checkpoints_answered(few):
    made = {}

    def share(key, make):
        if key not in made:
            made[key] = make()
        return made[key]

    pages = []
    for seed, question in ((1, EM), (1, EM), (2, EM), (1, dataclasses.replace(EM, context="q"))):
        server, broadcast, page = Server(few(3), SMALL.with_(seed=seed)), Broadcast(share), Page()
        broadcast.ask(question)
        server.advance(100)
        while not page.answers or not broadcast.complete:
            page.receive(broadcast.look(server.shown, (), page.have))
        pages.append((page.answers, len(made)))
    blocks = len(pages[0][0]) // BLOCK
    assert blocks > 5 and [shared for _, shared in pages] == [blocks, blocks, 2 * blocks, 3 * blocks]
    assert pages[0][0] == pages[1][0] != pages[2][0]
    server.ask("q")
    assert_near(pages[3][0], server.answers())


def test_what_pages_share_is_text_and_holds_no_words(few):
    """A long list of words would stay in memory after its last visitor; answers as objects are seven times larger."""
    made = {}
    server, broadcast = Server(few(3), SMALL), Broadcast(lambda key, make: made.setdefault(key, make()))
    broadcast.ask(EM)
    server.advance(100)
    answers = broadcast.look(server.shown, ())["answers"].rows
    assert [answer for text in made.values() for answer in json.loads(text)] == answers[: BLOCK * len(made)] != []
    assert not any(isinstance(part, Corpus) for key in made for part in key)


# ---------------------------------------------------------------- this very moment, and the end


@pytest.mark.parametrize("name", ["emma", ""])
def test_the_head_is_the_run_now_with_its_answers_and_exact_places(few, name):
    server = Server(few(3), SMALL.with_(n_embd=10))
    server.advance(333)
    server.broadcast.ask(dataclasses.replace(EM, name=name))
    head = server.look()["head"]
    step, train, dev = server.run.history.evaluations[-1]
    assert (head["step"], head["exact_step"], head["train"], head["dev"]) == (333, step, round(train, 7), round(dev, 7))
    assert head["where"] == coordinates(server.run.parameters.C)
    expected = answer(server.run.parameters, server.dataset, dataclasses.replace(EM, name=name))
    assert_near([{key: head[key] for key in expected}], [expected])
    assert ("letters" in head) == bool(name)


@pytest.mark.parametrize("steps", [1, 20, 100, 437, 1_000])
@pytest.mark.parametrize("n_hidden", [8, 500])
def test_total_is_from_the_first_look_on_the_number_of_frames_at_the_end(few, steps, n_hidden):
    server = Server(few(3), SMALL.with_(steps=steps, n_hidden=n_hidden, block_size=3, n_embd=2))
    promised = server.look()["total"]
    while server.run.step < steps:
        server.advance(min(97, steps - server.run.step))
        assert server.look()["total"] == promised
    assert len(server.run.history.checkpoints) == promised
    server.advance(30)  # step by step past the end
    assert server.look()["total"] == len(server.run.history.checkpoints)


def test_of_a_recorded_run_all_is_there(dataset):
    broadcast, page = Broadcast(), Page()
    broadcast.ask(EM)
    shown = snapshot_of(History.load(RECORDING), dataset)
    page.receive(broadcast.look(shown, ()))
    assert page.total == len(page.frames) == len(page.answers) == len(shown.history.checkpoints)
    assert page.frames[-1]["step"] == page.head["step"] == 50_000
