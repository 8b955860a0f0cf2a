"""What part of the picture is shown, in which shape, and which way up. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction

from media.probe import VideoStream
from treatment.bars import find_bars
from treatment.decision import Decision
from treatment.facts import Box, Facts
from treatment.picture import Crop, Scan
from treatment.wishes import Wishes
from values.errors import UsageError

_LEAST_SIDE = 16
_MOST = 5  # the longest that a pixel, or a picture, may be for its width or height: beyond, a shape is a mistake


@dataclass(frozen=True, slots=True)
class Geometry:
    """`crop` is in decoded pixels, `sar` their shape; the picture is then `mirrored` left to right, and turned by
    `rotation` degrees counter-clockwise. `display_size` is what comes out: width and height in square pixels, even."""

    crop: Crop | None
    sar: Fraction
    rotation: int
    mirrored: bool
    display_size: tuple[int, int]
    decisions: tuple[Decision, ...] = ()


def decide_geometry(video: VideoStream, facts: Facts, scan: Scan, wishes: Wishes) -> Geometry:
    """The picture's shape. Raises UsageError for wishes that the picture can't meet.

    Bars are cropped where that is wished. Of an odd side the last row or column is left out, so that no picture is
    stretched to be even. Pixels become square at the picture's height. A picture is turned as its file says.
    """
    crop, bars = _decide_crop(video, facts, scan, wishes)
    sar, shape = _decide_sar(video, wishes)
    rotation, mirrored = video.rotation, video.mirrored
    if wishes.rotation is not None:
        rotation, mirrored = wishes.rotation % 360, False
    kept = crop or Crop(video.width, video.height, 0, 0)
    size = (_even(kept.width * sar), kept.height)
    size = size[::-1] if rotation % 180 else size
    turned = _turn_words(rotation, mirrored)
    decided = Decision(
        "shape",
        f"{video.width}x{video.height}, {shape.detected}{_turn_words(video.rotation, video.mirrored)}",
        f"{size[0]}x{size[1]} in square pixels{turned}",
        "; ".join(filter(None, [shape.why, "asked for: --rotate" if wishes.rotation is not None else ""])),
        shape.noted or mirrored or wishes.rotation is not None,
    )
    return Geometry(crop, sar, rotation, mirrored, size, (decided, bars))


def _decide_sar(video: VideoStream, wishes: Wishes) -> tuple[Fraction, Decision]:
    """The shape of a pixel: the container's word, which players follow, before the bitstream's; none that is absurd."""
    told, coded = video.sar, video.coded_sar
    differ = coded > 0 and coded != told
    words = f"pixels {_ratio(told)}" + (f" by the container, {_ratio(coded)} by the bitstream" if differ else "")
    if wishes.sar is not None:
        if not _plausible(wishes.sar, video):
            raise UsageError(
                f"pixels can't be {_ratio(wishes.sar)}", where="--sar", hint="Common are 1, 8/9, 32/27, 16/15, 64/45."
            )
        return wishes.sar, Decision("sar", words, "", f"asked for: --sar {wishes.sar}", noted=True)
    if _plausible(told, video):
        why = "players take the container's word" if differ else ""
        return told, Decision("sar", words, "", why, noted=differ)
    if differ and _plausible(coded, video):
        return coded, Decision("sar", words, "", "the container's word is absurd", noted=True)
    return Fraction(1), Decision("sar", words, "", "pixels of such a shape are a mistake: taken as square", noted=True)


def _decide_crop(video: VideoStream, facts: Facts, scan: Scan, wishes: Wishes) -> tuple[Crop | None, Decision]:
    """What is cut off, if anything. Rows of interlaced pictures are cut by fours: chroma has every second of a field's
    lines."""
    whole = Crop(video.width // 2 * 2, video.height // 2 * 2, 0, 0)
    odd = whole if (whole.width, whole.height) != (video.width, video.height) else None
    step = 2 if scan == "progressive" else 4
    if wishes.crop not in ("off", "auto"):
        crop = _asked_crop(wishes.crop, video, step)
        return crop, Decision("crop", "asked for", _crop_words(crop), f"--crop {wishes.crop}", noted=True)
    found, detected = find_bars(facts, (video.width, video.height))
    if found is None or wishes.crop == "off":
        why = "--crop auto cuts them off" if found else "of odd sides the last pixel is left out" if odd else ""
        return odd, Decision("crop", detected, _crop_words(odd) if odd else "nothing is cut off", why, bool(found))
    crop = _aligned(found, video, step)
    return crop, Decision("crop", detected, _crop_words(crop), "--crop auto", noted=True)


def _aligned(box: Box, video: VideoStream, step: int) -> Crop:
    """The smallest crop on whole chroma samples that keeps all of `box`."""
    left, top = box.left // 2 * 2, box.top // step * step
    right = min(-(-box.right // 2) * 2, video.width // 2 * 2)
    bottom = min(top + -(-(box.bottom - top) // step) * step, video.height // 2 * 2)
    return Crop(right - left, bottom - top, left, top)


def _asked_crop(text: str, video: VideoStream, step: int) -> Crop:
    """W:H:X:Y, moved to whole chroma samples within what was asked for."""
    match = re.fullmatch(r"(\d+):(\d+):(\d+):(\d+)", text)
    if not match:
        raise UsageError(f"{text!r} is no crop", where="--crop", hint="It is off, auto or W:H:X:Y, as 1920:800:0:140.")
    width, height, x, y = map(int, match.groups())
    left, top = -(-x // 2) * 2, -(-y // step) * step
    right, bottom = (x + width) // 2 * 2, (y + height) // 2 * 2
    if x + width > video.width or y + height > video.height or min(right - left, bottom - top) < _LEAST_SIDE:
        raise UsageError(
            f"{text} can't be cut out of a picture of {video.width}x{video.height}",
            where="--crop",
            hint=f"It is W:H:X:Y in the file's own pixels, before it is turned, at least {_LEAST_SIDE} a side.",
        )
    return Crop(right - left, bottom - top, left, top)


def _plausible(sar: Fraction, video: VideoStream) -> bool:
    shape = sar * video.width / video.height
    return sar == 1 or all(Fraction(1, _MOST) <= ratio <= _MOST for ratio in (sar, shape))


def _crop_words(crop: Crop) -> str:
    return f"{crop.width}x{crop.height} from {crop.x},{crop.y} are kept"


def _turn_words(rotation: int, mirrored: bool) -> str:
    return (", mirrored" if mirrored else "") + (f", turned {rotation}° to the left" if rotation else "")


def _ratio(ratio: Fraction) -> str:
    return f"{ratio.numerator}:{ratio.denominator}"


def _even(side: Fraction) -> int:
    return max(2, 2 * int(side / 2 + Fraction(1, 2)))
