"""What each codec's rungs are coded in."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest

from coders.table import CODERS
from media.colour import BT709, TRANSFERS, Colour, ContentLight
from tests.treatment.test_colour import DISPLAY
from treatment.look import content_peak, decide_look, shown_alike, unconverted
from treatment.picture import SDR, Look
from treatment.wishes import NO_WISHES, Wishes
from values.errors import UsageError

LIGHT = ContentLight(800, 300)
PQ = Colour(9, 16, 9, False, DISPLAY, LIGHT)
HLG = Colour(9, 18, 9)
TEN = Look(BT709, 10)


@pytest.mark.parametrize(
    ("colour", "depth", "wishes", "looks"),  # of H.264, HEVC, VP9 and AV1
    [
        (BT709, 8, NO_WISHES, (SDR, SDR, SDR, SDR)),
        (BT709, 10, NO_WISHES, (SDR, TEN, SDR, TEN)),
        (Colour(9, 14, 9), 12, NO_WISHES, (SDR, TEN, SDR, TEN)),
        (BT709, 10, Wishes(bit_depth="8"), (SDR, SDR, SDR, SDR)),
        (BT709, 8, Wishes(bit_depth="10"), (SDR, TEN, SDR, TEN)),
        (PQ, 10, NO_WISHES, (SDR, Look(PQ, 10), SDR, Look(PQ, 10))),
        (HLG, 10, NO_WISHES, (SDR, Look(HLG, 10), SDR, Look(HLG, 10))),
        (HLG, 8, NO_WISHES, (SDR, Look(HLG, 10), SDR, Look(HLG, 10))),
        (Colour(12, 16, 0, True, DISPLAY), 10, NO_WISHES,
         (SDR, Look(Colour(9, 16, 9, False, DISPLAY), 10), SDR, Look(Colour(9, 16, 9, False, DISPLAY), 10))),
        (PQ, 10, Wishes(hdr="sdr"), (SDR, TEN, SDR, TEN)),
        (PQ, 10, Wishes(hdr="sdr", bit_depth="8"), (SDR, SDR, SDR, SDR)),
    ],
)  # fmt: skip
def test_hevc_and_av1_keep_range_and_depth_and_the_others_are_sdr(
    colour: Colour, depth: int, wishes: Wishes, looks: tuple[Look, ...]
) -> None:
    assert tuple(decide_look(codec, colour, depth, wishes) for codec in CODERS) == looks


def test_hdr_in_eight_bits_is_refused() -> None:
    with pytest.raises(UsageError, match=r"--bit-depth: PQ needs ten bits a sample\n.*--hdr sdr"):
        decide_look("hevc", PQ, 10, Wishes(bit_depth="8"))


@pytest.mark.parametrize(
    ("colour", "nits"),
    [
        (PQ, 800),
        (replace(PQ, light=None), 1000),
        (replace(PQ, light=ContentLight(0, 100)), 1000),
        (replace(PQ, light=ContentLight(9000, 100)), 1000),  # nobody saw that when it was graded
        (replace(PQ, mastering=None, light=ContentLight(9000, 100)), 9000),
        (replace(PQ, mastering=None, light=ContentLight(60_000, 100)), 10_000),
        (replace(PQ, mastering=replace(DISPLAY, max_nits=Fraction(4000)), light=None), 4000),
        (replace(PQ, light=ContentLight(100, 50)), 203),
        (Colour(9, 16, 9), 1000),
        (HLG, 1000),
        (replace(HLG, mastering=replace(DISPLAY, max_nits=Fraction(400)), light=LIGHT), 1000),
    ],
)
def test_tone_mapping_starts_from_the_contents_own_peak(colour: Colour, nits: int) -> None:
    assert content_peak(colour) == nits


def test_transfers_of_sdr_are_shown_on_the_same_screens() -> None:
    alike = {code for code in TRANSFERS if shown_alike(Colour(1, code, 1)) == BT709}
    assert alike == {1, 4, 5, 6, 7, 11, 12, 13, 14, 15}
    assert unconverted(Colour(1, 11, 1), SDR)
    for other in (Colour(1, 8, 1), Colour(6, 6, 6), Colour(1, 1, 6), Colour(1, 1, 1, True), PQ):
        assert not unconverted(other, SDR)
    assert unconverted(PQ, Look(PQ, 10))
