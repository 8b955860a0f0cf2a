"""Encoding a chunk into its rungs until each keeps to its declared peak. Does I/O in the work folder alone."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from coders.coder import Coding
from coders.table import CODERS
from encoder.argv import Output, chunk_argv, first_pass_argv
from encoder.cut import MisplacedFrames, check_stats, count_replaced, cut_chunk
from encoder.job import ChunkJob
from encoder.peak import MOST_TRIES, Ask, first_ask, harder_ask, overshoot
from ladders.rung import FittedRung
from media.ffmpeg import FFmpegError, Finished, Progress, ffmpeg_path, run
from values.errors import EncodeError

OnFrames = Callable[[int], None]
"""Called with the number of output frames that are encoded so far."""


@dataclass(frozen=True, slots=True)
class Take:
    """One rung's chunk as it was kept: the file it lies in, the ask that made it, and how many encodes that took."""

    path: Path
    coding: Coding
    tries: int


@dataclass(slots=True)
class Spent:
    """What the encodes of a chunk cost: frames that went in (of one encode), CPU seconds, peak memory in bytes. Of the
    frames, those `replaced` did not decode."""

    frames_in: int = 0
    replaced: int = 0
    cpu_s: float = 0.0
    peak_bytes: int = 0


def encode_rungs(
    job: ChunkJob, folder: Path, on_frames: OnFrames | None = None, *, ready: Mapping[int, Path] | None = None
) -> tuple[list[Take], Spent]:
    """Encode all rungs together, then those that went over their peak again, with a harder ask, until none does.

    `ready` are files, by the rung's index, of encodes that need not be made if they keep to the peak. Raises
    EncodeError, also for a rung whose cap can't be kept (see `encoder.peak.harder_ask`).
    """
    rungs = job.settings.rungs
    asks = {i: first_ask(job, rung, job.crfs[i]) for i, rung in enumerate(rungs)}
    takes = _taken_over(job, ready or {}, asks)
    asks = {i: ask for i, ask in asks.items() if i not in takes}
    spent = Spent(frames_in=job.chunk.frames)
    before: dict[int, Ask] = {}
    for attempt in range(1, MOST_TRIES + 1):
        if not asks:
            break
        outputs = [
            Output(rungs[i], ask, str(folder / f"{rungs[i].name}.mp4"), str(folder / f"{rungs[i].name}.frames"))
            for i, ask in asks.items()
        ]
        spent.frames_in, done = _encode(job, outputs, on_frames if attempt == 1 else None)
        text = Path(outputs[0].stats).read_text()
        spent.replaced = count_replaced(text, job.expected, job.others) if job.tolerant else 0
        spent.cpu_s += done.cpu_s
        spent.peak_bytes = max(spent.peak_bytes, done.peak_bytes)
        again: dict[int, Coding] = {}
        for (i, ask), out in zip(asks.items(), outputs, strict=True):
            where = f"{job.where}, {rungs[i].name}"
            path = Path(out.path)
            _, segments = cut_chunk(path.read_bytes(), job.chunk, job.settings.rate, where=where)
            over = overshoot(job, rungs[i], (size for s in segments for size in s.sizes))
            if over:
                missed = Ask(ask, over)
                last = attempt >= MOST_TRIES - 1
                again[i] = harder_ask(missed, rungs[i], where=where, before=before.get(i), last=last)
                before[i] = missed
            else:
                takes[i] = Take(path, ask, attempt)
        asks = again
    return [takes[i] for i in range(len(rungs))], spent


def _taken_over(job: ChunkJob, ready: Mapping[int, Path], asks: Mapping[int, Coding]) -> dict[int, Take]:
    """The encodes that are there already, keep to their rung's peak, and declare a level with room for it: made in no
    try."""
    takes = {}
    for i, path in ready.items():
        rung = job.settings.rungs[i]
        if not _declares_enough(asks[i], rung):
            continue
        _, segments = cut_chunk(path.read_bytes(), job.chunk, job.settings.rate, where=f"{job.where}, {rung.name}")
        if not overshoot(job, rung, (size for s in segments for size in s.sizes)):
            takes[i] = Take(path, asks[i], 0)
    return takes


def _declares_enough(ask: Coding, rung: FittedRung) -> bool:
    """Whether an encode without a cap, which had none to reckon its level with, was given the one that `ask` needs."""
    options = CODERS[rung.codec].options
    capless = replace(ask, max_bps=0, buffer_bits=0, initial_bits=0)
    return options(capless) == options(replace(capless, shape=replace(ask.shape, max_bps=0, buffer_bits=0)))


def _encode(job: ChunkJob, outputs: Sequence[Output], on_frames: OnFrames | None) -> tuple[int, Finished]:
    """Run ffmpeg; where a seek landed too late, again from an earlier keyframe. Counts the frames that went in."""

    def progress(seen: Progress) -> None:
        if on_frames:
            on_frames(seen.frames)

    last: EncodeError | None = None
    two_passes = CODERS[job.settings.codec].passes == 2
    for seek in (job.seek, *job.fallbacks):
        try:
            first = run(first_pass_argv(ffmpeg_path(), job, seek, outputs), where=job.where) if two_passes else None
            argv = chunk_argv(ffmpeg_path(), job, seek, outputs)
            done = run(argv, where=job.where, on_progress=progress if on_frames else None)
            expected = None if job.tolerant else job.expected
            counts = {
                check_stats(Path(o.stats).read_text(), job.chunk, expected, where=job.where, others=job.others)
                for o in outputs
            }
            cpu_s = done.cpu_s + (first.cpu_s if first else 0.0)
            return counts.pop(), replace(done, cpu_s=cpu_s)
        except MisplacedFrames as error:
            last = error
        except FFmpegError as error:
            if not job.tolerant:
                raise
            last = error  # from here on nothing decoded, perhaps
    if last is None:
        raise EncodeError("there was nothing to encode", where=job.where)
    raise _lost(job, last) if job.tolerant else last


def _lost(job: ChunkJob, last: EncodeError) -> EncodeError:
    return EncodeError(
        "not one of its pictures, nor one before, can be decoded",
        where=job.where,
        hint="Too much of the master is lost. Copy it again from where it came, or export it anew.\n"
        f"The last try: {last.what}. {last.hint}",
    )
