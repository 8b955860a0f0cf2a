"""packager.measure: bit rates as RFC 8216 defines them, durations on the presentation's clock."""

from __future__ import annotations

from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from packager.audit_facts import average_rate, peak_rate
from packager.measure import Bandwidth, measure, presented, target_duration
from values.title import Segment, StoredFile

SEGMENTS = st.lists(
    st.tuples(st.integers(0, 10**7), st.integers(1, 9000).map(lambda ms: Fraction(ms, 1000))), min_size=1, max_size=12
)


def test_the_peak_is_the_busiest_run_of_about_one_target_duration() -> None:
    steady = [(1000, Fraction(4)), (3000, Fraction(4)), (1000, Fraction(4))]
    assert measure(steady, 4) == Bandwidth(peak_bps=6000, average_bps=3334)


def test_a_short_busy_tail_counts_only_together_with_its_neighbour() -> None:
    assert measure([(1000, Fraction(4)), (1000, Fraction(1))], 4) == Bandwidth(peak_bps=3200, average_bps=3200)


def test_a_film_shorter_than_half_a_target_duration_has_its_average_as_peak() -> None:
    assert measure([(1000, Fraction(1, 4))], 1) == Bandwidth(peak_bps=32000, average_bps=32000)


def test_rates_are_rounded_up_so_that_no_manifest_claims_too_little() -> None:
    assert measure([(1, Fraction(3))], 3) == Bandwidth(peak_bps=3, average_bps=3)


@given(SEGMENTS)
def test_writer_and_auditor_measure_the_same_by_different_ways(segments: list[tuple[int, Fraction]]) -> None:
    target = target_duration(d for _, d in segments)
    measured = measure(segments, target)
    assert 0 <= measured.peak_bps - peak_rate(segments, target) <= 1
    assert 0 <= measured.average_bps - average_rate(segments) <= 1


@given(SEGMENTS)
def test_no_extinf_rounds_to_more_than_the_target_duration(segments: list[tuple[int, Fraction]]) -> None:
    durations = [d for _, d in segments]
    target = target_duration(durations)
    assert all(int(d + Fraction(1, 2)) <= target for d in durations)
    assert target == 1 or any(int(d + Fraction(1, 2)) == target for d in durations)


def test_priming_is_taken_off_the_first_segment_and_moves_the_others() -> None:
    file = StoredFile("k", 1, "0")
    segments = [Segment(file, 0, 4096, 4), Segment(file, 4096, 4096, 4)]
    assert presented(segments, 1024, 1024) == [(Fraction(0), Fraction(3)), (Fraction(3), Fraction(7))]
    assert presented(segments, 1024, 0) == [(Fraction(0), Fraction(4)), (Fraction(4), Fraction(8))]
