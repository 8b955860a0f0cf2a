"""Chunk jobs for tests, planned from real clips."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

from chunker.plan import plan_chunks, plan_segments
from coders.coder import Coding
from encoder.argv import Output
from encoder.job import ChunkJob, VideoSettings
from encoder.peak import shape
from ingest.fetch import Master
from ingest.inspect import Inspection, inspect
from ladders.load import load_ladder
from ladders.rung import FittedRung, fit
from media.foreign import FORMATS
from onboarding.film import Film, chunk_jobs, plan_cuts, plan_film
from onboarding.settings import OnboardSettings
from treatment.wishes import NO_WISHES, Wishes

RUNGS = (FittedRung("90p", 160, 90, 30, 300_000, 600_000), FittedRung("180p", 320, 180, 30, 600_000, 1_200_000))


def film_input(seek: str | None) -> tuple[str, ...]:
    """How every command of the encoder opens the film of `job_of` at `seek` (None: from the start), and nothing that
    the film may name."""
    words = [
        "-apply_cropping", "codec", "-fflags", "+genpts", "-format_whitelist", ",".join(FORMATS),
        "-max_pixels", "67108864", *(("-noaccurate_seek",) if seek else ()), "-noautorotate",
        "-protocol_whitelist", "file",
    ]  # fmt: skip
    words += ["-seek_timestamp", "1", "-ss", seek] if seek else []
    return (*words, "-threads", "1", "-i", "/m/film.mp4")


def inspected(path: Path, wishes: Wishes = NO_WISHES) -> Inspection:
    with path.open("rb") as file:

        def read(start: int, stop: int) -> bytes:
            file.seek(start)
            return file.read(stop - start)

        return inspect(str(path), size=path.stat().st_size, read=read, where=path.name, wishes=wishes)


def planned(path: Path, *, segment_s: Fraction, chunk_s: Fraction) -> Film:
    settings = OnboardSettings(str(path), segment_s=segment_s, chunk_s=chunk_s, preset="ultrafast", ladder="mobile")
    master = Master("f" * 32, path.name, str(path), path.stat().st_size, "masters/media/x")
    found = inspected(path)
    rungs = fit(load_ladder("mobile"), found.display_size)
    return plan_film(
        settings, rungs, plan_cuts(settings, found.timing), master, found,
        audio_bps=96_000, title_id="t", name="T", encoder_version="9",
    )  # fmt: skip


def jobs_of(film: Film, path: Path, store_url: str = "", work_dir: str = "") -> tuple[ChunkJob, ...]:
    return chunk_jobs(film, location=str(path), store_url=store_url, work_dir=work_dir, tolerant=False)


def job_of(rate: Fraction, frames: int, length: int) -> tuple[ChunkJob, ...]:
    """Jobs of an imagined film: what commands are built from, without a file."""
    from array import array

    from chunker.grid import Timing
    from treatment.picture import Picture

    timing = Timing(rate, Fraction(1, 90000), 900, frames, True)
    settings = VideoSettings("h264", "fast", RUNGS, rate, length + 1, 1)
    return tuple(
        ChunkJob("t", "film.mp4", "/m/film.mp4", "memory:", chunk, timing, Picture(0), settings, (30.0, 30.0),
                 None if chunk.index == 0 else 900 + chunk.start * 3750, (), array("q"), False, "r", "w", (), (), "/w")
        for chunk in plan_chunks(plan_segments(frames, length), 2)
    )  # fmt: skip


def outputs_of(job: ChunkJob, *names: str) -> list[Output]:
    """An output a rung, each asked for CRF 30.5 under the rung's own cap."""
    return [
        Output(
            rung,
            Coding("fast", 30.5, rung.max_bps, rung.buffer_bits, 1000, 97, 1, shape(rung, job.settings)),
            f"{name}.mp4",
            f"{name}.txt",
        )
        for rung, name in zip(job.settings.rungs, names, strict=False)
    ]
