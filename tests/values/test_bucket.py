"""values.bucket: what a leaky bucket holds, and what keeps it from overflowing over any join."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise

from hypothesis import assume, given
from hypothesis import strategies as st

from values.bucket import Bucket, Leak, keeps_over_joins, pour

Run = list[tuple[int, Fraction]]

SECOND = Fraction(1)
frames = st.tuples(st.integers(0, 40), st.fractions(Fraction(1, 60), 2, max_denominator=60))
runs = st.lists(frames, min_size=1, max_size=8)


def test_a_bucket_holds_what_came_in_less_what_drained() -> None:
    assert pour([(10, SECOND), (10, SECOND), (1, SECOND)], 50) == Bucket(
        Fraction(110), Fraction(110), Fraction(18), Fraction(168 - 150)
    )
    assert pour([], 50) == Bucket(*[Fraction(0)] * 4)


@given(run=runs, rate=st.integers(1, 400))
def test_the_most_it_holds_is_the_largest_excess_of_any_window(run: Run, rate: int) -> None:
    sizes = [0, *(8 * sum(s for s, _ in run[: n + 1]) for n in range(len(run)))]
    times = [Fraction(0), *(sum((d for _, d in run[: n + 1]), Fraction(0)) for n in range(len(run)))]
    windows = [
        sizes[b] - sizes[a] - rate * (times[b - 1] - times[a])
        for a in range(len(run))
        for b in range(a + 1, len(sizes))
    ]
    assert pour(run, rate).peak_bits == max(windows)


@given(run=runs, rate=st.integers(1, 400))
def test_whole_renditions_poured_in_ticks_come_to_the_same(run: Run, rate: int) -> None:
    timescale = 60 * 59 * 58 * 57 * 56 * 55 * 54 * 53 * 52 * 51 * 50 * 49 * 48 * 47 * 46 * 45 * 44 * 43 * 42 * 41
    ticks = [duration * timescale for _, duration in run]
    assume(all(t.denominator == 1 for t in ticks))
    leak = Leak(rate, timescale)
    held: list[Fraction] = []
    for (size, _), lasting in zip(run, ticks, strict=True):
        leak.pour(size, int(lasting))
        held.append(leak.peak_bits)
    assert held == [pour(run[: n + 1], rate).peak_bits for n in range(len(run))]
    peaks = [n for n, (a, b) in enumerate(pairwise([Fraction(0), *held])) if b > a]
    assert leak.peak_at == (sum(ticks[: peaks[-1]]) if peaks else 0)


@given(middle=st.lists(runs, max_size=4), last=runs, rate=st.integers(1, 400), buffer=st.integers(1, 2000),
       carried=st.sampled_from([Fraction(1, 4), Fraction(1, 2), Fraction(2, 3)]),
       order=st.randoms(use_true_random=False), times=st.integers(1, 3))  # fmt: skip
def test_runs_that_keep_to_the_buffer_keep_to_it_however_they_are_joined(
    middle: list[Run], last: Run, rate: int, buffer: int, carried: Fraction, order: object, times: int
) -> None:
    def keeps(run: Run, *, last: bool) -> bool:
        return keeps_over_joins(pour(run, rate), buffer, alone=False, last=last, carried=carried)

    fine = [run for run in middle if keeps(run, last=False)] * times
    order.shuffle(fine)  # type: ignore[attr-defined]
    joined = [frame for run in [*fine, *([last] if keeps(last, last=True) else [])] for frame in run]
    assert pour(joined, rate).peak_bits <= buffer


def test_a_run_alone_has_the_whole_buffer() -> None:
    whole = pour([(100, SECOND)], 100)
    assert keeps_over_joins(whole, 800, alone=True, last=True)
    assert not keeps_over_joins(whole, 799, alone=True, last=True)
    assert not keeps_over_joins(whole, 800, alone=False, last=True)


def test_without_the_half_of_the_buffer_a_join_overflows() -> None:
    """Each run fills the buffer of 800 bits at its end or its start and has no excess: together they are too much."""
    late: Run = [(0, 9 * SECOND), (100, SECOND)]
    early: Run = [(100, SECOND), (0, 9 * SECOND)]
    for run in (late, early):
        assert pour(run, 80).excess_bits == 0
        assert keeps_over_joins(pour(run, 80), 1600, alone=False, last=False)
        assert not keeps_over_joins(pour(run, 80), 800, alone=False, last=False)
    assert pour(late, 80).peak_bits == pour(early, 80).peak_bits == 800
    assert pour(late + early, 80).peak_bits > 800


def test_without_the_bound_on_the_excess_runs_add_up() -> None:
    """Each run fills half of the buffer at most, and what it leaves adds to what the next one brings."""
    run: Run = [(50, SECOND)]
    assert 2 * pour(run, 100).peak_bits <= 800
    assert pour(run, 100).excess_bits > 0
    assert not keeps_over_joins(pour(run, 100), 800, alone=False, last=False)
    assert keeps_over_joins(pour(run, 100), 800, alone=False, last=True)
    assert pour(run * 4, 100).peak_bits > 800
