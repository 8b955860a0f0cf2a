"""Cuts are found, and flashes, fades, pans and shakes are not taken for them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chunker.cuts import ACROSS, WINDOW, Cut, FrameScores, find_cuts, join_scores, rate_cuts


def scores(frames: list[float], *, black: set[int] = frozenset()) -> FrameScores:  # type: ignore[assignment]
    """Scores of imagined pictures: each a number, 0 to 100, and differences are those of the numbers in percent."""

    def difference(n: int, back: int) -> int:
        return round(1000 * abs(frames[n] - frames[n - back])) if n >= back else 0

    count = range(len(frames))
    return FrameScores(
        0,
        tuple(difference(n, 1) for n in count),
        tuple(difference(n, ACROSS) for n in count),
        tuple(100 if n in black else 0 for n in count),
    )


def test_a_cut_between_still_pictures_is_found_with_its_strength() -> None:
    assert rate_cuts(scores([20] * 30 + [45] * 30)) == (Cut(30, 25_000),)


@pytest.mark.parametrize("at", [1, 2, 28, 29])
def test_a_cut_beside_the_films_ends_is_found(at: int) -> None:
    assert find_cuts(scores([20] * at + [45] * (30 - at))) == (at,)


@pytest.mark.parametrize("length", [1, 2])
def test_a_flash_is_no_cut(length: int) -> None:
    assert find_cuts(scores([20] * 30 + [90] * length + [20] * 30)) == ()


def test_a_flash_at_the_films_very_start_is_no_cut_where_it_ends() -> None:
    assert find_cuts(scores([20] * 2 + [90] + [20] * 30)) == ()


def test_a_flash_of_several_frames_is_a_shot_of_its_own_only_from_the_least_length_on() -> None:
    assert len(find_cuts(scores([20] * 30 + [90] * WINDOW + [20] * 30))) == 2


def test_a_flash_that_covers_a_cut_is_one_cut_at_the_new_picture() -> None:
    assert find_cuts(scores([20] * 30 + [90] + [50] * 30)) == (31,)


def test_a_small_change_of_a_still_picture_is_no_cut() -> None:
    assert find_cuts(scores([20] * 30 + [23.5] * 30)) == ()


def test_even_motion_is_no_cut_however_fast() -> None:
    assert find_cuts(scores([8 * (n % 12) if n % 24 < 12 else 96 - 8 * (n % 12) for n in range(100)])) == ()


def test_a_fade_between_pictures_is_no_cut() -> None:
    assert find_cuts(scores([20] * 30 + [20 + 6 * n for n in range(10)] + [80] * 30)) == ()


def test_a_cut_in_motion_must_change_more() -> None:
    def moving(jump: float) -> list[float]:
        return [2.0 * n for n in range(20)] + [2.0 * n + jump for n in range(20, 40)]

    assert find_cuts(scores(moving(4))) == ()
    assert find_cuts(scores(moving(6))) == (20,)


def test_a_great_change_in_fast_motion_is_a_cut_and_motion_alone_is_not() -> None:
    def moving(jump: float) -> list[float]:
        return [100 - 8.0 * n for n in range(8)] + [44 + jump] + [44 + jump - 8.0 * n for n in range(1, 8)]

    assert find_cuts(scores(moving(-12))) == ()
    assert find_cuts(scores(moving(-25))) == (8,)


def test_of_changes_within_a_moment_the_last_strong_one_begins_the_shot() -> None:
    assert find_cuts(scores([20] * 30 + [50] + [85] * 30)) == (31,)
    assert find_cuts(scores([20] * 30 + [50] * 4 + [60] * 30)) == (30,)


def test_a_fade_through_black_begins_a_shot_where_the_picture_returns() -> None:
    fade = [60] * 20 + [60 - 3 * n for n in range(20)] + [0] * 5 + [3 * n for n in range(20)] + [60] * 20
    assert find_cuts(scores(fade, black=set(range(39, 47)))) == (47,)


def test_a_picture_that_is_black_for_a_frame_or_two_is_no_cut() -> None:
    assert find_cuts(scores([5] * 20 + [1] * 2 + [5] * 20, black={20, 21})) == ()


def test_a_film_that_ends_in_black_ends_its_last_shot_so() -> None:
    assert find_cuts(scores([max(0, 60 - 3 * n) for n in range(40)], black=set(range(20, 40)))) == ()


def test_black_that_flickers_is_one_black() -> None:
    flicker = FrameScores(0, (0,) * 40, (0,) * 40, (0,) * 10 + (98, 97, 95, 99, 93, 98) + (50,) * 24)
    assert find_cuts(flicker) == (16,)


@given(st.lists(st.integers(0, 100), min_size=1, max_size=80), st.sets(st.integers(0, 79)))
def test_cuts_ascend_lie_inside_the_film_and_are_some_frames_apart(frames: list[int], black: set[int]) -> None:
    cuts = find_cuts(scores([float(n) for n in frames], black=black))
    assert all(b - a >= 1 for a, b in zip((0, *cuts), (*cuts, len(frames)), strict=True))
    assert list(cuts) == sorted(cuts)


@given(st.lists(st.integers(0, 100), min_size=1, max_size=60), st.sets(st.integers(1, 59)), st.randoms())
def test_scores_of_parts_in_any_order_are_those_of_the_whole(
    frames: list[int],
    edges: set[int],
    random: st.Random,  # type: ignore[name-defined]
) -> None:
    whole = scores([float(n) for n in frames])
    inner = sorted(n for n in edges if n < len(frames))
    parts = [
        FrameScores(a, whole.step[a:b], whole.across[a:b], whole.black[a:b])
        for a, b in zip([0, *inner], [*inner, len(frames)], strict=True)
    ]
    random.shuffle(parts)
    assert join_scores(parts) == whole


def test_scores_with_a_hole_are_refused() -> None:
    first, last = FrameScores(0, (0,), (0,), (0,)), FrameScores(2, (0,), (0,), (0,))
    with pytest.raises(ValueError, match="from frame 2 on where those before end at 1"):
        join_scores([last, first])
    with pytest.raises(ValueError, match="join its parts first"):
        find_cuts(last)
