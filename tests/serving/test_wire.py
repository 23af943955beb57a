"""core/serving/wire.py: what arrives is what was sent, and nothing that arrived before is sent again."""

import pickle
from dataclasses import replace
from itertools import takewhile

from hypothesis import given
from hypothesis import strategies as st

from core.data.corpus import Corpus
from core.data.groups import Group
from core.engine.history import History
from core.engine.saved import SavedRun
from core.engine.snapshot import TRAINING, Snapshot
from core.serving.wire import Receiver, Sender

SIZE = 20_000  # bytes of a checkpoint: by far the most of what there is
SMALL_TALK = 3_000  # bytes, at most, of all that is no checkpoint and no loss
LOSSES = 40  # of each checkpoint, all different
LISTS = (Corpus("one", ("ab", "ba")), Corpus("two", ("ab", "ba")), Corpus("one", ("ab",), (Group("a", ("a",)),)))


def checkpoint(run: int, index: int) -> bytes:
    """Checkpoint number `index` of a run; those of numbers 0 and 1 are the same in two runs of one config."""
    return f"{run // 2 if index < 2 else run}:{index}:".encode().ljust(SIZE, b"x")


def history(run: int, length: int) -> History:
    losses = tuple((i, 3.0 + run, 0.1, 32) for i in range(LOSSES * length))
    return History({}, losses, ((0, 3.0, 3.0),), tuple((i, checkpoint(run, i)) for i in range(length)))


def snapshot(run: int, length: int, previous: tuple[int, int] | None, words: Corpus) -> Snapshot:
    return Snapshot(
        id=f"run{run}", history=history(run, length), step=length, frozen=b"1234", exact=(0, 3.0, 3.0),
        number=1, corpus=words, state=TRAINING, previous=previous and history(*previous),
    )  # fmt: skip


def saved(run: int, length: int) -> SavedRun:
    itos = (".", "a", "b")
    return SavedRun(
        id=f"run{run}", history=history(run, length), step=length, frozen=b"1234", exact=(0, 3.0, 3.0),
        itos=itos, data="one", digest="0" * 64,
    )  # fmt: skip


PAST = st.tuples(st.integers(0, 3), st.integers(0, 6))  # another run, or the same at another length: grown or cut back
MOMENTS = st.builds(
    lambda past, previous, words: snapshot(*past, previous, words), PAST, st.none() | PAST, st.sampled_from(LISTS)
)
SENT = st.lists(MOMENTS | PAST.map(lambda past: saved(*past)), max_size=20)


def send(sender: Sender, receiver: Receiver, what: Snapshot | SavedRun) -> int:
    """Send it as from one process to another, see that it is the same; how many bytes it was on its way."""
    kind = "snapshot" if isinstance(what, Snapshot) else "saved"
    raw = pickle.dumps(getattr(sender, kind)(what))
    got = getattr(receiver, kind)(pickle.loads(raw))
    assert got == what and type(got.history.checkpoints) is tuple
    return len(raw)


def histories(what: Snapshot | SavedRun) -> list[History]:
    return [what.history, *([what.previous] if isinstance(what, Snapshot) and what.previous else [])]


def missing(history: History, held: list[History]) -> int:
    """How many of its checkpoints are not the first ones of any of those."""
    rows = [past.checkpoints for past in (history, *held)]
    common = [sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(rows[0], other))) for other in rows[1:]]
    return len(rows[0]) - max(common, default=0)


@given(sent=SENT)
def test_whatever_is_sent_arrives_as_it_was_and_only_what_is_new_of_it(sent):
    sender, receiver, held = Sender(), Receiver(), []
    for what in sent:
        new = sum(missing(past, held) for past in histories(what)) * SIZE
        losses = 3_000 * sum(len(past.checkpoints) for past in histories(what))
        assert new <= send(sender, receiver, what) < new + losses + SMALL_TALK
        held = histories(what) if isinstance(what, Snapshot) else receiver._held


@given(sent=SENT)
def test_both_ends_hold_no_more_than_the_newest_moment_and_what_was_kept_since(sent):
    sender, receiver, kept = Sender(), Receiver(), 0
    for what in sent:
        send(sender, receiver, what)
        kept = 0 if isinstance(what, Snapshot) else kept + 1
        assert sender._held == receiver._held and len(sender._held) <= 2 + kept
        assert kept or sender._held == histories(what)


def test_a_run_in_training_is_sent_row_by_row_and_taken_back_where_it_failed():
    sender, receiver = Sender(), Receiver()
    sizes = [send(sender, receiver, snapshot(0, length, (3, 6), LISTS[0])) for length in (5, 6, 6, 4, 5)]
    assert sizes[0] > 11 * SIZE
    assert [round(size / SIZE) for size in sizes[1:]] == [1, 0, 0, 1]
    assert sizes[2] < 1_500  # of 240 losses none


def test_the_run_before_and_a_branch_of_it_are_there_already():
    sender, receiver = Sender(), Receiver()
    send(sender, receiver, snapshot(0, 6, None, LISTS[0]))
    for new, previous in [((2, 1), (0, 6)), ((0, 6), (2, 1)), ((0, 3), (0, 6))]:  # reset, undo, branch
        assert send(sender, receiver, snapshot(*new, previous, LISTS[0])) < SMALL_TALK + SIZE * (new[1] == 1)


def test_of_the_words_nothing_is_sent_as_long_as_they_are_the_same():
    many = Corpus("many", tuple(f"word{i}" for i in range(20_000)))
    sender, receiver = Sender(), Receiver()
    first = send(sender, receiver, snapshot(0, 1, None, many))
    again = send(sender, receiver, snapshot(0, 2, None, replace(many)))
    other = send(sender, receiver, snapshot(0, 2, None, LISTS[0]))
    back = send(sender, receiver, snapshot(0, 2, None, many))
    assert min(first, back) > 100_000 and max(again - SIZE, other) < SMALL_TALK


def test_what_is_unread_of_one_moment_shares_its_checkpoints_with_the_next():
    sender, receiver = Sender(), Receiver()
    one, other = (
        receiver.snapshot(pickle.loads(pickle.dumps(sender.snapshot(snapshot(0, length, None, LISTS[0])))))
        for length in (3, 4)
    )
    assert all(a[1] is b[1] for a, b in zip(one.history.checkpoints, other.history.checkpoints)), "48 MB, and not twice"
    assert one.corpus is other.corpus
