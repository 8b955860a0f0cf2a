"""Short samples of a film's pictures, spread over all of it, and what ffmpeg's idet and cropdetect see in them.

Does I/O. Each sample begins with a key frame, and there are few of them, so that a film of three hours costs about what
a trailer does: at most some 300 frames are decoded, fewer of large pictures.
"""

from __future__ import annotations

import math
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import ffmpeg

from media.ffmpeg import FFmpegError, ffmpeg_path, run
from media.foreign import foreign_input
from media.index import FrameIndex
from media.probe import VideoStream
from treatment.facts import Box, Facts, Sample, Steps
from treatment.scan import MOST_LINES
from values.clock import seconds_text

_APART_S = 8  # no nearer than this are two samples
_SAMPLES = 8
_FRAMES = 40  # eight cycles of 3:2 pulldown
_FRAMES_FOR_BARS = 5
_THREADS = 4  # each holds a picture of its own, and those of 8K take 50 to 100 MB
_TIMEOUT_S = 60
_MOST_FAILED = 1  # samples: a file that hangs decoders shall not do it eight times

_STEP = "lavfi.signalstats.YDIF="
_FRAME, _IDET, _CROP = "frame:", "lavfi.idet.", "lavfi.cropdetect."
_LETTERS = {"tff": "t", "bff": "b", "top": "t", "bottom": "b", "progressive": "p", "undetermined": "u", "neither": "n"}

Filter = tuple[str, dict[str, Any]]
"""A filter's name and options."""


def sample_film(location: str, video: VideoStream, index: FrameIndex, *, where: str) -> Facts:
    """Look at samples of the film. What can't be decoded is left out: damage is found and told of elsewhere."""
    places = [(key * index.time_base, key > index.pts[0]) for key in sample_places(index)]
    texts = _looks(location, video, places, where, _filters(video))
    facts = Facts(tuple(s for at, text in texts if (s := parse_sample(text, at)).frames))
    if not facts.woven:
        return facts
    top, bottom = (dict(_looks(location, video, places, where, _step_filters(o))) for o in ("tff", "bff"))
    return Facts(tuple(replace(s, steps=parse_steps(top.get(s.at, ""), bottom.get(s.at, ""))) for s in facts.samples))


def _looks(
    location: str, video: VideoStream, places: Sequence[tuple[Fraction, bool]], where: str, filters: Sequence[Filter]
) -> list[tuple[Fraction, str]]:
    """What the filters print of each sample that can be decoded, with its place in seconds."""
    found: list[tuple[Fraction, str]] = []
    failed = 0
    with tempfile.TemporaryDirectory(prefix="matinee-") as folder:
        path = Path(folder) / "frames.txt"
        for at, sought in places:
            path.unlink(missing_ok=True)
            argv = sample_argv(ffmpeg_path(), location, video, at if sought else None, filters, str(path))
            try:
                run(argv, where=f"samples of {where}", timeout_s=_TIMEOUT_S)
            except FFmpegError:
                failed += 1
                if failed > _MOST_FAILED:
                    break
            if path.exists():
                found.append((at, path.read_text()))
    return found


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


def _filters(video: VideoStream) -> tuple[Filter, ...]:
    # A mark in the frame's own time is the only way out for its flag: even and odd times.
    fields: tuple[Filter, ...] = (("idet", {}),) if video.height <= MOST_LINES else ()
    return (("setpts", {"expr": "2*N+INTERLACED"}), *fields, ("cropdetect", {"skip": 0, "reset": 1}))


def _step_filters(order: str) -> tuple[Filter, ...]:
    """Each field as a picture, in this order, and how far it is from the one before."""
    return (("setfield", {"mode": order}), ("separatefields", {}), ("signalstats", {}))


def sample_argv(
    binary: str, location: str, video: VideoStream, seek: Fraction | None, filters: Sequence[Filter], path: str
) -> tuple[str, ...]:
    """The command that looks at a sample's frames from `seek` (seconds on the file's clock) on and writes what the
    filters say of each to `path`."""
    options: dict[str, Any] = foreign_input(location) | {
        "noautorotate": None,
        "apply_cropping": "codec",
        "threads": str(_THREADS),
    }
    if seek is not None:  # a millisecond more, so that rounding can't land on the key frame before
        options |= {"ss": seconds_text(seek + Fraction(1, 1000)), "seek_timestamp": "1", "noaccurate_seek": None}
    stream = ffmpeg.input(location, **options)[str(video.index)].filter("trim", end_frame=frames_each(video))
    for name, settings in filters:
        stream = stream.filter(name, **settings)
    stream = stream.filter("metadata", mode="print", file=path)
    out = ffmpeg.output(stream, "-", f="null", fps_mode="passthrough")
    return tuple(ffmpeg.compile(out.global_args("-nostdin", "-hide_banner", "-loglevel", "error"), cmd=binary))


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


def parse_steps(top_first: str, bottom_first: str) -> Steps | None:
    """What was printed of a sample's fields in both orders: the first field's step is from nothing, then those within
    a frame and those to the next take turns. None of fewer than two frames."""
    top, bottom = (
        [float(line.partition("=")[2]) for line in text.splitlines() if line.startswith(_STEP)]
        for text in (top_first, bottom_first)
    )
    if len(top) < 3 or len(bottom) < 3:
        return None
    return Steps(_mean(top[1::2]), _mean(top[2::2]), _mean(bottom[2::2]))


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)


def _letters(frames: list[dict[str, str]], what: str) -> str:
    return "".join(_LETTERS.get(f.get(f"{_IDET}{what}.current_frame", ""), "") for f in frames)


def _lit(frame: Mapping[str, str]) -> Box | None:
    """What cropdetect takes for picture; None of a black frame, whose edges it leaves crossed."""
    try:
        left, right, top, bottom = (int(frame[f"{_CROP}{name}"]) for name in ("x1", "x2", "y1", "y2"))
    except KeyError:
        return None
    return Box(left, top, right + 1, bottom + 1) if left < right and top < bottom else None
