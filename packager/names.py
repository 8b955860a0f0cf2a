"""Where a title's objects lie and how its manifests refer to them. Pure.

::

    titles/ID/media/RENDITION/RECIPE/init.mp4
    titles/ID/media/RENDITION/RECIPE/1.m4s      numbers count from 1, in presentation order
    titles/ID/media/RENDITION-trick/RECIPE/…    its key frames alone, one a segment; RECIPE is their digest
    titles/ID/RENDITION-DIGEST.m3u8  master-DIGEST.m3u8  manifest-DIGEST.mpd
    titles/ID/RENDITION-iframes-DIGEST.m3u8  TEXT-DIGEST.m3u8  thumbnails-DIGEST.m3u8  chapters-DIGEST.json
    titles/ID/RENDITION-quality-DIGEST.json

RECIPE is one digest for all segments of a rendition: of the source, the settings, the encoder and the chunk plan.
As a folder it keeps segment addresses immutable and leaves a plain ``$Number$`` for DASH templates.
"""

from __future__ import annotations

from values.digest import digest_bytes
from values.keys import media_prefix, title_prefix

FIRST_NUMBER = 1
_DIGEST_DIGITS = 16


def init_key(title_id: str, rendition_id: str, recipe: str) -> str:
    return f"{media_prefix(title_id, rendition_id)}{recipe}/init.mp4"


def segment_key(title_id: str, rendition_id: str, recipe: str, number: int) -> str:
    """The key of segment `number`, counted from `FIRST_NUMBER` in presentation order over the whole rendition."""
    return f"{media_prefix(title_id, rendition_id)}{recipe}/{number}.m4s"


def media_playlist_key(title_id: str, rendition_id: str, data: bytes) -> str:
    return f"{title_prefix(title_id)}{rendition_id}-{_digest(data)}.m3u8"


def iframe_playlist_key(title_id: str, rendition_id: str, data: bytes) -> str:
    return media_playlist_key(title_id, f"{rendition_id}-iframes", data)


def image_playlist_key(title_id: str, data: bytes) -> str:
    return media_playlist_key(title_id, "thumbnails", data)


def hls_chapters_key(title_id: str, data: bytes) -> str:
    return f"{title_prefix(title_id)}chapters-{_digest(data)}.json"


def trick_id(rendition_id: str) -> str:
    """The id of the trick track made of a rendition, which is its folder's name too."""
    return f"{rendition_id}-trick"


def multivariant_key(title_id: str, data: bytes) -> str:
    return f"{title_prefix(title_id)}master-{_digest(data)}.m3u8"


def mpd_key(title_id: str, data: bytes) -> str:
    return f"{title_prefix(title_id)}manifest-{_digest(data)}.mpd"


def scores_key(title_id: str, rendition_id: str, data: bytes) -> str:
    """The key of a rendition's scores, frame by frame (see `quality.scores.dump_scores`)."""
    return f"{title_prefix(title_id)}{rendition_id}-quality-{_digest(data)}.json"


def relative(title_id: str, key: str) -> str:
    """`key` as a reference from the title's root, where all its manifests lie."""
    prefix = title_prefix(title_id)
    if not key.startswith(prefix):
        raise ValueError(f"{key!r} does not belong to title {title_id!r}")
    return key.removeprefix(prefix)


def _digest(data: bytes) -> str:
    return digest_bytes(data)[:_DIGEST_DIGITS]
