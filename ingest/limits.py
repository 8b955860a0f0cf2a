"""The most that a master may ask of us: sizes and lengths beyond which it is refused, and what looking may cost. Pure.

Every limit is far above what films are, and far below what a few hostile bytes can claim.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from chunker.grid import MAX_RATE, Timing
from media.foreign import MAX_PIXELS, MAX_SIDE
from values.clock import clock_text
from values.errors import MasterRefused

LEAST_SIDE = 16
MAX_HOURS = 24
MAX_HZ = 1000
MAX_FRAMES = MAX_HOURS * 3600 * int(MAX_RATE)


@dataclass(frozen=True, slots=True)
class Bounds:
    """What looking at one master may cost.

    `address_space_bytes` is all that the process may map (RLIMIT_AS): libav, Python and 250 MiB of libraries, the
    frames that up to `processors` decoding threads hold (8K at 10 bits: 100 MiB each), and the index (3 hours at
    60 Hz: 100 MiB). It ends after `wall_s` and one second more for each `bytes_per_s` of the master.
    """

    address_space_bytes: int = 8 << 30
    processors: int = 8
    wall_s: float = 600
    bytes_per_s: int = 8 << 20

    def deadline_s(self, size_bytes: int) -> float:
        """Seconds after which looking at a master of this size is given up."""
        return self.wall_s + size_bytes / self.bytes_per_s


BOUNDS = Bounds()


def check_picture(coded: tuple[int, int], shown: tuple[int, int], *, where: str) -> None:
    """Raises MasterRefused for pictures that are too small or too large, as they are coded or as they are shown."""
    for (width, height), verb in ((coded, "is"), (shown, "would be shown at")):
        if min(width, height) < LEAST_SIDE:
            hint = f"Each side needs {LEAST_SIDE} pixels."
        elif max(width, height) > MAX_SIDE or width * height > MAX_PIXELS:
            hint = (
                f"Each side has at most {MAX_SIDE} pixels and both at most {MAX_PIXELS // 10**6} million; a size that "
                "can't be true is damage: copy the master again."
            )
        else:
            continue
        raise MasterRefused(f"its picture {verb} {width}x{height}", where=where, hint=hint)


def check_length(pts: Sequence[int], timing: Timing, *, where: str) -> None:
    """Raises MasterRefused for pictures that last more than a day, or that follow one another faster than a camera's.

    One broken time stamp would have us encode years; a broken time base would leave one picture of a film.
    `pts` are the film's source times in ticks of the timing's time base.
    """
    span = (pts[-1] - pts[0]) * timing.time_base
    if len(pts) - 1 > MAX_HZ * span:
        raise MasterRefused(
            f"its {len(pts)} pictures are said to be shown within {float(span):.6f} s",
            where=where,
            hint=f"At most {MAX_HZ} a second are taken. Its time stamps or its time base are wrong: export it "
            "again at its true rate.",
        )
    if timing.frames > MAX_FRAMES or timing.frames / timing.rate > MAX_HOURS * 3600:
        length = Fraction(timing.frames) / timing.rate
        raise MasterRefused(
            f"its pictures last {_days(length)}, from the first time stamp to the last",
            where=where,
            hint=f"At most {MAX_HOURS} hours are taken. If it is shorter, a time stamp is wrong: write them anew with "
            "ffmpeg -i IN -c copy OUT.mkv, or export the master again.",
        )


def _days(length: Fraction) -> str:
    days = length // 86_400
    return f"{days} days" if days > 2 else clock_text(length)
