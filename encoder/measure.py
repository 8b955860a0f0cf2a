"""How good a chunk's renditions are: each compared with the film, frame by frame, by one ffmpeg. Does I/O.

A chunk's scores are exactly those of a run over the whole film. What a frame's score needs beside the frame itself is
the film just before and after it: VMAF's motion is the lesser of the differences to the frame before and to the frame
after, XPSNR looks one frame back, above 32 Hz two. So the chunk is measured with a few frames of the film on either
side. Only the film's pictures count there; the rendition's are stand-ins, and their scores are dropped.

Film and rendition are compared in the rendition's look (`treatment.picture.Look`): in BT.709 where it is SDR, in ten
bits where it has them, and HDR by the light that an SDR picture of it would show (`encoder.colour.compared`), so that
its scores mean what those of SDR mean.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import ffmpeg

from chunker.grid import Timing
from chunker.plan import Chunk
from encoder.argv import STATS, compile_argv
from encoder.colour import compared, looked
from encoder.cut import MisplacedFrames, check_stats
from encoder.frames import film_from, split
from encoder.job import ChunkJob
from media.ffmpeg import ffmpeg_path, run
from quality.logs import parse_vmaf_log, parse_xpsnr_stats
from quality.scores import FrameScores, PartScores, measured_frames
from quality.settings import MeasureSettings
from treatment.picture import Look
from values.errors import EncodeError

_THREE = 3
_XPSNR_LOOKS_FURTHER = Fraction(32)  # Hz; above it vf_xpsnr.c takes second differences of pictures


@dataclass(frozen=True, slots=True)
class Measured:
    """The scores of a chunk's renditions, in the order given, and what they cost (CPU seconds, bytes)."""

    parts: tuple[PartScores, ...]
    cpu_s: float = 0.0
    peak_bytes: int = 0


@dataclass(frozen=True, slots=True)
class LogFiles:
    """Where one rendition's logs go: libvmaf's JSON, xpsnr's lines, and a line for each frame that was compared."""

    vmaf: str
    xpsnr: str
    frames: str


def given_frames(chunk: Chunk, timing: Timing, settings: MeasureSettings) -> Chunk:
    """The frames of the film that measuring `chunk` decodes: `chunk` widened by what its scores look at.

    Where not every frame is measured, the first one given is a multiple of `every`, because libvmaf counts from it.
    """
    every = settings.every
    reach = 2 if settings.xpsnr and timing.rate > _XPSNR_LOOKS_FURTHER else 1
    first = measured_frames(chunk.start, chunk.stop + every, every).start
    start = max(0, min(chunk.start, first - reach)) // every * every
    return replace(chunk, start=start, stop=min(chunk.stop + 1, timing.frames))


def measure(job: ChunkJob, parts: Sequence[str], settings: MeasureSettings, *, seeks: Sequence[int | None]) -> Measured:
    """Compare `parts`, the renditions of the job's chunk as fragmented MP4 files, with the film.

    `seeks` are source times in ticks of keyframes at or before the first of `given_frames`, tried in turn until the
    right frames come out; None is the start of the file. Raises EncodeError (FFmpegError, MisplacedFrames).
    """
    chunk = job.chunk
    numbers = measured_frames(chunk.start, chunk.stop, settings.every)
    if not numbers:
        nothing = FrameScores(numbers.start, settings.every, ())
        none = PartScores(nothing, nothing if settings.psnr else None, nothing if settings.xpsnr else None)
        return Measured((none,) * len(parts))
    given = given_frames(chunk, job.timing, settings)
    cpu_s = 0.0
    last: MisplacedFrames | None = None
    with tempfile.TemporaryDirectory(prefix="measure-", dir=job.work_dir) as name:
        folder = Path(name)
        film = folder / "film.frames"
        logs = [
            LogFiles(*(str(folder / f"{i}.{kind}") for kind in ("json", "xpsnr", "frames"))) for i in range(len(parts))
        ]
        for seek in seeks:
            argv = measure_argv(ffmpeg_path(), job, seek, parts, settings, logs=logs, film_stats=str(film))
            done = run(argv, where=f"{job.where}, measuring quality")
            cpu_s += done.cpu_s
            try:
                check_stats(film.read_text(), given, None, where=job.where)
            except MisplacedFrames as error:
                last = error
                continue
            scores = tuple(_read(log, job, given, settings) for log in logs)
            return Measured(scores, cpu_s, done.peak_bytes)
    raise last or EncodeError("there was nowhere to start reading the film", where=job.where)


def measure_argv(
    binary: str,
    job: ChunkJob,
    seek: int | None,
    parts: Sequence[str],
    settings: MeasureSettings,
    *,
    logs: Sequence[LogFiles],
    film_stats: str,
) -> tuple[str, ...]:
    """One ffmpeg that decodes the film once and compares every part with it; `film_stats` gets the frames' numbers."""
    given = given_frames(job.chunk, job.timing, settings)
    look = job.settings.look
    seen, film = split(looked(film_from(replace(job, chunk=given), seek), job.picture.colour, look), 2)
    step = _step(job.timing, settings)
    films = split(_fitted(_kept(film, step), settings.size, look), len(parts))
    outputs = [_counted(seen, film_stats)]
    for part, film, log in zip(parts, films, logs, strict=True):
        picture = ffmpeg.input(part, threads=str(job.settings.threads))["v"]
        # Stand-ins for the rendition's neighbours: its own first and last picture.
        picture = picture.filter(
            "tpad", start=job.chunk.start - given.start, start_mode="clone",
            stop=given.stop - job.chunk.stop, stop_mode="clone",
        )  # fmt: skip
        # Numbered as the film's frames are, so that each meets its own.
        picture = picture.filter("settb", f"{job.timing.rate.denominator}/{job.timing.rate.numerator}")
        picture = picture.filter("setpts", f"N+{given.start}")
        picture = _fitted(_kept(picture, step), settings.size, look)
        outputs.append(_counted(_compared(picture, film, job.settings.threads, settings, log, step), log.frames))
    return compile_argv(ffmpeg.merge_outputs(*outputs), binary)


def kept_frames(given: Chunk, timing: Timing, settings: MeasureSettings) -> tuple[int, ...]:
    """Of the frames given, those that are scaled and compared.

    Where frames are measured far apart, only they and their neighbours matter: threes, of which libvmaf is asked for
    the middle one. The first frame given is such a middle, so libvmaf's count of every third one meets them all.
    """
    frames = range(given.start, given.stop)
    return tuple(n for n in frames if _step(timing, settings) == 1 or (n + 1) % settings.every < _THREE)


def _step(timing: Timing, settings: MeasureSettings) -> int:
    """The step of threes, 1 where all frames are compared."""
    far = settings.every > _THREE and not (settings.xpsnr and timing.rate > _XPSNR_LOOKS_FURTHER)
    return settings.every if far else 1


def _kept(stream: Any, step: int) -> Any:
    """The stream without the frames that nothing looks at. It begins with a multiple of the step, numbered 0 here."""
    return stream if step == 1 else stream.filter("select", f"lt(mod(n+1,{step}),{_THREE})")


def _fitted(stream: Any, size: tuple[int, int], look: Look) -> Any:
    """The picture as it is shown: limited range, at the measuring size, and as scores are to see its look."""
    return compared(stream.filter("scale", *size, flags="bicubic", out_range="tv"), look)


def _compared(picture: Any, film: Any, threads: int, settings: MeasureSettings, log: LogFiles, step: int) -> Any:
    if settings.xpsnr:
        # The film comes first: xpsnr weighs errors by what its first input shows, and hands that on.
        picture, same = split(picture, 2)
        film = ffmpeg.filter([film, same], "xpsnr", stats_file=log.xpsnr, shortest=1)
    options = {
        "log_path": log.vmaf, "log_fmt": "json", "model": settings.model, "n_threads": threads,
        "n_subsample": _THREE if step > 1 else settings.every, "shortest": 1,
    }  # fmt: skip
    if settings.psnr:
        options["feature"] = "name=psnr"
    return ffmpeg.filter([picture, film], "libvmaf", **options)


def _counted(stream: Any, stats: str) -> Any:
    """Nothing is kept of the pictures; a line is written for each."""
    return ffmpeg.output(stream, "-", **{
        "f": "null", "fps_mode:v": "passthrough", "stats_enc_pre:v": stats, "stats_enc_pre_fmt:v": STATS,
    })  # fmt: skip


def _read(log: LogFiles, job: ChunkJob, given: Chunk, settings: MeasureSettings) -> PartScores:
    """One rendition's scores, without those of the frames around the chunk. Raises EncodeError if any is missing."""
    where = f"{job.where}, measuring quality"
    numbers = measured_frames(job.chunk.start, job.chunk.stop, settings.every)
    compared = len(Path(log.frames).read_text().splitlines())
    kept = kept_frames(given, job.timing, settings)
    frames = {kept[f.number]: f for f in parse_vmaf_log(Path(log.vmaf).read_text(), where=where)}
    luma: tuple[float, ...] = ()
    if settings.xpsnr:
        luma = parse_xpsnr_stats(Path(log.xpsnr).read_text(), where=where)
    if compared != len(kept) or not frames.keys() >= set(numbers) or (settings.xpsnr and len(luma) != compared):
        raise EncodeError(
            f"{compared} frames were compared with the film, planned {len(kept)}",
            where=where,
            hint="Encode the chunk anew: --force. If it repeats, matinee needs ffmpeg 7 or newer.",
        )

    def scores(values: Iterable[float]) -> FrameScores:
        return FrameScores(numbers.start, settings.every, tuple(values))

    return PartScores(
        scores(frames[n].vmaf for n in numbers),
        scores(_known(frames[n].psnr_y, where) for n in numbers) if settings.psnr else None,
        scores(luma[kept.index(n)] for n in numbers) if settings.xpsnr else None,
    )


def _known(score: float | None, where: str) -> float:
    if score is None:
        raise EncodeError("libvmaf wrote no PSNR", where=where, hint="matinee needs an ffmpeg with libvmaf 2 or newer.")
    return score
