"""What the user wants otherwise than matinee would decide: one field a rule. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction


@dataclass(frozen=True, slots=True)
class Wishes:
    """Every rule's override; the defaults leave the decision to the rule.

    Picture: `rate` in frames per second; `deinterlace` is auto, field (one picture a field), frame, telecine (restore
    24p) or off; `crop` is off, auto or W:H:X:Y in source pixels; `sar` the sample aspect ratio; `rotation` degrees
    counter-clockwise; `colour` is auto or bt601, bt709, bt2020, pq, hlg; `levels` is auto, limited or full; `hdr` is
    keep or sdr; `bit_depth` is auto, 8 or 10.

    Sound: `surround` is aac, eac3 or off; `opus` adds Opus for DASH; `mono` is keep or stereo; `loudness_lufs` the
    target in LUFS, None for off; `true_peak_dbtp` the most that a true peak may reach after gain.
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


NO_WISHES = Wishes()
