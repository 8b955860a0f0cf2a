"""Ranges and conditions: examples of RFC 9110, and the property that pieces are what a slow reading of it says."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge_cache.core_fields import fields_of, http_date
from edge_cache.core_messages import Request, Stored
from edge_cache.core_ranges import NotModified, Parts, Selection, Unsatisfiable, Whole, choose, parse_range

T0 = 1_800_000_000


@pytest.mark.parametrize(
    ("text", "length", "selection"),
    [
        ("bytes=0-499", 10_000, Parts(((0, 500),), 10_000)),
        ("bytes=500-999", 10_000, Parts(((500, 1000),), 10_000)),
        ("bytes=-500", 10_000, Parts(((9500, 10_000),), 10_000)),
        ("bytes=9500-", 10_000, Parts(((9500, 10_000),), 10_000)),
        ("bytes=0-0,-1", 10_000, Parts(((0, 1), (9999, 10_000)), 10_000)),
        ("Bytes = 0-0", 10, Parts(((0, 1),), 10)),
        ("bytes=0-999", 10, Parts(((0, 10),), 10)),
        ("bytes=-999", 10, Parts(((0, 10),), 10)),
        ("bytes=0-4,5-9", 100, Parts(((0, 10),), 100)),
        ("bytes=0-4, 3-9", 100, Parts(((0, 10),), 100)),
        ("bytes=50-59,0-4", 100, Parts(((50, 60), (0, 5)), 100)),
        ("bytes=200-,0-4", 100, Parts(((0, 5),), 100)),
        ("bytes=100-", 100, Unsatisfiable(100)),
        ("bytes=-0", 100, Unsatisfiable(100)),
        ("bytes=0-", 0, Unsatisfiable(0)),
        ("bytes=5-4", 100, Whole()),
        ("bytes=-", 100, Whole()),
        ("bytes=a-b", 100, Whole()),
        ("bytes", 100, Whole()),
        ("bytes=", 100, Whole()),
        ("seconds=0-1", 100, Whole()),
        ("bytes=" + ",".join(["0-0"] * 33), 100, Whole()),
        ("bytes=" + ",".join(["10-90", "0-80"] * 5), 100, Whole()),
    ],
)
def test_a_range_field_means_what_rfc_9110_says(text: str, length: int, selection: Selection) -> None:
    assert parse_range(text, length) == selection


SPEC = st.one_of(
    st.builds("{}-".format, st.integers(0, 60)),
    st.builds("-{}".format, st.integers(0, 60)),
    st.tuples(st.integers(0, 60), st.integers(0, 60)).map(lambda pair: f"{min(pair)}-{max(pair)}"),
)


@settings(deadline=None)
@given(st.lists(SPEC, min_size=1, max_size=6), st.integers(0, 50))
def test_the_pieces_cover_the_bytes_asked_for_and_no_others(specs: list[str], length: int) -> None:
    wanted: set[int] = set()
    for spec in specs:
        first, _, last = spec.partition("-")
        if first:
            wanted |= set(range(int(first), min(length, int(last) + 1 if last else length)))
        else:
            wanted |= set(range(max(0, length - int(last)), length))
    selection = parse_range("bytes=" + ",".join(specs), length)
    match selection:
        case Parts(pieces):
            assert {i for start, stop in pieces for i in range(start, stop)} == wanted
            assert all(0 <= start < stop <= length for start, stop in pieces)
            assert len(pieces) == 1 or sum(stop - start for start, stop in pieces) <= length
        case Unsatisfiable():
            assert not wanted
        case _:
            assert len(specs) > 1


def stored(status: int = 200, **fields: str) -> Stored:
    pairs = {"Date": http_date(T0), **{name.replace("_", "-"): value for name, value in fields.items()}}
    return Stored(status, "", fields_of(*pairs.items()), T0 * 1000, T0 * 1000)


def ask(method: str = "GET", **fields: str) -> Request:
    return Request(method, "/a", fields_of(*((name.replace("_", "-"), value) for name, value in fields.items())))


OLD = http_date(T0 - 100)
PART = Parts(((0, 2),), 9)


@pytest.mark.parametrize(
    ("request_", "response", "selection"),
    [
        (ask(If_None_Match='"a"'), stored(ETag='"a"'), NotModified()),
        (ask(If_None_Match='W/"a"'), stored(ETag='"a"'), NotModified()),
        (ask(If_None_Match='"b", "a"'), stored(ETag='"a"'), NotModified()),
        (ask(If_None_Match='"b"'), stored(ETag='"a"'), Whole()),
        (ask(If_None_Match="*"), stored(), NotModified()),
        (ask(If_None_Match="nonsense"), stored(ETag='"a"'), Whole()),
        (ask(If_None_Match='"b"', If_Modified_Since=OLD), stored(ETag='"a"', Last_Modified=OLD), Whole()),
        (ask(If_Modified_Since=OLD), stored(Last_Modified=OLD), NotModified()),
        (ask(If_Modified_Since=http_date(T0 - 101)), stored(Last_Modified=OLD), Whole()),
        (ask(If_Modified_Since="nonsense"), stored(Last_Modified=OLD), Whole()),
        (ask(If_None_Match='"a"'), stored(404, ETag='"a"'), Whole()),
        (ask(If_None_Match='"a"', Range="bytes=0-1"), stored(ETag='"a"'), NotModified()),
        (ask(Range="bytes=0-1"), stored(), PART),
        (ask("HEAD", Range="bytes=0-1"), stored(), Whole()),
        (ask(Range="bytes=0-1"), stored(404), Whole()),
        (ask(Range="bytes=0-1", If_Range='"a"'), stored(ETag='"a"'), PART),
        (ask(Range="bytes=0-1", If_Range='"b"'), stored(ETag='"a"'), Whole()),
        (ask(Range="bytes=0-1", If_Range='W/"a"'), stored(ETag='W/"a"'), Whole()),
        (ask(Range="bytes=0-1", If_Range=OLD), stored(Last_Modified=OLD), PART),
        (ask(Range="bytes=0-1", If_Range=http_date(T0)), stored(Last_Modified=http_date(T0)), Whole()),
        (ask(Range="bytes=0-1", If_Range=http_date(T0 - 99)), stored(Last_Modified=OLD), Whole()),
    ],
)
def test_conditions_come_before_ranges(request_: Request, response: Stored, selection: Selection) -> None:
    assert choose(request_, response, 9) == selection


def test_a_range_of_a_body_of_unknown_length_is_ignored() -> None:
    assert choose(ask(Range="bytes=0-1"), stored(), None) == Whole()
