"""Bit rates and durations of segments, as HLS and DASH define them. Pure."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction

from values.title import Segment


@dataclass(frozen=True, slots=True)
class Bandwidth:
    """Bits per second, rounded up: the peak and the average over the whole rendition."""

    peak_bps: int
    average_bps: int


def measure(segments: Sequence[tuple[int, Fraction]], target_s: int) -> Bandwidth:
    """Bandwidth of (size in bytes, duration in seconds) segments (RFC 8216 section 4.3.4.2 and 4.1).

    The peak is the largest bit rate of any contiguous set of segments that lasts 0.5 to 1.5 target durations; a
    rendition too short to have one counts as a whole.
    """
    average = _rate(sum(size for size, _ in segments), sum((d for _, d in segments), Fraction(0)))
    least, most = Fraction(target_s, 2), Fraction(3 * target_s, 2)
    peak = 0
    for first in range(len(segments)):
        size, duration = 0, Fraction(0)
        for more, lasting in segments[first:]:
            size, duration = size + more, duration + lasting
            if duration > most:
                break
            if duration >= least:
                peak = max(peak, _rate(size, duration))
    return Bandwidth(peak or average, average)


def presented(segments: Sequence[Segment], timescale: int, priming: int) -> list[tuple[Fraction, Fraction]]:
    """Start and stop in seconds of each segment on the presentation's clock.

    An edit list hides the first `priming` ticks, so segment times run `priming` ticks behind decode times and the
    first segment presents that much less (ISO/IEC 14496-12 section 8.6.6).
    """
    return [
        (Fraction(max(s.start - priming, 0), timescale), Fraction(s.start + s.duration - priming, timescale))
        for s in segments
    ]


def target_duration(durations: Iterable[Fraction]) -> int:
    """EXT-X-TARGETDURATION in seconds for segments of these durations: the longest, rounded half up, at least 1.

    RFC 8216bis section 4.4.3.1 asks that each EXTINF, rounded, is not above it, and section 6.2.4 that all playlists
    of a presentation have the same: pass the durations of all renditions.
    """
    return max(1, math.floor(max(durations) + Fraction(1, 2)))


def _rate(size_bytes: int, duration: Fraction) -> int:
    return math.ceil(8 * size_bytes / duration) if duration else 0
