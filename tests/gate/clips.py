"""Small synthetic masters with one fault each, and the gate's way through a file without Ray."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from gate.detect import detect
from gate.facts import Facts
from gate.finding import Finding
from gate.measures import Measures, join
from gate.plan import plan_jobs
from ingest.inspect import Inspection
from media.ffmpeg import ffmpeg_path, run
from onboarding.gate import gate_facts
from onboarding.probing import probe_master

MOVING = "testsrc2=s=160x90:r=25"
"""A picture in which every frame differs from the one before."""

TONE = "sine=f=997:r=48000,volume=-1.9dB"  # ffmpeg's sine has an amplitude of 1/8: -18 dBFS, -21.1 LUFS
"""A tone that no check of sound minds."""

H264 = ("-c:v", "libx264", "-preset", "ultrafast", "-qp", "10", "-pix_fmt", "yuv420p")
TAGS = ("-vf", "setparams=range=tv:color_primaries=smpte170m:color_trc=smpte170m:colorspace=smpte170m")


def make(path: Path, *args: str) -> Path:
    """A file made by ffmpeg with `args`."""
    run((ffmpeg_path(), "-y", "-nostdin", "-loglevel", "error", *args, str(path)), where=path.name)
    return path


def film(path: Path, picture: str, sound: str | None, seconds: float, *more: str, gop: int = 25) -> Path:
    """A film of the lavfi sources `picture` and `sound`, H.264 with PCM, tagged as BT.601."""
    inputs = ["-f", "lavfi", "-i", picture]
    if sound:
        inputs += ["-f", "lavfi", "-i", sound, "-c:a", "pcm_s16le"]
    return make(path, *inputs, "-t", str(seconds), *H264, "-g", str(gop), *TAGS, *more)


def pieces(*sources: tuple[str, int]) -> str:
    """Pictures one after the other: each a lavfi source and its frames."""
    parts = [f"{s},trim=end_frame={n},setpts=N/25/TB,format=yuv420p,setsar=1[p{i}]" for i, (s, n) in enumerate(sources)]
    return (
        ";".join(parts)
        + ";"
        + "".join(f"[p{i}]" for i in range(len(sources)))
        + f"concat=n={len(sources)},setpts=N/25/TB"
    )


def inspected(path: Path) -> Inspection:
    return probe_master(str(path), allow_damaged=True)


def measured(path: Path, work: Path, parts: Sequence[tuple[int, int]] | None = None) -> tuple[Measures, Facts]:
    """The measures of a file, looked at in one chunk or in `parts`, and its facts."""
    found = inspected(path)
    jobs = plan_jobs(
        parts or ((0, len(found.index.pts)),), found.index, found.video, found.probe.audio,
        origin=found.timing.origin, location=str(path), name=path.name, work_dir=str(work),
    )  # fmt: skip
    return join([job.run().measures for job in jobs]), gate_facts(found)


def findings(path: Path, work: Path) -> tuple[Finding, ...]:
    measures, facts = measured(path, work)
    return detect(measures, facts)


def of_kind(found: Sequence[Finding], *kinds: str) -> list[Finding]:
    return [f for f in found if f.kind in kinds]


def bare(found: Sequence[Finding]) -> list[tuple[str, str]]:
    return [(f.kind, f.severity) for f in found]


def tagged(facts: Facts, **video: object) -> Facts:
    """The same facts with other words in the video stream."""
    return replace(facts, video=replace(facts.video, **video))  # type: ignore[arg-type]
