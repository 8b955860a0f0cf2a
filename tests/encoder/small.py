"""A small film and its jobs in one codec, for tests that really encode."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

from encoder.job import ChunkJob
from ingest.fetch import Master
from ladders.rung import FittedRung
from media.ffmpeg import ffmpeg_path, run
from onboarding.film import Film, chunk_jobs, plan_cuts, plan_film
from onboarding.settings import OnboardSettings
from tests.encoder.jobs import inspected
from tests.parts import SAMPLE
from treatment.wishes import NO_WISHES, Wishes

SIZE = (160, 90)


def small_clip(folder: Path, *, start_s: float = 8, frames: int = 144) -> Path:
    """A part of the sample at 320x180, 24 Hz, with a key frame every second: cheap to decode, with motion and cuts."""
    path = folder / f"small-{frames}.mp4"
    run(
        [
            ffmpeg_path(), "-v", "error", "-y", "-ss", str(start_s), "-i", str(SAMPLE), "-an", "-vf", "scale=320:180",
            "-frames:v", str(frames), "-c:v", "libx264", "-preset", "ultrafast", "-qp", "12", "-g", "24", str(path),
        ],
        where=path.name,
    )  # fmt: skip
    return path


def rung_of(codec: str, *, crf: float = 30, max_kbps: float = 0, buffer_s: float = 2) -> FittedRung:
    """A tiny rung; `max_kbps` 0 leaves it uncapped."""
    bps = int(max_kbps * 1000)
    return FittedRung(f"{codec}-90p", *SIZE, crf, bps, int(bps * buffer_s), codec)


TIGHT = {
    "h264": rung_of("h264", crf=20, max_kbps=12),
    "hevc": rung_of("hevc", crf=20, max_kbps=10, buffer_s=0.5),
    "vp9": rung_of("vp9", crf=40, max_kbps=60),
    "av1": rung_of("av1", crf=40, max_kbps=22),
}
"""Caps at which at least one chunk of the small film has to be encoded again."""


def film_of(
    path: Path,
    rungs: Sequence[FittedRung],
    *,
    preset: str = "ultrafast",
    chunk_s: int = 2,
    wishes: Wishes = NO_WISHES,
) -> Film:
    """The film with segments of one second."""
    settings = OnboardSettings(
        str(path), segment_s=Fraction(1), chunk_s=Fraction(chunk_s), preset=preset, wishes=wishes
    )
    master = Master("f" * 32, path.name, str(path), path.stat().st_size, "masters/media/x")
    found = inspected(path, wishes)
    return plan_film(
        settings, rungs, plan_cuts(settings, found.timing), master, found,
        audio_bps=96_000, title_id="t", name="T", encoder_version="9",
    )  # fmt: skip


def jobs_in(film: Film, path: Path, work_dir: Path, *, store_url: str = "", every: int = 0) -> tuple[ChunkJob, ...]:
    return chunk_jobs(
        film, location=str(path), store_url=store_url, work_dir=str(work_dir), tolerant=False, every=every
    )
