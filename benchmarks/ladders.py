"""Bits at equal VMAF: per-title ladders against fixed ones, per-shot against per-title, and codecs against H.264.

Every rung of every ladder is encoded over the whole clip and measured (VMAF at display size); what is compared are the
Bjøntegaard deltas of the ladders' curves, clip by clip. What the searches cost is stated with them.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.table import Table

from benchmarks.cache import Cache, default_cache
from benchmarks.clips import find_film, open_clip
from benchmarks.differences import Compared, compare
from benchmarks.ladder_ways import FIXED, ClipWays, Rendered, measure_ways
from benchmarks.measuring import CORES, Measuring
from benchmarks.report import make_report, package_versions, write_report
from coders.coder import PRESETS
from coders.table import CODERS
from media.ffmpeg import ffmpeg_version
from reports.benchmarks import ClipCurves, RateLine, rd_page
from values.errors import MatineeError


def curve(rungs: Sequence[Rendered]) -> list[tuple[float, float]]:
    """The rungs as a curve of (bits per second, VMAF): those that a player would climb, from the fewest bits up, each
    better than all below it."""
    kept: list[tuple[float, float]] = []
    for rung in sorted(rungs, key=lambda r: (r.bps, -r.vmaf)):
        if not kept or rung.vmaf > kept[-1][1]:
            kept.append((rung.bps, rung.vmaf))
    return kept


def compared(ways: ClipWays) -> dict[str, Compared]:
    """Per-title against fixed, per-shot against per-title, and per-shot against fixed."""
    fixed, title, shots = curve(ways.fixed), curve(ways.title), curve(ways.shots)
    return {
        "title_vs_fixed": compare(fixed, title),
        "shots_vs_title": compare(title, shots),
        "shots_vs_fixed": compare(fixed, shots),
    }


def against_h264(found: Sequence[ClipWays]) -> list[dict[str, Any]]:
    """Each codec's per-title ladder against H.264's of the same clip and preset word, with the CPU time per pixel."""
    base = {(w.clip, w.preset): w for w in found if w.codec == "h264"}
    rows = []
    for ways in found:
        h264 = base.get((ways.clip, ways.preset))
        if h264 is None or ways.codec == "h264":
            continue
        rate = compare(curve(h264.title), curve(ways.title))
        cpu = (ways.title_cpu_s / ways.pixels) / (h264.title_cpu_s / h264.pixels)
        rows.append({"clip": ways.clip, "codec": ways.codec, "preset": ways.preset,
                     "bd_rate_percent": rate.bd_rate_percent, "why": rate.why, "cpu_per_pixel": cpu})  # fmt: skip
    return rows


@click.command(help=__doc__)
@click.option("--json", "out", type=click.Path(path_type=Path), help="Write the report here.")
@click.option("--html", "page", type=click.Path(path_type=Path), help="Write the plots here.")
@click.option(
    "--clip", "places", multiple=True, metavar="CLIP[@START+SECONDS]",
    help="A film, or the name of one of the test media, or a part of it (default: the long film's first minute).",
)  # fmt: skip
@click.option("--codec", "codecs", multiple=True, default=("h264",), show_default=True, type=click.Choice(list(CODERS)))
@click.option("--preset", default="fast", show_default=True, type=click.Choice(PRESETS))
@click.option("--shots-share", default=1.0, show_default=True, help="What rungs and shots may cost to find.")
@click.option("--every", default=6, show_default=True, help="Measure every so manieth frame.")
@click.option("--workers", default=CORES, show_default=True)
@click.option("--cache", "folder", type=click.Path(path_type=Path), help="Keep and find results here.")
def main(
    out: Path | None,
    page: Path | None,
    places: tuple[str, ...],
    codecs: tuple[str, ...],
    preset: str,
    shots_share: float,
    every: int,
    workers: int,
    folder: Path | None,
) -> None:
    how = Measuring(Cache(folder) if folder else default_cache(), every, workers=workers)
    found: list[ClipWays] = []
    for place in places or (f"{find_film()}@0+60",):
        name, _, part = place.partition("@")
        start, _, seconds = part.partition("+")
        clip = open_clip(name, start_s=Fraction(start or 0), seconds=Fraction(seconds) if seconds else None)
        for codec in codecs:
            found.append(measure_ways(clip, codec, preset, how, shots_share=shots_share, workers=workers))
            _show(found[-1:])
    _show(found)
    report = make_report(
        "ladders",
        seed=None,
        versions={**package_versions(("av", "ffmpeg-python", "ray")), "ffmpeg": ffmpeg_version()},
        settings={"preset": preset, "shots_share": shots_share, "every": every, "workers": workers, "fixed": FIXED},
        results={
            "clips": [w.row() | {k: _row(c) for k, c in compared(w).items()} for w in found],
            "codecs": against_h264(found),
        },
        ratios={f"{k} {codec}": r for codec in codecs for k, r in _means(found, codec).items()},
    )
    if out:
        write_report(out, report)
    if page:
        page.write_text(rd_page("Ladders: fixed, per title, per shot", [_plot(w) for w in found]), encoding="utf-8")


def _plot(ways: ClipWays) -> ClipCurves:
    rates = compared(ways)
    return ClipCurves(ways.clip, ways.codec, (
        RateLine("fixed", _kbps(ways.fixed)),
        RateLine("per title", _kbps(ways.title), "fixed", rates["title_vs_fixed"].bd_rate_percent),
        RateLine("per shot", _kbps(ways.shots), "per title", rates["shots_vs_title"].bd_rate_percent),
    ))  # fmt: skip


def _kbps(rungs: Sequence[Rendered]) -> tuple[tuple[float, float], ...]:
    return tuple((bps / 1000, vmaf) for bps, vmaf in curve(rungs))


def _row(found: Compared) -> dict[str, Any]:
    return {"bd_rate_percent": found.bd_rate_percent, "bd_vmaf": found.bd_vmaf, "why": found.why}


def _means(found: Sequence[ClipWays], codec: str) -> dict[str, float]:
    """The mean over clips of the bits at equal VMAF, ours by the rival's; the clips' own figures are in the results."""
    out = {}
    for name in ("title_vs_fixed", "shots_vs_title", "shots_vs_fixed"):
        rates = [compared(w)[name].bd_rate_percent for w in found if w.codec == codec]
        known = [r for r in rates if r is not None]
        if known:
            out[name] = round(1 + sum(known) / len(known) / 100, 4)
    return out


def _show(found: Sequence[ClipWays]) -> None:
    table = Table(box=None, pad_edge=False)
    for name in ("clip", "codec", "title vs fixed", "shots vs title", "shots vs fixed", "search", "with shots", "cuts"):
        table.add_column(name, justify="left" if name in ("clip", "codec") else "right")
    for ways in found:
        rates = [c.why if c.bd_rate_percent is None else f"{c.bd_rate_percent:+.1f} %" for c in compared(ways).values()]
        table.add_row(
            ways.clip, ways.codec, *rates, f"{ways.search_share:.0%} of {ways.share_allowed:.0%}",
            f"{ways.shots_share:.0%} of {ways.shots_share_allowed:.0%}", str(ways.cuts),
        )  # fmt: skip
    Console(width=160).print(table)
    for row in against_h264(found):
        rate = row["why"] if row["bd_rate_percent"] is None else f"{row['bd_rate_percent']:+.1f} %"
        click.echo(f"{row['clip']} {row['codec']} against H.264: {rate} at {row['cpu_per_pixel']:.1f} times the CPU")


if __name__ == "__main__":
    try:
        main()
    except MatineeError as error:
        sys.exit(f"error: {error}")
