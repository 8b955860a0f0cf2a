"""A tiny film with sound, and ladder files for it: what is onboarded in four codecs within seconds."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

from media.ffmpeg import ffmpeg_path, run
from tests.onboarding.runs import Run, onboard_sample
from tests.parts import SAMPLE

FRAMES = 158
LADDERS = {
    "h264": (
        "audio_kbps: 64\nrungs:\n"
        "  - {name: 90p, width: 160, height: 90, crf: 30, max_kbps: 90}\n"
        "  - {name: 180p, width: 320, height: 180, crf: 26, max_kbps: 600}\n"
    ),
    "hevc": "codec: hevc\nrungs: [{width: 160, height: 90, crf: 30, max_kbps: 80}]\n",
    "vp9": "codec: vp9\nrungs: [{width: 160, height: 90, crf: 36, max_kbps: 90}]\n",
    "av1": "codec: av1\nrungs: [{width: 160, height: 90, crf: 36.5, max_kbps: 60}]\n",
}
"""A ladder file for each codec; the caps bite in some chunks."""


def tiny_master(folder: Path) -> Path:
    """A part of the sample at 320x180, 24 Hz, with sound and a key frame every second."""
    path = folder / "tiny.mp4"
    run(
        [
            ffmpeg_path(), "-v", "error", "-y", "-ss", "7", "-i", str(SAMPLE), "-vf", "scale=320:180",
            "-frames:v", str(FRAMES), "-t", "6.6", "-c:v", "libx264", "-preset", "ultrafast", "-qp", "12", "-g", "24",
            "-c:a", "aac", str(path),
        ],
        where=path.name,
    )  # fmt: skip
    return path


def ladder_files(folder: Path, *codecs: str) -> str:
    """Ladder files written for these codecs, as ``--ladder`` takes them."""
    paths = [folder / f"tiny-{codec}.yaml" for codec in codecs]
    for codec, path in zip(codecs, paths, strict=True):
        path.write_text(LADDERS[codec])
    return ",".join(map(str, paths))


def onboard_tiny(folder: Path, master: Path, **changes: Any) -> Run:
    """In chunks of two segments of a second, quality not measured."""
    values: dict[str, Any] = {"segment_s": Fraction(1), "chunk_s": Fraction(2), "quality": "off"}
    return onboard_sample(folder, master, **{**values, **changes})
