"""Files that are plainly something else than a film, told by their first bytes, before any parser sees them.

Pure but for `read`.
"""

from __future__ import annotations

from ingest.integrity import Read
from media.foreign import MASTERS_ARE
from values.errors import MasterRefused

_HEAD = 1024

_BYTES = (
    (b"PK\x03\x04", "a ZIP archive"),
    (b"PK\x05\x06", "an empty ZIP archive"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"BZh", "a bzip2 archive"),
    (b"\xfd7zXZ\x00", "an xz archive"),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive"),
    (b"Rar!\x1a\x07", "a RAR archive"),
    (b"\x28\xb5\x2f\xfd", "a Zstandard archive"),
    (b"%PDF", "a PDF document"),
    (b"\x89PNG\r\n\x1a\n", "a PNG picture"),
    (b"\xff\xd8\xff", "a JPEG picture"),
    (b"GIF8", "a GIF picture"),
    (b"II*\x00", "a TIFF picture"),
    (b"MM\x00*", "a TIFF picture"),
    (b"\x7fELF", "a program"),
    (b"MZ", "a program"),
)
_TEXTS = (
    ("#extm3u", "an HLS playlist"),
    ("ffconcat", "a concat script"),
    ("<?xml", "an XML document"),
    ("<mpd", "a DASH manifest"),
    ("<!doctype html", "a web page"),
    ("<html", "a web page"),
    ("v=0", "a session description (SDP)"),
    ("[reference]", "a list of links"),
    ("webvtt", "a subtitle file"),
)
_LISTS = ("playlist", "script", "manifest", "description", "links", "XML")
_PICTURES_AS_TEXT = b"YUV4MPEG2"


def refuse_other_kinds(size: int, read: Read, *, where: str) -> None:
    """Raises MasterRefused for archives, documents, still pictures, programs, and texts such as playlists."""
    kind = find_kind(read(0, min(size, _HEAD)))
    if not kind:
        return
    advice = ""
    if kind.endswith("archive"):
        advice = ": unpack it and give the film's own file"
    elif any(word in kind for word in _LISTS):
        advice = ": give the film's own file, nothing that only names files or addresses"
    raise MasterRefused(
        f"this is {kind}, not a media file that can be read", where=where, hint=f"{MASTERS_ARE}{advice}."
    )


def find_kind(head: bytes) -> str | None:
    """What a file that begins with `head` plainly is, such as 'a ZIP archive'; None if it may be a film."""
    for magic, kind in _BYTES:
        if head.startswith(magic):
            return kind
    if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        return "a WebP picture"
    if head.startswith(_PICTURES_AS_TEXT):
        return None
    text = _as_text(head)
    if text is None:
        return None
    start = text.lstrip("\ufeff \t\r\n").lower()
    return next((kind for word, kind in _TEXTS if start.startswith(word)), "a text")


def _as_text(head: bytes) -> str | None:
    """`head` as text if all of it is text, in UTF-8 (perhaps cut within a character) or in UTF-16 with its mark."""
    encoding = "utf-16" if head[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8"
    for cut in range(4):
        try:
            text = head[: len(head) - cut].decode(encoding)
        except UnicodeDecodeError:
            continue
        return text if text and all(c.isprintable() or c in "\ufeff\t\r\n\f" for c in text) else None
    return None
