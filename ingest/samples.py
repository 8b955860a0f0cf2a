"""Short samples of a film's pictures, spread over all of it, and what ffmpeg's idet and cropdetect see in them.

Does I/O. Each sample begins with a key frame, and there are few of them, so that a film of three hours costs about what
a trailer does: at most some 300 frames are decoded, fewer of large pictures.
"""

from __future__ import annotations

import math
import tempfile
from collections.abc import Mapping
from fractions import Fraction
from pathlib import Path

from media.ffmpeg import FFmpegError, ffmpeg_path, run
from media.index import FrameIndex
from media.probe import VideoStream
from treatment.facts import Box, Facts, Sample
from treatment.scan import MOST_LINES
from values.clock import seconds_text

_APART_S = 8  # no nearer than this are two samples
_SAMPLES = 8
_FRAMES = 40  # eight cycles of 3:2 pulldown
_FRAMES_FOR_BARS = 5
_THREADS = 4  # each holds a picture of its own, and those of 8K take 50 to 100 MB
_TIMEOUT_S = 120

_FRAME, _IDET, _CROP = "frame:", "lavfi.idet.", "lavfi.cropdetect."
_LETTERS = {"tff": "t", "bff": "b", "top": "t", "bottom": "b", "progressive": "p", "undetermined": "u", "neither": "n"}


def sample_film(location: str, video: VideoStream, index: FrameIndex, *, where: str) -> Facts:
    """Look at samples of the film. What can't be decoded is left out: damage is found and told of elsewhere."""
    frames = frames_each(video)
    samples = []
    with tempfile.TemporaryDirectory(prefix="matinee-") as folder:
        path = Path(folder) / "frames.txt"
        for key in sample_places(index):
            path.unlink(missing_ok=True)
            seek = (key * index.time_base) if key > index.pts[0] else None
            argv = sample_argv(ffmpeg_path(), location, video, seek, frames, str(path))
            try:
                run(argv, where=f"samples of {where}", timeout_s=_TIMEOUT_S)
            except FFmpegError:
                continue
            if path.exists():
                samples.append(parse_sample(path.read_text(), key * index.time_base))
    return Facts(tuple(s for s in samples if s.frames))


def sample_places(index: FrameIndex) -> tuple[int, ...]:
    """The key frames (ticks) at which samples begin: those before evenly spread places, each once."""
    first, last = index.pts[0], index.pts[-1]
    length = (last - first) * index.time_base
    count = min(_SAMPLES, max(1, math.ceil(length / _APART_S)))
    step = Fraction(last - first, 2 * count)
    places = (first + round(step * (2 * i + 1)) for i in range(count)) if count > 1 else (first,)
    return tuple(dict.fromkeys(max(first, index.keyframe_before(p)) for p in places))


def frames_each(video: VideoStream) -> int:
    """How many frames a sample has: enough cycles to see fields by, of pictures that may have fields."""
    return _FRAMES if video.height <= MOST_LINES else _FRAMES_FOR_BARS


def sample_argv(
    binary: str, location: str, video: VideoStream, seek: Fraction | None, frames: int, path: str
) -> tuple[str, ...]:
    """The command that looks at `frames` frames from `seek` (seconds on the file's clock) on and writes what the
    filters say of each to `path`."""
    start: tuple[str, ...] = ()
    if seek is not None:  # a millisecond more, so that rounding can't land on the key frame before
        start = ("-ss", seconds_text(seek + Fraction(1, 1000)), "-seek_timestamp", "1", "-noaccurate_seek")
    # A mark in the frame's own time is the only way out for its flag: even and odd times.
    steps = [f"trim=end_frame={frames}", "setpts=2*N+INTERLACED"]
    steps += ["idet"] if video.height <= MOST_LINES else []
    steps += ["cropdetect=skip=0:reset=1", f"metadata=print:file={path}"]
    return (
        binary, "-nostdin", "-hide_banner", "-loglevel", "error", "-noautorotate", "-apply_cropping", "codec",
        "-threads", str(_THREADS), *start, "-i", location, "-map", f"0:{video.index}", "-vf", ",".join(steps),
        "-fps_mode", "passthrough", "-f", "null", "-",
    )  # fmt: skip


def parse_sample(text: str, at: Fraction) -> Sample:
    """What the metadata filter printed for one sample, which begins at `at` seconds."""
    frames: list[dict[str, str]] = []
    flagged = 0
    for line in text.splitlines():
        if line.startswith(_FRAME):
            frames.append({})
            flagged += int(line.split("pts:")[1].split()[0]) % 2
        elif frames:
            key, _, value = line.partition("=")
            frames[-1][key] = value
    return Sample(
        at,
        len(frames),
        flagged,
        _letters(frames, "single"),
        _letters(frames, "multiple"),
        _letters(frames, "repeated"),
        tuple(box for f in frames if (box := _lit(f))),
    )


def _letters(frames: list[dict[str, str]], what: str) -> str:
    return "".join(_LETTERS.get(f.get(f"{_IDET}{what}.current_frame", ""), "") for f in frames)


def _lit(frame: Mapping[str, str]) -> Box | None:
    """What cropdetect takes for picture; None of a black frame, whose edges it leaves crossed."""
    try:
        left, right, top, bottom = (int(frame[f"{_CROP}{name}"]) for name in ("x1", "x2", "y1", "y2"))
    except KeyError:
        return None
    return Box(left, top, right + 1, bottom + 1) if left < right and top < bottom else None
