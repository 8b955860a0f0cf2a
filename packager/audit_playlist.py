"""Reading HLS playlists for the auditor, and what their references and numbers mean. Pure."""

from __future__ import annotations

from fractions import Fraction
from posixpath import dirname, normpath

import m3u8

from packager.audit_facts import Fault

MICROSECOND = Fraction(1, 1_000_000)


def parse_playlist(key: str, data: bytes, faults: list[Fault]) -> m3u8.M3U8 | None:
    """The playlist, or None, with a fault, if it is none."""
    try:
        return m3u8.M3U8(data.decode("utf-8"), strict=True)
    except Exception as error:  # noqa: BLE001  m3u8 raises whatever its regular expressions and floats raise
        faults.append(Fault(key, f"is not a playlist ({type(error).__name__}: {error})"))
        return None


def resolve(key: str, uri: str | None) -> str:
    """The store key that a relative reference in the object at `key` means; foreign addresses stay as they are."""
    if not uri or "://" in uri or uri.startswith("/"):
        return uri or ""
    return normpath(f"{dirname(key)}/{uri}")


def decimal(value: object) -> Fraction:
    """A number that m3u8 gave as a float, as the decimal that was written (at most 9 places)."""
    return Fraction(f"{float(str(value or 0)):.9f}")


def difference(listed: list[str], stored: list[str]) -> str:
    """Where two lists of segments part."""
    for number, (a, b) in enumerate(zip(listed, stored, strict=False), 1):
        if a != b:
            return f"lists {a} as segment {number} and the record says {b}"
    return f"lists {len(listed)} segments and the record {len(stored)}"
