"""From a master's packets to the film's frames, numbered on its grid: the filters that every command starts with."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import ffmpeg

from chunker.grid import CYCLE, KEPT
from encoder.job import ChunkJob
from media.foreign import foreign_input
from treatment.picture import Picture
from values.clock import seconds_text

AS_CODED = {"noautorotate": None, "apply_cropping": "codec", "fflags": "+genpts"}
"""Options of an input: pictures come out of ffmpeg as they are coded, not turned or cropped as the container says; and
where a container has decode times alone (AVI), with the times that the index was made with."""


def film_from(job: ChunkJob, seek: int | None) -> Any:
    """The chunk's frames of the film, decoded from source time `seek` (ticks) on, or from the start of the file."""
    source = ffmpeg.input(job.location, **_input_options(job, seek))
    return film_frames(source[str(job.picture.stream)], job, whole=seek is None)


def film_frames(stream: Any, job: ChunkJob, *, whole: bool = False) -> Any:
    """The filters from decoded source frames to the chunk's frames of the film, numbered on the film's grid.

    setpts and settb turn source ticks into frame numbers exactly, fps fills holes and drops doubles, trim cuts by
    number: each step depends on the frame's own time only, so that every chunk sees what the whole film would. What
    looks at neighbours (deinterlacing, taking back a pulldown) gets them: decoding starts early enough.
    """
    timing, picture, chunk = job.timing, job.picture, job.chunk
    stream = cropped(stream.filter("setpts", f"PTS-({timing.origin})"), picture)
    if picture.scan == "telecine":
        stream = _restored(stream, job)
    else:
        if picture.scan != "progressive":
            mode = "send_field" if picture.scan == "field" else "send_frame"
            stream = stream.filter("bwdif", mode=mode, parity=picture.parity, deint="all")
        stream = _on_grid(stream, timing.rate, held=job.last)
        if picture.closing_frames and job.last:
            stream = stream.filter("tpad", stop=picture.closing_frames, stop_mode="clone")
        if chunk.start < picture.opening_frames:
            # tpad counts from the first frame it gets and moves all later; setpts takes them back by as much.
            stream = stream.filter("setpts", f"PTS-{picture.opening_frames}")
            stream = stream.filter("tpad", start=picture.opening_frames, start_mode="add", color="black")
    if job.tolerant:
        stream = _filled(stream, timing.rate, whole)
    return turned(stream.filter("trim", start_pts=chunk.start, end_pts=chunk.stop), picture)


def cropped(stream: Any, picture: Picture) -> Any:
    """The part of the decoded picture that is kept, before anything changes its size or its fields."""
    if picture.crop is None:
        return stream
    crop = picture.crop
    return stream.filter("crop", crop.width, crop.height, crop.x, crop.y)


def turned(stream: Any, picture: Picture) -> Any:
    """The picture as it is to be seen: mirrored, then turned (after deinterlacing: fields lie in rows).

    What the file says of turning goes with each frame, and would be written into the rendition: it is taken out.
    """
    if picture.display_matrix:
        stream = stream.filter("sidedata", mode="delete", type="DISPLAYMATRIX")
    if picture.mirrored:
        stream = stream.filter("hflip")
    if picture.rotation == 180:
        return stream.filter("hflip").filter("vflip")
    if picture.rotation:
        return stream.filter("transpose", "cclock" if picture.rotation == 90 else "clock")
    return stream


def _on_grid(stream: Any, rate: Fraction, *, held: bool = False) -> Any:
    """Numbered on a grid. fps would leave out a last picture that ends on its own number: it is `held` for longer."""
    if held:
        stream = stream.filter("tpad", stop_duration=seconds_text(2 / rate), stop_mode="clone")
    stream = stream.filter("settb", f"{rate.denominator}/{rate.numerator}")
    return stream.filter("fps", fps=f"{rate.numerator}/{rate.denominator}", round="near")


def _restored(stream: Any, job: ChunkJob) -> Any:
    """24p out of 3:2 pulldown, numbered on the film's grid.

    decimate drops one frame of each five from the first one it gets: so that chunks agree, that is the first of a
    cycle of the film, one cycle early to give it neighbours. If decoding began later than that nothing comes out, which
    is noticed, and not another cycle.
    """
    timing, rate = job.timing, job.timing.rate
    cycle = max(0, job.chunk.start // KEPT - 1)
    stream = _on_grid(stream, timing.source_rate)
    if job.last:
        stream = stream.filter("tpad", stop=2 * CYCLE, stop_mode="clone")  # fills the last cycle, and one to look at
    stream = stream.filter("trim", start_pts=cycle * CYCLE).filter("select", f"eq(start_pts,{cycle * CYCLE})")
    thinned = _matched(stream, job.picture).filter("decimate", cycle=CYCLE)
    return thinned.filter("settb", f"{rate.denominator}/{rate.numerator}").filter("setpts", f"N+{cycle * KEPT}")


def _matched(stream: Any, picture: Picture) -> Any:
    """Each frame with the field that belongs to it; what has none (a cut between fields) is deinterlaced.

    fieldmatch takes 8 bits alone. Of deeper pictures it decides by a copy and weaves the original; there it can't judge
    what it wove (it takes 16 bits for two pixels), so what has no match stays as it is.
    """
    if picture.deep:
        shown, original = split(stream, 2)
        copy = shown.filter("format", "yuv420p|yuv422p|yuv444p")
        return ffmpeg.filter(
            [copy, original], "fieldmatch", order=picture.parity, mode="pc", combmatch="none", ppsrc=1
        )  # fmt: skip
    matched = stream.filter("fieldmatch", order=picture.parity, combmatch="full")
    return matched.filter("bwdif", mode="send_frame", parity=picture.parity, deint="interlaced")


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
    # Turned and cropped by the film's own decision, not by ffmpeg's.
    options: dict[str, Any] = foreign_input(job.location) | {"threads": str(job.settings.threads), **AS_CODED}
    if job.tolerant:
        options["max_error_rate"] = "1"  # ffmpeg would call it a failure that most pictures did not decode
    if job.picture.display_matrix:
        options["reinit_filter"] = "0"  # H.264 may say it with key frames alone: no reason to begin anew at each
    if seek is not None:
        # By the file's own clock, to a keyframe; frames before the chunk are cut by number, not by -ss.
        # A millisecond more, so that rounding can't land on the keyframe before.
        seconds = seek * job.timing.time_base + Fraction(1, 1000)
        options |= {"ss": seconds_text(seconds), "seek_timestamp": "1", "noaccurate_seek": None}
    return options
