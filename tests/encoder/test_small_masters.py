"""Films of one frame, of fewer frames than a segment has, of very small and very large pictures: encoded whole."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import pytest

from encoder.cut import cut_chunk
from encoder.job import ChunkJob
from encoder.rungs import encode_rungs
from ladders.rung import FittedRung
from media.ffmpeg import ffmpeg_path
from media.probe import probe
from tests.encoder.masters import H264, MPEG2, interlaced, jobs_of, made, planned, remuxed
from tests.parts import clip
from treatment.wishes import NO_WISHES, Wishes


def still(path: Path, *options: str) -> Path:
    """One picture."""
    source = ("-f", "lavfi", "-i", "testsrc2=s=160x96:r=25")
    subprocess.run([ffmpeg_path(), "-v", "error", *source, "-frames:v", "1", *options, str(path)], check=True)
    return path


def with_chapters(source: Path, path: Path) -> Path:
    """The same film in two chapters."""
    marks = path.with_suffix(".txt")
    marks.write_text(
        ";FFMETADATA1\n[CHAPTER]\nTIMEBASE=1/1000\nSTART=0\nEND=80\ntitle=One\n"
        "[CHAPTER]\nTIMEBASE=1/1000\nSTART=80\nEND=280\ntitle=Two\n"
    )
    return remuxed(source, path, "-map", "1", "-map_chapters", "0", before=("-i", str(marks)))


def held(path: Path) -> Path:
    """One picture of two seconds, as its packet says."""
    return remuxed(still(path.with_suffix(".mkv"), "-c:v", "png"), path, "-bsf:v", "setts=duration=2/TB")


FIELDS = (*MPEG2, "-flags", "+ildct+ilme")

SMALL: dict[str, tuple[Callable[[Path], Path], Wishes, int]] = {
    "one frame": (lambda d: made(d / "a.mp4", *H264, frames=1), NO_WISHES, 1),
    "one interlaced frame": (lambda d: interlaced(d / "a.mkv", *FIELDS, frames=1), NO_WISHES, 1),
    "two interlaced frames": (
        lambda d: interlaced(d / "a.ts", *FIELDS, frames=2), Wishes(deinterlace="field"), 4,
    ),
    "a still of two seconds": (lambda d: held(d / "a.mov"), NO_WISHES, 50),
    "three frames of pulldown": (
        lambda d: made(d / "a.mp4", *H264, rate="30", frames=3), Wishes(deinterlace="telecine"), 3,
    ),
    "shorter than a segment": (lambda d: made(d / "a.mp4", *H264, frames=7), NO_WISHES, 7),
    "chapters": (lambda d: with_chapters(made(d / "b.mp4", *H264, frames=7), d / "a.mkv"), NO_WISHES, 7),
    "as small as can be": (lambda d: made(d / "a.mkv", "-c:v", "ffv1", frames=7, filters="scale=16:16"), NO_WISHES, 7),
    "a strip": (lambda d: made(d / "a.mkv", "-c:v", "ffv1", frames=7, filters="scale=640:17,setsar=1"), NO_WISHES, 7),
}  # fmt: skip


@pytest.mark.parametrize("kind", SMALL)
def test_small_films_are_encoded_whole(kind: str, tmp_path: Path) -> None:
    make, wishes, frames = SMALL[kind]
    path = make(tmp_path)
    (job,) = jobs_of(planned(path, wishes, segment_s=Fraction(4)), path)
    assert job.timing.frames == frames
    check_encoded(job, tmp_path)


def test_a_film_of_8k_is_encoded_in_a_task_s_memory(tmp_path: Path) -> None:
    """Eight frames, which a decoder and the scaler hold at most."""
    path = clip("8k_hevc_300ms.mp4")
    film = planned(path, segment_s=Fraction(4), rungs=(FittedRung("360p", 640, 360, 30, 0, 0),))
    (job,) = jobs_of(film, path)
    peak_bytes = check_encoded(job, tmp_path)
    assert job.decoded_size == (7680, 4320)
    assert peak_bytes < 800 << 20


@pytest.mark.parametrize("how", ["container", "bitstream"])
@pytest.mark.parametrize(("wishes", "size"), [(NO_WISHES, (96, 170)), (Wishes(rotation=0), (170, 96))])
def test_a_turned_film_does_not_say_that_it_is_still_to_be_turned(
    how: str, wishes: Wishes, size: tuple[int, int], tmp_path: Path
) -> None:
    plain, path = made(tmp_path / "b.mp4", *H264, frames=7), tmp_path / "a.mp4"
    if how == "container":
        remuxed(plain, path, before=("-display_rotation", "90"))
    else:
        remuxed(plain, path, "-bsf:v", "h264_metadata=display_orientation=insert:rotate=90")
    (job,) = jobs_of(planned(path, wishes, segment_s=Fraction(4)), path)
    check_encoded(job, tmp_path)
    encoded = probe(str(tmp_path / "low.mp4"), where="low").video
    assert encoded is not None
    assert (encoded.width, encoded.height, encoded.rotation, encoded.mirrored) == (*size, 0, False)


def check_encoded(job: ChunkJob, folder: Path) -> int:
    """Encode the chunk, which must be whole; its ffmpeg's peak memory in bytes."""
    takes, spent = encode_rungs(job, folder)
    _, segments = cut_chunk(takes[0].path.read_bytes(), job.chunk, job.settings.rate, where="x")
    assert [s.frames for s in segments] == [job.timing.frames]
    return spent.peak_bytes
