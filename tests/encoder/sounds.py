"""Synthetic sound and jobs on it, for tests that really encode."""

from __future__ import annotations

import math
import wave
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import numpy.typing as npt

from encoder.sound_codecs import bit_rate
from encoder.sound_job import AudioJob, SoundOutput
from media.probe import probe
from treatment.sound import CHANNELS, TrackPlan, decide_sound
from treatment.wishes import NO_WISHES, Wishes

Samples = npt.NDArray[np.float64]


def beeps(at: Sequence[Fraction | int], length_s: float, rate_hz: int, *, peak: float = 0.5) -> Samples:
    """Silence with a beep of 40 ms at 1 kHz from each of these seconds on."""
    out = np.zeros(round(length_s * rate_hz))
    tone = peak * np.sin(2 * math.pi * 1000 * np.arange(rate_hz // 25) / rate_hz)
    for second in at:
        start = round(second * rate_hz)
        piece = tone[: max(0, len(out) - start)]
        out[start : start + len(piece)] = piece
    return out


def write_wav(path: Path, channels: Sequence[Samples], rate_hz: int = 48000) -> Path:
    """16 bit PCM of these channels, which are equally long."""
    data = (np.stack(channels, axis=1).clip(-1, 1) * 32767).round().astype("<i2")
    with wave.open(str(path), "wb") as file:
        file.setnchannels(len(channels))
        file.setsampwidth(2)
        file.setframerate(rate_hz)
        file.writeframes(data.tobytes())
    return path


def sound_job(path: Path, folder: Path, *, wishes: Wishes = NO_WISHES, plan: TrackPlan | None = None, **changes: Any,
              ) -> AudioJob:  # fmt: skip
    """The job of a file's first track, four seconds long from time 0, cut every second, into a store in `folder`."""
    streams = probe(str(path), where=path.name).audio
    track = plan or decide_sound(streams, wishes)[0]
    outputs = []
    for number, output in enumerate(track.outputs):
        layout = track.mixes[output.mix].layout
        name = f"{number}-{output.codec}-{layout}"
        bps = bit_rate(output.codec, layout, CHANNELS[layout], 128_000)
        keys = tuple(f"titles/t/media/{name}/r/{n}.m4s" for n in range(1, 5))
        outputs.append(
            SoundOutput(name, output.codec, output.mix, bps, name, f"titles/t/work/{name}.json",
                        f"titles/t/media/{name}/r/init.mp4", keys)
        )  # fmt: skip
    starts = {s.index: s.start for s in streams}
    values: dict[str, Any] = {
        "title_id": "t", "master_name": path.name, "location": str(path), "store_url": f"file:{folder / 'store'}",
        "track": track, "outputs": tuple(outputs), "start": Fraction(0),
        "starts": tuple(starts[i] for i in track.streams), "duration": Fraction(4),
        "edges": tuple(Fraction(n) for n in range(4)), "least_gap": Fraction(1, 200),
        "target_lufs": wishes.loudness_lufs, "true_peak_dbtp": wishes.true_peak_dbtp, "work_dir": str(folder / "work"),
    }  # fmt: skip
    return AudioJob(**{**values, **changes})


def heard(path: str, rate_hz: int = 48000, *, edited: bool = True) -> Samples:
    """What a player plays of a file's sound from time 0 on, by the times of its frames: a column a channel.

    Not `edited` it is one that knows nothing of edit lists.
    """
    pieces: list[tuple[int, Samples]] = []
    with av.open(path, options={} if edited else {"ignore_editlist": "1"}) as container:
        for frame in container.decode(audio=0):
            assert frame.pts is not None
            assert frame.time_base is not None
            data = frame.to_ndarray().astype(np.float64)
            if not frame.format.is_planar:
                data = data.reshape(-1, frame.layout.nb_channels).T
            pieces.append((round(frame.pts * frame.time_base * rate_hz), data.T))
    out = np.zeros((max(at + len(data) for at, data in pieces), pieces[0][1].shape[1]))
    for at, data in pieces:
        shown = data[max(0, -at) :]
        out[max(0, at) : max(0, at) + len(shown)] = shown
    return out


def onsets(sound: Samples, at: Sequence[Fraction | int], rate_hz: int = 48000) -> list[float]:
    """By how many milliseconds each beep is late: where the sound first reaches half of its peak there."""
    late = []
    first = math.asin(0.5) / (2 * math.pi * 1000)  # when a sine of 1 kHz gets there
    for second in at:
        begin = max(0, round((second - Fraction(1, 5)) * rate_hz))
        window = np.abs(sound[begin : round((second + Fraction(1, 5)) * rate_hz)])
        reached = begin + int(np.argmax(window >= window.max() / 2))
        late.append(1000 * (reached / rate_hz - first - float(second)))
    return late
