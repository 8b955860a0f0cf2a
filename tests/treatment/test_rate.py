"""The film's rate: kept where it is constant, made constant where it is not."""

from __future__ import annotations

from array import array
from fractions import Fraction

import pytest

from chunker.grid import Timing
from media.index import FrameIndex
from tests.treatment.parts import index, picture
from treatment.decision import Decision
from treatment.picture import Scan
from treatment.rate import RateDecision, decide_rate, frame_timing
from treatment.scan import ScanDecision
from treatment.wishes import NO_WISHES, Wishes
from values.errors import UsageError


def decided(
    found: FrameIndex, scan: Scan = "progressive", wishes: Wishes = NO_WISHES, *, rate: str = "25"
) -> RateDecision:
    video = picture(average_rate=Fraction(rate), guessed_rate=Fraction(rate))
    how = ScanDecision(scan, "auto", Decision("scan", "", "", ""))
    return decide_rate(video, found, frame_timing(video, found), how, wishes)


@pytest.mark.parametrize(
    ("source", "scan", "rate", "frames"),
    [
        ("24000/1001", "progressive", "24000/1001", 200),
        ("24", "progressive", "24", 200),
        ("25", "frame", "25", 200),
        ("25", "field", "50", 400),
        ("30000/1001", "field", "60000/1001", 400),
        ("30000/1001", "telecine", "24000/1001", 160),
        ("30", "telecine", "24", 160),
        ("50", "progressive", "50", 200),
        ("60000/1001", "progressive", "60000/1001", 200),
        ("72", "progressive", "36", 100),
        ("120000/1001", "progressive", "60000/1001", 100),
        ("240", "progressive", "60", 50),
        ("10", "progressive", "10", 200),
    ],
)
def test_constant_rates_are_kept_exactly_up_to_sixty(source: str, scan: Scan, rate: str, frames: int) -> None:
    found = decided(index(source, 200), scan, rate=source)
    assert (found.timing.rate, found.timing.frames, found.timing.constant) == (Fraction(rate), frames, True)
    assert found.decision.detected == f"constant, {Fraction(source)} fps"
    assert found.decision.noted == (source != rate)


def test_a_pulldown_of_an_odd_number_of_frames_keeps_its_last_pictures() -> None:
    assert decided(index("30000/1001", 203), "telecine", rate="30000/1001").timing.frames == 163  # 162.4 pictures long


def test_a_variable_rate_becomes_the_standard_one_that_keeps_its_motion() -> None:
    gaps = [3000, 3000, 6000, 3000, 9000] * 20
    pts = array("q", (sum(gaps[:i]) for i in range(len(gaps))))
    found = decided(FrameIndex(Fraction(1, 90000), pts, pts[:1], 3000, 0), rate="30")
    assert (found.timing.rate, found.timing.constant) == (30, False)
    assert found.decision.why == "the nearest standard rate that keeps its motion: every frame"
    assert found.decision.detected == "variable, frames 33 to 100 ms apart, 18.92 a second"


def test_one_frame_in_many_that_comes_too_early_makes_no_rate_of_its_own() -> None:
    """A phone's hiccup: among 1000 frames a 30th of a second apart, every fourth dropped, two come a 120th apart."""
    pts = array("q", (n * 3000 for n in range(1000) if n % 4))
    pts.insert(301, pts[300] + 750)
    found = decided(FrameIndex(Fraction(1, 90000), pts, pts[:1], 3000, 0), rate="30")
    assert found.timing.rate == 30
    assert "749 of 751 frames" in found.decision.why or "750 of 751 frames" in found.decision.why


def test_soft_pulldown_becomes_24p_by_its_frames_times() -> None:
    """Frames of two and of three fields, as repeat_first_field has them shown, are 24 pictures a second."""
    pts = array("q", (sum((3003, 4505)[i % 2] for i in range(n)) for n in range(200)))
    found = decided(FrameIndex(Fraction(1, 90000), pts, pts[:1], 3003, 0), rate="30000/1001")
    assert found.timing == Timing(Fraction(24000, 1001), Fraction(1, 90000), 0, 200, True)


@pytest.mark.parametrize(
    ("rate", "frames", "said"),
    [
        ("24", 192, "8 frames are dropped"),
        ("50", 400, "200 frames are repeated"),
        ("30", 240, "40 frames are repeated"),
    ],
)
def test_a_rate_that_was_asked_for_keeps_the_film_s_length(rate: str, frames: int, said: str) -> None:
    found = decided(index("25", 200), wishes=Wishes(rate=Fraction(rate)))
    assert (found.timing.rate, found.timing.frames) == (Fraction(rate), frames)
    assert found.decision.why == f"asked for: --rate {rate}; {said}"


def test_a_rate_that_was_asked_for_takes_the_nearest_fields() -> None:
    found = decided(index("25", 200), "field", Wishes(rate=Fraction(30)))
    assert (found.timing.rate, found.timing.frames, found.timing.cadence) == (30, 240, "field")


@pytest.mark.parametrize("rate", ["0", "1/2", "121"])
def test_rates_that_no_film_has_are_refused(rate: str) -> None:
    with pytest.raises(UsageError, match="It is from 1 to 120"):
        decided(index(), wishes=Wishes(rate=Fraction(rate)))
