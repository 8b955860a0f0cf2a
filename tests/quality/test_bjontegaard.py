"""Bjøntegaard deltas against published numbers."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quality.bjontegaard import Curve, CurveError, Method, bd_quality, bd_rate

# The example curves of VCEG-M33 (G. Bjøntegaard, 2001), with the results that T. Bruylants' implementation, which
# "complies with VCEG-M33", asserts: github.com/tbr/bjontegaard_cpp, example.cpp.
M33_ANCHOR = [(90.33, 27.95), (181.03, 31.17), (332.99, 34.44), (547.79, 38.11)]
M33_TEST = [(127.1719, 29.9286), (186.14, 32.4165), (307.2924, 34.7013), (481.5588, 37.4561)]

# The nine-point curves of the same file: a third order polynomial fitted, not interpolated.
BARB_ANCHOR = [
    (2.99899, 48.6681), (1.99884, 43.8357), (1.49673, 41.3982), (0.99707, 38.0124), (0.745941, 35.5122),
    (0.596436, 33.8673), (0.495148, 32.6658), (0.29425, 29.4505), (0.244049, 28.484),
]  # fmt: skip
BARB_TEST = [
    (2.997253, 48.5637), (1.968292, 43.7318), (1.472565, 41.2727), (0.994965, 38.0001), (0.748871, 35.6375),
    (0.58902, 33.9057), (0.499176, 32.8318), (0.296753, 29.6851), (0.249634, 28.8244),
]  # fmt: skip

# Two rows of the spreadsheet JCTVC-E137, with its piecewise cubic BD-rates as quoted in the tests of Netflix's VMAF:
# github.com/Netflix/vmaf, python/test/bd_rate_calculator_test.py, BDrateCalculatorJCTVCTest.
E137_1_ANCHOR = [(108048.8736, 43.6471), (61279.976, 40.3953), (33905.6656, 37.247), (18883.6928, 34.2911)]
E137_1_TEST = [(108061.2784, 43.6768), (61299.9936, 40.4232), (33928.7472, 37.2761), (18910.912, 34.3147)]
E137_2_ANCHOR = [(40433.8848, 37.5761), (7622.7456, 35.3756), (2394.488, 33.8977), (1017.6184, 32.0603)]
E137_2_TEST = [(40370.12, 37.5982), (7587.0024, 35.4025), (2390.0944, 33.9194), (1017.0984, 32.0822)]

# The example of the package bjontegaard (FAU Erlangen-Nürnberg, github.com/FAU-LMS/bjontegaard, README), whose PCHIP
# agrees with the VVC spreadsheet JVET-T2010 to ten digits; the results are what its release 1.3.0 prints.
FAU_ANCHOR = [(9487.76, 40.037), (4593.60, 38.615), (2486.44, 36.845), (1358.24, 34.851)]
FAU_TEST = [(9787.80, 40.121), (4469.00, 38.651), (2451.52, 36.970), (1356.24, 34.987)]


@pytest.mark.parametrize(
    ("anchor", "test", "method", "percent", "places"),
    [
        (M33_ANCHOR, M33_TEST, "cubic", -13.261773, 6),
        (BARB_ANCHOR, BARB_TEST, "cubic", -0.903450, 6),
        (E137_1_ANCHOR, E137_1_TEST, "pchip", -0.465215420752807, 8),
        (E137_2_ANCHOR, E137_2_TEST, "pchip", -1.8779823450567612, 8),
        (FAU_ANCHOR, FAU_TEST, "pchip", -4.417485350589, 8),
        (FAU_ANCHOR, FAU_TEST, "cubic", -4.420462706, 6),
    ],
)
def test_rates_agree_with_published_ones(
    anchor: Curve, test: Curve, method: Method, percent: float, places: int
) -> None:
    assert math.isclose(bd_rate(anchor, test, method=method), percent, abs_tol=0.6 * 10**-places)


@pytest.mark.parametrize(
    ("anchor", "test", "method", "gain", "places"),
    [
        (M33_ANCHOR, M33_TEST, "cubic", 0.800713, 6),
        (BARB_ANCHOR, BARB_TEST, "cubic", 0.072297, 6),
        (FAU_ANCHOR, FAU_TEST, "pchip", 0.119692785425, 8),
        (FAU_ANCHOR, FAU_TEST, "cubic", 0.1204094191, 6),
    ],
)
def test_gains_agree_with_published_ones(anchor: Curve, test: Curve, method: Method, gain: float, places: int) -> None:
    assert math.isclose(bd_quality(anchor, test, method=method), gain, abs_tol=0.6 * 10**-places)


@pytest.mark.parametrize("method", ["pchip", "cubic"])
def test_a_codec_that_takes_a_quarter_less_saves_a_quarter(method: Method) -> None:
    cheaper = [(rate * 0.75, quality) for rate, quality in M33_ANCHOR]
    assert math.isclose(bd_rate(M33_ANCHOR, cheaper, method=method), -25)
    better = [(rate, quality + 1.5) for rate, quality in M33_ANCHOR]
    assert math.isclose(bd_quality(M33_ANCHOR, better, method=method), 1.5)


def test_two_points_are_a_straight_line() -> None:
    """At every quality the test needs sqrt(2) to 2 times the bits: from 0 to 1 octave above, half of one on average."""
    assert math.isclose(bd_rate([(100, 0), (200, 10)], [(100, 0), (400, 10)]), (2**0.5 - 1) * 100)


curves = st.lists(
    st.tuples(st.floats(0.05, 2), st.floats(0.5, 20)), min_size=2, max_size=9
).map(lambda steps: [
    (100 * math.exp(sum(s[0] for s in steps[: i + 1])), sum(s[1] for s in steps[: i + 1])) for i in range(len(steps))
])  # fmt: skip


@given(curves, curves)
def test_there_and_back_is_no_change_and_order_does_not_matter(a: Curve, b: Curve) -> None:
    try:
        there = bd_rate(a, b)
    except CurveError as error:
        assert "in common" in str(error)
        return
    back = bd_rate(list(reversed(b)), list(reversed(a)))
    assert math.isclose((1 + there / 100) * (1 + back / 100), 1, rel_tol=1e-9)
    assert math.isclose(bd_rate(a, a), 0, abs_tol=1e-9)


@pytest.mark.parametrize(
    ("anchor", "test", "method", "says"),
    [
        ([(1, 1)], M33_TEST, "pchip", "the anchor curve has 1 points, the pchip method needs 2"),
        (M33_ANCHOR, M33_TEST[:3], "cubic", "the test curve has 3 points, the cubic method needs 4"),
        (M33_ANCHOR, [(r, q + 20) for r, q in M33_TEST], "pchip", "no range of quality in common"),
        (
            [(100, 80), (200, 90), (300, 89.5)],
            M33_TEST,
            "pchip",
            "the anchor curve is not monotone: quality goes from 90 to 89.5 as the bit rate goes from 200 to 300",
        ),
        ([(100, 80), (100, 81)], M33_TEST, "pchip", "as the bit rate goes from 100 to 100"),
        ([(0, 80), (100, 81)], M33_TEST, "pchip", "no positive, finite number"),
        ([(1, 80), (100, math.inf)], M33_TEST, "pchip", "no positive, finite number"),
    ],
)
def test_curves_that_can_not_be_compared_are_refused_with_the_reason(
    anchor: Curve, test: Curve, method: Method, says: str
) -> None:
    with pytest.raises(CurveError, match=says):
        bd_rate(anchor, test, method=method)


def test_curves_without_a_bit_rate_in_common_have_no_gain() -> None:
    with pytest.raises(CurveError, match="no range of bit rate in common"):
        bd_quality(M33_ANCHOR, [(rate * 100, quality) for rate, quality in M33_ANCHOR])
