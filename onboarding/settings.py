"""What `matinee onboard` is asked to do, parsed once into one frozen value. Pure."""

from __future__ import annotations

import os
from dataclasses import dataclass
from fractions import Fraction

from coders.coder import PRESETS
from ladders.load import DEFAULT as DEFAULT_LADDER
from optimizer.budget import MOST_SHARE
from treatment.wishes import NO_WISHES, Wishes
from values.errors import UsageError, nearest

QUALITY = {"off": 0, "fast": 10, "full": 1}
"""How closely quality is measured: 1 is every frame, 10 every tenth, 0 is none."""

DEFAULT_STORE = "file:matinee-library"


@dataclass(frozen=True, slots=True)
class OnboardSettings:
    """One onboarding. Lengths in seconds; None where matinee decides.

    `ladder` names one ladder or, apart by commas, one for each of several codecs. `quality` is a word of QUALITY.
    A search for a title's own ladder may cost `search_share` of the final encode's CPU time; `shots` gives each shot a
    CRF of its own. `threads` is what one chunk's encoders use each, and the CPUs its task asks of Ray.

    `wishes` overrules what is decided of the master; `subtitles` are files beside it, each ``FILE:lang[:role]``. `qc`
    is off, warn, or strict, which refuses a master with findings that are errors. A thumbnail is made every
    `thumbnails_s` seconds, none at 0.
    """

    master: str
    store_url: str = DEFAULT_STORE
    title: str | None = None
    title_id: str | None = None
    ladder: str = DEFAULT_LADDER
    preset: str = "fast"
    quality: str = "fast"
    search_share: float = 0.25
    shots: bool = False
    segment_s: Fraction = Fraction(4)
    chunk_s: Fraction | None = None
    workers: int | None = None
    ray_address: str | None = None
    force: bool = False
    allow_damaged: bool = False
    attempts: int = 3
    threads: int = 1
    wishes: Wishes = NO_WISHES
    subtitles: tuple[str, ...] = ()
    qc: str = "warn"
    thumbnails_s: int = 10

    def __post_init__(self) -> None:
        if self.preset not in PRESETS:
            raise UsageError(f"there is no preset {self.preset!r}", hint=nearest(self.preset, PRESETS))
        if self.quality not in QUALITY:
            raise UsageError(
                f"quality can't be {self.quality!r}", where="--quality", hint=nearest(self.quality, QUALITY)
            )
        if not 0 < self.search_share <= MOST_SHARE:
            raise UsageError(
                f"a search can't cost {self.search_share:g} of the encode",
                where="--search-share",
                hint="It is a share: 0.25 allows a quarter of the final encode's CPU time, 2 twice as much.",
            )
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
