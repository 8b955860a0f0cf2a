"""Masters with pictures that don't decode, taken with --allow-damaged: every chunk still has all its frames."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import av
import pytest

from encoder.cut import MisplacedFrames, count_replaced
from encoder.job import ChunkJob
from encoder.rungs import encode_rungs
from encoder.task import encode_chunk
from media.ffmpeg import ffmpeg_path, run
from tests.encoder.small import film_of, jobs_in, rung_of
from values.errors import EncodeError

GOP = 24


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Six seconds at 24 Hz, a key frame every second."""
    path: Path = tmp_path_factory.mktemp("whole") / "film.mp4"
    run(
        [
            ffmpeg_path(), "-v", "error", "-f", "lavfi", "-i", "testsrc2=s=160x90:r=24:d=6", "-c:v", "libx264",
            "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-g", str(GOP), "-keyint_min", str(GOP), str(path),
        ],
        where="film",
    )  # fmt: skip
    return path


def without(whole: Path, gops: range, folder: Path) -> Path:
    """The film with the bytes of some groups of pictures wiped out, which its last pictures do not show."""
    data = bytearray(whole.read_bytes())
    with av.open(str(whole)) as container:
        packets = [p for p in container.demux(video=0) if p.size]
    for packet in packets[gops.start * GOP : gops.stop * GOP]:
        data[packet.pos : packet.pos + packet.size] = bytes(packet.size)
    path = folder / f"without-{gops.start}-{gops.stop}.mp4"
    path.write_bytes(data)
    return path


def tolerant_jobs(whole: Path, damaged: Path, folder: Path, *, every: int = 0) -> tuple[ChunkJob, ...]:
    """Three chunks of 48 frames, of a master that was damaged after it was planned."""
    film = film_of(whole, [rung_of("h264")])
    jobs = jobs_in(film, damaged, folder, store_url=(folder / "store").as_uri(), every=every)
    return tuple(replace(job, tolerant=True) for job in jobs)


@pytest.mark.parametrize(
    ("lost", "replaced"),
    [
        (range(1, 2), [24, 0, 0]),  # the end of the first chunk
        (range(2, 3), [0, 24, 0]),  # the start of the second
        (range(2, 4), [0, 48, 0]),  # all of it
        (range(1), [24, 0, 0]),  # the film's start
        (range(3), [48, 24, 0]),
    ],
    ids=str,
)
def test_what_does_not_decode_shows_its_neighbour(
    whole: Path, tmp_path: Path, lost: range, replaced: list[int]
) -> None:
    jobs = tolerant_jobs(whole, without(whole, lost, tmp_path), tmp_path)
    for job, count in zip(jobs, replaced, strict=True):
        takes, spent = encode_rungs(job, tmp_path)
        assert (spent.frames_in, spent.replaced) == (48, count)
        with av.open(str(takes[0].path)) as container:
            assert sum(1 for _ in container.decode(video=0)) == 48


def test_a_chunk_without_its_pictures_shows_the_last_before_them(whole: Path, tmp_path: Path) -> None:
    jobs = tolerant_jobs(whole, without(whole, range(2, 4), tmp_path), tmp_path)
    encode_rungs(jobs[1], tmp_path)
    times = {int(line.split()[2]) for line in next(tmp_path.glob("*.frames")).read_text().splitlines()}
    assert times == {jobs[0].expected[-1]}


def test_a_sound_master_is_not_filled(whole: Path, tmp_path: Path) -> None:
    job = replace(tolerant_jobs(whole, without(whole, range(1, 2), tmp_path), tmp_path)[0], tolerant=False)
    with pytest.raises(MisplacedFrames, match=r"frame 24(.|\n)*--allow-damaged"):
        encode_rungs(job, tmp_path)


def test_a_film_of_which_nothing_decodes_says_so(whole: Path, tmp_path: Path) -> None:
    job = tolerant_jobs(whole, without(whole, range(6), tmp_path), tmp_path)[0]
    with pytest.raises(EncodeError, match=r"not one of its pictures(.|\n)*Too much of the master is lost"):
        encode_rungs(job, tmp_path)


def test_a_damaged_chunk_is_measured_and_recorded(whole: Path, tmp_path: Path) -> None:
    result = encode_chunk(tolerant_jobs(whole, without(whole, range(2, 4), tmp_path), tmp_path, every=4)[1])
    assert result.replaced == 48
    assert len(result.parts[0].scores) == 12
    assert min(result.parts[0].scores) > 90  # a still is coded well, and compared with the same still


def test_replaced_frames_are_counted_by_their_times() -> None:
    text = "0 48 100\n1 49 100\n2 50 102\n3 51 -9223372036854775808\n"
    assert count_replaced(text, [100, 101, 102, 103]) == 1
