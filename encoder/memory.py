"""How much memory a task may take, so that a machine is not given more of them than it has room for. Pure.

One ffmpeg decodes a chunk once: some pictures of the source, and for each rung those that its encoder looks ahead over
and refers to. Measuring quality holds every rung's picture and the film's at the measuring size in libvmaf's floats.
Rounded up from what was measured: a chunk of 8K into the ladder web-h264 takes 0.74 GB, into twelve rungs of
apple-hevc, up to 2160p, 5.0 GB, into av1 3.1 GB; 720p measured at its own size takes 60 bytes a pixel and rung.
"""

from __future__ import annotations

from encoder.job import ChunkJob, MeasureJob
from encoder.schedule import Job
from encoder.shots import ShotJob
from encoder.trial import TrialJob
from quality.settings import MeasureSettings

_BASE = 100 << 20  # the process itself
_DECODED = 10  # pictures of the source that a decoder refers to and hands on
_MAPPED = 4  # of those, in 32 bit floats, while HDR becomes SDR
_HELD = {"h264": 80, "hevc": 150, "vp9": 120, "av1": 200}  # pictures of a rung
_MOST_HELD = max(_HELD.values())
_MEASURED = 64  # bytes a pixel of the measuring size, and rung


def task_bytes(job: Job) -> int:
    """The most that the task of `job` takes, in bytes, about; 0 for tasks that take little."""
    match job:
        case ChunkJob():
            return max(_encoding(job), _measuring(job, job.measuring))
        case TrialJob():
            return max(_encoding(job.job), _measuring(job.job, job.measuring))
        case MeasureJob():
            return _measuring(job.chunk_job, job.chunk_job.measuring)
        case ShotJob():
            return _decoding(job.chunk_job)
        case _:
            return 0


def _decoding(job: ChunkJob) -> int:
    width, height = job.decoded_size
    depth = 2 if job.picture.deep else 1
    mapped = _MAPPED * 12 if job.picture.colour.hdr and not job.settings.look.colour.hdr else 0
    return _BASE + width * height * (_DECODED * depth * 3 // 2 + mapped)


def _encoding(job: ChunkJob) -> int:
    pixels = sum(r.width * r.height for r in job.settings.rungs)
    depth = 2 if job.settings.look.bit_depth > 8 else 1
    return _decoding(job) + pixels * _HELD.get(job.settings.codec, _MOST_HELD) * depth * 3 // 2


def _measuring(job: ChunkJob, settings: MeasureSettings | None) -> int:
    if settings is None:
        return 0
    width, height = settings.size
    return _decoding(job) + width * height * _MEASURED * len(job.settings.rungs)
