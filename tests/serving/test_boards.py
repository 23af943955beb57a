"""core/serving/boards.py: what was handed in, newest of each visitor, bounded; the frontier against brute force."""

import re

from hypothesis import given
from hypothesis import strategies as st

from core.keeping.library import Library
from core.keeping.points import KeptPoints
from core.serving.boards import BOARDS, POINTS, Boards, Point, frontier

points = st.builds(Point, st.integers(1, 5), st.sampled_from([2.0, 2.1, 2.2, 2.3]), st.booleans())


def test_a_visitors_newest_answer_takes_the_place_of_the_one_before():
    boards = Boards()
    boards.add("lesson", "ann", Point(3_481, 2.3, False))
    boards.add("lesson", "bob", Point(297, 2.8, False))
    boards.add("lesson", "ann", Point(11_897, 2.16, True))
    assert boards.points("lesson") == [Point(297, 2.8, False), Point(11_897, 2.16, True)]
    assert boards.points("another") == []


def test_boards_and_their_points_are_bounded():
    boards = Boards()
    for lesson in range(BOARDS + 1):
        boards.add(str(lesson), "ann", Point(1, 2.0, True))
    assert boards.points("0") == [] and boards.points("1")
    for visitor in range(POINTS + 5):
        boards.add("1", str(visitor), Point(visitor, 2.0, True))
    kept = boards.points("1")
    assert len(kept) == POINTS and kept[-1].parameters == POINTS + 4


def test_a_board_outlives_the_server_where_the_library_is_on_and_tells_nobody_by_name(tmp_path):
    path = tmp_path / "library.sqlite"
    library = Library(path)
    kept = KeptPoints(path), KeptPoints(path)
    before, after = map(Boards, kept)
    before.add("lesson", "ann", Point(3_481, 2.3, False))
    before.add("lesson", "bob", Point(297, 2.8, False))
    before.add("lesson", "ann", Point(11_897, 2.16, True))
    assert after.points("lesson") == [Point(297, 2.8, False), Point(11_897, 2.16, True)] and after.points("x") == []
    after.add("lesson", "bob", Point(300, 2.7, True))
    assert after.points("lesson") == [Point(11_897, 2.16, True), Point(300, 2.7, True)]
    assert library.problem is None
    for one in kept:
        one.close()
    for written in tmp_path.iterdir():
        assert not {b"ann", b"bob"} & set(re.findall(rb"[a-z]{3,}", written.read_bytes()))


def test_a_disk_that_cannot_be_used_leaves_the_board_in_memory(tmp_path, caplog):
    (tmp_path / "file").touch()
    boards = Boards(KeptPoints(tmp_path / "file" / "library.sqlite"))
    boards.add("lesson", "ann", Point(1, 2.0, True))
    assert boards.points("lesson") == [Point(1, 2.0, True)]
    assert "could not be kept" in caplog.text


@given(st.lists(points, max_size=12))
def test_nobody_is_better_than_the_frontier_with_as_few_numbers(found):
    line = frontier(found)
    best = {n: min((p.dev for p in found if p.parameters <= n), default=None) for n in range(1, 6)}
    for n, dev in best.items():
        assert min((p.dev for p in line if p.parameters <= n), default=None) == dev
    assert [p.dev for p in line] == sorted({p.dev for p in line}, reverse=True)
