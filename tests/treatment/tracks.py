"""Sound tracks for tests, as a probe would give them."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from media.probe import AudioStream

SPEAKERS: dict[str, tuple[str, ...]] = {
    "mono": ("FC",),
    "stereo": ("FL", "FR"),
    "2.1": ("FL", "FR", "LFE"),
    "3.0": ("FL", "FR", "FC"),
    "4.0": ("FL", "FR", "FC", "BC"),
    "4.1": ("FL", "FR", "FC", "LFE", "BC"),
    "quad": ("FL", "FR", "BL", "BR"),
    "5.0": ("FL", "FR", "FC", "BL", "BR"),
    "5.1": ("FL", "FR", "FC", "LFE", "BL", "BR"),
    "5.1(side)": ("FL", "FR", "FC", "LFE", "SL", "SR"),
    "6.1": ("FL", "FR", "FC", "LFE", "BC", "SL", "SR"),
    "7.1": ("FL", "FR", "FC", "LFE", "BL", "BR", "SL", "SR"),
}


def track(layout: str = "stereo", *, index: int = 1, codec: str = "aac", **changes: Any) -> AudioStream:
    """A track of a named layout, or of ``'6 channels'`` that are not named."""
    speakers = SPEAKERS.get(layout, ())
    count = len(speakers) or int(layout.split()[0])
    values: dict[str, Any] = {
        "index": index, "codec": codec, "sample_rate_hz": 48000, "channels": count, "layout": layout,
        "start": Fraction(0), "speakers": speakers,
    }  # fmt: skip
    return AudioStream(**{**values, **changes})


def monos(count: int, **changes: Any) -> list[AudioStream]:
    """Uncompressed streams of one channel each, numbered from 1, that don't name their speaker."""
    return [track("1 channels", index=n, codec="pcm_s24le", **changes) for n in range(1, count + 1)]


def named(*speakers: str) -> list[AudioStream]:
    """Uncompressed streams of one channel each that name their speaker."""
    return [
        track("1 channels", index=n, codec="pcm_s24le", speakers=(speaker,)) for n, speaker in enumerate(speakers, 1)
    ]
