"""A part of a film is a film of its own, and is made without touching the file."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest

from benchmarks.clips import find_film, open_clip, part_of, rungs_up_to
from chunker.grid import source_frames
from ladders.rung import FittedRung
from onboarding.probing import probe_master
from tests.parts import SAMPLE
from values.errors import UsageError


def test_a_part_shows_the_films_own_frames_numbered_from_zero() -> None:
    film = probe_master(str(SAMPLE))
    part = part_of(film, 50, 97)
    assert part.timing.frames == 47
    assert part.closing_frames == 0
    shown = source_frames(part.timing, part.index.pts, 0, 47)
    assert shown == source_frames(film.timing, film.index.pts, 50, 97)
    assert part.index.pts[-1] == shown[-1]
    assert part.index.keyframe_before(shown[0]) == film.index.keyframe_before(shown[0])


def test_parts_are_named_by_their_time_and_told_apart_by_their_fingerprint() -> None:
    whole = open_clip(str(SAMPLE))
    assert (whole.name, whole.frames, whole.film_frames) == ("bbb-15s.mp4", 360, 360)
    first = open_clip(str(SAMPLE), seconds=Fraction(2))
    later = open_clip(str(SAMPLE), start_s=Fraction(13), seconds=Fraction(8))
    assert (first.name, first.frames, first.film_frames) == ("bbb-15s.mp4[0s+2s]", 48, 360)
    assert (later.name, later.frames, later.duration) == ("bbb-15s.mp4[13s+2s]", 48, 2)
    assert open_clip(str(SAMPLE), seconds=Fraction(15)) == whole
    assert len({whole.fingerprint, first.fingerprint, later.fingerprint}) == 3


def test_a_part_after_the_films_end_is_refused() -> None:
    with pytest.raises(UsageError, match=r"from frame 360 on is asked for, it has 360 frames\nTake an earlier part"):
        open_clip(str(SAMPLE), start_s=Fraction(15), seconds=Fraction(1))


def test_test_media_are_found_by_name_and_the_sample_stands_in(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("MATINEE_MEDIA", str(tmp_path))
    assert Path(find_film()) == SAMPLE
    (tmp_path / "other.mp4").write_bytes(SAMPLE.read_bytes())
    assert find_film(["none.mp4", "other.mp4"]) == str(tmp_path / "other.mp4")
    assert open_clip("other.mp4", seconds=Fraction(1)).path == str(tmp_path / "other.mp4")


def test_taller_rungs_are_left_out() -> None:
    clip = open_clip(str(SAMPLE))
    assert [r.name for r in rungs_up_to(clip, "web-h264", 432)] == ["234p", "360p", "432p"]
    assert rungs_up_to(clip, "web-h264", 234) == (FittedRung("234p", 416, 234, 24, 250_000, 500_000),)
    with pytest.raises(UsageError, match="ladder web-h264: no rung is at most 200 lines tall\nRaise --max-height"):
        rungs_up_to(clip, "web-h264", 200)
