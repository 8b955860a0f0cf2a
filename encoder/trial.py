"""Trial encodes: one window of the film at some sizes and CRFs, encoded and measured. Does I/O."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from encoder.job import ChunkJob
from encoder.measure import measure
from encoder.rungs import encode_rungs
from media.boxes import split_init
from media.fragments import parse_fragments
from media.tracks import parse_init
from media.work import work_dir
from optimizer.points import Sample
from quality.scores import FrameScores
from quality.settings import MeasureSettings
from storage.open import open_store

_EQUAL_DB = 100.0
"""What equal pictures count as where XPSNR or PSNR is infinite; VMAF ends at 100 by itself."""


@dataclass(frozen=True, slots=True)
class TrialJob:
    """One task: the window `job.chunk`, encoded without a cap into each of the job's rungs, and compared with the film.

    `window` is the window's index. `seeks` are as `encoder.measure.measure` takes them. With `keep`, a store key a
    rung, the encodes are kept.
    """

    job: ChunkJob
    window: int
    measuring: MeasureSettings
    seeks: tuple[int | None, ...]
    keep: tuple[str, ...] = ()

    @property
    def where(self) -> str:
        chunk = self.job.chunk
        sizes = ", ".join(dict.fromkeys(f"{r.width}x{r.height}" for r in self.job.settings.rungs))
        return (
            f"trial of {self.job.master_name} in {self.job.settings.codec} at {sizes} "
            f"(frames {chunk.start} to {chunk.stop})"
        )

    @property
    def cost(self) -> float:
        return self.job.cost


@dataclass(frozen=True, slots=True)
class TrialResult:
    """What a trial measured, a sample a rung, and the CPU seconds of encoding and of measuring.

    There are no samples of a window that lies between two measured frames.
    """

    window: int
    samples: tuple[Sample, ...]
    encode_cpu_s: float
    measure_cpu_s: float


def run_trial(trial: TrialJob) -> TrialResult:
    """Encode and measure one window. Raises EncodeError (FFmpegError, MisplacedFrames)."""
    job = trial.job
    with work_dir(job.work_dir) as folder:
        takes, spent = encode_rungs(job, folder)
        measured = measure(job, [str(t.path) for t in takes], trial.measuring, seeks=trial.seeks)
        coded = [_frame_bits(t.path.read_bytes()) for t in takes]
        for key, take in zip(trial.keep, takes, strict=False):
            open_store(job.store_url).put(key, take.path.read_bytes(), media_type="video/mp4")
    samples = []
    pixels = sum(r.width * r.height for r in job.settings.rungs)
    for rung, crf, bits, scores in zip(job.settings.rungs, job.crfs, coded, measured.parts, strict=True):
        vmaf = _mean(scores.vmaf)
        if vmaf is None:
            continue
        samples.append(
            Sample(
                window=trial.window,
                codec=rung.codec,
                width=rung.width,
                height=rung.height,
                crf=crf,
                frames=len(bits),
                first_bits=bits[0],
                rest_bits=sum(bits[1:]),
                vmaf=vmaf,
                psnr_y=_mean(scores.psnr_y),
                xpsnr_y=_mean(scores.xpsnr_y),
                cpu_s=spent.cpu_s * rung.width * rung.height / pixels,
            )
        )
    return TrialResult(trial.window, tuple(samples), spent.cpu_s, measured.cpu_s)


def _frame_bits(data: bytes) -> list[int]:
    init, media = split_init(data)
    return [8 * s.size for f in parse_fragments(media, parse_init(init)) for s in f.samples]


def _mean(scores: FrameScores | None) -> float | None:
    """The mean of the scores; equal pictures, whose XPSNR has no end, count as the best that is ever said."""
    if not scores or not scores.values:
        return None
    return float(sum(Fraction(min(v, _EQUAL_DB)) for v in scores.values) / len(scores.values))
