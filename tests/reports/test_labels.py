"""Where words go in a plot."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from reports.labels import Box, Labels, around

FRAME = Box(0, 0, 1000, 600)


@given(st.lists(st.tuples(st.floats(200, 800), st.floats(150, 450)), min_size=1, max_size=6))
def test_few_labels_find_room_beside_any_points(places: list[tuple[float, float]]) -> None:
    room = Labels(FRAME)
    room.keep(places, 4)
    boxes = [room.place(around(x, y, 60, 15, sides="10 9 11 3 4 12 6")) for x, y in places]
    assert all(a.overlap(b) == 0 for i, a in enumerate(boxes) for b in boxes[:i])
    assert all(box.outside(FRAME) == 0 for box in boxes)


def test_the_first_side_is_taken_where_it_is_free() -> None:
    box = Labels(FRAME).place(around(500, 300, 60, 20, sides="10.5 3", away=7))
    assert box == Box(433, 307, 493, 327)


def test_a_label_moves_away_from_a_mark_rather_than_from_a_line() -> None:
    room = Labels(FRAME)
    room.keep([(x, 300) for x in range(510, 700, 10)], 5)
    room.avoid([(470, 300)], 5)
    assert room.place(around(500, 300, 40, 16, sides="3 9")).right < 500


def test_a_label_stays_in_the_frame() -> None:
    assert Labels(FRAME).place(around(995, 300, 60, 16, sides="3 9")) == Box(926, 292, 986, 308)
