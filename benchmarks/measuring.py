"""Encodes of a clip and what they gave: bits, VMAF and CPU time, through the encoder's own code. Does I/O.

Each chunk of each encode is a task in a pool of processes, for each ffmpeg keeps to one thread. What a task gave is
kept in a cache under a digest of everything that shapes it.
"""

from __future__ import annotations

import math
import os
import tempfile
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import asdict, dataclass, replace
from fractions import Fraction
from typing import Any

import click

from benchmarks.cache import Cache
from benchmarks.clips import Clip
from chunker.grid import other_frames, source_frames
from chunker.plan import Chunk, plan_chunks, plan_segments, segment_length, segments_per_chunk
from coders.table import CODERS
from encoder.argv import Output, chunk_argv
from encoder.cut import cut_chunk
from encoder.job import ChunkJob, VideoSettings
from encoder.measure import measure
from encoder.peak import first_ask
from encoder.rungs import encode_rungs
from ladders.rung import FittedRung
from media.ffmpeg import ffmpeg_version
from media.work import work_dir
from onboarding.film import measure_seeks, plan_picture, seeks
from quality.settings import MeasureSettings, measure_settings
from values.digest import digest_value

FORMAT = 1
"""Raised whenever the same command and settings would be answered otherwise, so that nothing old is taken for new."""

CORES = len(os.sched_getaffinity(0))
"""The cores that this process may use."""

Note = Callable[[int, int], None]
"""Called with how many tasks are done, and of how many."""


@dataclass(frozen=True, slots=True)
class Encode:
    """One encode to be made: a rung (its size, codec and cap; `max_bps` 0 is none) in `chunks` of the clip.

    `crfs` has a CRF for each chunk; without it the rung's own holds everywhere. Chunks need not tile the clip.
    """

    rung: FittedRung
    preset: str
    chunks: tuple[Chunk, ...]
    crfs: tuple[float, ...] = ()

    @property
    def keyint(self) -> int:
        """The longest GOP in frames, one more than any segment has."""
        return max(s.frames for c in self.chunks for s in c.segments) + 1


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an encode gave: coded pictures in bits, over so many frames in `seconds`; the mean VMAF of the measured
    frames (None where none was measured); CPU seconds; how many encodes its chunks took in all."""

    bits: int
    frames: int
    seconds: float
    vmaf: float | None
    encode_cpu_s: float
    measure_cpu_s: float
    tries: int

    @property
    def bps(self) -> float:
        return self.bits / self.seconds

    @property
    def point(self) -> tuple[float, float]:
        """Bits per second and VMAF, as `quality.bjontegaard` takes them. Raises ValueError where none was measured."""
        if self.vmaf is None:
            raise ValueError("its quality was not measured")
        return self.bps, self.vmaf


@dataclass(frozen=True, slots=True)
class Measuring:
    """How encodes are run. `every` is the step between measured frames; 0 measures none.

    Up to `together` encodes that share chunk, codec and preset share one decoding of the film, and CPU time is then
    divided equally between them: 1 where CPU time is what is looked for. `workers` is the number of processes.
    """

    cache: Cache
    every: int = 6
    together: int = 4
    workers: int = CORES


def to_stderr(what: str) -> Note:
    """A note on stderr for each task that is done."""
    return lambda done, total: click.echo(f"{what}: {done} of {total}", err=True)


def chunks_of(clip: Clip, *, segment_s: Fraction = Fraction(4), chunk_s: Fraction | None = None) -> tuple[Chunk, ...]:
    """The clip in chunks of about `chunk_s` seconds on its grid of segments; None is one chunk of all segments."""
    length = segment_length(clip.rate, segment_s)
    segments = plan_segments(clip.frames, length)
    if chunk_s is None:
        return plan_chunks(segments, len(segments))
    return plan_chunks(segments, segments_per_chunk(clip.frames, clip.rate, length, workers=1, target_s=chunk_s))


def run_encodes(clip: Clip, encodes: Sequence[Encode], how: Measuring, note: Note | None = None) -> tuple[Outcome, ...]:
    """The outcome of each encode, in their order; what the cache holds is not run again.

    Raises EncodeError as the encoder does; what was finished by then is kept.
    """
    measuring = measure_settings(clip.display_size, every=how.every) if how.every else None
    parts = [[_part(clip, encode, i, measuring, how.together) for i in range(len(encode.chunks))] for encode in encodes]
    unique = {part.key: part for row in parts for part in row}
    found = {key: kept for key in unique if (kept := how.cache.get(key))}
    missing = [part for key, part in unique.items() if key not in found]
    groups = sorted(_grouped(missing, how.together), key=_cost, reverse=True)
    with tempfile.TemporaryDirectory(prefix="matinee-bench-") as folder, ProcessPoolExecutor(how.workers) as pool:
        futures = {pool.submit(_run, clip, tuple(group), measuring, folder): group for group in groups}
        try:
            for done, future in enumerate(as_completed(futures), 1):
                for part, gave in zip(futures[future], future.result(), strict=True):
                    how.cache.put(part.key, gave)
                    found[part.key] = gave
                if note:
                    note(done, len(futures))
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise
    return tuple(_joined([found[part.key] for part in row], clip.rate) for row in parts)


def chunk_job(
    clip: Clip, chunk: Chunk, rungs: Sequence[FittedRung], crfs: Sequence[float], *, preset: str, keyint: int,
    work_dir: str,
) -> ChunkJob:  # fmt: skip
    """The job of encoding one chunk of the clip into `rungs`, which are of one codec, as an onboarding makes it."""
    film, timing = clip.inspection, clip.inspection.timing
    picture = plan_picture(film)
    expected = source_frames(timing, film.index.pts, chunk.start, chunk.stop)
    seek, *fallbacks = seeks(film, picture, expected[0])
    return ChunkJob(
        title_id="",
        master_name=clip.name,
        location=clip.path,
        store_url="",
        chunk=chunk,
        timing=timing,
        picture=picture,
        settings=VideoSettings(rungs[0].codec, preset, tuple(rungs), timing.rate, keyint),
        crfs=tuple(crfs),
        seek=seek,
        fallbacks=tuple(fallbacks),
        expected=expected,
        others=other_frames(timing, film.index.pts, chunk.start, chunk.stop),
        tolerant=False,
        recipe="",
        record_key="",
        init_keys=(),
        segment_keys=(),
        work_dir=work_dir,
    )


def seeks_to_measure(clip: Clip, chunk: Chunk, measuring: MeasureSettings) -> tuple[int | None, ...]:
    """Where decoding may start to measure `chunk`, as `encoder.measure.measure` takes it."""
    return measure_seeks(clip.inspection, plan_picture(clip.inspection), chunk.start, measuring)


@dataclass(frozen=True, slots=True)
class _Part:
    """One chunk of one encode, and the digest of everything that shapes what comes of it."""

    rung: FittedRung
    crf: float
    preset: str
    keyint: int
    chunk: Chunk
    key: str = ""

    def job(self, clip: Clip, work_dir: str) -> ChunkJob:
        return chunk_job(
            clip, self.chunk, (self.rung,), (self.crf,), preset=self.preset, keyint=self.keyint, work_dir=work_dir
        )


def _part(clip: Clip, encode: Encode, index: int, measuring: MeasureSettings | None, together: int) -> _Part:
    crf = encode.crfs[index] if encode.crfs else encode.rung.crf
    part = _Part(encode.rung, crf, encode.preset, encode.keyint, encode.chunks[index])
    # The whole first command stands for the recipe: a change of the encoder's options or filters makes it another.
    job = replace(part.job(clip, ""), location="")
    asked = Output(encode.rung, first_ask(job, encode.rung, crf), "out.mp4", "stats")
    made_of: list[Any] = [
        FORMAT, clip.fingerprint, ffmpeg_version(), chunk_argv("ffmpeg", job, job.seek, [asked]),
        CODERS[encode.rung.codec].passes, encode.rung.max_bps, encode.rung.buffer_bits,
        asdict(measuring) if measuring else None, together,
    ]  # fmt: skip
    return replace(part, key=digest_value(made_of))


def _grouped(parts: Iterable[_Part], together: int) -> list[list[_Part]]:
    """Parts that may share one decoding, up to `together` of them."""
    alike: dict[Any, list[_Part]] = {}
    for part in parts:
        alike.setdefault((part.rung.codec, part.preset, part.keyint, part.chunk), []).append(part)
    return [group[i : i + together] for group in alike.values() for i in range(0, len(group), together)]


def _cost(group: Sequence[_Part]) -> float:
    return sum(p.chunk.frames * p.rung.width * p.rung.height * CODERS[p.rung.codec].slowness for p in group)


def _run(clip: Clip, group: Sequence[_Part], measuring: MeasureSettings | None, folder: str) -> list[dict[str, Any]]:
    """Encode and measure the parts of one group, in a process of the pool."""
    chunk = group[0].chunk
    rungs = [replace(part.rung, name=str(i)) for i, part in enumerate(group)]
    crfs = [part.crf for part in group]
    job = chunk_job(clip, chunk, rungs, crfs, preset=group[0].preset, keyint=group[0].keyint, work_dir=folder)
    with work_dir(folder) as own:
        takes, spent = encode_rungs(job, own)
        sizes = []
        for take in takes:
            _, segments = cut_chunk(take.path.read_bytes(), chunk, clip.rate, where=job.where)
            sizes.append([size for segment in segments for size in segment.sizes])
        scores: list[tuple[float, ...]] = [()] * len(takes)
        measure_cpu_s = 0.0
        if measuring:
            paths = [str(take.path) for take in takes]
            measured = measure(job, paths, measuring, seeks=seeks_to_measure(clip, chunk, measuring))
            scores, measure_cpu_s = [part.vmaf.values for part in measured.parts], measured.cpu_s
    return [
        {
            "bits": 8 * sum(size),
            "frames": len(size),
            "scores": score,
            "encode_cpu_s": spent.cpu_s / len(group),
            "measure_cpu_s": measure_cpu_s / len(group),
            "tries": take.tries,
            "crf": take.coding.crf,
        }
        for take, size, score in zip(takes, sizes, scores, strict=True)
    ]


def _joined(parts: Sequence[dict[str, Any]], rate: Fraction) -> Outcome:
    scores = [score for part in parts for score in part["scores"]]
    frames = sum(part["frames"] for part in parts)
    return Outcome(
        bits=sum(part["bits"] for part in parts),
        frames=frames,
        seconds=float(frames / rate),
        vmaf=math.fsum(scores) / len(scores) if scores else None,
        encode_cpu_s=math.fsum(part["encode_cpu_s"] for part in parts),
        measure_cpu_s=math.fsum(part["measure_cpu_s"] for part in parts),
        tries=sum(part["tries"] for part in parts),
    )
