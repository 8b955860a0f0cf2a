"""Segments that follow shots tile the film, keep their bounds and leave a cut only where the bounds force it."""

from __future__ import annotations

from fractions import Fraction
from itertools import combinations, pairwise

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from chunker.plan import Span, plan_segments
from chunker.shots import Shot, list_shots, plan_shot_segments, shots_of
from values.clock import STANDARD_RATES

FILM = Fraction(24)
FOUR = Fraction(4)


@st.composite
def cut_films(draw: st.DrawFn, most: int = 40, longest: int = 3000) -> tuple[int, tuple[int, ...]]:
    """A film's length and its cuts."""
    frames = draw(st.integers(1, longest))
    cuts = draw(st.sets(st.integers(1, frames - 1), max_size=most)) if frames > 1 else set()
    return frames, tuple(sorted(cuts))


def starts(segments: tuple[Span, ...]) -> list[int]:
    return [s.start for s in segments]


@given(cut_films(), st.sampled_from(STANDARD_RATES), st.fractions(Fraction(1, 2), 10, max_denominator=100))
def test_segments_tile_the_film_within_their_bounds(
    film: tuple[int, tuple[int, ...]], rate: Fraction, target: Fraction
) -> None:
    frames, cuts = film
    segments = plan_shot_segments(frames, rate, cuts, target_s=target)
    assert [s.index for s in segments] == list(range(len(segments)))
    assert (segments[0].start, segments[-1].stop) == (0, frames)
    assert all(a.stop == b.start for a, b in pairwise(segments))
    if frames >= rate * target / 2:
        assert all(rate * target / 2 <= s.frames <= rate * target * 3 / 2 for s in segments)
    else:
        assert len(segments) == 1


@given(cut_films())
def test_a_boundary_leaves_the_cuts_only_where_the_bounds_force_it(film: tuple[int, tuple[int, ...]]) -> None:
    """At 24 Hz and 4 s, from 48 to 144 frames: a cut is given up only for a kept one (or an end of the film) nearer
    than 48 frames, and other boundaries lie only between kept cuts more than 144 frames apart, evenly."""
    frames, cuts = film
    assume(frames >= 48)
    segments = plan_shot_segments(frames, FILM, cuts, target_s=FOUR)
    edges = [*starts(segments), frames]
    kept = [0, *(n for n in edges if n in cuts), frames]
    assert all(min(abs(cut - n) for n in kept) < 48 for cut in cuts if cut not in kept)
    for a, b in pairwise(kept):
        run = [n for n in edges if a <= n <= b]
        assert len(run) == 2 or b - a > 144
        lengths = {y - x for x, y in pairwise(run)}
        assert max(lengths) - min(lengths) <= 1


@given(cut_films(most=9, longest=600), st.lists(st.integers(1, 9), min_size=9, max_size=9))
def test_no_other_choice_of_cuts_gives_up_less(film: tuple[int, tuple[int, ...]], weights: list[int]) -> None:
    """Against all choices, tried one by one."""
    frames, cuts = film
    assume(frames >= 48)
    strength = dict(zip(cuts, weights, strict=False))
    plan = plan_shot_segments(frames, FILM, cuts, target_s=FOUR, strengths=[strength[c] for c in cuts])
    lost = sum(strength[c] for c in cuts if c not in starts(plan))
    choices = (c for n in range(len(cuts) + 1) for c in combinations(cuts, n))
    possible = [c for c in choices if all(b - a >= 48 for a, b in pairwise((0, *c, frames)))]
    assert lost == min(sum(strength.values()) - sum(strength[c] for c in choice) for choice in possible)


def test_every_shot_within_the_bounds_is_a_segment() -> None:
    assert plan_shot_segments(340, FILM, [64, 139, 274], target_s=FOUR) == (
        Span(0, 0, 64), Span(1, 64, 139), Span(2, 139, 274), Span(3, 274, 340),
    )  # fmt: skip


def test_a_long_shot_is_divided_evenly_into_segments_near_the_target() -> None:
    assert starts(plan_shot_segments(1003, FILM, [50, 953], target_s=FOUR)) == [
        0, 50, 150, 250, 351, 451, 551, 652, 752, 852, 953,
    ]  # fmt: skip


def test_of_cuts_too_near_to_each_other_the_strongest_stays() -> None:
    plan = lambda strengths: starts(plan_shot_segments(240, FILM, [90, 120, 150], target_s=FOUR, strengths=strengths))  # noqa: E731
    assert plan([5, 9, 3]) == [0, 120]
    assert plan([5, 7, 3]) == [0, 90, 150]


def test_of_cuts_as_strong_the_one_stays_that_gives_the_evener_segments() -> None:
    assert starts(plan_shot_segments(192, FILM, [60, 90], target_s=FOUR)) == [0, 90]


def test_a_cut_too_near_to_an_end_of_the_film_is_given_up() -> None:
    assert starts(plan_shot_segments(200, FILM, [13, 100, 160], target_s=FOUR)) == [0, 100]


def test_a_film_without_cuts_has_even_segments_and_a_tiny_one_a_single_segment() -> None:
    assert starts(plan_shot_segments(480, FILM, [], target_s=FOUR)) == [0, 96, 192, 288, 384]
    assert plan_shot_segments(20, FILM, [10], target_s=FOUR) == (Span(0, 0, 20),)


def test_other_bounds_are_kept_too() -> None:
    plan = plan_shot_segments(
        480, FILM, [30, 100, 300], target_s=FOUR, shortest_s=Fraction(1), longest_s=Fraction(5)
    )  # fmt: skip
    assert starts(plan) == [0, 30, 100, 200, 300, 390]


def test_a_film_of_ten_thousand_cuts_is_planned_whole() -> None:
    frames = 300_000
    plan = plan_shot_segments(frames, FILM, range(29, frames, 29), target_s=FOUR)
    assert {s.frames for s in plan[1:-1]} == {58}


@pytest.mark.parametrize(
    ("settings", "what"),
    [
        ({"cuts": [5, 5]}, "ascend"), ({"cuts": [0, 5]}, "ascend"), ({"cuts": [480]}, "inside the film"),
        ({"frames": 0}, "at least one frame"), ({"strengths": [1]}, "one positive strength for each"),
        ({"strengths": [1, 0]}, "one positive strength for each"),
        ({"shortest_s": Fraction(3), "longest_s": FOUR}, "72 to 96 frames: the longest is at least twice"),
        ({"longest_s": Fraction(3), "shortest_s": Fraction(1)}, "target of 96 frames lies outside 24 to 72"),
    ],
)  # fmt: skip
def test_a_plan_that_cannot_be_is_refused(settings: dict[str, object], what: str) -> None:
    given: dict[str, object] = {"frames": 480, "rate": FILM, "cuts": [30, 100], "target_s": FOUR, **settings}
    with pytest.raises(ValueError, match=what):
        plan_shot_segments(**given)  # type: ignore[arg-type]


@given(cut_films(), st.integers(1, 200))
def test_shots_tile_the_film_and_each_segment_knows_the_shots_it_holds(
    film: tuple[int, tuple[int, ...]], length: int
) -> None:
    frames, cuts = film
    shots = list_shots(frames, cuts)
    assert [s.start for s in shots] == [0, *cuts]
    assert shots[-1].stop == frames
    assert all(a.stop == b.start for a, b in pairwise(shots))
    segments = plan_segments(frames, length)
    assert shots_of(segments, cuts) == tuple(
        tuple(shot for shot in shots if shot.start < segment.stop and segment.start < shot.stop) for segment in segments
    )


def test_the_shots_of_segments_on_a_regular_grid() -> None:
    a, b, c = Shot(0, 0, 96), Shot(1, 96, 150), Shot(2, 150, 288)
    assert shots_of(plan_segments(288, 96), [96, 150]) == ((a,), (b, c), (c,))
