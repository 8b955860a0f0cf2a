"""Chapters as Apple's players and Shaka Player read them: JSON that the multivariant playlist names. Pure."""

from __future__ import annotations

import json
from collections.abc import Sequence

from values.title import Chapter

HLS_CHAPTERS = "com.apple.hls.chapters"
"""The DATA-ID of EXT-X-SESSION-DATA (Apple, "Providing JavaScript Object Notation (JSON) Chapters")."""


def hls_chapters(chapters: Sequence[Chapter]) -> bytes:
    """The chapters in order; times in seconds. Masters don't say in which language they name chapters."""
    value = [
        {
            "chapter": number,
            "start-time": chapter.start_ms / 1000,
            "duration": (chapter.stop_ms - chapter.start_ms) / 1000,
            "titles": [{"language": "und", "title": chapter.name or f"Chapter {number}"}],
        }
        for number, chapter in enumerate(chapters, 1)
    ]
    return (json.dumps(value, indent=1, ensure_ascii=False) + "\n").encode()
