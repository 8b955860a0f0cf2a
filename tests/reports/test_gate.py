"""The page of the quality gate: whole, self-contained, with pictures, for long films and for one frame."""

from __future__ import annotations

import re
from dataclasses import replace
from fractions import Fraction
from html.parser import HTMLParser

from gate.finding import Finding, ordered
from gate.report import Curve, GateReport, TrackSummary
from reports.gate import gate_report


def finding(kind: str, severity: str, start: float, stop: float, text: str = "Something is here.") -> Finding:
    return Finding(
        kind, severity, Fraction(start), Fraction(stop), text, {"longest_s": 1.5, "frames": 1200},
        thumbnail=b"\xff\xd8picture",
    )  # type: ignore[arg-type]  # fmt: skip


def report(*found: Finding, duration: int = 600) -> GateReport:
    luma = Curve(Fraction(1), tuple(float(i % 200) for i in range(duration)))
    loud = Curve(Fraction(1), tuple(None if i % 50 == 0 else -20.0 - i % 9 for i in range(duration)))
    return GateReport(
        "talk.mp4", Fraction(duration), 25 * duration, Fraction(25), ordered(found), luma,
        (TrackSummary(1, "eng", -23.1, -1.2, loud), TrackSummary(2, "und", None, None, Curve(Fraction(1), (None,)))),
        12, 34.5,
    )  # fmt: skip


class Balance(HTMLParser):
    """Counts open elements, and what the page would load."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.loads: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.loads += [v or "" for k, v in attrs if k in ("src", "href") and not (v or "").startswith(("data:", "#"))]
        if tag not in ("meta", "img", "br", "link", "hr"):
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """An element that is closed at once."""

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_a_page_holds_all_it_shows() -> None:
    page = gate_report(report(finding("black", "error", 0, 300), finding("gap", "warning", 599.9, 600)))
    balance = Balance()
    balance.feed(page)
    assert balance.open == []
    assert balance.loads == []
    assert page.count('<img src="data:image/jpeg;base64,/9hwaWN0dXJl"') == 2
    assert "1 error, 1 warning, 0 notes. 0:10:00.000 of film, 15,000 pictures at 25 a second" in page


def test_findings_are_rows_worst_first_with_their_numbers() -> None:
    page = gate_report(report(finding("bars", "info", 0, 600), finding("black", "error", 10, 20, "<Black> here.")))
    rows = re.findall(r"<tr><td>.*?</tr>", page)
    assert [re.sub(r"<[^>]+>", "|", row).count("Error: Black") for row in rows] == [1, 0]
    assert "&lt;Black&gt; here." in rows[0]
    assert "longest 1.5 s, frames 1,200" in rows[0]
    assert "0:00:10.000 –<br>0:00:20.000" in rows[0]


def test_each_kind_has_a_lane_and_curves_have_axes() -> None:
    page = gate_report(report(finding("bars", "info", 0, 600), finding("silence", "warning", 1, 5)))
    drawing = page[page.index("<svg") : page.index("</svg>")]
    for word in ("Bars", "Silence", "Luma", "Loudness (LUFS)", "Time in the film (min:s)"):
        assert f">{word}<" in drawing
    assert ">Black<" not in drawing


def test_a_film_of_one_frame_and_one_without_findings_have_pages() -> None:
    one = replace(report(), duration=Fraction(1, 25), frames=1, luma=Curve(Fraction(1, 25), (90.0,)), sounds=())
    page = gate_report(one)
    assert "Nothing found" in page
    assert "Loudness" not in page
    assert "Nothing found" in gate_report(report())
