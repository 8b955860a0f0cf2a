"""The table of codecs."""

from __future__ import annotations

from coders.av1 import AV1
from coders.coder import Coder
from coders.h264 import H264
from coders.hevc import HEVC
from coders.vp9 import VP9
from values.errors import UsageError, nearest

CODERS: dict[str, Coder] = {coder.name: coder for coder in (H264, HEVC, VP9, AV1)}
"""In the order of how widely they play."""


_ALIASES = {"h265": "hevc", "x265": "hevc", "avc": "h264", "x264": "h264", "av01": "av1", "svt": "av1", "vp09": "vp9"}


def coder(name: str) -> Coder:
    """The entry called `name`. Raises UsageError naming the nearest."""
    if name not in CODERS:
        raise UsageError(f"codec {name!r} is not known", hint=nearest_codec(name))
    return CODERS[name]


def nearest_codec(word: str) -> str:
    """A hint that names the codec that is meant by another of its names, or is spelt most like `word`."""
    plain = word.lower().replace(".", "")
    return nearest(_ALIASES.get(plain, plain), CODERS)


def coder_of(entry: str) -> Coder | None:
    """The entry whose init segments have this sample entry or begin their codec string with it; None if none has."""
    return next((c for c in CODERS.values() if c.entry == entry.partition(".")[0]), None)
