"""What each codec's rungs are coded in: colour and depth. Pure."""

from __future__ import annotations

from dataclasses import replace

from coders.table import CODERS
from media.colour import BT709, PQ, Colour
from treatment.picture import Look
from treatment.wishes import Wishes
from values.errors import UsageError

WHITE_NITS = 203
"""The luminance of white in films of high dynamic range, in cd/m² (ITU-R BT.2408)."""

_NOMINAL_NITS = 1000
_MOST_NITS = 10_000
_ONE_SCREEN = (1, 4, 5, 6, 7, 11, 12, 13, 14, 15)


def decide_look(codec: str, colour: Colour, bit_depth: int, wishes: Wishes) -> Look:
    """What the rungs of `codec` are coded in, for a film of this colour with so many bits a sample.

    PQ and HLG are kept where the codec's players know them, at ten bits and in BT.2020; all else becomes BT.709. Films
    of more than eight bits keep ten where the codec does. Raises UsageError for a wish of eight bits with HDR.
    """
    deep = bool(CODERS[codec].deep_format)
    if colour.hdr and deep and wishes.hdr == "keep":
        if wishes.bit_depth == "8":
            raise UsageError(
                f"{colour.video_range} needs ten bits a sample",
                where="--bit-depth",
                hint="Leave --bit-depth out, or make everything standard dynamic range with --hdr sdr.",
            )
        return Look(Colour(9, colour.transfer, 9, False, colour.mastering, colour.light), 10)
    ten = bit_depth > 8 if wishes.bit_depth == "auto" else wishes.bit_depth == "10"
    return Look(BT709, 10 if deep and ten else 8)


def content_peak(colour: Colour) -> int:
    """The luminance in cd/m² of the brightest that a film in PQ or HLG shows: what tone mapping brings down to white.

    Of PQ that is MaxCLL, but no more than the display that it was graded on could show; else the display's peak; else
    1000, on which most films are graded. HLG is relative, and its nominal peak is 1000 (ITU-R BT.2100). Below 203, the
    white of HDR (ITU-R BT.2408), there is nothing to bring down.
    """
    known = []
    if colour.transfer == PQ and colour.mastering:
        known.append(round(colour.mastering.max_nits))
    if colour.transfer == PQ and colour.light and colour.light.max_cll:
        known.append(colour.light.max_cll)
    return max(WHITE_NITS, min(_MOST_NITS, *(known or [_NOMINAL_NITS])))


def unconverted(colour: Colour, look: Look) -> bool:
    """Whether a film's samples are those of the look already, but for their bits. Transfers of SDR are not told apart:
    see `shown_alike`."""
    return shown_alike(colour).codes == look.colour.codes and colour.full_range == look.colour.full_range


def shown_alike(colour: Colour) -> Colour:
    """The colour with the transfer of BT.709 in place of any that is shown on the same screens.

    Pictures of standard dynamic range are graded on, and shown by, displays of one curve (ITU-R BT.1886 and what
    computers make of it), whatever their tag says of cameras or computers: gamma 2.2 and 2.8, BT.601, SMPTE 240M,
    xvYCC, sRGB and BT.2020. Bending their values by the tags' formulae would change what viewers see.
    """
    if colour.transfer not in _ONE_SCREEN:
        return colour
    return replace(colour, transfer=1)
