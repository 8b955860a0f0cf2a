"""Where a film is cut into chunks to be looked at: at key frames, so that few pictures are decoded twice. Pure."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise

from gate.job import LEAD_BLOCKS, GateJob
from gate.limits import LIMITS, Limits
from gate.measures import BLOCKS_PER_S
from media.index import FrameIndex
from media.probe import AudioStream, VideoStream

LONGEST_S = Fraction(60)
SHORTEST_S = Fraction(10)

_GROUPS = 6  # GOPs that a chunk has at least: it decodes the one before it too, for what its first frames need
_PER_WORKER = 3  # chunks for each worker, so that none waits long for the last
_MARGIN_S = Fraction(1, 2)  # sound may lie behind the picture in the file
_MARGIN_AGAIN_S = Fraction(10)


def plan_parts(index: FrameIndex, workers: int, *, shortest_s: Fraction = SHORTEST_S) -> tuple[tuple[int, int], ...]:
    """Source frames ``[start, stop)`` of each chunk: they tile the film and begin at key frames.

    Several for each of `workers`, 10 to 60 s long where key frames allow it.
    """
    pts, time_base = index.pts, index.time_base
    length = (pts[-1] - pts[0]) * time_base
    keys = [k for k in index.keyframes if pts[0] < k <= pts[-1]]
    group = length / (len(keys) + 1)
    step = max(min(LONGEST_S, max(shortest_s, length / (max(1, workers) * _PER_WORKER))), _GROUPS * group)
    starts, wanted = [0], pts[0] * time_base + step
    for key in keys:
        if key * time_base >= wanted and (pts[-1] - key) * time_base >= step / 2:
            starts.append(bisect_left(pts, key))
            wanted = key * time_base + step
    return tuple(pairwise((*dict.fromkeys(starts), len(pts))))


def plan_jobs(
    parts: Sequence[tuple[int, int]],
    index: FrameIndex,
    video: VideoStream,
    audio: Sequence[AudioStream],
    *,
    origin: int,
    location: str,
    name: str,
    work_dir: str,
    limits: Limits = LIMITS,
) -> tuple[GateJob, ...]:
    """A job for each of `parts`, which tile the film. `origin` is the film's start in ticks."""
    jobs = []
    for number, (start, stop) in enumerate(parts):
        context = max(0, start - 1)
        last = stop == len(index.pts)
        first_block = 0 if start == 0 else _block(index, origin, start)
        lead = origin + Fraction(max(0, first_block - LEAD_BLOCKS), BLOCKS_PER_S) / index.time_base
        needed = min(index.pts[context], int(lead))
        jobs.append(
            GateJob(
                index=number, name=name, location=location, video=video, start=start, stop=stop, context=context,
                pts=index.pts[context : stop + 1], origin=origin, sounds=tuple(audio), first_block=first_block,
                stop_block=None if last else _block(index, origin, stop), work_dir=work_dir, limits=limits,
                marked=index.corrupt > 0,
                seeks=(None,) if start == 0 else _seeks(index, needed),
            )
        )  # fmt: skip
    return tuple(jobs)


def _block(index: FrameIndex, origin: int, frame: int) -> int:
    """The first block of sound that belongs to a chunk which begins with this frame."""
    return int((index.pts[frame] - origin) * index.time_base * BLOCKS_PER_S)


def _seeks(index: FrameIndex, needed: int) -> tuple[int | None, ...]:
    """Source times from which all from tick `needed` on comes out, and the file's start, in the order to try them."""
    found: list[int | None] = []
    for early_s in (_MARGIN_S, _MARGIN_AGAIN_S):
        before = needed - int(early_s / index.time_base)
        key = index.keyframe_before(before)
        found.append(key if index.keyframes[0] < key <= before else None)
    return tuple(dict.fromkeys((*found, None)))
