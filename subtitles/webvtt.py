"""WebVTT files: reading what others wrote, and writing whole tracks and HLS segments. Pure.

W3C WebVTT sections 4.1 and 6.1; RFC 8216 section 3.5 for ``X-TIMESTAMP-MAP``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from fractions import Fraction

from subtitles.cue import BadSubtitles, Cue, Subtitles, check_count
from subtitles.markup import parse_stamp, stamp, valid
from subtitles.webvtt_settings import valid_settings

MEDIA_TYPE = "text/vtt"
MAP = "X-TIMESTAMP-MAP=MPEGTS:0,LOCAL:00:00:00.000"
"""The film begins at media time 0 in all renditions, so cue times are media times."""

_TIMING = re.compile(
    r"\s*((?:\d{2,}:)?[0-5]\d:[0-5]\d\.\d{3})[ \t]*-->[ \t]*((?:\d{2,}:)?[0-5]\d:[0-5]\d\.\d{3})(?:[ \t]+(.*))?"
)
_MAP = re.compile(r"X-TIMESTAMP-MAP=(.*)")
_REGION_ID = re.compile(r"(?:^|\s)id:(\S+)", re.MULTILINE)
_HINT = "Times are written like 00:01:02.500 --> 00:01:04.000. Correct the line."


def write_webvtt(cues: Iterable[Cue], blocks: Sequence[str] = (), *, header: str = "") -> bytes:
    """A WebVTT file of these cues, in their order; `header` are lines directly behind the signature.

    Cues must be valid: ``0 <= start_ms < stop_ms`` and text that can be read (`subtitles.fit` sees to that).
    """
    parts = ["WEBVTT" + (f"\n{header}" if header else ""), *blocks]
    parts += [
        f"{stamp(c.start_ms)} --> {stamp(c.stop_ms)}{' ' + c.settings if c.settings else ''}\n{c.text}" for c in cues
    ]
    return ("\n\n".join(parts) + "\n").encode()


def write_segment(cues: Iterable[Cue], blocks: Sequence[str] = ()) -> bytes:
    """One HLS segment: cues that are shown in it, with the times that they have in the whole film."""
    return write_webvtt(cues, blocks, header=MAP)


def read_webvtt(text: str, *, where: str) -> Subtitles:
    """Parse a WebVTT file. Raises BadSubtitles with the line of what is no WebVTT or no time."""
    lines = text.removeprefix("\ufeff").replace("\0", "\ufffd").replace("\r\n", "\n").replace("\r", "\n").split("\n")
    if not re.fullmatch(r"WEBVTT(?:[ \t].*)?", lines[0]):
        raise BadSubtitles(
            "this is no WebVTT file", where=f"{where}, line 1", hint="A WebVTT file begins with the line WEBVTT."
        )
    at, mpegts = _header(lines, where)
    cues: list[Cue] = []
    blocks: list[str] = []
    regions: set[str] = set()
    while at < len(lines):
        start, at = at, _block_end(lines, at)
        block = lines[start:at]
        if start == at:  # an empty line
            at += 1
        elif "-->" in block[0] or (len(block) > 1 and "-->" in block[1]):
            offset = 0 if "-->" in block[0] else 1
            cues.append(_cue(block[offset:], regions, f"{where}, line {start + offset + 1}"))
            check_count(len(cues), where)
        elif not cues and re.fullmatch(r"(?:STYLE|REGION)[ \t]*", block[0]) and len(block) > 1:
            blocks.append("\n".join([block[0].strip(), *block[1:]]))
            regions |= set(_REGION_ID.findall("\n".join(block[1:]))) if block[0].startswith("REGION") else set()
    return Subtitles(tuple(cues), tuple(blocks), mpegts=mpegts)


def _header(lines: Sequence[str], where: str) -> tuple[int, Fraction | None]:
    """Where the first block starts, and what the time stamp map says."""
    mpegts = None
    at = 1
    while at < len(lines) and lines[at] and "-->" not in lines[at]:
        found = _MAP.fullmatch(lines[at].strip())
        if found:
            mpegts = _shift(found[1], f"{where}, line {at + 1}")
        at += 1
    return at, mpegts


def _shift(text: str, where: str) -> Fraction:
    """Seconds from cue times to the MPEG-TS clock."""
    values = dict(part.strip().partition(":")[::2] for part in text.split(","))
    try:
        return Fraction(int(values["MPEGTS"]), 90_000) - Fraction(parse_stamp(values["LOCAL"]), 1000)
    except (KeyError, ValueError) as error:
        raise BadSubtitles(
            f"{text!r} is no time stamp map", where=where, hint="It is written like MPEGTS:900000,LOCAL:00:00:00.000."
        ) from error


def _block_end(lines: Sequence[str], at: int) -> int:
    """The end of the block that begins at line `at`: an empty line, or the next line with times."""
    timed = False
    start = at
    while at < len(lines) and lines[at]:
        if "-->" in lines[at]:
            if timed or at > start + 1:
                break
            timed = True
        at += 1
    return at


def _cue(block: Sequence[str], regions: set[str], where: str) -> Cue:
    found = _TIMING.fullmatch(block[0])
    if not found:
        raise BadSubtitles(f"{block[0].strip()[:60]!r} are no times", where=where, hint=_HINT)
    text = valid("\n".join(block[1:]))
    return Cue(parse_stamp(found[1]), parse_stamp(found[2]), text, valid_settings(found[3] or "", regions))
