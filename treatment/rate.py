"""The film's rate and its grid: constant rates are kept, variable ones become constant. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from chunker.grid import BLACK, MAX_RATE, Timing, source_frames, time_fields, time_film, time_pulldown
from media.index import FrameIndex
from media.probe import VideoStream
from treatment.decision import Decision
from treatment.scan import ScanDecision
from treatment.wishes import Wishes


@dataclass(frozen=True, slots=True)
class RateDecision:
    timing: Timing
    decision: Decision


def frame_timing(video: VideoStream, index: FrameIndex, rate: Fraction | None = None) -> Timing:
    """The timing of the source's frames as they are, before anything is made of their fields."""
    return time_film(
        index.pts,
        index.time_base,
        declared=[video.average_rate, video.guessed_rate],
        last_duration=index.last_duration,
        rate=rate,
    )


def decide_rate(
    video: VideoStream, index: FrameIndex, film: Timing, scan: ScanDecision, wishes: Wishes
) -> RateDecision:
    """The film's timing. `film` is that of the source's frames, at the rate that suits them.

    Constant rates are kept exactly, above 60 Hz halved; variable ones become the standard rate that keeps their motion.
    Fields double the rate, a pulldown taken back leaves 4/5 of it. Raises UsageError for a rate that can't be.
    """
    timing, why = film, "as the source" if film.constant else _why_standard(film, index.pts)
    if scan.scan == "field":
        timing, why = time_fields(film), f"each field of {film.rate} fps becomes a picture"
    elif scan.scan == "telecine":
        timing, why = time_pulldown(film), f"four pictures in five frames of {film.rate} fps"
    elif film.constant and (own := _own_rate(index, film)) > MAX_RATE:
        why = f"{own} fps is more than {MAX_RATE}: halved"
    if wishes.rate is not None and wishes.rate != timing.rate:
        timing, why = _asked(video, index, timing, wishes.rate)
    decided = f"{timing.rate} fps, {timing.frames} frames"
    noted = not film.constant or wishes.rate is not None or timing.rate != film.rate or "halved" in why
    return RateDecision(timing, Decision("rate", _detected(index, film), decided, why, noted))


def _asked(video: VideoStream, index: FrameIndex, timing: Timing, rate: Fraction) -> tuple[Timing, str]:
    grid = replace(frame_timing(video, index, rate), cadence=timing.cadence)
    shown = set(source_frames(grid, index.pts, 0, grid.frames)) - {BLACK}
    lost = len(index.pts) - len(shown)
    repeated = max(0, grid.frames - timing.frames)
    change = f"{lost} frames are dropped" if lost else f"{repeated} frames are repeated" if repeated else "none is lost"
    return grid, f"asked for: --rate {rate}; {change}"


def _own_rate(index: FrameIndex, film: Timing) -> Fraction:
    """What a constant film's rate was before it was halved."""
    length = (index.pts[-1] - index.pts[0]) * index.time_base
    rate = film.rate
    while length and rate * Fraction(3, 2) < (len(index.pts) - 1) / length:
        rate *= 2
    return rate


def _why_standard(film: Timing, pts: Sequence[int]) -> str:
    kept = len(set(source_frames(film, pts, 0, film.frames)))
    lost = len(pts) - kept
    share = "every frame" if not lost else f"{kept} of {len(pts)} frames"
    return f"the nearest standard rate that keeps its motion: {share}"


def _detected(index: FrameIndex, film: Timing) -> str:
    if film.constant:
        return f"constant, {_own_rate(index, film)} fps"
    gaps = [float((b - a) * index.time_base) * 1000 for a, b in zip(index.pts, index.pts[1:], strict=False)]
    average = (len(index.pts) - 1) / (float((index.pts[-1] - index.pts[0]) * index.time_base) or 1.0)
    return f"variable, frames {min(gaps):.0f} to {max(gaps):.0f} ms apart, {average:.4g} a second"
