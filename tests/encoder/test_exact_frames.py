"""The proof: the frames that enter the encoders chunk by chunk are the film's frames, each once, in order."""

from __future__ import annotations

import subprocess
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import ffmpeg
import pytest

from chunker.grid import source_frames
from encoder.argv import compile_argv
from encoder.frames import film_from
from encoder.job import ChunkJob
from media.ffmpeg import ffmpeg_path
from onboarding.film import Film
from tests.encoder.jobs import jobs_of, planned
from tests.parts import SAMPLE, clip

SHORT = [
    "8k_hevc_300ms.mp4", "audio_shorter_than_video.mp4", "bbb_1080p24_mpeg2_mp2.ts", "bbb_1080p60_vp8_vorbis51.webm",
    "captions_cea608_2s.ts", "concert_1080p50_pcm.mov", "derived_1080p24_prores_proxy_pcm51.mov",
    "derived_360p_vfr_8s.mp4", "derived_480i_tff_mpeg2_ac351.ts", "derived_720p50_mpeg2_422.mxf",
    "marathon_400p2997_5s.mp4", "phone_720p_rot90_5s.mp4", "phone_hdr10_hevc_1080p_vfr_1s.mp4",
    "seattle_360p30_msmpeg4.avi", "subs_ass_ac3.mkv",
]  # fmt: skip
LONG = [
    "bbb_1080p24_30s_aac51.mp4",
    "bbb_trailer_720p24_55s_mp3.mp4",
    "black_1080p30_363s.mp4",
    "bbb_720p24_full_596s.mp4",
]


@pytest.mark.parametrize("name", SHORT)
def test_chunks_of_a_few_frames_are_the_films_frames(name: str) -> None:
    """Segments of half a second, a chunk each: more borders than any real plan has."""
    path = clip(name)
    film = planned(path, segment_s=Fraction(1, 2), chunk_s=Fraction(1, 2))
    assert chunk_frames(film, path) == film_frames(film, path)


@pytest.mark.parametrize("name", LONG)
def test_chunks_of_a_long_film_are_the_films_frames(name: str) -> None:
    path = clip(name)
    film = planned(path, segment_s=Fraction(4), chunk_s=Fraction(20))
    assert chunk_frames(film, path) == film_frames(film, path)


def test_the_proof_notices_a_chunk_that_is_cut_one_frame_late() -> None:
    film = planned(SAMPLE, segment_s=Fraction(4), chunk_s=Fraction(4))
    first = jobs_of(film, SAMPLE)[0]
    late = replace(first, timing=replace(first.timing, origin=first.timing.origin + 512))
    assert hash_chunk(first, None) == film_frames(film, SAMPLE)[:96]
    assert hash_chunk(late, None) != film_frames(film, SAMPLE)[:96]


def chunk_frames(film: Film, path: Path) -> list[str]:
    """Hashes of the frames of all chunks, each decoded on its own as its task would."""
    with ThreadPoolExecutor(2) as pool:
        return [h for hashes in pool.map(lambda job: hash_chunk(job, job.seek), jobs_of(film, path)) for h in hashes]


def film_frames(film: Film, path: Path) -> list[str]:
    """Hashes of the film's frames from one continuous decode.

    Where pictures pass unchanged, by a plain ffmpeg that knows nothing of grids: each frame's hash by its time, placed
    by the index. Where filters change them, by the same filters over the whole film at once.
    """
    if film.picture.scan != "progressive":
        whole = planned(path, segment_s=Fraction(30), chunk_s=Fraction(1000))
        (job,) = jobs_of(whole, path)
        return hash_chunk(job, None)
    argv = [
        ffmpeg_path(), "-v", "error", "-copyts", "-i", str(path), "-map", f"0:{film.picture.stream}",
        "-fps_mode", "passthrough", "-enc_time_base", "demux", "-f", "framehash", "-hash", "murmur3", "-",
    ]  # fmt: skip
    by_time = dict(hashes_of(argv))
    timing = film.inspection.timing
    return [by_time[t] for t in source_frames(timing, film.inspection.index.pts, 0, timing.frames)]


def hash_chunk(job: ChunkJob, seek: int | None) -> list[str]:
    out = ffmpeg.output(
        film_from(job, seek), "pipe:", f="framehash", hash="murmur3", fps_mode="passthrough",
        enc_time_base=f"{job.timing.rate.denominator}/{job.timing.rate.numerator}",
    )  # fmt: skip
    found = hashes_of(compile_argv(out, ffmpeg_path()))
    assert [number for number, _ in found] == list(range(job.chunk.start, job.chunk.stop))
    return [digest for _, digest in found]


def hashes_of(argv: tuple[str, ...] | list[str]) -> list[tuple[int, str]]:
    """Time and hash of each frame that a framehash command prints."""
    text = subprocess.run(argv, capture_output=True, text=True, check=True).stdout
    rows = [line.split(",") for line in text.splitlines() if not line.startswith("#")]
    return [(int(row[2]), row[5].strip()) for row in rows]
