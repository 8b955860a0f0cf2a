"""Small masters of every kind that ffmpeg can make, and what a plan makes of their frames."""

from __future__ import annotations

import struct
import subprocess
from fractions import Fraction
from pathlib import Path

import ffmpeg

from encoder.argv import STATS, compile_argv
from encoder.cut import check_stats
from encoder.frames import film_from
from encoder.job import ChunkJob
from ingest.fetch import Master
from ingest.inspect import Inspection, inspect
from ladders.rung import FittedRung
from media.boxes import Box, make_box, make_full_box, walk
from media.ffmpeg import ffmpeg_path
from onboarding.film import Film, chunk_jobs, plan_cuts, plan_film
from onboarding.settings import OnboardSettings
from tests.parts import SAMPLE
from treatment.wishes import NO_WISHES, Wishes

MPEG2 = ("-c:v", "mpeg2video", "-q:v", "3", "-bf", "2", "-g", "12")
H264 = ("-c:v", "libx264", "-preset", "ultrafast", "-g", "12")


def made(path: Path, *options: str, rate: str = "25", frames: int = 50, filters: str = "null") -> Path:
    """A clip of natural motion, `filters` applied, written with `options`: frames of the sample in 160x96, one after
    the other at `rate`. (Synthetic patterns move by whole lines, which looks like fields.)"""
    graph = f"scale=160:96,setpts=N/({rate})/TB,fps={rate},trim=end_frame={frames},{filters}"
    argv = [ffmpeg_path(), "-v", "error", "-ss", "9", "-i", str(SAMPLE), "-an", "-vf", graph, *options, "-y", str(path)]
    subprocess.run(argv, check=True)
    return path


def remuxed(source: Path, path: Path, *options: str, before: tuple[str, ...] = ()) -> Path:
    """The same packets in another file."""
    argv = [ffmpeg_path(), "-v", "error", *before, "-i", str(source), "-c", "copy", *options, "-y", str(path)]
    subprocess.run(argv, check=True)
    return path


def interlaced(path: Path, *options: str, order: str = "tff", rate: str = "25", frames: int = 50) -> Path:
    """True interlaced motion: each field is a moment of its own."""
    filters = f"interlace=scan={order}:lowpass=off"
    return made(path, *options, rate=str(Fraction(rate) * 2), frames=2 * frames, filters=filters)


def telecined(path: Path, *options: str, order: str = "top") -> Path:
    """24p in 29.97i, by 3:2 pulldown: 96 pictures in 120 frames."""
    filters = f"telecine=first_field={order}:pattern=23,setfield={'tff' if order == 'top' else 'bff'}"
    return made(path, *options, rate="24000/1001", frames=96, filters=filters)


def with_edits(source: Path, path: Path, *edits: tuple[int, int]) -> Path:
    """The MP4 with its picture's edits replaced: (duration in milliseconds, media time in ticks; -1 is empty)."""
    data = source.read_bytes()
    moov = next(b for b in walk(data) if b.kind == "moov")
    assert moov.stop == len(data)  # so that no chunk offset moves
    entries = b"".join(struct.pack(">IiI", length, time, 1 << 16) for length, time in edits)
    edts = make_box("edts", make_full_box("elst", 0, 0, struct.pack(">I", len(edits)), entries))

    def rebuilt(box: Box) -> bytes:
        if box.kind not in ("moov", "trak"):
            return data[box.start : box.stop]
        parts = [rebuilt(b) for b in walk(data, box.body, box.stop) if b.kind != "edts"]
        picture = box.kind == "trak" and any(b"vide" in part for part in parts)
        return make_box(box.kind, *parts, edts if picture else b"")

    path.write_bytes(data[: moov.start] + rebuilt(moov))
    return path


def without(source: Path, path: Path, *boxes: bytes) -> Path:
    """The MP4 with boxes of these kinds hidden from readers."""
    data = source.read_bytes()
    for kind in boxes:
        assert kind in data
        data = data.replace(kind, b"free")
    path.write_bytes(data)
    return path


def without_key_flags(source: Path, path: Path) -> Path:
    """The AVI with an index that calls no frame a key frame."""
    data = bytearray(source.read_bytes())
    at = data.rfind(b"idx1")
    for entry in range(at + 8, at + 8 + int.from_bytes(data[at + 4 : at + 8], "little"), 16):
        data[entry + 4 : entry + 8] = bytes(4)
    path.write_bytes(data)
    return path


def looked_over(path: Path, wishes: Wishes = NO_WISHES) -> Inspection:
    with path.open("rb") as file:

        def read(start: int, stop: int) -> bytes:
            file.seek(start)
            return file.read(stop - start)

        return inspect(str(path), size=path.stat().st_size, read=read, where=path.name, wishes=wishes)


def planned(
    path: Path,
    wishes: Wishes = NO_WISHES,
    *,
    segment_s: Fraction = Fraction(1, 2),
    rungs: tuple[FittedRung, ...] = (),
) -> Film:
    """The film in segments of half a second, a chunk each: more borders than any real plan has. Without `rungs` it has
    one of its own size."""
    found = looked_over(path, wishes)
    rungs = rungs or (FittedRung("low", *found.display_size, 30, 300_000, 600_000),)
    settings = OnboardSettings(str(path), segment_s=segment_s, chunk_s=segment_s, preset="ultrafast", wishes=wishes)
    master = Master("f" * 32, path.name, str(path), path.stat().st_size, "masters/media/x")
    return plan_film(
        settings, rungs, plan_cuts(settings, found.timing), master, found,
        audio_bps=96_000, title_id="t", name="T", encoder_version="9",
    )  # fmt: skip


def jobs_of(film: Film, path: Path) -> tuple[ChunkJob, ...]:
    return chunk_jobs(film, location=str(path), store_url="", work_dir="", tolerant=False)


def frames_of(job: ChunkJob, folder: Path) -> list[str]:
    """Hashes of the frames that enter the chunk's encoder, which must have the numbers and source times planned, from
    the first place where decoding is tried on."""
    stats = folder / f"{job.chunk.start}.frames"
    out = ffmpeg.output(
        film_from(job, job.seek), "pipe:",
        **{
            "f": "framehash", "hash": "murmur3", "fps_mode": "passthrough", "stats_enc_pre:v": str(stats),
            "stats_enc_pre_fmt:v": STATS,
            "enc_time_base:v": f"{job.timing.rate.denominator}/{job.timing.rate.numerator}",
        },
    )  # fmt: skip
    done = subprocess.run(compile_argv(out, ffmpeg_path()), capture_output=True, text=True, check=True)
    check_stats(stats.read_text(), job.chunk, job.expected, where=job.where, others=job.others)
    return [line.split(",")[5].strip() for line in done.stdout.splitlines() if not line.startswith("#")]


def chunked_and_whole(path: Path, folder: Path, wishes: Wishes = NO_WISHES) -> tuple[list[str], list[str]]:
    """The film's frames chunk by chunk, each sought on its own, and in one go from the start of the file."""
    jobs = jobs_of(planned(path, wishes), path)
    (whole,) = jobs_of(planned(path, wishes, segment_s=Fraction(30)), path)
    assert len(jobs) > 1 or whole.timing.frames < 30
    assert any(job.seek is not None for job in jobs) or len(jobs) < 3
    return [frame for job in jobs for frame in frames_of(job, folder)], frames_of(whole, folder)
