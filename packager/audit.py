"""The auditor behind `matinee verify`: it trusts nothing but the stored bytes. Reads a store.

What it compares: objects with the record (`audit_media`), boxes with one another and the plan (`audit_media`,
`audit_record`), key frames with the pictures they are of (`audit_trick`), text in parts with the whole (`audit_text`),
pictures with their tiles (`audit_images`), manifests with all of these (`audit_hls`, `audit_dash`), and, deep, the
decoder's output (`audit_decode`).
"""

from __future__ import annotations

from dataclasses import dataclass

from packager.audit_dash import audit_dash
from packager.audit_decode import audit_decode, audit_trick_decode
from packager.audit_facts import Fault
from packager.audit_hls import audit_hls
from packager.audit_images import audit_images
from packager.audit_media import audit_rendition, fetch
from packager.audit_record import audit_plan, audit_record
from packager.audit_text import audit_chapters, audit_text
from packager.audit_trick import audit_trick
from storage.protocol import Store
from values.errors import NotFoundError, TitleError
from values.keys import title_key
from values.title import Segment, StoredFile, Title, load_title

__all__ = ["AuditReport", "Fault", "audit"]


@dataclass(frozen=True, slots=True)
class AuditReport:
    """The outcome: `faults` in the order found, and what was looked at. `decoded` counts video frames (deep only)."""

    title_id: str
    faults: tuple[Fault, ...]
    files: int = 0
    size_bytes: int = 0
    segments: int = 0
    decoded: int = 0

    @property
    def sound(self) -> bool:
        return not self.faults


def audit(store: Store, title_id: str, *, deep: bool = False) -> AuditReport:
    """Audit a published title. Raises TitleError if there is none, StoreError if the store fails."""
    key = title_key(title_id)
    try:
        title = load_title(store.get(key), where=key)
    except NotFoundError as error:
        raise TitleError(
            f"there is no title {title_id!r} in {store.url}", hint="`matinee titles list` shows what there is."
        ) from error
    except TitleError as error:
        return AuditReport(title_id, (Fault(key, error.what),), files=1)
    return _audit(store, title, title_id, deep)


def _audit(store: Store, title: Title, title_id: str, deep: bool) -> AuditReport:
    faults = audit_record(title, title_id)
    if title.rate <= 0 or title.segment_frames <= 0 or title.frames <= 0:
        return AuditReport(title_id, tuple(faults), files=1)  # nothing can be held against such a plan
    media_faults: list[Fault] = []
    found = [audit_rendition(store, r, title.rate, media_faults) for r in title.renditions]
    tracks = [audit_text(store, t, title.duration, media_faults) for t in title.texts]
    trick = [audit_trick(store, t, found, media_faults) for t in title.trick]
    audit_images(store, title, media_faults)
    audit_chapters(store, title, media_faults)
    texts: dict[str, bytes] = {}
    for file in _manifests(title):
        data = fetch(store, file, faults)
        if data is not None:
            texts[file.key] = data
    faults += media_faults
    faults += audit_plan(title, found)
    faults += audit_hls(title, found, texts, tracks)
    if title.dash.key in texts:
        faults += audit_dash(title, found, texts[title.dash.key], tracks, trick)
    decoded = 0
    for facts in found if deep else ():
        count, more = audit_decode(store, title, facts)
        faults += more
        decoded += count if facts.rendition.kind == "video" else 0
    for one in title.trick if deep else ():
        faults += audit_trick_decode(store, one)
    files = title.files()
    return AuditReport(
        title_id,
        tuple(faults),
        files=len(files) + 1,
        size_bytes=sum(f.size_bytes for f in files),
        segments=len(_segments(title)),
        decoded=decoded,
    )


def _segments(title: Title) -> list[Segment]:
    """The segments of all that is played: renditions, text, key frames."""
    texts = [s for t in title.texts for s in t.segments]
    return [s for r in title.renditions for s in r.segments] + texts + [s for t in title.trick for s in t.segments]


def _manifests(title: Title) -> list[StoredFile]:
    """The HLS playlists and the MPD."""
    files = [title.hls, title.dash]
    for rendition in title.renditions:
        files += [f for f in (rendition.playlist, rendition.iframes) if f]
    files += [t.playlist for t in title.texts]
    files += [title.thumbnails.playlist] if title.thumbnails and title.thumbnails.playlist else []
    return files
