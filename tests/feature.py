"""A feature as an engineer gets it, onboarded by the real command: a title whose pictures, tones and words tell the
time and the language. The session fixture `feature` serves tests of any room.

Each second of the picture has a grey of its own, and a white flash in its middle, with the tone at its loudest. English
is a tone in 5.1, German another in stereo, so what is heard tells the language. Subtitles are inside and beside it.
"""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from media.ffmpeg import ffmpeg_path, run
from tests.encoder.sounds import Samples, write_wav

ID = "feature"
RATE = Fraction(24)
SECONDS = 9
SIZE = (320, 180)
HEIGHTS = (90, 180)
FLASH = 3
"""Frames that a flash lasts: from the middle of each second."""

TONES_HZ = {"en": 500, "de": 1500}
CUES = {
    "en": [(n, n + 0.75, f"English {n}") for n in range(SECONDS)],
    "de": [(n, n + 1.0, f"Deutsch {n} – schön") for n in range(0, SECONDS, 2)],
}
"""By language: start and end in seconds, and words. English lies in a file beside the master, German inside."""

OVER_EDGES = (3.5, 6.5, "over two edges")
"""One more English cue, to be seen in three segments of two seconds."""

CHAPTERS = ((0, 3, "Dawn"), (3, SECONDS, "Day & night"))
_DARKEST, _STEP = 40, 18
"""Grey of the first second, 0 to 255, and how much brighter each next one is."""

_RUNG = "  - {{name: {1}p, width: {0}, height: {1}, crf: 28, max_kbps: {2}}}\n"
_LADDER = "audio_kbps: 96\nrungs:\n" + "".join(_RUNG.format(h * 16 // 9, h, h * 3) for h in HEIGHTS)


@dataclass(frozen=True, slots=True)
class Feature:
    """Where the title is: `folder` has the library in `store`."""

    folder: Path

    @property
    def library(self) -> Path:
        return self.folder / "store"


@pytest.fixture(scope="session")
def feature(tmp_path_factory: pytest.TempPathFactory) -> Feature:
    """The feature, onboarded into a library of its own by the command itself."""
    work = tmp_path_factory.mktemp("feature")
    made = Feature(work)
    ladder = work / "ladder.yaml"
    ladder.write_text(_LADDER)
    words = work / "english.srt"
    words.write_text(_srt([*CUES["en"], OVER_EDGES]))
    argv = [
        sys.executable, "-c", "from cli import main; main()", "onboard", str(make_master(work)), "--id", ID,
        "--store", f"file:{made.library}", "--ladder", str(ladder), "--preset", "veryfast", "--quality", "off",
        "--qc", "off", "--segment", "2", "--thumbnails", "1", "--subtitle", f"{words}:en",
    ]  # fmt: skip
    done = subprocess.run(argv, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return made


def second_of(level: float) -> int | None:
    """Which second a picture shows by its level of red, 0 to 255; None for the flash."""
    return None if level > 220 else round((level - _DARKEST) / _STEP)


def make_master(folder: Path) -> Path:
    """The feature as an MP4: H.264 with B-frames, two AAC tracks, mov_text and chapters."""
    frames = int(SECONDS * RATE)
    picture = np.empty((frames, SIZE[1], SIZE[0]), np.uint8)
    for frame in range(frames):
        picture[frame] = _DARKEST + _STEP * (frame // int(RATE))
    for second in range(SECONDS):
        flash = int((second + Fraction(1, 2)) * RATE)
        picture[flash : flash + FLASH] = 235
    raw, path = folder / "picture.gray", folder / "master.mp4"
    raw.write_bytes(picture.tobytes())
    silence: Samples = np.zeros(SECONDS * 48000)
    english = write_wav(folder / "en.wav", [silence, silence, _tone(TONES_HZ["en"]), *[silence] * 3])
    german = write_wav(folder / "de.wav", [_tone(TONES_HZ["de"])] * 2)
    words, chapters = folder / "german.srt", folder / "chapters"
    words.write_text(_srt(CUES["de"]))
    chapters.write_text(
        ";FFMETADATA1\n"
        + "".join(f"[CHAPTER]\nTIMEBASE=1/1\nSTART={a}\nEND={b}\ntitle={name}\n" for a, b, name in CHAPTERS)
    )
    run(
        [
            ffmpeg_path(), "-v", "error", "-y", "-f", "rawvideo", "-pix_fmt", "gray", "-s", f"{SIZE[0]}x{SIZE[1]}",
            "-r", str(RATE), "-i", str(raw), "-i", str(english), "-i", str(german), "-i", str(words),
            "-i", str(chapters), *(part for n in range(4) for part in ("-map", str(n))), "-map_chapters", "4",
            "-c:v", "libx264", "-preset", "ultrafast", "-bf", "2", "-qp", "16", "-pix_fmt", "yuv420p",
            "-color_range", "tv", "-c:a", "aac", "-c:s", "mov_text", "-metadata:s:a:0", "language=eng",
            "-metadata:s:a:1", "language=ger", "-metadata:s:s:0", "language=ger", "-disposition:s:0", "0", str(path),
        ],
        where=path.name,
    )  # fmt: skip
    return path


def _tone(hertz: int) -> Samples:
    """A quiet tone that is four times as loud during each flash."""
    at = np.arange(SECONDS * 48000) / 48000
    into = (at - 0.5) % 1
    loud = np.where(into < FLASH / float(RATE), 0.4, 0.1)
    tone: Samples = loud * np.sin(2 * np.pi * hertz * at)
    return tone


def _srt(cues: list[tuple[float, float, str]]) -> str:
    def clock(seconds: float) -> str:
        return f"00:00:{int(seconds):02},{round(seconds % 1 * 1000):03}"

    return "".join(f"{n}\n{clock(a)} --> {clock(b)}\n{text}\n\n" for n, (a, b, text) in enumerate(cues, 1))
