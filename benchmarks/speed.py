"""Ways of making the same rungs, timed in turn: one decoding for all or one a rung, scaling from the source or from the
next larger rung. Runs ffmpeg.

Rungs go without caps here, so that each is encoded once.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, replace
from fractions import Fraction
from functools import partial
from pathlib import Path
from statistics import fmean
from typing import Any

from benchmarks.cache import Cache
from benchmarks.clips import Clip
from benchmarks.differences import Difference, compare_ways
from benchmarks.measuring import chunk_job, chunks_of, seeks_to_measure
from benchmarks.scaling import encoding_argv, scaling_argv
from encoder.argv import Output
from encoder.cut import cut_chunk
from encoder.job import ChunkJob
from encoder.measure import measure
from encoder.peak import first_ask
from encoder.rungs import encode_rungs
from ladders.rung import FittedRung
from media.ffmpeg import ffmpeg_path, ffmpeg_version, run
from quality.settings import MeasureSettings, measure_settings

FORMAT = 1
"""Raised whenever the same settings would be answered otherwise, so that nothing old is taken for new."""


@dataclass(frozen=True, slots=True)
class Timed:
    """What a run took: CPU seconds of ffmpeg's processes, and seconds on the wall."""

    cpu_s: float
    wall_s: float


@dataclass(frozen=True, slots=True)
class Pair:
    """One way and its peer, run one after the other."""

    ours: Timed
    peer: Timed

    @property
    def cpu(self) -> float:
        """Ours by the peer's."""
        return self.ours.cpu_s / self.peer.cpu_s

    @property
    def wall(self) -> float:
        return self.ours.wall_s / self.peer.wall_s


@dataclass(frozen=True, slots=True)
class Trial:
    """What all timed runs share: the clip, its rungs (of one codec of one pass), the preset, and how often."""

    clip: Clip
    rungs: tuple[FittedRung, ...]
    preset: str
    rounds: int
    workers: int
    cache: Cache

    def job(self, rungs: Sequence[FittedRung], folder: str) -> ChunkJob:
        """All of the clip as one chunk."""
        free = [replace(r, name=f"{i}", max_bps=0, buffer_bits=0) for i, r in enumerate(rungs)]
        (chunk,) = chunks_of(self.clip)
        keyint = max(s.frames for s in chunk.segments) + 1
        crfs = [r.crf for r in free]
        return chunk_job(self.clip, chunk, free, crfs, preset=self.preset, keyint=keyint, work_dir=folder)

    def made_of(self, what: str) -> list[Any]:
        """What shapes a result of this kind, for the cache."""
        rungs = [asdict(r) for r in self.rungs]
        return [what, FORMAT, self.clip.fingerprint, ffmpeg_version(), self.preset, rungs]


def decode_once(trial: Trial) -> list[Pair]:
    """All rungs in one ffmpeg, which decodes once, against an ffmpeg a rung, `workers` of them at once."""

    def pair() -> dict[str, Any]:
        jobs = sorted(trial.rungs, key=lambda r: -r.width * r.height)
        with tempfile.TemporaryDirectory(prefix="matinee-bench-") as folder:
            ours = _encode_jobs([trial.job(trial.rungs, folder)], folder, 1)
            peer = _encode_jobs([trial.job((rung,), folder) for rung in jobs], folder, trial.workers)
        return {"ours": asdict(ours), "peer": asdict(peer)}

    made_of = [*trial.made_of("decode once"), trial.workers]
    return [_pair(trial.cache.remember([*made_of, n], pair)) for n in range(trial.rounds)]


def cascade_cost(trial: Trial, *, encode: bool) -> list[Pair]:
    """Scaling each rung from the next larger one against scaling it from the source: all that an ffmpeg does, or
    (without `encode`) decoding and scaling alone."""

    def timed(cascade: bool, folder: str) -> Timed:
        job = trial.job(trial.rungs, folder)
        if not encode:
            return _timed(scaling_argv(ffmpeg_path(), job, cascade=cascade), job.where)
        outputs = _outputs(job, [(r, r.crf) for r in job.settings.rungs], folder)
        return _timed(encoding_argv(ffmpeg_path(), job, outputs, cascade=cascade), job.where)

    def pair() -> dict[str, Any]:
        with tempfile.TemporaryDirectory(prefix="matinee-bench-") as folder:
            return {"ours": asdict(timed(True, folder)), "peer": asdict(timed(False, folder))}

    made_of = [*trial.made_of("cascade"), encode]
    return [_pair(trial.cache.remember([*made_of, n], pair)) for n in range(trial.rounds)]


def cascade_quality(trial: Trial, crfs: Sequence[Sequence[float]], *, every: int) -> list[dict[str, Any]]:
    """What scaling in a cascade does to each rung: the same encodes both ways, `crfs` giving the CRFs of each rung.

    The largest rung is scaled from the source both ways, and can't differ.
    """
    measuring = measure_settings(trial.clip.display_size, every=every)
    asked = [(i, crf) for i, row in enumerate(crfs) for crf in row]
    both = []
    for cascade in (True, False):
        made_of = [*trial.made_of("cascade quality"), asdict(measuring), asked, cascade]
        both.append(trial.cache.remember(made_of, partial(_scaled_points, trial, asked, cascade, measuring))["points"])
    rows = []
    for i, rung in enumerate(trial.rungs):
        points = [
            Difference(rung.name, crf, 0, *ours, *peer)
            for (of, crf), ours, peer in zip(asked, *both, strict=True)
            if of == i
        ]
        compared, left_out = compare_ways(points)
        rows.append(
            {"rung": rung.name, "width": rung.width, "height": rung.height, **asdict(compared),
             "left_out": list(left_out), "points": [p.row() for p in points]}
        )  # fmt: skip
    return rows


def _scaled_points(
    trial: Trial, asked: Sequence[tuple[int, float]], cascade: bool, measuring: MeasureSettings
) -> dict[str, Any]:
    """Bits per second and VMAF of encodes, each of a rung at a CRF, all of them in one ffmpeg."""
    clip = trial.clip
    with tempfile.TemporaryDirectory(prefix="matinee-bench-") as folder:
        job = trial.job(trial.rungs, folder)
        outputs = _outputs(job, [(job.settings.rungs[i], crf) for i, crf in asked], folder)
        run(encoding_argv(ffmpeg_path(), job, outputs, cascade=cascade), where=job.where)
        seeks = seeks_to_measure(clip, job.chunk, measuring)

        def point(out: Output) -> tuple[float, float]:
            (part,) = measure(job, [out.path], measuring, seeks=seeks).parts
            bits = _coded_bits(out.path, job, clip.rate)
            return float(bits / clip.duration), fmean(part.vmaf.values)

        with ThreadPoolExecutor(trial.workers) as pool:
            return {"points": list(pool.map(point, outputs))}


def _coded_bits(path: str, job: ChunkJob, rate: Fraction) -> int:
    _, segments = cut_chunk(Path(path).read_bytes(), job.chunk, rate, where=job.where)
    return 8 * sum(size for segment in segments for size in segment.sizes)


def _outputs(job: ChunkJob, asked: Sequence[tuple[FittedRung, float]], folder: str) -> list[Output]:
    return [Output(r, first_ask(job, r, crf), f"{folder}/{i}.mp4", "") for i, (r, crf) in enumerate(asked)]


def _encode_jobs(jobs: Sequence[ChunkJob], folder: str, workers: int) -> Timed:
    """Encode the jobs, `workers` at once, the first first."""

    def one(i: int) -> float:
        own = Path(folder) / f"job-{i}"
        own.mkdir(exist_ok=True)
        return encode_rungs(jobs[i], own)[1].cpu_s

    start = time.monotonic()
    with ThreadPoolExecutor(workers) as pool:
        cpu_s = sum(pool.map(one, range(len(jobs))))
    return Timed(cpu_s, time.monotonic() - start)


def _timed(argv: Sequence[str], where: str) -> Timed:
    start = time.monotonic()
    done = run(argv, where=where)
    return Timed(done.cpu_s, time.monotonic() - start)


def _pair(kept: dict[str, Any]) -> Pair:
    return Pair(Timed(**kept["ours"]), Timed(**kept["peer"]))
