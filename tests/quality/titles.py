"""Titles of known quality, without a film: what commands and reports are tested on."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

from packager.names import scores_key
from quality.scores import FrameScores, dump_scores, quality_of
from storage import Store
from values.digest import digest_bytes
from values.keys import title_key
from values.title import Rendition, StoredFile, Title, dump_title

_NOTHING = StoredFile("titles/bbb/none", 0, "0" * 32)


def store_title(
    store: Store, scores: Mapping[str, FrameScores | None], *, name: str = "Big Buck Bunny", frames: int = 480
) -> Title:
    """Put the title ``bbb`` at 24 Hz, one rendition for each of `scores`, with the scores files and the record.

    A rendition is called by its lines (``720p``), an HEVC one ``720p-hevc``; None means not measured.
    """
    renditions = tuple(_rendition(store, r, s) for r, s in scores.items())
    title = Title(
        "bbb", name, "2024-01-01T00:00:00+00:00", "f" * 32, "bbb.mp4", Fraction(24), frames, 96, (), renditions,
        _NOTHING, _NOTHING,
    )  # fmt: skip
    store.put(title_key("bbb"), dump_title(title))
    return title


def _rendition(store: Store, name: str, scores: FrameScores | None) -> Rendition:
    height = int(name.split("p")[0])
    quality = None
    if scores is not None:
        data = dump_scores(scores)
        stored = StoredFile(scores_key("bbb", name, data), len(data), digest_bytes(data))
        store.put(stored.key, data)
        quality = quality_of(scores, Fraction(24), model="version=vmaf_v0.6.1", size=(1280, 720), stored=stored)
    codec = "hvc1.1.6.L93.B0" if name.endswith("hevc") else "avc1.64001f"
    return Rendition(
        name, "video", codec, 24000, _NOTHING, (), _NOTHING, height * 5000, height * 2500, height * 16 // 9, height,
        quality=quality,
    )  # fmt: skip
