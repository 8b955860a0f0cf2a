"""The very frame of each moment is found, the file is decoded no more than needed, and damage leaves the rest."""

from __future__ import annotations

from pathlib import Path

import pytest

from artwork.frames import open_reader, spread
from artwork.look import picture_of
from artwork.plan import Moment
from artwork.task import ThumbJob
from media.index import index_frames
from tests.artwork.clips import counting_film, moments, number_of, plain_view
from tests.parts import clip
from values.errors import MasterRefused


def numbers_found(path: Path, wanted: tuple[Moment, ...]) -> list[int]:
    view = plain_view()
    with open_reader(str(path), 0, where="test") as reader:
        found = [reader.find(m) for m in wanted]
    return [number_of(picture_of(f.around, f.frame, view)) if f else -1 for f in found]


@pytest.mark.parametrize("name", ["film.mp4", "film.mkv", "film.ts"])
def test_each_moment_shows_its_own_frame(tmp_path: Path, name: str) -> None:
    path = counting_film(tmp_path / name)
    wanted = [0, 1, 2, 24, 47, 48, 49, 71, 95]
    assert numbers_found(path, moments(path, wanted)) == wanted


def test_moments_need_not_come_in_order(tmp_path: Path) -> None:
    path = counting_film(tmp_path / "film.mp4")
    assert numbers_found(path, moments(path, [90, 10, 60, 0])) == [90, 10, 60, 0]


def test_a_seek_that_lands_late_is_made_again_from_earlier(tmp_path: Path) -> None:
    path = counting_film(tmp_path / "film.mp4")
    early, late = moments(path, [40, 60])
    wrong = Moment(early.at_ms, early.source, (late.seeks[0], None))  # the keyframe after it
    assert numbers_found(path, (wrong,)) == [40]


def test_without_a_keyframe_between_decoding_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = counting_film(tmp_path / "film.mp4")
    started: list[int | None] = []
    from artwork.frames import FrameReader

    plain = FrameReader._start
    monkeypatch.setattr(FrameReader, "_start", lambda self, seek: (started.append(seek), plain(self, seek))[1])
    wanted = moments(path, [5, 20, 40, 50, 90])
    assert numbers_found(path, wanted) == [5, 20, 40, 50, 90]
    assert started == [None, wanted[3].seeks[0]]


def test_where_the_file_ends_early_the_last_frame_stands_in(tmp_path: Path) -> None:
    path = counting_film(tmp_path / "film.mp4")
    (last,) = moments(path, [95])
    beyond = Moment(9000, last.source + 10**6, last.seeks)
    assert numbers_found(path, (beyond,)) == [95]


def test_a_damaged_part_gives_the_next_picture_that_decodes(tmp_path: Path) -> None:
    path = counting_film(tmp_path / "film.ts")
    data = bytearray(path.read_bytes())
    packets = len(data) // 188
    for n in range(packets // 4, packets // 2):
        data[n * 188 + 4 : n * 188 + 188] = bytes(184)
    path.write_bytes(data)
    index = index_frames(str(path), 0, where="test")
    whole = counting_film(tmp_path / "whole.ts")
    wanted = moments(whole, [0, 30, 94])
    assert index.pts[0] == wanted[0].source
    found = numbers_found(path, wanted)
    assert (found[0], found[2]) == (0, 94)
    assert found[1] >= 0


def test_a_real_film_s_tiles_are_its_frames(tmp_path: Path) -> None:
    path = clip("derived_480i_tff_mpeg2_ac351.ts")
    index = index_frames(str(path), 0, where="test")
    with open_reader(str(path), 0, where="test") as reader:
        for n in (0, 40, 100, len(index.pts) - 1):
            key = index.keyframe_before(index.pts[n], 1)
            found = reader.find(Moment(0, index.pts[n], (key if key > index.pts[0] else None, None)), border=1)
            assert found is not None
            assert found.frame.pts == index.pts[n]
            assert [f.pts for f in found.around] == list(index.pts[max(0, n - 1) : n + 2])


def test_runs_are_parted_where_decoding_starts_anew(tmp_path: Path) -> None:
    one, two = (0, None), (48, None)
    moments = tuple(Moment(n, n, one if n < 5 else two) for n in range(9))
    assert [len(run) for run in spread(moments, 3)] == [5, 4]
    assert [len(run) for run in spread(moments, 100)] == [9]
    assert spread((), 3) == ()


def test_what_is_no_film_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "film.mp4"
    path.write_bytes(b"no film")
    job = ThumbJob("film.mp4", str(path), (Moment(0, 0, (None,)),), plain_view())
    with pytest.raises(MasterRefused) as refused:
        job.run()
    assert "thumbnails of film.mp4 (0 to 0 s)" in str(refused.value)
