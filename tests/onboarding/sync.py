"""Films with a flash and a beep every second, and how far apart these are in what they become."""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import numpy as np

from media.ffmpeg import ffmpeg_path, run
from media.fragments import parse_fragments
from media.tracks import parse_init
from storage import Store
from tests.encoder.sounds import beeps, heard, onsets, write_wav
from values.title import Rendition, Title

SIZE = (160, 90)
FLASH = 3
"""Frames that a flash lasts."""

LADDER = (
    "audio_kbps: 64\nrungs:\n"
    "  - {name: 45p, width: 80, height: 46, crf: 30, max_kbps: 100}\n"
    "  - {name: 90p, width: 160, height: 90, crf: 30, max_kbps: 200}\n"
)


@dataclass(frozen=True, slots=True)
class Offset:
    """How late the beep is after the flash, in milliseconds, at each flash of one video and one sound rendition."""

    video: str
    sound: str
    late_ms: tuple[float, ...]


def flashes(rate: Fraction, seconds: int) -> list[int]:
    """The frames at which a flash begins: the first at or after each whole second."""
    return [math.ceil(n * rate) for n in range(1, seconds)]


def flash_film(
    path: Path, rate: Fraction, seconds: int, *, sound: list[str], channels: int = 2, rate_hz: int = 48000,
    late_s: float = 0,
) -> Path:  # fmt: skip
    """A film that flashes, with a beep at the very start of each flash; `sound` says how ffmpeg is to encode it.

    With `late_s` the sound's first packet comes that much later, without the beeps before it.
    """
    begins = flashes(rate, seconds)
    picture = np.full((int(seconds * rate), SIZE[1], SIZE[0]), 16, np.uint8)
    for frame in begins:
        picture[frame : frame + FLASH] = 235
    raw, wav = path.with_suffix(".gray"), path.with_suffix(".wav")
    raw.write_bytes(picture.tobytes())
    beep = beeps([frame / rate for frame in begins], seconds, rate_hz)[round(late_s * rate_hz) :]
    write_wav(wav, [beep] * channels, rate_hz)
    run(
        [
            ffmpeg_path(), "-v", "error", "-y", "-f", "rawvideo", "-pix_fmt", "gray", "-s", "160x90", "-r", str(rate),
            "-i", str(raw), "-itsoffset", str(late_s), "-i", str(wav), "-map", "0:v", "-map", "1:a", "-c:v", "libx264",
            "-preset", "ultrafast", "-bf", "2", "-g", str(math.ceil(rate)), "-qp", "16", "-pix_fmt", "yuv420p",
            *sound, str(path),
        ],
        where=path.name,
    )  # fmt: skip
    return path


def cut_copy(path: Path, to: Path, from_s: float) -> Path:
    """The film from `from_s` on without a new encode: an edit list hides what is before, back to the key frame."""
    command = [ffmpeg_path(), "-v", "error", "-y", "-ss", str(from_s), "-i", str(path), "-c", "copy", str(to)]
    run(command, where=to.name)
    return to


def offsets(store: Store, title: Title, folder: Path, *, after: Fraction = Fraction(0)) -> list[Offset]:
    """Each video rendition against each sound rendition, at all flashes `after` this time of the film in seconds."""
    seen = {r.id: [t for t in flash_times(store, r, folder) if t >= after] for r in title.video}
    sounds = {r.id: heard(str(_whole(store, r, folder)))[:, 0] for r in title.audio}
    return [
        Offset(video, sound, tuple(onsets(samples, times)))
        for video, times in seen.items()
        for sound, samples in sounds.items()
    ]


def flash_times(store: Store, rendition: Rendition, folder: Path) -> list[Fraction]:
    """When flashes begin, in seconds of the presentation: decoded pictures by the times that boxes give them."""
    track = parse_init(store.get(rendition.init.key))
    times = []
    for segment in rendition.segments:
        for fragment in parse_fragments(store.get(segment.file.key), track):
            at = fragment.decode_time
            for sample in fragment.samples:
                times.append(at + sample.cts_offset - track.media_time)
                at += sample.duration
    with av.open(str(_whole(store, rendition, folder))) as container:
        light = [frame.to_ndarray(format="gray").mean() > 120 for frame in container.decode(video=0)]
    shown = sorted(times)
    assert len(shown) == len(light)
    return [
        Fraction(time, track.timescale)
        for time, now, before in zip(shown, light, [True, *light[:-1]], strict=True)
        if now and not before
    ]


def _whole(store: Store, rendition: Rendition, folder: Path) -> Path:
    path = folder / f"{rendition.id}.mp4"
    keys = [rendition.init.key, *(s.file.key for s in rendition.segments)]
    path.write_bytes(b"".join(store.get(key) for key in keys))
    return path
