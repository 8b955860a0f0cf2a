"""Whole onboardings against one plain ffmpeg process that decodes once and encodes the same ladder.

Both start from the same file and run in turn, A B A B. The plain process makes fragmented MP4 files with the same
rungs, quality, caps, keyframes, filters and audio, with ffmpeg's own threading. An onboarding is all of it: starting
Ray, copying and fingerprinting the master, inspection, encoding, checks, packaging and publication into an empty
folder.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from dataclasses import asdict
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import click
import ffmpeg
from rich.console import Console
from rich.table import Table

from benchmarks.report import make_report, median, package_versions, write_report
from benchmarks.tree import Cost, measure
from chunker.plan import segment_length
from coders.coder import Coding
from coders.table import CODERS
from encoder.argv import FRAGMENTS
from encoder.colour import scaled
from encoder.job import VideoSettings
from encoder.peak import shape
from ladders.load import load_ladder
from ladders.rung import fit
from media.ffmpeg import ffmpeg_path, ffmpeg_version
from onboarding.probing import probe_master
from samples import sample_path
from values.clock import timescale_of

FILM = "bbb_720p24_full_596s.mp4"
_OURS_ALONE = ("threads:v", "x264-params:v", "rc_init_occupancy:v", "level:v", "refs:v")
_ROOT = Path(__file__).resolve().parent.parent


def peer_argv(
    binary: str, master: str, settings: VideoSettings, *, video: int, audio: int | None, audio_bps: int, folder: str
) -> tuple[str, ...]:
    """One ffmpeg for the whole film, as a person would write it: decode once, scale and encode every rung."""
    source = ffmpeg.input(master)
    branches = source[str(video)].filter_multi_output("split", len(settings.rungs))
    outputs = []
    for i, rung in enumerate(settings.rungs):
        ask = Coding(
            settings.preset, rung.crf, rung.max_bps, rung.buffer_bits, 0, settings.keyint, 0, shape(rung, settings)
        )
        options = {k: v for k, v in CODERS[rung.codec].options(ask).items() if k not in _OURS_ALONE}
        outputs.append(
            ffmpeg.output(
                scaled(branches[i], rung, settings.look),
                f"{folder}/{rung.name}.mp4",
                **options,
                **{
                    "force_key_frames:v": f"expr:eq(mod(n,{settings.keyint - 1}),0)",
                    "video_track_timescale": str(timescale_of(settings.rate)),
                    "movflags": FRAGMENTS,
                    "f": "mp4",
                },
            )
        )
    if audio is not None:
        outputs.append(
            ffmpeg.output(
                source[str(audio)],
                f"{folder}/audio.mp4",
                **{"c:a": "aac", "b:a": str(audio_bps), "ar": "48000", "ac": "2", "movflags": FRAGMENTS, "f": "mp4"},
            )
        )
    out = ffmpeg.merge_outputs(*outputs)
    return tuple(ffmpeg.compile(out.global_args("-y", "-nostdin", "-v", "error"), cmd=binary))


def onboard_argv(master: str, store: str, *, ladder: str, preset: str, workers: int) -> tuple[str, ...]:
    """A whole `matinee onboard`, as a user would run it."""
    args = ["onboard", master, "--store", store, "--ladder", ladder, "--preset", preset, "--workers", str(workers)]
    args += ["--quality", "off"]  # the plain process measures none either
    return (sys.executable, "-c", f"import cli; cli.main({[*args, '--json']!r})")


@click.command()
@click.option("--json", "out", type=click.Path(path_type=Path), help="Write the report here.")
@click.option("--master", help="The film (default: the 596 s film of the test media, else the bundled sample).")
@click.option("--ladder", default="web-h264", show_default=True)
@click.option("--preset", default="veryfast", show_default=True)
@click.option("--rounds", default=2, show_default=True, help="Pairs of runs.")
@click.option("--workers", default=len(os.sched_getaffinity(0)), show_default=True)
def main(out: Path | None, master: str | None, ladder: str, preset: str, rounds: int, workers: int) -> None:
    """Compare whole onboardings with one plain ffmpeg process."""
    film = master or _default_master()
    found = probe_master(film)
    steps = load_ladder(ladder)
    rungs = fit(steps, found.display_size)
    settings = VideoSettings(
        "h264", preset, rungs, found.timing.rate, segment_length(found.timing.rate, Fraction(4)) + 1
    )
    sound = found.probe.audio[0].index if found.probe.audio else None
    pairs = []
    for round_ in range(rounds):
        with tempfile.TemporaryDirectory(prefix="matinee-bench-") as folder:
            ours = measure(
                onboard_argv(film, f"file:{folder}/library", ladder=ladder, preset=preset, workers=workers), cwd=_ROOT
            )
            summary = json.loads(ours.stdout.splitlines()[-1])
            argv = peer_argv(
                ffmpeg_path(), film, settings, video=found.video.index, audio=sound,
                audio_bps=steps.audio_kbps * 1000, folder=folder,
            )  # fmt: skip
            theirs = measure(argv, cwd=_ROOT)
            frames = {_frames(f"{folder}/{r.name}.mp4") for r in settings.rungs}
        if frames != {summary["frames"]}:
            raise click.ClickException(f"the peer made {frames} frames, onboard {summary['frames']}")
        pairs.append((ours, theirs, summary))
        click.echo(f"pair {round_ + 1}: onboard {ours.wall_s:.1f} s, ffmpeg {theirs.wall_s:.1f} s", err=True)
    report = _report(film, pairs, ladder=ladder, preset=preset, workers=workers)
    _show(report)
    if out:
        write_report(out, report)


def _default_master() -> str:
    folder = Path(os.environ.get("MATINEE_MEDIA", _ROOT.parent / "shared" / "media"))
    film = folder / FILM
    if not film.is_file():
        click.echo(f"{FILM} is not in {folder}: taking the bundled sample, where start-up weighs most", err=True)
    return str(film if film.is_file() else sample_path())


def _frames(path: str) -> int:
    with av.open(path) as container:
        return sum(1 for packet in container.demux(container.streams.video[0]) if packet.size)


def _report(film: str, pairs: list[tuple[Cost, Cost, dict[str, Any]]], **settings: Any) -> dict[str, Any]:
    def row(cost: Cost) -> dict[str, Any]:
        return {k: round(v, 3) if isinstance(v, float) else v for k, v in asdict(cost).items() if k != "stdout"}

    return make_report(
        "encode",
        seed=None,
        versions={**package_versions(("ray", "av", "ffmpeg-python")), "ffmpeg": ffmpeg_version()},
        settings={"master": Path(film).name, **settings},
        results=[
            {"onboard": {**row(ours), "chunks": summary["chunks"], "encode_cpu_s": summary["encode_cpu_s"]},
             "ffmpeg": row(theirs), "wall_ratio": round(ours.wall_s / theirs.wall_s, 4)}
            for ours, theirs, summary in pairs
        ],
        ratios={
            "wall": median(ours.wall_s / theirs.wall_s for ours, theirs, _ in pairs),
            "cpu": median(ours.cpu_s / theirs.cpu_s for ours, theirs, _ in pairs),
            "peak_memory": median(ours.peak_bytes / theirs.peak_bytes for ours, theirs, _ in pairs),
        },
    )  # fmt: skip


def _show(report: dict[str, Any]) -> None:
    table = Table(box=None, pad_edge=False)
    for name in ("", "wall s", "CPU s", "peak MB", "outside ffmpeg", "ratio"):
        table.add_column(name, justify="left" if not name else "right")
    for pair in report["results"]:
        for name in ("onboard", "ffmpeg"):
            cost = pair[name]
            table.add_row(
                name, f"{cost['wall_s']:.1f}", f"{cost['cpu_s']:.1f}", f"{cost['peak_bytes'] / 1e6:.0f}",
                f"{cost['outside_ffmpeg']:.1%}", f"{pair['wall_ratio']:.3f}" if name == "onboard" else "",
            )  # fmt: skip
    Console().print(table)
    Console().print(f"median ratios onboard / ffmpeg: {report['ratios']}", highlight=False)


if __name__ == "__main__":
    try:
        main()
    except subprocess.CalledProcessError as error:
        sys.exit(f"error: a run failed ({error.returncode}): {(error.stderr or '')[-2000:]}")
