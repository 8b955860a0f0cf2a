"""What is known of a master before it is decoded, and where its frames lie on the film's timeline. Pure."""

from __future__ import annotations

from array import array
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import pairwise
from statistics import median_low

from media.probe import AudioStream, VideoStream
from values.clock import STANDARD_RATES


@dataclass(frozen=True, slots=True)
class Facts:
    """A master's packets and declarations.

    `pts` are the times of all source frames, ascending, and `last_duration` how long the last is shown (0 if unknown),
    in ticks of `time_base`; `origin` is the tick at which the film begins. `constant` says that the frames keep a rate.
    `damage` are sentences on what inspection found broken.
    """

    pts: array[int] = field(repr=False)
    time_base: Fraction
    origin: int
    last_duration: int
    constant: bool
    video: VideoStream
    audio: tuple[AudioStream, ...] = ()
    damage: tuple[str, ...] = ()

    @property
    def frames(self) -> int:
        return len(self.pts)

    @property
    def frame_ticks(self) -> int:
        """How long a picture is usually shown, in ticks: the median."""
        steps = [b - a for a, b in pairwise(self.pts)]
        return max(1, median_low(steps) if steps else self.last_duration)

    @property
    def rate(self) -> Fraction:
        """Pictures a second over the whole, in Hz: the standard rate that is as good as equal; 25 for a single picture
        of unknown length."""
        if self.frames == 1:
            return 1 / (self.last_duration * self.time_base) if self.last_duration else Fraction(25)
        rate = (self.frames - 1) / ((self.pts[-1] - self.pts[0]) * self.time_base)
        near = min(STANDARD_RATES, key=lambda r: abs(r - rate))
        return near if self.constant and abs(near - rate) <= near / 2000 else rate

    @property
    def duration(self) -> Fraction:
        """The length of the picture in seconds."""
        return self.time(self.frames)

    def time(self, frame: int) -> Fraction:
        """When source frame `frame` is shown, in seconds of the film; for the number of frames, when the last ends."""
        if frame < self.frames:
            return (self.pts[frame] - self.origin) * self.time_base
        return (self.pts[-1] - self.origin + (self.last_duration or self.frame_ticks)) * self.time_base

    def span(self, start: int, stop: int) -> tuple[Fraction, Fraction]:
        """When frames ``[start, stop)`` are shown."""
        return self.time(start), self.time(stop)
