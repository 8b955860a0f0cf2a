"""Scores of frames: joined, pooled and stored."""

from __future__ import annotations

import math
from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quality.scores import (
    FrameScores,
    Pooled,
    dump_scores,
    join_scores,
    load_scores,
    measured_frames,
    percentile,
    pool,
    quality_of,
)
from values.errors import EncodeError, TitleError
from values.title import Quality, StoredFile


@given(st.integers(1, 200), st.integers(1, 30), st.lists(st.integers(1, 199)))
def test_however_a_film_is_cut_the_same_frames_are_measured(frames: int, every: int, cuts: list[int]) -> None:
    edges = sorted({0, frames, *(c for c in cuts if c < frames)})
    spans = [measured_frames(a, b, every) for a, b in pairwise(edges)]
    parts = [FrameScores(s.start, every, tuple(float(n) for n in s)) for s in spans]
    assert join_scores(parts, frames, where="x") == FrameScores(0, every, tuple(map(float, range(0, frames, every))))


@pytest.mark.parametrize(
    ("parts", "says"),
    [
        ([FrameScores(0, 1, (1.0,)), FrameScores(2, 1, (1.0, 1.0))], "every 1 frames from frame 2, not every 1 from 1"),
        ([FrameScores(0, 1, (1.0, 2.0)), FrameScores(1, 1, (1.0, 1.0))], "from frame 1, not every 1 from 2"),
        ([FrameScores(0, 1, (1.0, 2.0)), FrameScores(2, 2, (1.0,))], "every 2 frames from frame 2"),
        ([FrameScores(0, 1, (1.0, 2.0, 3.0))], "3 scores, not 4"),
        ([FrameScores(0, 1, (1.0,) * 5)], "5 scores, not 4"),
        ([], "0 scores, not 4"),
    ],
)
def test_holes_and_doubles_are_errors(parts: list[FrameScores], says: str) -> None:
    with pytest.raises(EncodeError, match=says) as error:
        join_scores(parts, 4, where="720p of film.mp4")
    assert str(error.value).startswith("720p of film.mp4: the chunks' scores don't tile the film")


def test_a_film_of_known_scores_has_known_statistics() -> None:
    """A minute at 10 Hz: 90 throughout, but 30 for 15 s from 0:20 on, and 0 in one frame of these, at 0:30."""
    values = [90.0] * 600
    values[200:350] = [30.0] * 150
    values[300] = 0.0
    assert pool(FrameScores(0, 1, tuple(values)), Fraction(10)) == Pooled(
        frames=600,
        mean=(450 * 90 + 149 * 30) / 600,
        harmonic_mean=pytest.approx(600 / (450 / 91 + 149 / 31 + 1) - 1),
        p1=30.0,
        p5=30.0,
        worst_ten_s=pytest.approx(99 * 30 / 100),
        worst_at_s=20.1,  # the first ten seconds that hold the frame at 0:30
    )


def test_a_film_shorter_than_ten_seconds_is_its_own_worst() -> None:
    pooled = pool(FrameScores(0, 1, (80.0, 90.0)), Fraction(24))
    assert (pooled.worst_ten_s, pooled.worst_at_s) == (85.0, 0.0)


def test_ten_seconds_of_every_fourth_frame_are_a_quarter_of_the_scores() -> None:
    """At 30000/1001 Hz ten seconds hold 74.9 measured frames, rounded to 75; they start at frame 4 * 100."""
    values = [90.0] * 100 + [50.0] * 75 + [90.0] * 100
    pooled = pool(FrameScores(0, 4, tuple(values)), Fraction(30000, 1001))
    assert (pooled.worst_ten_s, pooled.worst_at_s) == (50.0, float(400 * Fraction(1001, 30000)))


def test_percentiles_lie_between_the_nearest_ranks() -> None:
    assert percentile([10.0, 0.0], 25) == 2.5
    assert percentile([float(n) for n in range(101)], 5) == 5.0
    assert percentile([7.0], 1) == 7.0
    assert percentile([1.0, 2.0], 100) == 2.0


scores = st.lists(st.floats(0, 100).map(lambda v: round(v, 6)), min_size=1, max_size=300)


@given(scores, st.integers(1, 9), st.sampled_from([Fraction(24), Fraction(30000, 1001), Fraction(1, 2)]))
def test_statistics_are_in_order_and_survive_storing(values: list[float], every: int, rate: Fraction) -> None:
    found = FrameScores(0, every, tuple(values))
    pooled = pool(found, rate)
    small = 1e-9
    assert min(values) <= pooled.p1 + small
    assert pooled.p1 <= pooled.p5 + small
    assert pooled.harmonic_mean <= pooled.mean + small <= max(values) + 2 * small
    assert min(values) - small <= pooled.worst_ten_s <= max(values) + small  # ten good seconds may be the worst ten
    assert load_scores(dump_scores(found), where="x") == found


def test_no_scores_have_no_statistics() -> None:
    with pytest.raises(ValueError, match="no frame was measured"):
        pool(FrameScores(0, 1, ()), Fraction(24))


def test_a_title_says_how_it_was_measured() -> None:
    stored = StoredFile("titles/t/720p-quality-0.json", 10, "0" * 32)
    found = quality_of(
        FrameScores(0, 2, (80.00004, 90.00004)), Fraction(24), model="version=vmaf_v0.6.1", size=(1280, 720),
        stored=stored,
    )  # fmt: skip
    assert found == Quality(
        model="vmaf_v0.6.1", width=1280, height=720, every=2, frames=2, mean=85.0,
        harmonic_mean=round(2 / (1 / 81.00004 + 1 / 91.00004) - 1, 4), p1=80.1, p5=80.5, worst_ten_s=85.0,
        worst_at_s=0.0, scores=stored,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "can't be read"),
        (b'{"format": 1, "first": 0, "every": 1}', "can't be read"),
        (b'{"format": 1, "first": 0, "every": 1, "values": ["x"]}', "can't be read"),
        (b'{"format": 1, "first": 0, "every": 0, "values": []}', "no numbers of measured frames"),
        (b'{"format": 1, "first": 0, "every": 1, "values": [NaN]}', "no numbers of measured frames"),
        (b'{"format": 2, "first": 0, "every": 1, "values": []}', "format 2, this matinee reads 1"),
    ],
)
def test_damaged_scores_are_an_error_that_names_the_file(data: bytes, says: str) -> None:
    with pytest.raises(TitleError, match=says) as error:
        load_scores(data, where="titles/t/720p-quality-0.json")
    assert error.value.where == "titles/t/720p-quality-0.json"
    assert error.value.hint


def test_stored_scores_are_small_and_whole() -> None:
    assert dump_scores(FrameScores(0, 2, (70.988974, 100.0))) == (
        b'{"format":1,"metric":"vmaf","first":0,"every":2,"values":[70.988974,100.0]}\n'
    )
    assert math.isclose(load_scores(dump_scores(FrameScores(0, 1, (1 / 3,))), where="").values[0], 1 / 3, abs_tol=5e-7)
