from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from origin.ranges import MOST_RANGES, ByteRange, UnsatisfiableRange, select_ranges


@pytest.mark.parametrize(
    ("header", "wanted"),
    [
        ("bytes=0-0", [(0, 1)]),
        ("bytes=0-", [(0, 100)]),
        ("bytes=99-", [(99, 100)]),
        ("bytes=10-19", [(10, 20)]),
        ("bytes=90-1000", [(90, 100)]),
        ("bytes=-1", [(99, 100)]),
        ("bytes=-100", [(0, 100)]),
        ("bytes=-1000", [(0, 100)]),
        ("BYTES=0-1", [(0, 2)]),
        ("bytes= 0-1 , 5-6", [(0, 2), (5, 7)]),
        ("bytes=,,0-1,,", [(0, 2)]),
        ("bytes=50-59,0-9", [(50, 60), (0, 10)]),
        ("bytes=0-9,10-19", [(0, 10), (10, 20)]),
        ("bytes=0-9,5-19", [(0, 20)]),
        ("bytes=0-9,50-59,5-54", [(0, 60)]),
        ("bytes=0-0,-1", [(0, 1), (99, 100)]),
        ("bytes=200-,0-1", [(0, 2)]),
        ("bytes=-0,0-1", [(0, 2)]),
        ("bytes=0-" + "9" * 5000, [(0, 100)]),
    ],
)
def test_satisfiable_ranges_are_selected(header: str, wanted: list[tuple[int, int]]) -> None:
    assert [(r.start, r.stop) for r in select_ranges(header, 100)] == wanted


@pytest.mark.parametrize(
    "header",
    [
        "",
        "bytes",
        "bytes=",
        "bytes=,",
        "bytes=-",
        "bytes=a-b",
        "bytes=1",
        "bytes=5-4",
        "bytes=0-1,x",
        "bytes=0-1,5-4",
        "items=0-1",
        "bytes=0-1-2",
        "bytes=--1",
        "bytes=+1-2",
        "bytes=0x1-2",
        "bytes=1.0-2",
        "bytes=\u0661-\u0662",
        "bytes 0-1",
        "bytes=" + ",".join(f"{n}-{n}" for n in range(MOST_RANGES + 1)),
    ],
)
def test_a_header_that_is_no_sound_byte_range_is_ignored(header: str) -> None:
    assert select_ranges(header, 100) == ()


@pytest.mark.parametrize(
    "header", ["bytes=100-", "bytes=100-200", "bytes=-0", "bytes=" + "9" * 5000 + "-", "bytes=100-,-0"]
)
def test_ranges_beyond_the_end_are_unsatisfiable(header: str) -> None:
    with pytest.raises(UnsatisfiableRange):
        select_ranges(header, 100)


def test_nothing_can_be_selected_of_an_empty_object() -> None:
    assert select_ranges("bytes=-5", 0) == ()
    with pytest.raises(UnsatisfiableRange):
        select_ranges("bytes=0-", 0)


@given(
    st.integers(1, 60),
    st.lists(st.tuples(st.integers(0, 80), st.integers(0, 80)).map(sorted), min_size=1, max_size=MOST_RANGES),
)
def test_the_selected_bytes_are_those_asked_for_each_once(size: int, pairs: list[list[int]]) -> None:
    header = "bytes=" + ",".join(f"{first}-{last}" for first, last in pairs)
    wanted = {n for first, last in pairs for n in range(first, last + 1) if n < size}
    try:
        ranges = select_ranges(header, size)
    except UnsatisfiableRange:
        ranges = ()
    sent = [n for r in ranges for n in range(r.start, r.stop)]
    assert sorted(sent) == sorted(wanted)


def test_a_content_range_counts_from_the_first_to_the_last_byte() -> None:
    assert ByteRange(10, 20).content_range(100) == "bytes 10-19/100"
