"""What the user wants otherwise than matinee would decide: one field a rule. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from values.errors import UsageError, nearest

CHOICES: Mapping[str, tuple[str, ...]] = {
    "deinterlace": ("auto", "field", "frame", "telecine", "off"),
    "colour": ("auto", "bt601", "bt709", "bt2020", "pq", "hlg"),
    "levels": ("auto", "limited", "full"),
    "hdr": ("keep", "sdr"),
    "bit_depth": ("auto", "8", "10"),
    "surround": ("aac", "eac3", "off"),
    "mono": ("keep", "stereo"),
}
"""The words that a wish may be, the default first."""

CROP = re.compile(r"(\d{1,5}):(\d{1,5}):(\d{1,5}):(\d{1,5})")
_MOST_RATE = 120
_LUFS = (-70.0, -5.0)
_DBTP = (-20.0, 0.0)


@dataclass(frozen=True, slots=True)
class Wishes:
    """Every rule's override; the defaults leave the decision to the rule.

    Picture: `rate` in frames per second; `deinterlace` is auto, field (one picture a field), frame, telecine (restore
    24p) or off; `crop` is off, auto or W:H:X:Y in source pixels; `sar` the sample aspect ratio; `rotation` degrees
    counter-clockwise; `colour` is auto or bt601, bt709, bt2020, pq, hlg; `levels` is auto, limited or full; `hdr` is
    keep or sdr; `bit_depth` is auto, 8 or 10.

    Sound: `surround` is aac, eac3 or off; `opus` adds Opus for DASH; `mono` is keep or stereo; `loudness_lufs` the
    target in LUFS, None for off; `true_peak_dbtp` the most that a true peak may reach after gain.

    Raises UsageError for a wish that can't be met, naming its option.
    """

    rate: Fraction | None = None
    deinterlace: str = "auto"
    crop: str = "off"
    sar: Fraction | None = None
    rotation: int | None = None
    colour: str = "auto"
    levels: str = "auto"
    hdr: str = "keep"
    bit_depth: str = "auto"
    surround: str = "aac"
    opus: bool = False
    mono: str = "keep"
    loudness_lufs: float | None = -23.0
    true_peak_dbtp: float = -1.0

    def __post_init__(self) -> None:
        for name, words in CHOICES.items():
            said = getattr(self, name)
            if said not in words:
                raise UsageError(
                    f"{said!r} is none of {', '.join(words)}", where=_option(name), hint=nearest(said, words)
                )
        if self.rate is not None and not 1 <= self.rate <= _MOST_RATE:
            raise UsageError(
                f"the rate {self.rate} is not between 1 and {_MOST_RATE}",
                where="--rate",
                hint="It is from 1 to 120, as in 25 or 30000/1001.",
            )
        if self.crop not in ("off", "auto") and not CROP.fullmatch(self.crop):
            raise UsageError(
                f"{self.crop!r} is no crop", where="--crop", hint="Write off, auto, or W:H:X:Y in the master's pixels."
            )
        if self.sar is not None and not Fraction(1, 10) <= self.sar <= 10:
            raise UsageError(f"the aspect of pixels can't be {self.sar}", where="--sar", hint="Write 32:27 or 1:1.")
        if self.rotation is not None and (self.rotation % 90 or abs(self.rotation) > 270):
            raise UsageError(
                f"a picture can't be turned by {self.rotation}°", where="--rotate", hint="By 0, 90, 180 or 270."
            )
        _within(self.loudness_lufs, _LUFS, "LUFS", "--loudness")
        _within(self.true_peak_dbtp, _DBTP, "dBTP", "--true-peak")


def _within(value: float | None, bounds: tuple[float, float], unit: str, option: str) -> None:
    least, most = bounds
    if value is not None and not least <= value <= most:
        raise UsageError(f"{value:g} {unit} is not between {least:g} and {most:g}", where=option, hint="See --help.")


def _option(name: str) -> str:
    return "--" + name.replace("_", "-")


NO_WISHES = Wishes()
