"""Tiny films whose frames say which they are, for tests of what is looked at; and the plain way to look at one."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

import numpy as np

from artwork.plan import Moment, View
from artwork.score import Pixels
from media.colour import BT709
from media.ffmpeg import ffmpeg_path
from media.index import index_frames
from treatment.picture import Picture


def ffmpeg(*arguments: str) -> bytes:
    done = subprocess.run([ffmpeg_path(), "-v", "error", "-y", "-nostdin", *arguments], check=True, capture_output=True)
    return done.stdout


def counting_film(path: Path, *, frames: int = 96, rate: str = "24", more: Sequence[str] = ()) -> Path:
    """A film whose frame n is grey of level 16 + 2n: each frame is told by its brightness. `more` are encoder options,
    by default H.264 with B-frames and a keyframe every 48 frames."""
    options = more or ("-c:v", "libx264", "-preset", "ultrafast", "-qp", "10", "-bf", "3", "-g", "48")
    source = f"color=black:s=160x90:r={rate}:d={float(frames / Fraction(rate))},format=yuv420p"
    ffmpeg("-f", "lavfi", "-i", f"{source},geq=lum=16+2*N:cb=128:cr=128", "-frames:v", str(frames), *options, str(path))
    return path


def number_of(pixels: Pixels) -> int:
    """Which frame of `counting_film` a picture shows: limited-range luma is 16 + 2n, shown in RGB as (2n) * 255/219."""
    return round(float(np.mean(pixels)) * 219 / 255 / 2)


def plain_view(width: int = 160, height: int = 90, **picture: object) -> View:
    return View(Picture(0, colour=BT709, **picture), 0, (width, height))  # type: ignore[arg-type]


def moments(path: Path, numbers: Sequence[int]) -> tuple[Moment, ...]:
    """The moments of these frames of a film at 24 fps, with the keyframe before each to start from."""
    index = index_frames(str(path), 0, where="test")
    out = []
    for n in numbers:
        pts = index.pts[n]
        key = index.keyframe_before(pts)
        out.append(Moment(n * 1000 // 24, pts, (key, None) if key > index.pts[0] else (None,)))
    return tuple(out)


def shown(path: Path, filters: str, width: int, height: int) -> Pixels:
    """The first picture of a file through ffmpeg's own `filters`, rotation applied."""
    raw = ffmpeg("-i", str(path), "-vf", f"{filters},format=rgb24", "-frames:v", "1", "-f", "rawvideo", "-")
    return np.frombuffer(raw, np.uint8).reshape(height, width, 3)
