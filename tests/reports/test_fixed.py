"""A fixed ladder on the curves of a search."""

from __future__ import annotations

import math

import pytest

from ladders.load import load_ladder
from ladders.rung import Ladder, Rung
from quality.bjontegaard import bd_rate
from reports.fixed import Rival, cheapest, rivals, saved_overall
from tests.reports.searches import made
from values.errors import UsageError


def ladder(*rungs: Rung) -> Ladder:
    return Ladder("mine", "", rungs, 128)


def rung(crf: float = 24, max_kbps: int = 8000, size: tuple[int, int] = (1280, 720), name: str = "720p") -> Rung:
    return Rung(name, *size, crf, max_kbps, 2 * max_kbps)


def one(entry: Rung, *, nominal: bool = False) -> tuple[float | None, str]:
    """The CRF at which a rung is placed, and what is missing."""
    ((rival),) = rivals(made(), [ladder(entry)], nominal=nominal)
    (placed,) = rival.rungs
    return (round(placed.point.crf, 3) if placed.point else None), placed.missing


def test_a_rung_is_placed_at_its_crf_where_its_cap_does_not_bind() -> None:
    assert one(rung(crf=27.5, max_kbps=8000)) == (27.5, "")


def test_a_rung_is_placed_where_its_cap_pushes_it() -> None:
    (rival,) = rivals(made(), [ladder(rung(crf=18, max_kbps=1000))], nominal=False)
    (point,) = rival.points
    assert math.isclose(point.bps, 1e6, rel_tol=1e-6)
    assert point.crf > 27
    assert point.size == (1280, 720)


def test_at_nominal_rates_the_crf_counts_for_nothing() -> None:
    (rival,) = rivals(made(), [ladder(rung(crf=40, max_kbps=1000))], nominal=True)
    assert math.isclose(rival.points[0].bps, 1e6, rel_tol=1e-6)


@pytest.mark.parametrize(
    ("entry", "nominal", "missing"),
    [
        (rung(size=(768, 432)), False, "768 × 432 was not tried"),
        (rung(max_kbps=30), False, "30 kbit/s is less than any trial of its size needed"),
        (rung(crf=12), False, "CRF 12 is outside of those tried, 18 to 42"),
        (rung(crf=45), False, "CRF 45 is outside of those tried, 18 to 42"),
        (rung(max_kbps=9000), True, "9000 kbit/s is more than any trial of its size needed"),
    ],
)
def test_a_rung_out_of_the_trials_reach_is_left_out_and_says_why(entry: Rung, nominal: bool, missing: str) -> None:
    assert one(entry, nominal=nominal) == (None, missing)


def test_only_searched_codecs_are_compared() -> None:
    found = rivals(made(("h264", "av1")), [load_ladder("av1"), load_ladder("vp9")], nominal=False)
    assert [(r.name, r.codec) for r in found] == [("av1", "av1")]


def test_a_ladder_without_rungs_is_refused() -> None:
    with pytest.raises(UsageError, match="no rungs of its own"):
        rivals(made(), [load_ladder("per-title")], nominal=False)


def test_the_cheapest_point_is_of_the_best_size() -> None:
    search = made()
    best = cheapest(search.curves, 80)
    assert best is not None
    assert 80 <= best.vmaf < 80.01
    needed = [c.at(crf).bps for c in search.curves if (crf := c.crf_for_vmaf(80)) is not None]
    assert best.bps == min(needed) < max(needed)
    assert cheapest(search.curves, 99.9) is None


def test_whole_ladders_are_compared_by_their_bd_rate() -> None:
    search = made()
    found = [c.point for c in search.choices]
    (rival,) = rivals(search, [load_ladder("apple-h264")], nominal=True)
    saved = saved_overall(rival, found)
    assert saved == bd_rate([(p.bps, p.vmaf) for p in rival.points], [(p.bps, p.vmaf) for p in found])
    assert isinstance(saved, float)
    assert saved < -10


def test_ladders_that_can_not_be_compared_say_why() -> None:
    search = made()
    assert "the anchor curve has 0 points" in str(saved_overall(Rival("mine", "h264", ()), []))
    (rival,) = rivals(search, [ladder(rung(24), rung(30, name="low"))], nominal=False)
    assert "no range" in str(saved_overall(rival, [search.curves[0].at(40), search.curves[0].at(42)]))


def test_rungs_at_the_same_place_share_it() -> None:
    (rival,) = rivals(made(), [ladder(rung(30, name="low"), rung(24, 7000), rung(24, 8000, name="top"))], nominal=False)
    assert [(p.crf, names) for p, names in rival.named] == [(30, ["low"]), (24, ["720p", "top"])]
