"""What chunking costs: bits and VMAF of encodes in chunks against one continuous encode, as curves over chunk length.

Both have the same grid of segments, with an IDR at each, and the same settings; the continuous one is a single chunk.
Two curves of bit rate and VMAF (at display size) are compared for each clip and codec: `uncapped` is the largest rung's
size over several CRFs, `capped` the rungs of a built-in ladder with their own CRFs and caps.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.table import Table

from benchmarks.cache import Cache, default_cache
from benchmarks.chunk_costs import LIMIT_PERCENT, Cost, chunk_lines, cost_of, defaults
from benchmarks.clips import Clip, find_film, open_clip, rungs_up_to
from benchmarks.differences import Difference
from benchmarks.measuring import CORES, Encode, Measuring, Outcome, chunks_of, run_encodes, to_stderr
from benchmarks.report import make_report, package_versions, write_report
from chunker.plan import Chunk, segment_length, segments_per_chunk
from coders.coder import PRESETS
from coders.table import CODERS
from ladders.rung import FittedRung
from media.ffmpeg import ffmpeg_version
from onboarding.film import plan_cuts
from onboarding.settings import OnboardSettings
from optimizer.grid import plan_grid
from reports.benchmarks import chunk_page
from values.errors import MatineeError, UsageError

LENGTHS_S = (4, 8, 16, 32, 64)
LADDERS = {"h264": "web-h264", "hevc": "apple-hevc", "vp9": "vp9", "av1": "av1"}
_MANY_WORKERS = 10_000  # so many that the planner makes chunks as short as it ever does


def plans(clip: Clip, lengths_s: Sequence[float]) -> dict[float, tuple[Chunk, ...]]:
    """The clip in chunks of each length (seconds) that cuts it at all, by the length they came out with."""
    found: dict[float, tuple[Chunk, ...]] = {}
    for length in sorted(lengths_s):
        chunks = chunks_of(clip, chunk_s=Fraction(length))
        if len(chunks) > 1:
            found.setdefault(float(chunks[0].frames / clip.rate), chunks)
    return found


def default_length_s(clip: Clip, workers: int) -> float:
    """The length of chunks, in seconds, into which matinee cuts the whole film for so many workers."""
    timing = replace(clip.inspection.timing, frames=clip.film_frames)
    return float(plan_cuts(OnboardSettings(clip.path, workers=workers), timing).chunks[0].frames / timing.rate)


def shortest_length_s(clip: Clip) -> float:
    """The length of the shortest chunks, in seconds, that matinee cuts a film into: with workers without end."""
    segment = segment_length(clip.rate, OnboardSettings(clip.path).segment_s)
    count = segments_per_chunk(clip.film_frames, clip.rate, segment, workers=_MANY_WORKERS, target_s=None)
    return float(count * segment / clip.rate)


def curves(clip: Clip, codec: str, *, max_height: int, crfs: int) -> dict[str, tuple[FittedRung, ...]]:
    """The rungs of both curves, none of them taller than `max_height` (pixels, the shorter side).

    Raises UsageError where no rung is so small.
    """
    rungs = rungs_up_to(clip, LADDERS[codec], max_height)
    top = rungs[-1]
    ((_, steps),) = plan_grid([(top.width, top.height)], clip.display_size, codec, crfs=crfs)
    free = replace(top, max_bps=0, buffer_bits=0)
    return {"uncapped": tuple(replace(free, crf=crf) for crf in steps), "capped": rungs}


def measure_chunking(
    clip: Clip, codec: str, preset: str, lengths_s: Sequence[float], how: Measuring, *, max_height: int, crfs: int
) -> dict[str, tuple[Cost, ...]]:
    """The cost of each length of chunks, shortest first, on both curves. Raises EncodeError, UsageError."""
    lines = curves(clip, codec, max_height=max_height, crfs=crfs)
    cut = plans(clip, lengths_s)
    if not cut:
        raise UsageError(
            f"it lasts {float(clip.duration):g} s: no chunk is shorter", where=clip.name, hint="Raise --seconds."
        )
    ways = (chunks_of(clip), *cut.values())
    encodes = [Encode(rung, preset, chunks) for rungs in lines.values() for rung in rungs for chunks in ways]
    outcomes = run_encodes(clip, encodes, how, to_stderr(f"{clip.name} {codec}"))
    of = dict(zip(encodes, outcomes, strict=True))
    return {
        curve: tuple(
            cost_of(
                length,
                len(chunks),
                [_difference(r, of[Encode(r, preset, chunks)], of[Encode(r, preset, ways[0])]) for r in rungs],
            )
            for length, chunks in cut.items()
        )
        for curve, rungs in lines.items()
    }


def _difference(rung: FittedRung, cut: Outcome, whole: Outcome) -> Difference:
    (bps, vmaf), (anchor_bps, anchor_vmaf) = cut.point, whole.point
    return Difference(rung.name, rung.crf, rung.max_bps, bps, vmaf, anchor_bps, anchor_vmaf, cut.tries)


@click.command(help=__doc__)
@click.option("--json", "out", type=click.Path(path_type=Path), help="Write the report here.")
@click.option("--html", "page", type=click.Path(path_type=Path), help="Write the plot here.")
@click.option(
    "--clip", "clips", multiple=True, help="A film, or the name of one of the test media (default: the long one)."
)
@click.option(
    "--start", type=Fraction, default="0", show_default=True, help="Where in the film the part starts, in seconds."
)
@click.option("--seconds", type=Fraction, default="128", show_default=True, help="How long the part is.")
@click.option("--codec", "codecs", multiple=True, default=("h264",), show_default=True, type=click.Choice(list(CODERS)))
@click.option("--preset", default="veryfast", show_default=True, type=click.Choice(PRESETS))
@click.option("--chunk", "lengths", multiple=True, type=float, default=LENGTHS_S, show_default=True, help="In seconds.")
@click.option("--max-height", default=540, show_default=True, help="Leave out taller rungs.")
@click.option("--crfs", default=5, show_default=True, help="Points of the uncapped curve.")
@click.option("--every", default=6, show_default=True, help="Measure every so manieth frame.")
@click.option("--workers", default=CORES, show_default=True)
@click.option("--cache", "folder", type=click.Path(path_type=Path), help="Keep and find results here.")
def main(
    out: Path | None,
    page: Path | None,
    clips: tuple[str, ...],
    start: Fraction,
    seconds: Fraction,
    codecs: tuple[str, ...],
    preset: str,
    lengths: tuple[float, ...],
    max_height: int,
    crfs: int,
    every: int,
    workers: int,
    folder: Path | None,
) -> None:
    how = Measuring(Cache(folder) if folder else default_cache(), every, workers=workers)
    rows: list[dict[str, Any]] = []
    for place in clips or (find_film(),):
        clip = open_clip(place, start_s=start, seconds=seconds)
        default_s, shortest_s = default_length_s(clip, workers), shortest_length_s(clip)
        for codec in codecs:
            wanted = (*lengths, default_s, shortest_s)
            found = measure_chunking(clip, codec, preset, wanted, how, max_height=max_height, crfs=crfs)
            rows += [
                {"clip": clip.name, "codec": codec, "curve": curve, "default_s": default_s, "shortest_s": shortest_s,
                 "costs": [cost.row() for cost in costs]}
                for curve, costs in found.items()
            ]  # fmt: skip
    settings = {"preset": preset, "max_height": max_height, "crfs": crfs, "every": every, "workers": workers}
    report = make_report(
        "chunking",
        seed=None,
        versions={**package_versions(("av", "ffmpeg-python")), "ffmpeg": ffmpeg_version()},
        settings=settings,
        results={"curves": rows, "limit_percent": LIMIT_PERCENT, "defaults": defaults(rows)},
        ratios={
            f"{r['clip']} {r['codec']} {r['curve']} {cost['chunk_s']:g} s": round(1 + cost["bd_rate_percent"] / 100, 6)
            for r in rows
            for cost in r["costs"]
            if cost["bd_rate_percent"] is not None
        },
    )
    _show(report)
    if out:
        write_report(out, report)
    if page:
        plot = chunk_page("The cost of chunking", chunk_lines(report), limit=LIMIT_PERCENT)
        page.write_text(plot, encoding="utf-8")


def _show(report: dict[str, Any]) -> None:
    table = Table(box=None, pad_edge=False)
    for name in ("clip", "codec", "curve", "chunk s", "chunks", "BD-rate %", "bits %", "VMAF", "tries"):
        table.add_column(name, justify="left" if name in ("clip", "codec", "curve") else "right")
    for row in report["results"]["curves"]:
        for cost in row["costs"]:
            points, rate = cost["points"], cost["bd_rate_percent"]
            table.add_row(
                row["clip"], row["codec"], row["curve"], f"{cost['chunk_s']:g}", f"{cost['chunks']}",
                cost["why"] if rate is None else f"{rate:+.2f}",
                _span([p["bps_percent"] for p in points]), _span([p["vmaf_change"] for p in points]),
                str(sum(p["tries"] for p in points)),
            )  # fmt: skip
    Console().print(table)
    for d in report["results"]["defaults"]:
        rate = "not measured" if d["bd_rate_percent"] is None else f"{d['bd_rate_percent']:+.2f} %"
        limit = {None: "", True: f", within {LIMIT_PERCENT} %", False: f", over {LIMIT_PERCENT} %"}[d["within"]]
        click.echo(f"{d['clip']} {d['codec']} {d['curve']}: {d['planned']} chunks of {d['chunk_s']:g} s: {rate}{limit}")


def _span(values: Sequence[float]) -> str:
    """The least and the most of some differences."""
    return f"{min(values):+.2f} to {max(values):+.2f}"


if __name__ == "__main__":
    try:
        main()
    except MatineeError as error:
        sys.exit(f"error: {error}")
