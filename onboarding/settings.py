"""What `matinee onboard` is asked to do, parsed once into one frozen value. Pure."""

from __future__ import annotations

import os
from dataclasses import dataclass
from fractions import Fraction

from ladders.load import DEFAULT as DEFAULT_LADDER
from values.errors import UsageError, nearest

PRESETS = ("ultrafast", "superfast", "veryfast", "faster", "fast", "medium", "slow", "slower", "veryslow")
"""The speeds of libx264, fastest first."""

DEFAULT_STORE = "file:matinee-library"


@dataclass(frozen=True, slots=True)
class OnboardSettings:
    """One onboarding. Lengths in seconds; None where matinee decides.

    `threads` is what one chunk's encoders use each, and the CPUs its task asks of Ray.
    """

    master: str
    store_url: str = DEFAULT_STORE
    title: str | None = None
    title_id: str | None = None
    ladder: str = DEFAULT_LADDER
    preset: str = "fast"
    segment_s: Fraction = Fraction(4)
    chunk_s: Fraction | None = None
    workers: int | None = None
    ray_address: str | None = None
    force: bool = False
    allow_damaged: bool = False
    attempts: int = 3
    threads: int = 1

    def __post_init__(self) -> None:
        if self.preset not in PRESETS:
            raise UsageError(f"there is no preset {self.preset!r}", hint=nearest(self.preset, PRESETS))
        if not Fraction(1, 2) <= self.segment_s <= 30:
            raise UsageError("a segment lasts 0.5 to 30 seconds", where="--segment", hint="Common are 2, 4 and 6.")
        if self.chunk_s is not None and self.chunk_s < self.segment_s:
            raise UsageError("a chunk is at least one segment long", where="--chunk", hint="Make it longer.")
        if self.workers is not None and self.workers < 1:
            raise UsageError("at least one worker is needed", where="--workers", hint="Leave it out for one a core.")

    @property
    def worker_count(self) -> int:
        """The workers asked for, or one for each core this process may use."""
        return self.workers or len(os.sched_getaffinity(0))
