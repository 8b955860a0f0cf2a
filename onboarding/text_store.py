"""Text tracks and chapters written to a store as WebVTT: whole, and cut for HLS. Does I/O."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor

from packager.drafts import TextDraft
from storage import Store
from subtitles.chapters import write_chapters
from subtitles.cue import Cue
from subtitles.segments import TextSegment
from subtitles.webvtt import MEDIA_TYPE, write_segment, write_webvtt
from treatment.text import TextPlan
from values.digest import digest_bytes, digest_value
from values.errors import NotFoundError
from values.keys import media_prefix, title_prefix
from values.title import Chapter, Segment, StoredFile

_FORMAT = 1  # raised when objects under the same key would differ
_RECIPE_DIGITS = 16
_WRITERS = 16  # small objects are slow one by one where the store is far


def store_text(
    store: Store,
    title_id: str,
    plan: TextPlan,
    cues: Sequence[Cue],
    blocks: Sequence[str],
    parts: Sequence[TextSegment],
) -> TextDraft:
    """Write a track under ``titles/ID/media/TEXT/RECIPE/``: ``1.vtt`` and so on, then ``whole.vtt``.

    Objects are named by what is in them: what an earlier run wrote is not written again.
    """
    whole = write_webvtt(cues, blocks)
    recipe = digest_value([_FORMAT, digest_bytes(whole), [p.start_ms for p in parts]])[:_RECIPE_DIGITS]
    folder = f"{media_prefix(title_id, plan.id)}{recipe}/"
    pieces = [(f"{folder}{n}.vtt", write_segment(p.cues, blocks)) for n, p in enumerate(parts, 1)]
    key = f"{folder}whole.vtt"
    _put_missing(store, [*pieces, (key, whole)])
    segments = tuple(
        Segment(_stored(name, data), p.start_ms, p.stop_ms - p.start_ms, len(p.cues))
        for (name, data), p in zip(pieces, parts, strict=True)
    )
    c = plan.candidate
    return TextDraft(
        plan.id, c.language, plan.name, c.role, c.forced, plan.default, _stored(key, whole), segments, len(cues),
        c.source,
    )  # fmt: skip


def store_chapters(store: Store, title_id: str, chapters: Sequence[Chapter]) -> StoredFile | None:
    """Write the chapters track to ``titles/ID/chapters-DIGEST.vtt``; None where there are no chapters."""
    if not chapters:
        return None
    data = write_chapters(chapters)
    key = f"{title_prefix(title_id)}chapters-{digest_bytes(data)[:_RECIPE_DIGITS]}.vtt"
    store.put(key, data, media_type=MEDIA_TYPE)
    return _stored(key, data)


def _put_missing(store: Store, objects: Iterable[tuple[str, bytes]]) -> None:
    """Put those that are not there, each looked for: an interrupted run, sweep or removal leaves any of them."""

    def put(key: str, data: bytes) -> None:
        try:
            store.head(key)
        except NotFoundError:
            store.put(key, data, media_type=MEDIA_TYPE)

    with ThreadPoolExecutor(_WRITERS, thread_name_prefix="texts") as pool:
        for work in [pool.submit(put, key, data) for key, data in objects]:
            work.result()


def _stored(key: str, data: bytes) -> StoredFile:
    return StoredFile(key, len(data), digest_bytes(data))
