"""Imagined pictures and what their samples would show."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Any

from chunker.grid import Timing
from media.colour import ColourReading, ColourWords
from media.index import FrameIndex
from media.probe import AudioStream, Probe, VideoStream
from treatment.facts import Box, Facts, Sample, Steps

HD = VideoStream(
    index=0, codec="h264", width=1920, height=1080, pixel_format="yuv420p", bit_depth=8, sar=Fraction(1), rotation=0,
    time_base=Fraction(1, 90000), average_rate=Fraction(25), guessed_rate=Fraction(25), interlaced=False,
    colour=ColourReading(ColourWords(1, 1, 1, False)), coded_sar=Fraction(1),
)  # fmt: skip
"""1080p25."""

WOVEN, WHOLE, UPSIDE = Steps(5.0, 5.1, 7.0), Steps(2.0, 7.0, 7.1), Steps(5.0, 7.0, 5.1)
"""Fields a moment apart, top first; fields of one moment; fields a moment apart, bottom first."""

VIDEO, FILM = "t" * 40, "uttttpttttpttttpttttpttttpttttpttttptttt"


def picture(**changes: Any) -> VideoStream:
    return replace(HD, **changes)


def fields(alone: str = VIDEO, *, steps: Steps | None = WOVEN, flagged: bool = True, repeats: str = "") -> Sample:
    """A sample of frames that look like this, letter by letter; among woven neighbours one looks as they do."""
    count = len(alone)
    among = alone.replace("u", "t") if "t" in alone else alone
    return Sample(Fraction(0), count, count * flagged, alone, among, repeats or "n" * count, (), steps)


def progressive(*, flagged: bool = False) -> Sample:
    return fields("p" * 40, steps=None, flagged=flagged)


def pulled(*, flagged: bool = True) -> Sample:
    """3:2 pulldown: of each five frames one is whole, one repeats its top field, and one its bottom field."""
    return fields(FILM, flagged=flagged, repeats="nntnb" * 8)


def facts(*samples: Sample) -> Facts:
    return Facts(samples)


def lit(boxes: Sequence[tuple[int, int, int, int]], *, dark: int = 0) -> Facts:
    """A film whose frames are lit in these boxes, a sample each; `dark` more are black."""
    bright = [Sample(Fraction(i), 1, lit=(Box(*box),)) for i, box in enumerate(boxes)]
    return Facts((*bright, *(Sample(Fraction(i), 1) for i in range(dark))))


def timing(rate: str = "25", frames: int = 250, *, constant: bool = True) -> Timing:
    return Timing(Fraction(rate), Fraction(1, 90000), 0, frames, constant)


def index(rate: str = "25", frames: int = 250, start: int = 0) -> FrameIndex:
    """All frames at an even rate, a key frame every second or so."""
    pts = array("q", (start + round(n * 90000 / Fraction(rate)) for n in range(frames)))
    return FrameIndex(Fraction(1, 90000), pts, pts[:: round(Fraction(rate))], round(90000 / Fraction(rate)), 0)


def probed(video: VideoStream = HD, *, sound_s: str | None = None, kind: str = "mov,mp4,m4a,3gp,3g2,mj2") -> Probe:
    """A container with this picture and, if wanted, sound that begins at `sound_s` seconds."""
    sound = (AudioStream(1, "aac", 48000, 2, "stereo", Fraction(sound_s)),) if sound_s is not None else ()
    return Probe(kind, None, None, Fraction(0), video, sound, ())
