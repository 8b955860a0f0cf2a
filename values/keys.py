"""The layout of a library: which store key holds what. Pure.

::

    masters/FINGERPRINT.json             a master: its name, size, where it came from, and the key of its bytes
    masters/media/TOKEN                  the bytes; the token is drawn before the fingerprint is known
    titles/ID/title.json                 the one mutable object: replacing it publishes
    titles/ID/master-DIGEST.m3u8         HLS multivariant playlist
    titles/ID/manifest-DIGEST.mpd        DASH MPD
    titles/ID/RENDITION-DIGEST.m3u8      HLS media playlist, of a text track or the thumbnails as well
    titles/ID/RENDITION-iframes-DIGEST.m3u8   HLS playlist of key frames
    titles/ID/chapters-DIGEST.json       chapters for HLS players
    titles/ID/RENDITION-quality-DIGEST.json   measured quality, frame by frame
    titles/ID/media/RENDITION/…          init and media segments
    titles/ID/media/RENDITION-trick/…    key frames alone, for DASH
    titles/ID/work/RECIPE.json           the result of one chunk, for resuming
    titles/ID/tailored/DIGEST.json       what a search found for this film and one ladder; kept with the title

Every name with a digest is immutable. Manifests lie at the title's root, so that their relative references hold
when the origin serves them as ``/titles/ID/master.m3u8`` and ``/titles/ID/manifest.mpd``.
"""

from __future__ import annotations

import re
import unicodedata

from values.errors import UsageError

TITLES = "titles/"
MASTERS = "masters/"
_SLUG = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,78}[a-z0-9])?")


def title_prefix(title_id: str) -> str:
    return f"{TITLES}{check_slug(title_id)}/"


def title_key(title_id: str) -> str:
    return f"{title_prefix(title_id)}title.json"


def work_key(title_id: str, recipe: str) -> str:
    return f"{title_prefix(title_id)}work/{recipe}.json"


def tailored_key(title_id: str, digest: str) -> str:
    return f"{title_prefix(title_id)}tailored/{digest}.json"


def media_prefix(title_id: str, rendition: str = "") -> str:
    return f"{title_prefix(title_id)}media/" + (f"{rendition}/" if rendition else "")


def master_record_key(fingerprint: str) -> str:
    return f"{MASTERS}{fingerprint}.json"


def master_media_key(token: str) -> str:
    return f"{MASTERS}media/{token}"


def check_slug(text: str) -> str:
    """`text` if it is a title id: 1 to 80 of a-z, 0-9 and inner hyphens. Raises UsageError with a usable one."""
    if _SLUG.fullmatch(text):
        return text
    raise UsageError(f"{text!r} is not a title id", hint=f"Use lower-case letters, digits and hyphens: {slug(text)}")


def slug(text: str) -> str:
    """A title id made from any text: ``'Big Buck Bunny (1080p)'`` gives ``'big-buck-bunny-1080p'``."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:80].strip("-") or "title"
