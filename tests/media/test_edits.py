"""media.edits: edit lists that begin within a picture."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest

from media.edits import moved_up
from media.ffmpeg import ffmpeg_path, run


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four seconds at 25 Hz with B-pictures, a key frame a second: pictures are coded out of order."""
    path = tmp_path_factory.mktemp("edits") / "film.mp4"
    made("-f", "lavfi", "-i", "testsrc2=s=64x64:r=25:d=4", "-c:v", "libx264", "-bf", "2", "-g", "25", str(path))
    return path


def made(*words: str) -> None:
    run([ffmpeg_path(), "-v", "error", "-y", *words], where="edits")


@pytest.mark.parametrize(
    ("from_s", "late"),
    [("1", Fraction(0)), ("1.2", Fraction(0)), ("1.21", Fraction(3, 100)), ("2.5", Fraction(1, 50))],
)
def test_the_rest_of_a_picture_before_the_first_whole_one_is_counted(
    film: Path, tmp_path: Path, from_s: str, late: Fraction
) -> None:
    made("-ss", from_s, "-i", str(film), "-c", "copy", str(tmp_path / "cut.mp4"))
    assert moved_up(str(tmp_path / "cut.mp4"), 0) == late


def test_files_without_an_edit_list_and_with_an_empty_edit_are_right(film: Path, tmp_path: Path) -> None:
    made("-i", str(film), "-c", "copy", "-use_editlist", "0", str(tmp_path / "none.mp4"))
    made("-itsoffset", "1.37", "-i", str(film), "-c", "copy", str(tmp_path / "empty.mp4"))
    assert [moved_up(str(p), 0) for p in (film, tmp_path / "none.mp4", tmp_path / "empty.mp4")] == [0, 0, 0]


def test_a_file_that_is_no_media_moves_nothing(tmp_path: Path) -> None:
    (tmp_path / "x.mp4").write_bytes(bytes(1000))
    assert moved_up(str(tmp_path / "x.mp4"), 0) == 0
