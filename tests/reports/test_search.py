"""The report of a search."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from ladders.load import load_ladder
from onboarding.search import Search
from optimizer.pick import Choice
from reports.effort import cost_bar, window_strip
from reports.field import Field
from reports.fixed import rivals
from reports.frontier import frontier
from reports.search import search_report
from reports.svg import SERIES
from tests.optimizer.synthetic import SIZES
from tests.reports.searches import COST, RATE, made
from tests.reports.test_page import read

APPLE = load_ladder("apple-h264")


def texts(svg: str) -> list[str]:
    return re.findall(r">([^<>]+)</text>", svg)


def plot(search: Search, *, codec: str = "h264", fixed: bool = True) -> str:
    return frontier(Field(search, codec, rivals(search, [APPLE] if fixed else [], nominal=True)))


def marks(svg: str) -> list[str]:
    """How marks in the colours of sizes are drawn, in the order of drawing."""
    return re.findall(r'<use [^>]*style="fill: var\(--(series-[^"]*)"', svg)


def colour(field: Field, choice: Choice) -> str:
    return f"series-{SERIES.index(field.colours[choice.point.size]) + 1}"


def test_each_rung_has_its_row_with_its_reason() -> None:
    search = made()
    words = read(search_report(search, title="A film"))
    start = words.index("1080p", words.index("Why"))
    choice = search.choices[-1]
    p = choice.point
    assert (p.psnr_y, p.xpsnr_y) != (None, None)
    assert words[start : start + 9] == [
        "1080p", "1920 × 1080", f"{p.crf:g}", f"{p.bps / 1000:,.0f}", f"{choice.max_bps / 1000:,.0f}",
        f"{p.vmaf:.1f}", f"{p.psnr_y:.1f}", f"{p.xpsnr_y:.1f}", choice.reason.replace("top", "Top", 1) + ".",
    ]  # fmt: skip
    for rung, c in zip(search.ladder.rungs, search.choices, strict=True):
        assert rung.name in words
        assert c.reason[0].upper() + c.reason[1:] + "." in words


def test_scores_that_were_not_measured_have_no_column() -> None:
    assert "XPSNR" in read(search_report(made(), title="A film"))
    assert "XPSNR" not in read(search_report(made(xpsnr=False), title="A film"))


def test_the_plot_names_rungs_sizes_and_the_fixed_ladder() -> None:
    search = made()
    words = texts(plot(search))
    assert {"234p", "360p", "540p", "720p", "1080p", "apple-h264"} <= set(words)
    for rung, c in zip(search.ladder.rungs, search.choices, strict=True):
        assert words[words.index(rung.name) + 1] == f"{c.point.vmaf:.1f} at {c.point.bps / 1000:,.0f} kbit/s"
    assert "apple-h264" not in texts(plot(search, fixed=False))
    assert {"100", "200", "500", "1,000", "2,000", "5,000"} <= set(words)


def test_the_plot_has_every_trial_and_every_rung_in_the_colour_of_its_size() -> None:
    search = made()
    svg = plot(search)
    field = Field(search, "h264")
    assert len(field.points) == 25
    rims = [m for m in marks(svg) if "--paper" in m]
    dots = [m for m in marks(svg) if "--paper" not in m]
    assert len(dots) == len(field.points)
    assert {dot[:8] for dot in dots} == {"series-1", "series-3", "series-5", "series-6", "series-8"}
    assert [rim[:8] for rim in rims] == [colour(field, choice) for choice in search.choices]


def test_no_name_lies_on_another() -> None:
    """By the room that a name takes at least: half its size for each letter, and its size in height."""
    svg = plot(made(hard=3, step=2))
    found = re.findall(
        r'font-size: ([\d.]+)px[^"]*text-anchor: (\w+)[^>]*?x="([\d.]+)" y="([\d.]+)"[^>]*>([^<]+)<', svg
    )
    boxes = []
    for size, anchor, x, y, text in found:
        width = len(text) * float(size) / 2
        left = float(x) - {"start": 0.0, "middle": 0.5, "end": 1.0}[anchor] * width
        boxes.append((left, float(y) - float(size) * 0.75, left + width, float(y), text))
    assert len(boxes) > 20
    pairs = [(a, b) for i, a in enumerate(boxes) for b in boxes[:i]]
    assert [(a[4], b[4]) for a, b in pairs if a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]] == []


def test_trials_far_below_the_rungs_are_in_a_small_plot_of_their_own() -> None:
    near, far = made(crfs=(18, 24, 30)), made(sizes=SIZES[3:], hard=0.2, crfs=(18, 24, 30, 36, 42, 50))
    assert "All trial encodes" not in texts(plot(near, fixed=False))
    assert "All trial encodes" in texts(plot(far, fixed=False))


def test_what_is_saved_is_marked_as_predicted() -> None:
    search = made()
    words = read(search_report(search, title="A film", fixed=[APPLE], nominal=True))
    assert "Against apple-h264, predicted" in words
    start = words.index("234p", words.index("Saved"))
    assert words[start + 3 : start + 5] == ["145", "145"]
    assert re.fullmatch(r"\d+ %", words[start + 9])
    (overall,) = [w for w in words if w.startswith("As whole ladders")]
    assert re.search(
        r"take \d+\.\d % fewer bits than apple-h264 at equal VMAF, over what both reach \(BD-rate −", overall
    )
    assert "432p is not compared: 768 × 432 was not tried." in words
    assert any(w.startswith("Predicted from the trials, not measured") for w in words)


def test_every_codec_has_its_sections() -> None:
    words = read(search_report(made(("h264", "av1")), title="A film", fixed=[APPLE, load_ladder("av1")]))
    headings = [w for w in words if w.endswith((": bits and quality", ": rungs")) or w.startswith("Against")]
    assert headings == [
        "H.264: bits and quality", "H.264: rungs", "Against apple-h264 in H.264, predicted",
        "AV1: bits and quality", "AV1: rungs", "Against av1 in AV1, predicted",
    ]  # fmt: skip


def test_the_page_says_what_the_search_cost() -> None:
    words = read(search_report(made(), title="A film", rate=RATE))
    start = words.index("Trial encodes")
    assert words[start : start + 15] == [
        "Trial encodes", "61.5", "12.3 %", "Measuring them", "38.2", "7.7 %", "The search in all", "99.8", "19.9 %",
        "Allowed", "125.0", "25.0 %", "The final encode, predicted", "500.0", "100.0 %",
    ]  # fmt: skip
    assert not any("went over" in w for w in words)


def test_a_search_that_cost_more_than_allowed_says_so() -> None:
    words = read(search_report(made(cost=replace(COST, measure_s=90.0)), title="A film"))
    assert "The search went over what it was allowed." in words


@pytest.mark.parametrize("search_s", [0.0, 50.0, 5000.0])
def test_the_bars_show_the_allowance_whatever_was_spent(search_s: float) -> None:
    svg = cost_bar(replace(COST, encode_s=search_s, measure_s=search_s))
    assert {"Search", "Final encode, predicted", "allowed: 25 %"} <= set(texts(svg))


def test_windows_lie_where_they_were_tried() -> None:
    search = made(windows=4, frames=9600)
    svg = window_strip(search.windows, RATE)
    assert "Time in the film (min:s)" in texts(svg)
    bars = re.findall(r'd="M ([\d.]+) [^"]*"[^>]*style="fill: var\(--series-6\)"/', svg)
    assert len(bars) == 4
    left, second = float(bars[0]), float(bars[1])
    assert abs(float(bars[3]) - left - 3 * (second - left)) < 2
    assert "Frame" in texts(window_strip(search.windows, None))


def test_notes_are_listed_and_the_page_needs_nothing_from_elsewhere() -> None:
    note = "window 3 <gave> no trial encode and is left out"
    html = search_report(made(("h264", "vp9"), notes=(note,)), title="<script>alert(1)</script> $x^2$", fixed=[APPLE])
    words = read(html)
    assert note in words
    assert "Ladder of <script>alert(1)</script> $x^2$" in words
    assert "<script" not in html
    outside = re.sub(r'xmlns(:xlink)?="[^"]+"', "", html)
    assert re.findall(r"https?://|@import|src=|<link", outside) == []
    ids = re.findall(r'\bid="([^"]+)"', html)
    assert len(ids) == len(set(ids))


def test_a_film_of_one_size_and_one_window_has_a_report_too() -> None:
    words = read(search_report(made(sizes=[(640, 360)], windows=1, frames=40), title="Short", fixed=[APPLE]))
    assert "Ladder of Short" in words
