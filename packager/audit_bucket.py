"""Auditing a rendition's declared peak: a leaky bucket over all of its samples, across every join. Pure.

The bucket drains at `max_bps` and must never hold more than `buffer_bits` (`values.bucket`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from media.fragments import Fragment
from packager.audit_facts import Fault
from values.bucket import Leak
from values.clock import seconds_text
from values.title import Rendition


@dataclass(slots=True)
class BucketAudit:
    """Takes a rendition's segments in order, one in memory at a time; `fullest` is where the bucket held the most."""

    rendition: Rendition
    leak: Leak
    fullest: str = ""

    @staticmethod
    def of(rendition: Rendition, timescale: int) -> BucketAudit | None:
        """None where the rendition declares no peak."""
        return BucketAudit(rendition, Leak(rendition.max_bps, timescale)) if rendition.max_bps > 0 else None

    def pour(self, key: str, fragments: Sequence[Fragment]) -> None:
        """The samples of the segment stored under `key`."""
        before = self.leak.peak_bits
        for fragment in fragments:
            for sample in fragment.samples:
                self.leak.pour(sample.size, sample.duration)
        if self.leak.peak_bits > before:
            self.fullest = key

    def skip(self, ticks: int) -> None:
        """A segment that could not be read: what it would have poured in is not held against the rest."""
        self.leak.pour(0, ticks)

    def faults(self) -> list[Fault]:
        """At most one, of the segment in which the bucket holds the most."""
        peak, buffer = self.leak.peak_bits, self.rendition.buffer_bits
        if peak <= buffer:
            return []
        at = seconds_text(Fraction(self.leak.peak_at, self.leak.timescale), 3)
        return [
            Fault(
                self.fullest,
                f"a window exceeds the declared peak: the bucket of {buffer} bits that drains at "
                f"{self.rendition.max_bps} bit/s holds {-(-peak // 1)} at {at} s",
            )
        ]
