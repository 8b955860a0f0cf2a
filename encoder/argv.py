"""The ffmpeg commands of the encoder, as pure functions of values, built with ffmpeg-python."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import ffmpeg

from coders.coder import Coding
from coders.table import CODERS
from encoder.colour import looked, scaled
from encoder.frames import film_from, split
from encoder.job import ChunkJob
from ladders.rung import FittedRung
from treatment.picture import Look
from values.clock import timescale_of

FRAGMENTS = "+frag_keyframe+empty_moov+default_base_moof+frag_discont+negative_cts_offsets+cmaf+skip_trailer"
"""Fragments that are final: one per IDR, decode times as given and not from zero (frag_discont), the first decode time
equal to the first presentation time (negative_cts_offsets, ISO/IEC 23000-19 section 7.5.17), nothing after the last."""

STATS = "{n} {pts} {ptsi}"
"""For each frame that enters an encoder: its number, its output time in frames, and its source time in ticks."""


@dataclass(frozen=True, slots=True)
class Output:
    """One encode of a chunk: the size and codec of `rung`, what is asked of the encoder, the fragmented MP4 to write
    and the file for frame statistics."""

    rung: FittedRung
    coding: Coding
    path: str
    stats: str


def chunk_argv(binary: str, job: ChunkJob, seek: int | None, outputs: Sequence[Output]) -> tuple[str, ...]:
    """One ffmpeg that decodes the chunk once, scales it once for each size, and encodes all `outputs`."""
    pictures = _pictures(_looked(job, seek), [out.rung for out in outputs], job.settings.look)
    made = []
    for picture, out in zip(pictures, outputs, strict=True):
        coder = CODERS[out.rung.codec]
        options = {**coder.options(out.coding), **_fragment_options(job, out.stats)}
        if coder.passes == 2:
            options |= {"pass:v": "2", "passlogfile:v": f"{out.path}.pass"}
        made.append(ffmpeg.output(picture, out.path, **options))
    return compile_argv(ffmpeg.merge_outputs(*made) if len(made) > 1 else made[0], binary)


def first_pass_argv(binary: str, job: ChunkJob, seek: int | None, outputs: Sequence[Output]) -> tuple[str, ...]:
    """What runs before `chunk_argv` for a codec of two passes: the same frames, looked at and not written.

    ffmpeg names statistics by the output's place in the command: the second pass needs the same outputs.
    """
    pictures = _pictures(_looked(job, seek), [out.rung for out in outputs], job.settings.look)
    made = []
    for picture, out in zip(pictures, outputs, strict=True):
        options = {**CODERS[out.rung.codec].options(out.coding), **_frame_options(job, out.stats)}
        options |= {"pass:v": "1", "passlogfile:v": f"{out.path}.pass", "f": "null"}
        made.append(ffmpeg.output(picture, "-", **options))
    return compile_argv(ffmpeg.merge_outputs(*made) if len(made) > 1 else made[0], binary)


def _looked(job: ChunkJob, seek: int | None) -> Any:
    return looked(film_from(job, seek), job.picture.colour, job.settings.look)


def _pictures(film: Any, rungs: Sequence[FittedRung], look: Look) -> list[Any]:
    """The film's frames as each rung takes them; rungs of one size share one scaler."""
    groups: dict[tuple[int, int, str], list[int]] = {}
    for i, rung in enumerate(rungs):
        groups.setdefault((rung.width, rung.height, CODERS[rung.codec].format_at(look.bit_depth)), []).append(i)
    found: dict[int, Any] = {}
    for branch, members in zip(split(film, len(groups)), groups.values(), strict=True):
        found |= zip(members, split(scaled(branch, rungs[members[0]], look), len(members)), strict=True)
    return [found[i] for i in range(len(rungs))]


def compile_argv(out: Any, binary: str) -> tuple[str, ...]:
    """A complete command of an ffmpeg-python output, with the options that all of the encoder's commands share."""
    return tuple(ffmpeg.compile(out.global_args(*_GLOBAL), cmd=binary))


# -copyts keeps the source's own times, on which the exact cut by frame number rests.
# One filter thread: the tasks of a machine already share its cores among them.
_GLOBAL = ("-copyts", "-filter_complex_threads", "1", "-y", "-nostdin", "-hide_banner", "-loglevel", "warning")


def _frame_options(job: ChunkJob, stats: str) -> dict[str, Any]:
    """What goes into an encoder: each frame of the chunk once, with its time, key frames where segments start."""
    starts = [s.start - job.chunk.start for s in job.chunk.segments]
    rate = job.timing.rate
    return {
        "force_key_frames:v": "expr:" + "+".join(f"eq(n,{n})" for n in starts),
        "fps_mode:v": "passthrough",
        "enc_time_base:v": f"{rate.denominator}/{rate.numerator}",
        "stats_enc_pre:v": stats,
        "stats_enc_pre_fmt:v": STATS,
    }


def _fragment_options(job: ChunkJob, stats: str) -> dict[str, Any]:
    return {
        **_frame_options(job, stats),
        "map_metadata": "-1",
        "map_chapters": "-1",  # the muxer would make a second track of them
        "video_track_timescale": str(timescale_of(job.timing.rate)),
        "movflags": FRAGMENTS,
        "use_editlist": "0",
        "write_btrt": "0",  # it would say what this chunk was asked for, and chunks share one init segment
        "fragment_index": str(job.chunk.start + 1),
        "f": "mp4",
    }
