"""Windows that are spread over the film, and their waves."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from chunker.plan import Span, plan_segments
from optimizer.windows import MIN_FRAMES, Window, plan_windows, waves, weighted

SEGMENTS = st.builds(plan_segments, st.integers(1, 5000), st.integers(1, 250))
SHOTS = st.lists(st.integers(1, 400), min_size=1, max_size=60).map(
    lambda lengths: tuple(Span(i, sum(lengths[:i]), sum(lengths[: i + 1])) for i in range(len(lengths)))
)
PLACES = st.one_of(SEGMENTS, SHOTS)


def test_a_long_film_gets_twelve_windows_or_more_over_all_of_it() -> None:
    places = plan_segments(14_400, 96)
    windows = plan_windows(places, 12 * 30)
    assert len(windows) == 12
    assert {w.frames for w in windows} == {30}
    assert [w.start for w in windows[:3]] == [576, 1728, 2976]
    assert {w.weight for w in windows[1:-1]} <= set(range(1100, 1350))
    whole = plan_windows(places, 30 * 96)
    assert len(whole) == 30
    assert {w.frames for w in whole} == {96}


def test_a_short_film_is_tried_whole_if_affordable() -> None:
    places = plan_segments(299, 96)
    assert plan_windows(places, 299) == (Window(0, 0, 96, 96), Window(1, 96, 192, 96), Window(2, 192, 299, 107))
    assert [(w.start, w.stop) for w in plan_windows(places, 180)] == [(0, 60), (96, 156), (192, 252)]


def test_a_shot_with_room_for_a_window_is_preferred_to_a_nearer_short_one() -> None:
    lengths = (40, 8, 60)
    shots = tuple(Span(i, sum(lengths[:i]), sum(lengths[: i + 1])) for i in range(len(lengths)))
    assert [(w.start, w.stop) for w in plan_windows(shots, 30)] == [(48, 72)]
    short = (Span(0, 0, 5), Span(1, 5, 11), Span(2, 11, 15))
    assert [(w.start, w.stop) for w in plan_windows(short, 6)] == [(5, 11)]


def test_what_can_not_be_afforded_gives_no_window() -> None:
    assert plan_windows(plan_segments(500, 96), MIN_FRAMES - 1) == ()
    assert len(plan_windows(plan_segments(500, 96), MIN_FRAMES)) == 1


@given(PLACES, st.integers(0, 6000))
def test_windows_keep_to_what_is_affordable_and_to_their_places(places: tuple[Span, ...], affordable: int) -> None:
    windows = plan_windows(places, affordable)
    assert sum(w.frames for w in windows) <= affordable
    stops = {p.start: p.stop for p in places}
    assert all(w.start < w.stop <= stops[w.start] for w in windows)
    assert [w.index for w in windows] == list(range(len(windows)))
    assert all(a.stop <= b.start for a, b in pairwise(windows))


@given(PLACES, st.integers(MIN_FRAMES, 6000))
def test_something_is_tried_wherever_one_window_is_affordable(places: tuple[Span, ...], affordable: int) -> None:
    assert plan_windows(places, affordable)


@given(PLACES, st.integers(0, 6000), st.integers(1, 100))
def test_no_window_is_longer_than_allowed(places: tuple[Span, ...], affordable: int, longest: int) -> None:
    assert all(w.frames <= longest for w in plan_windows(places, affordable, longest=longest))


@given(PLACES, st.integers(0, 6000), st.sets(st.integers(0, 60)))
def test_weights_share_out_all_frames_of_the_film_whichever_windows_are_done(
    places: tuple[Span, ...], affordable: int, done: set[int]
) -> None:
    frames = places[-1].stop
    windows = plan_windows(places, affordable)
    for some in (windows, weighted([w for w in windows if w.index in done], frames)):
        assert sum(w.weight for w in some) == (frames if some else 0)
        assert all(w.weight > 0 for w in some)


def test_each_frame_counts_for_the_window_nearest_to_it() -> None:
    found = weighted([Window(1, 80, 90, 0), Window(0, 10, 20, 0)], 100)
    assert found == (Window(0, 10, 20, 50), Window(1, 80, 90, 50))


@given(PLACES, st.integers(MIN_FRAMES, 6000))
def test_waves_are_all_windows_each_once_a_quarter_first(places: tuple[Span, ...], affordable: int) -> None:
    windows = plan_windows(places, affordable)
    found = waves(windows)
    assert sorted((w for wave in found for w in wave), key=lambda w: w.index) == list(windows)
    assert len(found[0]) == -(-len(windows) // 4)
    assert all(found)


def test_each_wave_spreads_over_the_film() -> None:
    windows = [Window(i, i, i + 1, 1) for i in range(16)]
    assert [[w.index for w in wave] for wave in waves(windows)] == [
        [0, 8, 4, 12],
        [2, 10, 6, 14],
        [1, 9, 5, 13, 3, 11, 7, 15],
    ]
    assert waves([]) == ()
    assert [[w.index for w in wave] for wave in waves(windows[:1])] == [[0]]
