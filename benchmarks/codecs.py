"""What each codec and preset costs and saves, and what sharing work between rungs saves.

Three parts: `presets`, CPU time of each codec at each preset word and its BD-rate (VMAF at display size) against x264
at the same word; `decode`, all rungs in one ffmpeg that decodes once against an ffmpeg a rung; `cascade`, each rung
scaled from the next larger one against scaling from the source. Every encoder keeps to one thread. The runs of the
last two parts are made in turn, A B A B, with nothing beside them.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, replace
from fractions import Fraction
from pathlib import Path
from statistics import fmean
from typing import Any

import click
from rich.console import Console
from rich.table import Table

from benchmarks.cache import Cache, default_cache
from benchmarks.clips import Clip, find_film, open_clip, rungs_up_to
from benchmarks.differences import compare
from benchmarks.measuring import CORES, Encode, Measuring, Outcome, chunks_of, run_encodes, to_stderr
from benchmarks.report import make_report, median, package_versions, write_report
from benchmarks.speed import Pair, Trial, cascade_cost, cascade_quality, decode_once
from coders.coder import PRESETS
from coders.table import CODERS
from ladders.rung import FittedRung
from media.encoders import available_encoders
from media.ffmpeg import ffmpeg_version
from optimizer.grid import plan_grid
from values.errors import MatineeError, UsageError

PARTS = ("presets", "decode", "cascade")
ANCHOR = "h264"
_LADDER = "web-h264"
_CHUNK_S = Fraction(16)  # what each process encodes in the part on presets, so that there is work for all cores


def preset_rows(
    clip: Clip, size: tuple[int, int], codecs: Sequence[str], presets: Sequence[str], how: Measuring, *, crfs: int
) -> list[dict[str, Any]]:
    """Each codec at each preset: what it costs, and how it does against x264 at the same word."""
    chunks = chunks_of(clip, chunk_s=_CHUNK_S)
    encodes: dict[tuple[str, str], list[Encode]] = {}
    for codec in dict.fromkeys((ANCHOR, *codecs)):
        ((_, steps),) = plan_grid([size], clip.display_size, codec, crfs=crfs)
        rungs = [FittedRung(f"{codec}-{crf:g}", *size, crf, 0, 0, codec) for crf in steps]
        for preset in presets:
            encodes[codec, preset] = [Encode(rung, preset, chunks) for rung in rungs]
    flat = [encode for row in encodes.values() for encode in row]
    outcomes = run_encodes(clip, flat, replace(how, together=1), to_stderr("presets"))
    of = dict(zip(flat, outcomes, strict=True))
    return preset_table({key: [(e.rung.crf, of[e]) for e in row] for key, row in encodes.items()})


def preset_table(
    measured: Mapping[tuple[str, str], Sequence[tuple[float, Outcome]]],
) -> list[dict[str, Any]]:
    """The rows of the part on presets, from the outcome at each CRF of each codec and preset."""
    rows = []
    for (codec, preset), points in measured.items():
        anchor = measured[ANCHOR, preset]
        cost, peer = _cpu_per_minute(points), _cpu_per_minute(anchor)
        compared = compare([o.point for _, o in anchor], [o.point for _, o in points])
        rows.append(
            {
                "codec": codec,
                "preset": preset,
                "cpu_s_per_minute": round(cost, 3),
                "cpu_ratio": round(cost / peer, 4),
                **asdict(compared),
                "points": [
                    {"crf": crf, "bps": o.bps, "vmaf": o.vmaf, "encode_cpu_s": o.encode_cpu_s} for crf, o in points
                ],
            }
        )
    return rows


def _cpu_per_minute(points: Sequence[tuple[float, Outcome]]) -> float:
    """The mean over the CRFs of CPU seconds to decode, scale and encode a minute of the source."""
    return fmean(60 * o.encode_cpu_s / o.seconds for _, o in points)


def decode_part(trial: Trial) -> dict[str, Any]:
    """One decoding for all rungs against one a rung."""
    return _pairs(decode_once(trial))


def cascade_part(trial: Trial, *, every: int, crfs: int) -> dict[str, Any]:
    """Scaling in a cascade against scaling from the source: CPU time, and what it does to each rung."""
    sizes = [(r.width, r.height) for r in trial.rungs]
    grid = dict(plan_grid(sizes, trial.clip.display_size, ANCHOR, crfs=crfs))
    return {
        "scaling_alone": _pairs(cascade_cost(trial, encode=False)),
        "with_encoding": _pairs(cascade_cost(trial, encode=True)),
        "rungs": cascade_quality(trial, [grid[size] for size in sizes], every=every),
    }


def _pairs(pairs: Sequence[Pair]) -> dict[str, Any]:
    return {
        "cpu_ratio": median(p.cpu for p in pairs),
        "wall_ratio": median(p.wall for p in pairs),
        "pairs": [asdict(p) for p in pairs],
    }


def ratios_of(results: Mapping[str, Any]) -> dict[str, float]:
    """Ours by the peer's, from the parts that were run: CPU, wall time, and bits at equal VMAF."""
    found: dict[str, float] = {}
    for row in results.get("presets", ()):
        if row["codec"] != ANCHOR:
            name = f"{row['codec']} {row['preset']}"
            found[f"{name} cpu"] = row["cpu_ratio"]
            found |= _bits_ratio(name, row)
    if decode := results.get("decode"):
        found |= {"decode once cpu": decode["cpu_ratio"], "decode once wall": decode["wall_ratio"]}
    if cascade := results.get("cascade"):
        found["cascade scaling cpu"] = cascade["scaling_alone"]["cpu_ratio"]
        found["cascade cpu"] = cascade["with_encoding"]["cpu_ratio"]
        for row in cascade["rungs"]:
            found |= _bits_ratio(f"cascade {row['rung']}", row)
    return found


def _bits_ratio(name: str, row: Mapping[str, Any]) -> dict[str, float]:
    rate = row["bd_rate_percent"]
    return {} if rate is None else {f"{name} bits": round(1 + rate / 100, 6)}


def check_encoders(codecs: Sequence[str]) -> None:
    """Raise UsageError if ffmpeg lacks the encoder of one of these."""
    for codec in codecs:
        if CODERS[codec].encoder not in available_encoders():
            raise UsageError(f"this ffmpeg has no {CODERS[codec].encoder}", hint=f"Leave out --codec {codec}.")


@click.command(help=__doc__)
@click.option("--json", "out", type=click.Path(path_type=Path), help="Write the report here.")
@click.option("--clip", "place", help="A film, or the name of one of the test media (default: the long one).")
@click.option("--start", type=Fraction, default="0", show_default=True, help="Where the part starts, in seconds.")
@click.option("--seconds", type=Fraction, default="32", show_default=True, help="How long the part is.")
@click.option(
    "--codec", "codecs", multiple=True, default=tuple(CODERS), show_default=True, type=click.Choice(list(CODERS))
)
@click.option(
    "--preset", "presets", multiple=True, default=("veryfast", "fast"), show_default=True, type=click.Choice(PRESETS)
)
@click.option("--part", "parts", multiple=True, default=PARTS, show_default=True, type=click.Choice(PARTS))
@click.option("--max-height", default=540, show_default=True, help="Leave out taller rungs.")
@click.option("--crfs", default=4, show_default=True, help="Points of each curve.")
@click.option("--every", default=6, show_default=True, help="Measure every so manieth frame.")
@click.option("--rounds", default=3, show_default=True, help="Pairs of timed runs.")
@click.option("--workers", default=CORES, show_default=True)
@click.option("--cache", "folder", type=click.Path(path_type=Path), help="Keep and find results here.")
def main(
    out: Path | None,
    place: str | None,
    start: Fraction,
    seconds: Fraction,
    codecs: tuple[str, ...],
    presets: tuple[str, ...],
    parts: tuple[str, ...],
    max_height: int,
    crfs: int,
    every: int,
    rounds: int,
    workers: int,
    folder: Path | None,
) -> None:
    check_encoders((ANCHOR, *codecs) if "presets" in parts else (ANCHOR,))
    cache = Cache(folder) if folder else default_cache()
    clip = open_clip(place or find_film(), start_s=start, seconds=seconds)
    rungs = rungs_up_to(clip, _LADDER, max_height)
    trial = Trial(clip, rungs, presets[0], rounds, workers, cache)
    top = (rungs[-1].width, rungs[-1].height)
    how = Measuring(cache, every, workers=workers)
    work: dict[str, Callable[[], Any]] = {
        "presets": lambda: preset_rows(clip, top, codecs, presets, how, crfs=crfs),
        "decode": lambda: decode_part(trial),
        "cascade": lambda: cascade_part(trial, every=every, crfs=crfs),
    }
    results = {part: work[part]() for part in PARTS if part in parts}
    report = make_report(
        "codecs",
        seed=None,
        versions={**package_versions(("av", "ffmpeg-python")), "ffmpeg": ffmpeg_version()},
        settings={
            "clip": clip.name, "size": top, "rungs": [r.name for r in rungs], "shared_preset": presets[0],
            "crfs": crfs, "every": every, "rounds": rounds, "workers": workers,
        },
        results=results,
        ratios=ratios_of(results),
    )  # fmt: skip
    _show(results)
    if out:
        write_report(out, report)


def _show(results: Mapping[str, Any]) -> None:
    console = Console()
    if rows := results.get("presets"):
        table = _table("codec", "preset", "CPU s a minute", "CPU / x264", "BD-rate %", "BD-VMAF")
        for r in rows:
            table.add_row(
                r["codec"], r["preset"], f"{r['cpu_s_per_minute']:.1f}", f"{r['cpu_ratio']:.2f}",
                _signed(r["bd_rate_percent"], r["why"]), _signed(r["bd_vmaf"], ""),
            )  # fmt: skip
        console.print(table)
    if decode := results.get("decode"):
        click.echo(f"decode once / a process a rung: CPU {decode['cpu_ratio']:.3f}, wall {decode['wall_ratio']:.3f}")
    if cascade := results.get("cascade"):
        alone, whole = cascade["scaling_alone"]["cpu_ratio"], cascade["with_encoding"]["cpu_ratio"]
        click.echo(f"cascade / from the source: CPU of decoding and scaling {alone:.3f}, with encoding {whole:.3f}")
        table = _table("cascaded rung", "", "BD-rate %", "BD-VMAF", "VMAF at equal CRF", "bits % at equal CRF")
        for r in cascade["rungs"]:
            table.add_row(
                r["rung"], f"{r['width']}x{r['height']}", _signed(r["bd_rate_percent"], r["why"]),
                _signed(r["bd_vmaf"], ""), _span(p["vmaf_change"] for p in r["points"]),
                _span(p["bps_percent"] for p in r["points"]),
            )  # fmt: skip
        console.print(table)


def _table(*names: str) -> Table:
    table = Table(box=None, pad_edge=False)
    for i, name in enumerate(names):
        table.add_column(name, justify="left" if i < 2 else "right")
    return table


def _signed(value: float | None, why: str) -> str:
    return why if value is None else f"{value:+.2f}"


def _span(values: Iterable[float]) -> str:
    """The least and the most of some differences."""
    found = list(values)
    return f"{min(found):+.2f} to {max(found):+.2f}"


if __name__ == "__main__":
    try:
        main()
    except MatineeError as error:
        sys.exit(f"error: {error}")
