"""Subtitle files of any kind: told by their content, and read. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from subtitles.ass import read_ass
from subtitles.charset import decode
from subtitles.cue import BadSubtitles, Subtitles
from subtitles.scc import read_scc
from subtitles.srt import read_srt
from subtitles.ttml import read_ttml
from subtitles.webvtt import read_webvtt

MOST_BYTES = 32 << 20
"""No subtitle file of a film is larger."""

_KNOWN = "SRT, WebVTT, ASS, SSA, TTML (DFXP, IMSC) and SCC"
_FOREIGN = {
    "SAMI": re.compile(r"\s*<SAMI", re.IGNORECASE),
    "MicroDVD": re.compile(r"\s*\{\d+\}\{\d+\}"),
    "MPL2": re.compile(r"\s*\[\d+\]\[\d+\]"),
}
_BINARY = {
    "EBU STL": re.compile(rb"(?:437|850|860|863|865)STL\d\d\.\d\d"),
    "VobSub": re.compile(rb"# VobSub index file|\x00\x00\x01\xba"),
    "PGS": re.compile(rb"PG.{8}[\x14-\x17\x80]", re.DOTALL),
}


@dataclass(frozen=True, slots=True)
class SubtitleFile:
    """A file that was read: its format, its character set (Python's name), and what it holds."""

    format: str
    charset: str
    subtitles: Subtitles


def read_file(data: bytes, *, language: str = "", where: str) -> SubtitleFile:
    """Read a subtitle file's bytes; `language` (BCP 47) helps to tell its character set.

    Raises BadSubtitles with the line that can't be read, or where the file is of a kind that is not known.
    """
    if len(data) > MOST_BYTES:
        raise BadSubtitles(
            f"it is larger than {MOST_BYTES >> 20} MiB", where=where, hint="This is no subtitle file of one film."
        )
    for name, pattern in _BINARY.items():
        if pattern.match(data):
            raise _unknown(f"{name} files can't be read", where)
    if b"<tt" in data[:4096].replace(b"\0", b"") or re.search(rb"<\w+:tt\b", data[:4096].replace(b"\0", b"")):
        return SubtitleFile("ttml", "xml", read_ttml(data, where=where))  # XML says itself how it is encoded
    decoded = decode(data, language=language, where=where)
    kind, reader = _reader(decoded.text, where)
    return SubtitleFile(kind, decoded.charset, reader(decoded.text, where=where))


def _reader(text: str, where: str) -> tuple[str, Callable[..., Subtitles]]:
    head = text[:4096].lstrip("\ufeff \r\n\t")
    if head.startswith("WEBVTT"):
        return "webvtt", read_webvtt
    if head.startswith("Scenarist_SCC"):
        return "scc", read_scc
    if re.search(r"^\[(?:Script Info|V4\+? Styles|Events)\]", head, re.IGNORECASE | re.MULTILINE):
        return "ass", read_ass
    for name, pattern in _FOREIGN.items():
        if pattern.match(head):
            raise _unknown(f"{name} files can't be read", where)
    if re.search(r"\d\s*--?>\s*\d", text[:65536]):
        return "srt", read_srt
    raise _unknown("this is no subtitle file that can be read", where)


def _unknown(what: str, where: str) -> BadSubtitles:
    return BadSubtitles(
        what, where=where, hint=f"Known are {_KNOWN}. Others can often be converted: ffmpeg -i FILE out.srt"
    )
