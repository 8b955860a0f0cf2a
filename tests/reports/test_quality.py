"""The report of a title's quality."""

from __future__ import annotations

import re
from fractions import Fraction

from onboarding.quality import TitleQuality, title_quality
from quality.scores import FrameScores
from reports.quality import quality_report, vmaf_over_time
from storage.memory import MemoryStore
from tests.quality.titles import store_title
from tests.reports.test_page import read


def made(every: int = 1, name: str = "Big Buck Bunny", frames: int = 2400) -> TitleQuality:
    """Two H.264 renditions and an HEVC one: steady, but for a second of mud from 50 s on."""
    store = MemoryStore()

    def scores(level: float) -> FrameScores:
        values = [level + n % 5 / 10 - (30 if 1200 <= n < 1224 else 0) for n in range(0, frames, every)]
        return FrameScores(0, every, tuple(round(v, 6) for v in values))

    store_title(
        store, {"360p": scores(60), "720p": scores(90), "720p-hevc": scores(95)}, name=name, frames=frames
    )  # fmt: skip
    return title_quality(store, "bbb")


def test_every_rendition_has_its_row_with_all_statistics() -> None:
    found = made()
    words = read(quality_report(found))
    r = found.renditions[1]
    start = words.index("720p", words.index("Worst 10 s"))
    assert words[start : start + 10] == [
        "720p", "avc1.64001f", "1280 × 720", "1,800 kbit/s", f"{r.quality.mean:.2f}", f"{r.quality.harmonic_mean:.2f}",
        f"{r.quality.p1:.2f}", f"{r.quality.p5:.2f}", f"{r.quality.worst_ten_s:.2f}",
        f"0:00:{r.quality.worst_at_s:06.3f}",
    ]  # fmt: skip
    assert 41 <= Fraction(r.quality.worst_at_s) <= 50


def test_the_page_says_what_was_measured_and_how() -> None:
    assert (
        "0:01:40.000 of film at 24 frames a second. VMAF of every frame, with the film as reference, at 1280 × 720"
        in (quality_report(made()))
    )
    assert "VMAF of one frame in 4," in quality_report(made(every=4))


def test_codecs_have_panels_and_renditions_have_named_lines_and_bands() -> None:
    svg = vmaf_over_time(made())
    texts = re.findall(r">([^<>]+)</text>", svg)
    assert texts.count("VMAF (0 to 100)") == 2
    assert {"H.264", "HEVC", "360p", "720p", "720p-hevc", "Time in the film (min:s)", "1:40"} <= set(texts)
    bands = re.findall(r'style="fill: var\(--(series-\d)\); opacity: 0.05"', svg)
    assert bands == ["series-1", "series-8", "series-6"]


def test_the_plot_shows_the_mud_where_it_is() -> None:
    """The lowest point of 720p's line lies half-way through the film, far below the rest of it."""
    svg = vmaf_over_time(made())
    (line,) = re.findall(r'd="([^"]+)"[^>]*style="fill: none; stroke: var\(--series-8\); stroke-width: 1.6', svg)
    points = [(float(x), float(y)) for x, y in re.findall(r"[ML] ([\d.]+) ([\d.]+)", line)]
    left, right = points[0][0], points[-1][0]
    x, y = max(points, key=lambda p: p[1])
    assert 0.49 < (x - left) / (right - left) < 0.52
    assert y > max(p[1] for p in points if abs(p[0] - x) > (right - left) / 50) + 50


def test_a_long_film_is_drawn_in_few_points_and_a_hostile_name_does_no_harm() -> None:
    html = quality_report(made(frames=24 * 1800, name="<script>alert(1)</script> $x^2$"))
    assert len(html) < 250_000
    assert "<script" not in html
    assert "Quality of <script>alert(1)</script> $x^2$" in read(html)


def test_a_film_of_one_frame_has_a_report_too() -> None:
    assert "720p-hevc" in read(quality_report(made(frames=1)))
