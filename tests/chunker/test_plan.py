"""Segments and chunks tile the film."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chunker.plan import MERGE_TAIL, Span, plan_chunks, plan_segments, segment_length, segments_per_chunk
from values.clock import STANDARD_RATES

RATES = st.one_of(st.sampled_from(STANDARD_RATES), st.fractions(1, 120, max_denominator=1001))


@given(st.integers(1, 20_000), st.integers(1, 2000), st.integers(1, 50))
def test_chunks_and_segments_tile_the_film_exactly(frames: int, length: int, per_chunk: int) -> None:
    segments = plan_segments(frames, length)
    chunks = plan_chunks(segments, per_chunk)
    assert segments[0].start == 0
    assert segments[-1].stop == frames
    assert all(a.stop == b.start for a, b in pairwise(segments))
    assert [s for c in chunks for s in c.segments] == list(segments)
    assert all(a.stop == b.start for a, b in pairwise(chunks))
    assert [c.index for c in chunks] == list(range(len(chunks)))
    assert all((c.start, c.stop) == (c.segments[0].start, c.segments[-1].stop) for c in chunks)


@given(st.integers(1, 20_000), st.integers(1, 2000))
def test_all_but_the_last_segment_are_of_one_length_and_the_last_is_never_tiny(frames: int, length: int) -> None:
    segments = plan_segments(frames, length)
    assert {s.frames for s in segments[:-1]} <= {length}
    last = segments[-1].frames
    assert last < length + length / MERGE_TAIL
    assert len(segments) == 1 or last * MERGE_TAIL >= length


def test_four_seconds_at_ntsc_rate_are_120_frames() -> None:
    assert segment_length(Fraction(30000, 1001), Fraction(4)) == 120


@given(RATES, st.fractions(Fraction(1, 2), 30))
def test_a_segment_is_the_whole_number_of_frames_nearest_to_the_target(rate: Fraction, target: Fraction) -> None:
    frames = segment_length(rate, target)
    assert frames >= 1
    assert abs(frames - rate * target) <= Fraction(1, 2) or frames == 1


def test_a_short_tail_is_merged_and_a_longer_one_kept() -> None:
    assert plan_segments(96 * 2 + 11, 96) == (Span(0, 0, 96), Span(1, 96, 203))
    assert plan_segments(96 * 2 + 12, 96) == (Span(0, 0, 96), Span(1, 96, 192), Span(2, 192, 204))
    assert plan_segments(1, 96) == (Span(0, 0, 1),)


def test_an_exact_quotient_is_not_rounded_up() -> None:
    """134.4 / 19.2 is 7, which floats make 7.000000000000001."""
    rate = Fraction(25)
    per_chunk = segments_per_chunk(3360, rate, 96, workers=2, target_s=Fraction("19.2"))
    assert len(plan_chunks(plan_segments(3360, 96), per_chunk)) == 7


@given(st.integers(1, 10**6), RATES, st.integers(1, 64))
def test_planned_chunks_are_between_a_segment_and_a_minute(frames: int, rate: Fraction, workers: int) -> None:
    length = segment_length(rate, Fraction(4))
    chunk_s = segments_per_chunk(frames, rate, length, workers=workers, target_s=None) * length / rate
    assert length / rate <= chunk_s <= 60 + length / rate / 2 or length == 1  # the nearest whole number of segments


@pytest.mark.parametrize(("frames", "length"), [(0, 1), (1, 0), (-1, 5)])
def test_nothing_can_not_be_cut(frames: int, length: int) -> None:
    with pytest.raises(ValueError, match="at least one frame"):
        plan_segments(frames, length)
