"""What chunks cost is told for each length, and judged at the lengths that the planner takes."""

from __future__ import annotations

import json
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest
from click.testing import CliRunner

from benchmarks.chunk_costs import chunk_lines, cost_of, defaults
from benchmarks.chunking import curves, default_length_s, main, plans, shortest_length_s
from benchmarks.clips import open_clip
from benchmarks.differences import Compared, Difference, compare_ways, rising
from reports.benchmarks import ChunkLine
from tests.parts import SAMPLE

POINTS = tuple(
    Difference("540p", crf, 0, 1.02 * bps, vmaf, bps, vmaf)
    for crf, bps, vmaf in ((36, 200e3, 70.0), (30, 400e3, 82.0), (24, 800e3, 90.0), (18, 1600e3, 95.0))
)


def test_two_percent_more_bits_at_equal_quality_are_two_percent() -> None:
    compared, left_out = compare_ways(POINTS)
    assert compared.bd_rate_percent == pytest.approx(2.0)
    assert compared.bd_vmaf is not None and compared.bd_vmaf < 0
    assert left_out == ()
    assert POINTS[0].bps_percent == pytest.approx(2.0)


def test_rungs_that_a_cap_brings_together_are_compared_once() -> None:
    held = Difference("540p", 17, 2_000_000, POINTS[-1].bps, 95.0, 1600e3, 95.0)
    assert rising((*reversed(POINTS), held)) == POINTS
    compared, left_out = compare_ways((*POINTS, held))
    assert compared == compare_ways(POINTS)[0]
    assert left_out == ("540p at CRF 17",)


@pytest.mark.parametrize("wrong", [{"bps": 408e3}, {"vmaf": 82.0}, {"anchor_bps": 400e3}, {"anchor_vmaf": 82.0}])
def test_a_point_that_is_no_better_either_way_makes_no_curve(wrong: dict[str, float]) -> None:
    between = Difference("540p", 28, 0, 510e3, 84.0, 500e3, 84.0)
    assert rising((*POINTS, between)) == (*POINTS[:2], between, *POINTS[2:])
    assert rising((*POINTS, replace(between, **wrong))) == POINTS


def test_what_makes_no_curve_is_said_and_not_hidden() -> None:
    cost = cost_of(8.0, 2, POINTS[:1])
    assert cost.compared == Compared(None, None, "the anchor curve has 1 points, the pchip method needs 2")
    assert cost.row()["bd_rate_percent"] is None
    assert cost.row()["points"][0]["bps_percent"] == pytest.approx(2.0)


def test_the_planners_lengths_are_judged_by_the_limit() -> None:
    costs = [
        {"chunk_s": 8.0, "bd_rate_percent": 0.7},
        {"chunk_s": 16.0, "bd_rate_percent": None},
        {"chunk_s": 36.0, "bd_rate_percent": 0.1},
    ]
    row = {"clip": "film", "codec": "h264", "curve": "capped", "default_s": 36.0, "shortest_s": 8.0, "costs": costs}
    found = defaults([row, {**row, "shortest_s": 16.0, "default_s": 48.0}])
    assert [(f["planned"], f["chunk_s"], f["bd_rate_percent"], f["within"]) for f in found] == [
        ("default", 36.0, 0.1, True),
        ("shortest", 8.0, 0.7, False),
        ("default", 48.0, None, None),
        ("shortest", 16.0, None, None),
    ]
    lines = chunk_lines({"results": {"curves": [row]}})
    assert lines == [ChunkLine("film, capped", "h264", ((8.0, 0.7), (36.0, 0.1)))]


def test_lengths_that_do_not_cut_the_clip_are_left_out() -> None:
    clip = open_clip(str(SAMPLE))
    found = plans(clip, (4, 4.5, 8, 16, 32))
    assert {length: len(chunks) for length, chunks in found.items()} == {4.0: 4, 8.0: 2}


def test_the_planner_says_which_lengths_are_its_own() -> None:
    part = open_clip(str(SAMPLE), seconds=Fraction(4))
    assert shortest_length_s(part) == default_length_s(part, 2) == 8.0
    long = replace(part, film_frames=24 * 600)
    assert (shortest_length_s(long), default_length_s(long, 2), default_length_s(long, 4)) == (8.0, 60.0, 32.0)
    assert default_length_s(replace(part, film_frames=24 * 7200), 2) == 60.0


def test_both_curves_stay_within_the_height() -> None:
    found = curves(open_clip(str(SAMPLE)), "h264", max_height=360, crfs=4)
    assert [(r.name, r.crf, r.max_bps) for r in found["capped"]] == [("234p", 24, 250_000), ("360p", 23, 700_000)]
    assert {(r.width, r.height, r.max_bps) for r in found["uncapped"]} == {(640, 360, 0)}
    assert len({r.crf for r in found["uncapped"]}) == 4


def test_a_small_run_leaves_a_report(tmp_path: Path) -> None:
    out = tmp_path / "chunking.json"
    done = CliRunner().invoke(
        main,
        ["--clip", str(SAMPLE), "--seconds", "8", "--chunk", "4", "--max-height", "234", "--preset", "ultrafast",
         "--crfs", "2", "--every", "24", "--cache", str(tmp_path / "cache"), "--json", str(out)],
        catch_exceptions=False,
    )  # fmt: skip
    assert done.exit_code == 0, done.output
    report = json.loads(out.read_text())
    assert report["benchmark"] == "chunking"
    uncapped, capped = report["results"]["curves"]
    (cost,) = uncapped["costs"]
    assert (cost["chunk_s"], cost["chunks"], len(cost["points"])) == (4.0, 2, 2)
    assert all(abs(p["bps_percent"]) < 20 for p in cost["points"])
    assert any(p["bps"] != p["anchor_bps"] for p in cost["points"])  # chunks are no continuous encode
    name = "bbb-15s.mp4[0s+8s] h264 uncapped 4 s"
    assert report["ratios"][name] == pytest.approx(1 + cost["bd_rate_percent"] / 100, abs=1e-6)
    assert [p["rung"] for p in capped["costs"][0]["points"]] == ["234p"]
    assert "default chunks of 8 s: not measured" in done.output
