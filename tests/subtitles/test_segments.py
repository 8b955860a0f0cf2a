"""Cues fitted to the film and cut for HLS."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from subtitles.cue import BadSubtitles, Cue
from subtitles.fit import fit, hours_ahead
from subtitles.segments import cut_segments

EDGE = Fraction(4004, 1000)


def test_a_cue_is_in_every_segment_in_which_it_is_seen() -> None:
    cues = [
        Cue(0, 1000, "a"), Cue(3000, 4004, "e"), Cue(3000, 9000, "b"), Cue(4004, 5000, "c"), Cue(8008, 8500, "d"),
    ]  # fmt: skip
    parts = cut_segments(cues, [Fraction(0), EDGE, 2 * EDGE, 3 * EDGE], Fraction(15), where="x")
    assert [(p.start_ms, p.stop_ms, "".join(c.text for c in p.cues)) for p in parts] == [
        (0, 4004, "aeb"), (4004, 8008, "bc"), (8008, 12012, "bd"), (12012, 15000, ""),
    ]  # fmt: skip
    assert parts[1].cues[0] == cues[2]


@given(
    st.lists(st.tuples(st.integers(-2000, 12_000), st.integers(-100, 5000), st.sampled_from("abc ")), max_size=30),
    st.integers(-3000, 3000),
    st.fractions(min_value=Fraction(1, 2), max_value=6),
)
def test_segments_hold_what_is_seen_and_nothing_else(
    raw: list[tuple[int, int, str]], shift: int, step: Fraction
) -> None:
    cues, _ = fit([Cue(a, a + d, t) for a, d, t in raw], duration_ms=10_000, shift_ms=shift)
    assert all(0 <= c.start_ms < c.stop_ms <= 10_000 and c.text.strip() for c in cues)
    assert list(cues) == sorted(cues, key=lambda c: (c.start_ms, c.stop_ms))
    edges = [n * step for n in range(20) if n * step < 10]
    parts = cut_segments(cues, edges, Fraction(10), where="x")
    assert [p.stop_ms for p in parts[:-1]] == [p.start_ms for p in parts[1:]]
    for part in parts:
        assert list(part.cues) == [c for c in cues if c.start_ms < part.stop_ms and c.stop_ms > part.start_ms]


def test_fitting_says_what_it_left_out() -> None:
    given_cues = [
        Cue(500, 1500, "kept"), Cue(500, 1500, "kept"), Cue(0, 5, "<i></i> \u00a0"), Cue(900, 900, "none"),
        Cue(9000, 9900, "after"), Cue(-500, 100, "cut"), Cue(-500, 0, "before"),
    ]  # fmt: skip
    cues, notes = fit(given_cues, duration_ms=2000)
    assert cues == (Cue(0, 100, "cut"), Cue(500, 1500, "kept"))
    assert notes == (
        "1 cue left out: over before it begins, or at once",
        "2 cues left out: outside the film",
        "1 cue cut where the film begins or ends",
    )


def test_time_code_of_a_tape_is_seen() -> None:
    assert hours_ahead([Cue(36_000_000, 36_001_000, "a"), Cue(36_500_000, 36_600_000, "b")], 600_000) == 36_000_000
    assert hours_ahead([Cue(1000, 2000, "a"), Cue(3_600_000, 3_700_000, "b")], 600_000) == 0
    assert hours_ahead([Cue(3_600_000, 3_601_000, "a")], 7_200_000) == 0
    assert hours_ahead([Cue(4_500_000, 4_600_000, "a")], 600_000) == 0
    assert hours_ahead([], 600_000) == 0


def test_cues_that_all_last_for_ever_are_refused() -> None:
    cues = [Cue(n, 7_200_000, "x") for n in range(20_000)]
    with pytest.raises(BadSubtitles, match="last over many segments"):
        cut_segments(cues, [Fraction(4 * n) for n in range(1800)], Fraction(7200), where="x")
