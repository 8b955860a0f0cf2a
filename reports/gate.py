"""What the quality gate found: a timeline of findings with luma and loudness, and a table with pictures. Pure."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from html import escape

from matplotlib.axes import Axes
from matplotlib.ticker import FixedLocator, MultipleLocator

from gate.finding import KINDS, Finding, Severity
from gate.report import Curve, GateReport, TrackSummary
from reports.page import figure, page, paragraph, section, table
from reports.svg import INK, QUIET, SERIES, TEXT, inline_svg, new_figure, plain_axes, time_axis
from values.clock import clock_text

_WIDTH, _LANE, _LUMA, _LOUD, _FOOT = 1000, 27, 120, 130, 60  # pixels
_LEAST_WIDTH = 0.004  # of the film: what a bar shows as at least
_COLOURS: dict[Severity, str] = {"error": SERIES[0], "warning": SERIES[2], "info": SERIES[5]}
_SWATCHES: dict[Severity, str] = {"error": "series-1", "warning": "series-3", "info": "series-6"}
_NAMES: dict[Severity, tuple[str, str]] = {
    "error": ("error", "errors"), "warning": ("warning", "warnings"), "info": ("note", "notes"),
}  # fmt: skip

_CAPTION = (
    "Each lane is a kind of finding: red bars are errors, yellow ones warnings, blue ones notes. Short ones are drawn "
    "wider than they are. Luma is each picture's average (16 is black, 235 white), loudness that of 400 ms."
)
_UNITS = {"s": "s", "percent": "%", "lufs": "LUFS", "dbtp": "dBTP", "dbfs": "dBFS", "fps": "fps"}
_STYLE = """<style>
h1 { overflow-wrap: anywhere; }
.findings td, .findings th { white-space: normal; vertical-align: top; }
.findings td:nth-child(1) { width: 9rem; }
.findings td:nth-child(2) { width: 12rem; }
.findings img { display: block; width: 8rem; height: auto; max-height: 8rem; object-fit: contain; border-radius: 6px; }
.findings .time { font-weight: 600; white-space: nowrap; }
.findings .kind { color: var(--quiet); font-size: 0.9rem; margin-top: 0.15rem; white-space: nowrap; }
.findings .numbers { color: var(--quiet); font-size: 0.85rem; margin-top: 0.3rem; overflow-wrap: anywhere; }
@media (max-width: 40rem) {
  .findings thead { display: none; }
  .findings tr { display: grid; grid-template-columns: 6.5rem 1fr; column-gap: 0.9rem; padding: 0.8rem 0;
    border-bottom: 1px solid var(--rule); }
  .findings td { display: block; width: auto !important; padding: 0; border: 0; }
  .findings td:nth-child(3) { grid-column: 1 / -1; padding-top: 0.5rem; }
  .findings img { width: 6.5rem; }
}
</style>"""


def gate_report(found: GateReport) -> str:
    """The page that `matinee qc --html` writes."""
    blocks = [section("Timeline", figure(timeline(found), caption=_CAPTION))]
    heading = "Findings" if found.findings else "Nothing found"
    body = _findings(found.findings) if found.findings else paragraph("No check found anything to tell.")
    blocks.append(section(heading, body))
    if found.sounds:
        blocks.append(section("Sound", _sounds(found.sounds)))
    return page(f"Quality gate: {found.name}", *blocks, lead=_lead(found))


def _lead(found: GateReport) -> str:
    counts = ", ".join(f"{found.counts[s]} {names[found.counts[s] != 1]}" for s, names in _NAMES.items())
    rate = f"{float(found.rate):.5g}".rstrip("0").rstrip(".") if found.rate.denominator != 1 else str(found.rate)
    return (
        f"{counts}. {clock_text(found.duration)} of film, {found.frames:,} pictures at {rate} a second, all of them "
        f"looked at in {found.chunks} chunk{'s' if found.chunks > 1 else ''} ({found.cpu_s:,.1f} s of CPU time)."
    )


def timeline(found: GateReport) -> str:
    """Lanes of findings over the film's time, with average luma and momentary loudness under them, as inline SVG."""
    kinds = [k for k in KINDS if any(f.kind == k for f in found.findings)]
    loud = [s for s in found.sounds if any(v is not None for v in s.loudness.values)]
    heights = [max(1, len(kinds)) * _LANE + 14, _LUMA, *([_LOUD] if loud else [])]
    drawing = new_figure(_WIDTH, sum(heights) + _FOOT)
    panels: list[Axes] = list(
        drawing.subplots(len(heights), 1, sharex=True, squeeze=False, gridspec_kw={"height_ratios": heights})[:, 0]
    )
    duration = max(float(found.duration), 0.001)
    _lanes(panels[0], found.findings, kinds, duration)
    plain_axes(panels[1], y="Luma")
    _curve(panels[1], found.luma, INK, duration)
    panels[1].set_ylim(0, 255)
    panels[1].yaxis.set_major_locator(FixedLocator([16, 126, 235]))
    if loud:
        _loudness(panels[2], loud, duration)
    time_axis(panels[-1], duration)
    label = f"{len(found.findings)} findings over the time of {found.name}, with luma and loudness"
    return inline_svg(drawing, name="gate", label=label)


def _lanes(axes: Axes, findings: Sequence[Finding], kinds: Sequence[str], duration: float) -> None:
    plain_axes(axes)
    axes.grid(False)
    axes.set_ylim(max(1, len(kinds)) - 0.4, -0.6)
    axes.set_yticks(range(len(kinds)), [KINDS[k] for k in kinds])
    axes.tick_params(axis="y", colors=INK, pad=8)
    axes.spines["bottom"].set_visible(False)
    axes.tick_params(axis="x", length=0)
    for lane in range(len(kinds)):
        axes.axhline(lane, color=QUIET, linewidth=0.5, alpha=0.35, zorder=0)
    for f in reversed(findings):  # the worst on top
        width = max(float(f.duration), _LEAST_WIDTH * duration)
        start = min(max(float(f.start), 0.0), duration - width)
        height = 0.22 if f.severity == "info" else 0.5
        axes.broken_barh(
            [(start, width)], (kinds.index(f.kind) - height / 2, height), facecolors=_COLOURS[f.severity], linewidth=0
        )


def _curve(axes: Axes, curve: Curve, colour: str, duration: float) -> None:
    """A curve, broken where it has no value, each value at the middle of its span."""
    step = float(curve.step)
    times = [min((i + 0.5) * step, duration) for i in range(len(curve.values))]
    values = [float("nan") if v is None else v for v in curve.values]
    marker = "o" if len(values) == 1 else ""
    axes.plot(times, values, color=colour, linewidth=1.3, marker=marker, markersize=3)


def _loudness(axes: Axes, sounds: Sequence[TrackSummary], duration: float) -> None:
    plain_axes(axes, y="Loudness (LUFS)")
    axes.set_ylim(-60, 0)
    axes.yaxis.set_major_locator(MultipleLocator(20))
    axes.axhline(-23, color=SERIES[5], linewidth=1, linestyle=(0, (4, 3)))
    axes.annotate(
        "−23", (duration, -23), xytext=(6, 0), textcoords="offset points", va="center", color=SERIES[5], fontsize=TEXT,
        annotation_clip=False,
    )  # fmt: skip
    colours = [SERIES[4], SERIES[6], SERIES[3], SERIES[7]]
    for i, sound in enumerate(sounds):
        _curve(axes, sound.loudness, colours[i % len(colours)], duration)


def _findings(findings: Sequence[Finding]) -> str:
    """The table of findings; on a narrow screen each becomes a card."""
    rows = "\n".join(_row(f) for f in findings)
    head = '<thead><tr><th scope="col">Picture</th><th scope="col">When</th><th scope="col">What</th></tr></thead>'
    return f'{_STYLE}\n<table class="findings">\n{head}\n<tbody>\n{rows}\n</tbody>\n</table>'


def _row(f: Finding) -> str:
    data = base64.b64encode(f.thumbnail).decode()
    alt = f"The picture at {clock_text((f.start + f.stop) / 2)}"
    picture = f'<img src="data:image/jpeg;base64,{data}" alt="{alt}">' if data else ""
    swatch = f'<i class="swatch" style="background: var(--{_SWATCHES[f.severity]})"></i>'
    kind = f"{swatch}{_NAMES[f.severity][0].capitalize()}: {escape(KINDS[f.kind])}"
    numbers = ", ".join(_number(name, value) for name, value in f.measured.items())
    when = clock_text(f.start) if f.start == f.stop else f"{clock_text(f.start)} –<br>{clock_text(f.stop)}"
    return (
        f'<tr><td>{picture}</td><td><div class="time">{when}</div><div class="kind">{kind}</div></td>'
        f'<td>{escape(f.text)}<div class="numbers">{escape(numbers)}</div></td></tr>'
    )


def _number(name: str, value: float | int | str) -> str:
    """A measured value with its unit, which its name ends in: ``longest_s`` is ``longest 1.52 s``."""
    head, _, tail = name.rpartition("_")
    words, unit = (head, f" {_UNITS[tail]}") if head and tail in _UNITS else (name, "")
    shown = f"{value:,}" if isinstance(value, int) else str(value)
    return f"{words.replace('_', ' ')} {shown}{unit}"


def _sounds(sounds: Sequence[TrackSummary]) -> str:
    rows = []
    for number, s in enumerate(sounds, 1):
        language = "not declared" if s.language == "und" else s.language
        lufs = "silent" if s.lufs is None else f"{s.lufs:.1f} LUFS"
        rows.append((str(number), language, lufs, "" if s.true_peak_dbtp is None else f"{s.true_peak_dbtp:.1f} dBTP"))
    words = "Integrated loudness by ITU-R BS.1770-4, true peak of all channels before any gain."
    return table(("Track", "Language", "Loudness>", "True peak>"), rows) + paragraph(words)
