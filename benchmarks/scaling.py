"""ffmpeg commands that scale a clip's rungs from the source, or each from the next larger one. Pure.

The encoder scales each rung from the source. These commands have both ways, alike in all else, to be compared.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import ffmpeg

from coders.table import CODERS
from encoder.argv import FRAGMENTS, Output, compile_argv
from encoder.colour import scaled
from encoder.frames import film_from, split
from encoder.job import ChunkJob
from ladders.rung import FittedRung
from values.clock import timescale_of


def scaling_argv(binary: str, job: ChunkJob, *, cascade: bool) -> tuple[str, ...]:
    """One ffmpeg that decodes the job's chunk and scales it to the size of each rung, and encodes nothing."""
    pictures = _pictures(job, job.settings.rungs, cascade)
    return _compiled([ffmpeg.output(p, "-", **{"f": "null", "fps_mode:v": "passthrough"}) for p in pictures], binary)


def encoding_argv(binary: str, job: ChunkJob, outputs: Sequence[Output], *, cascade: bool) -> tuple[str, ...]:
    """One ffmpeg that scales and encodes all `outputs` of the job's chunk, which are of codecs of one pass."""
    starts = "+".join(f"eq(n,{s.start - job.chunk.start})" for s in job.chunk.segments)
    made = []
    for picture, out in zip(_pictures(job, [o.rung for o in outputs], cascade), outputs, strict=True):
        options = {
            **CODERS[out.rung.codec].options(out.coding),
            "force_key_frames:v": f"expr:{starts}",
            "fps_mode:v": "passthrough",
            "video_track_timescale": str(timescale_of(job.timing.rate)),
            "movflags": FRAGMENTS,
            "f": "mp4",
        }
        made.append(ffmpeg.output(picture, out.path, **options))
    return _compiled(made, binary)


def _pictures(job: ChunkJob, rungs: Sequence[FittedRung], cascade: bool) -> list[Any]:
    """The film's frames as each rung takes them; rungs of one size share one scaler, and sizes go from large to small.

    In a cascade each size is scaled from the next larger one, the largest from the source.
    """
    groups: dict[tuple[int, int], list[int]] = {}
    for i in sorted(range(len(rungs)), key=lambda i: -rungs[i].width * rungs[i].height):
        groups.setdefault((rungs[i].width, rungs[i].height), []).append(i)
    found: dict[int, Any] = {}
    sources = [film_from(job, job.seek)] if cascade else split(film_from(job, job.seek), len(groups))
    for n, members in enumerate(groups.values(), 1):
        on = cascade and n < len(groups)
        pictures = split(scaled(sources.pop(0), rungs[members[0]], job.settings.look), len(members) + on)
        found |= zip(members, pictures, strict=False)
        sources += pictures[len(members) :]
    return [found[i] for i in range(len(rungs))]


def _compiled(made: Sequence[Any], binary: str) -> tuple[str, ...]:
    return compile_argv(ffmpeg.merge_outputs(*made) if len(made) > 1 else made[0], binary)
