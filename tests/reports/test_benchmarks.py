"""Plots of what benchmarks measured."""

from __future__ import annotations

import re
from dataclasses import replace

from reports.benchmarks import (
    ChunkLine,
    ClipCurves,
    CostBar,
    RateLine,
    chunk_curve,
    chunk_page,
    cost_bars,
    cost_page,
    rd_curves,
    rd_page,
)
from tests.reports.test_page import read

FIXED = RateLine("fixed ladder", ((145, 40.0), (730, 72.0), (3000, 91.5)))
TITLE = RateLine("per title", ((110, 41.0), (520, 73.0), (2100, 92.5)), "fixed ladder", -28.44)
SHOT = RateLine("per shot", ((3100, 93.0), (100, 40.0)), "per title", 1.26)
CLIPS = (
    ClipCurves("bbb", "h264", (FIXED, TITLE, SHOT)),
    ClipCurves("bbb", "av1", (FIXED, replace(TITLE, bd_rate=None))),
    ClipCurves("<marathon> $x^2$", "h264", (FIXED,)),
)
CHUNKS = (
    ChunkLine("bbb", "h264", ((64, -0.05), (4, 1.2), (16, 0.3))),
    ChunkLine("bbb", "hevc", ((4, 1.25), (16, 0.4), (64, 0.1))),
)
BARS = (CostBar("h264", "fast", 62.0), CostBar("h264", "slow", 155.0), CostBar("av1", "fast", 1240.0))


def texts(svg: str) -> list[str]:
    return re.findall(r">([^<>]+)</text>", svg)


def assert_whole(html: str) -> None:
    """Needs nothing from elsewhere, and its ids are unique."""
    assert read(html)
    outside = re.sub(r'xmlns(:xlink)?="[^"]+"', "", html)
    assert re.findall(r"https?://|@import|src=|<link|<script", outside) == []
    ids = re.findall(r'\bid="([^"]+)"', html)
    assert len(ids) == len(set(ids))


def test_clips_have_their_bd_rates_in_the_legend() -> None:
    words = texts(rd_curves(CLIPS[0]))
    assert words[-3:] == [
        "fixed ladder",
        "per title: BD-rate −28.4 % against fixed ladder",
        "per shot: BD-rate +1.3 % against per title",
    ]
    assert "per title: no BD-rate against fixed ladder" in texts(rd_curves(CLIPS[1]))


def test_rates_and_quality_have_a_page_with_a_section_a_clip() -> None:
    html = rd_page("Rate and quality", CLIPS, lead="At preset fast.")
    assert_whole(html)
    words = read(html)
    assert [w for w in words if w in {"bbb", "<marathon> $x^2$"}] == ["bbb", "<marathon> $x^2$"]
    assert [w for w in words if w in {"H.264", "AV1"}] == ["H.264", "AV1", "H.264"]
    assert "At preset fast." in words


def test_points_are_joined_in_the_order_of_their_rates() -> None:
    svg = rd_curves(ClipCurves("bbb", "h264", (SHOT, FIXED)))
    line = re.search(r'd="M ([\d.]+) ([\d.]+) \nL ([\d.]+) ([\d.]+) \n"[^>]*stroke: var\(--series-1\)', svg)
    assert line is not None
    assert float(line[1]) < float(line[3])
    assert float(line[2]) > float(line[4])


def test_the_cost_of_chunks_has_all_lengths_names_and_the_aim() -> None:
    svg = chunk_curve(CHUNKS, limit=0.5)
    words = texts(svg)
    assert [w for w in words if re.fullmatch(r"\d+", w)][:3] == ["4", "16", "64"]
    assert {"H.264, bbb", "HEVC, bbb", "aim: at most 0.5 %"} <= set(words)
    assert "At the shortest: H.264, bbb: +1.2 %; HEVC, bbb: +1.2 %" in svg
    assert not any("aim" in w for w in texts(chunk_curve(CHUNKS)))
    assert_whole(chunk_page("Chunks", CHUNKS, limit=0.5, lead="x"))


def test_one_chunk_length_is_drawn_too() -> None:
    assert "4" in texts(chunk_curve([ChunkLine("bbb", "vp9", ((4, 0.0),))]))


def test_cpu_time_has_a_bar_a_preset_with_its_seconds() -> None:
    words = texts(cost_bars(BARS))
    assert [w for w in words if w.endswith(" s")] == ["62 s", "155 s", "1,240 s"]
    assert {"H.264", "AV1", "slow"} <= set(words)
    lengths = [
        float(right) - float(left)
        for left, right in re.findall(
            r'd="M ([\d.]+) [\d.]+ \nL ([\d.]+) [\d.]+ \nL [^"]*z\n"[^>]*series-\d\)"', cost_bars(BARS)
        )
    ]
    assert [round(length / lengths[0], 1) for length in lengths] == [1.0, 2.5, 20.0]


def test_cpu_time_is_compared_with_a_baseline() -> None:
    words = texts(cost_bars(BARS, baseline=BARS[0]))
    assert {"62 s (1 ×)", "155 s (2.5 ×)", "1,240 s (20 ×)"} <= set(words)
    assert "CPU seconds for a minute of film (× that of H.264 fast)" in words
    assert_whole(cost_page("CPU", BARS, baseline=BARS[0]))
