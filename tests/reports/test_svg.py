"""Figures as SVG inside a page."""

from __future__ import annotations

import re
from itertools import pairwise
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.page import page
from reports.svg import (
    INK,
    PAPER,
    QUIET,
    RULE,
    SERIES,
    inline_svg,
    new_figure,
    plain_axes,
    rate_axis,
    series_colours,
    spread_labels,
    time_axis,
)


def drawn(name: str = "plot", label: str = "a plot", duration_s: float = 95.0) -> str:
    figure = new_figure(600, 300)
    axes = figure.subplots()
    plain_axes(axes, y="VMAF", title="H.264 & <more>")
    axes.plot([0, 1, 2], [1, 3, 2], color=SERIES[2])
    axes.fill_between([0, 1, 2], [0, 1, 1], [1, 3, 2], color=SERIES[7], alpha=0.5)
    axes.text(0, 0, "in paper", color=PAPER)
    time_axis(axes, duration_s)
    return inline_svg(figure, name=name, label=label)


def test_a_figure_is_one_element_whose_text_is_text() -> None:
    root = ElementTree.fromstring(drawn(label='12 < 13 "lines"'))
    assert root.tag == "{http://www.w3.org/2000/svg}svg"
    assert root.get("aria-label") == '12 < 13 "lines"'
    assert root.get("width") is None
    words = [e.text for e in root.iter("{http://www.w3.org/2000/svg}text")]
    assert {"VMAF", "H.264 & <more>", "0:00", "1:00", "1:30", "Time in the film (min:s)"} <= set(words)
    assert "{http://www.w3.org/2000/svg}style" not in {e.tag for e in root.iter()}


def test_its_colours_are_the_pages() -> None:
    svg = drawn()
    assert {f"var(--{name})" for name in ("ink", "quiet", "rule", "paper", "series-3", "series-8")} <= set(
        re.findall(r"var\(--[a-z0-9-]+\)", svg)
    )
    assert not any(stand_in in svg for stand_in in (INK, QUIET, RULE, PAPER, *SERIES))
    assert "#ffffff" not in svg
    defined = page("x")
    assert all(defined.count(f"--{name}:") == 2 for name in re.findall(r"var\(--([a-z0-9-]+)\)", svg))


def test_two_figures_on_one_page_share_no_id_and_refer_to_their_own() -> None:
    ids = [set(re.findall(r'\bid="([^"]+)"', drawn(name))) for name in ("a", "b")]
    assert not ids[0] & ids[1]
    refs = set(re.findall(r'(?:url\(|href=")#([^")]+)', drawn("a")))
    assert refs
    assert refs <= ids[0]


def test_the_same_figure_is_the_same_text() -> None:
    assert drawn() == drawn()
    assert drawn() != drawn(duration_s=96.0)


@pytest.mark.parametrize(
    ("duration_s", "ticks"),
    [
        (0.5, ["0:00"]),
        (9, ["0:00", "0:01", "0:02", "0:09"]),
        (15, ["0:00", "0:02", "0:14"]),
        (596.5, ["0:00", "1:00", "9:00"]),
        (5400, ["0:00", "0:10", "1:30"]),
        (36000 * 3, ["0:00", "3:00", "30:00"]),
    ],
)
def test_time_is_in_steps_that_people_count_in(duration_s: float, ticks: list[str]) -> None:
    words = re.findall(r">(\d+:\d\d)</text>", drawn(duration_s=duration_s))
    assert set(ticks) <= set(words)
    assert len(words) == len(set(words)) <= 11


@pytest.mark.parametrize(
    ("low", "high", "ticks"),
    [
        (90, 2500, ["100", "200", "500", "1,000", "2,000"]),
        (15, 12_000, ["20", "50", "100", "200", "500", "1,000", "2,000", "5,000", "10,000"]),
        (60, 320, ["70", "100", "150", "200", "300"]),
        (5.1, 14.9, ["6", "7", "8", "9", "10", "12"]),
        (0.4, 9, ["0.5", "1", "2", "5"]),
    ],
)
def test_bit_rates_have_round_numbers_at_their_ticks(low: float, high: float, ticks: list[str]) -> None:
    figure = new_figure(600, 300)
    axes = figure.subplots()
    plain_axes(axes)
    rate_axis(axes, low, high)
    assert re.findall(r">([\d.,]+)</text>", inline_svg(figure, name="x", label="x"))[: len(ticks)] == ticks


@given(st.floats(1, 50_000), st.floats(1.05, 1000))
def test_bit_rates_never_have_too_few_or_too_many_ticks(low: float, ratio: float) -> None:
    axes = new_figure(600, 300).subplots()
    rate_axis(axes, low, low * ratio)
    assert (1 if ratio < 1.2 else 2) <= len(axes.get_xticks()) <= 20


def test_lines_are_coloured_from_warm_to_cool() -> None:
    assert series_colours(0) == []
    assert len(series_colours(1)) == 1
    assert series_colours(2) == [SERIES[0], SERIES[7]]
    assert series_colours(8) == list(SERIES)
    assert len(series_colours(20)) == 20


@given(st.lists(st.floats(0, 100), min_size=1, max_size=12), st.floats(0.1, 8))
def test_labels_keep_their_order_and_their_distance(wanted: list[float], gap: float) -> None:
    places = spread_labels(wanted, gap=gap, low=0, high=100)
    small = 1e-6
    assert all(-small <= p <= 100 + small for p in places)
    ordered = sorted(range(len(wanted)), key=lambda i: wanted[i])
    assert all(places[b] - places[a] >= gap - small for a, b in pairwise(ordered))


def test_labels_that_are_far_apart_stay_where_they_are_wanted() -> None:
    assert spread_labels([50, 10, 90], gap=5, low=0, high=100) == [50, 10, 90]
    assert spread_labels([50, 50], gap=4, low=0, high=100) == [48, 52]
    assert spread_labels([99, 98], gap=4, low=0, high=100) == [100, 96]
