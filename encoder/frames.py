"""From a master's packets to the film's frames, numbered on its grid: the filters that every command starts with."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import ffmpeg

from encoder.job import ChunkJob
from media.foreign import foreign_input
from values.clock import seconds_text


def film_from(job: ChunkJob, seek: int | None) -> Any:
    """The chunk's frames of the film, decoded from source time `seek` (ticks) on, or from the start of the file."""
    source = ffmpeg.input(job.location, **_input_options(job, seek))
    return film_frames(source[str(job.picture.stream)], job, whole=seek is None)


def film_frames(stream: Any, job: ChunkJob, *, whole: bool = False) -> Any:
    """The filters from decoded source frames to the chunk's frames of the film, numbered on the film's grid.

    setpts and settb turn source ticks into frame numbers exactly, fps fills holes and drops doubles, trim cuts by
    number: each step depends on the frame's own time only, so that every chunk sees what the whole film would.
    """
    timing, picture = job.timing, job.picture
    stream = stream.filter("setpts", f"PTS-({timing.origin})")
    if picture.scan != "progressive":
        stream = stream.filter("bwdif", mode="send_frame", parity="auto", deint="all")
    stream = stream.filter("settb", f"{timing.rate.denominator}/{timing.rate.numerator}")
    stream = stream.filter("fps", fps=f"{timing.rate.numerator}/{timing.rate.denominator}", round="near")
    if picture.closing_frames and job.chunk.stop == timing.frames:
        stream = stream.filter("tpad", stop=picture.closing_frames, stop_mode="clone")
    if job.tolerant:
        stream = _filled(stream, timing.rate, whole)
    return stream.filter("trim", start_pts=job.chunk.start, end_pts=job.chunk.stop)


def _filled(stream: Any, rate: Fraction, whole: bool) -> Any:
    """The frames of a damaged film without holes: what does not decode is replaced by the picture before it. What is
    missing at the film's start, which is where `whole` decoding begins, is replaced by the one after.

    A chunk that lacks its first pictures is noticed, so that an earlier seek may find the picture before.
    """
    if whole:
        stream = stream.filter("fps", fps=f"{rate.numerator}/{rate.denominator}", round="near", start_time=0)
    return stream.filter("tpad", stop=-1, stop_mode="clone")


def split(stream: Any, count: int) -> list[Any]:
    """The stream `count` times over."""
    if count == 1:
        return [stream]
    branches = stream.filter_multi_output("split", count)
    return [branches[i] for i in range(count)]


def _input_options(job: ChunkJob, seek: int | None) -> dict[str, Any]:
    options: dict[str, Any] = foreign_input(job.location) | {"threads": str(job.settings.threads)}
    if job.tolerant:
        options["max_error_rate"] = "1"  # ffmpeg would call it a failure that most pictures did not decode
    if seek is not None:
        # By the file's own clock, to a keyframe; frames before the chunk are cut by number, not by -ss.
        # A millisecond more, so that rounding can't land on the keyframe before.
        seconds = seek * job.timing.time_base + Fraction(1, 1000)
        options |= {"ss": seconds_text(seconds), "seek_timestamp": "1", "noaccurate_seek": None}
    return options
