"""A strict reader of WebVTT (W3C WebVTT section 4) and of HLS's timestamp map (RFC 8216bis section 3.1.4). Pure.

Written apart from what writes such files.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_STAMP = r"(?:(\d{2,}):)?([0-5]\d):([0-5]\d)\.(\d{3})"
_TIMING = re.compile(rf"{_STAMP}[ \t]+-->[ \t]+{_STAMP}(?:[ \t]+(\S.*?))?[ \t]*")
_MAP = re.compile(rf"X-TIMESTAMP-MAP=(?:MPEGTS:(\d+),LOCAL:({_STAMP})|LOCAL:({_STAMP}),MPEGTS:(\d+))")
_TAG = re.compile(r"<(/?)([a-z]*)((?:\.[^\s.<>&]+)*)([ \t][^<>]*)?>|<(\d[\d:.]*)>")
_ENTITY = re.compile(r"&(?:amp|lt|gt|lrm|rlm|nbsp|#\d+|#x[0-9a-fA-F]+);")
_SPANS = ("c", "i", "b", "u", "ruby", "rt", "v", "lang")


@dataclass(frozen=True, slots=True)
class VttCue:
    """A cue shown during ``[start, stop)`` milliseconds."""

    start: int
    stop: int
    settings: str
    text: str


@dataclass(frozen=True, slots=True)
class Vtt:
    """A WebVTT file. `shift` is the time in 1/90000 s that its timestamp map adds to cue times, None without a map;
    `blocks` are its STYLE and REGION blocks."""

    cues: tuple[VttCue, ...]
    blocks: tuple[str, ...]
    shift: int | None


def read_vtt(data: bytes) -> Vtt:
    """The file, or ValueError with the line that breaks the format."""
    text = data.decode("utf-8").replace("\r\n", "\n").replace("\r", "\n")
    if "\0" in text:
        raise ValueError("it holds a NUL character")
    lines = text.removeprefix("\ufeff").split("\n")
    if not re.fullmatch(r"WEBVTT(?:[ \t].*)?", lines[0]):
        raise ValueError(f"line 1 is {lines[0]!r} and not WEBVTT")
    header, *blocks = _blocks(lines)
    cues: list[VttCue] = []
    styles: list[str] = []
    for number, block in blocks:
        kind = block[0].split(" ")[0].rstrip()
        if kind == "NOTE":
            continue
        if kind in ("STYLE", "REGION") and "-->" not in block[0]:
            if cues:
                raise ValueError(f"line {number} has a {kind} block after a cue")
            styles.append("\n".join(block))
        else:
            cues.append(_cue(number, block))
    return Vtt(tuple(cues), tuple(styles), _shift(header[1]))


def markup_fault(text: str) -> str | None:
    """What is wrong with a cue's text: tags that WebVTT does not know or that don't nest, an ampersand by itself."""
    if "&" in _ENTITY.sub("", text):
        return "an ampersand that is not escaped"
    opened: list[str] = []
    for match in _TAG.finditer(text):
        closing, name = match[1], match[2]
        if match[5]:
            continue
        if name not in _SPANS:
            return f"the tag {match[0]}"
        if not closing:
            opened.append(name)
        elif not opened or opened.pop() != name:
            return f"{match[0]} which nothing opens"
    if "<" in _TAG.sub("", text):
        return "a < that is not escaped"
    if opened == ["v"]:  # the end of a voice that speaks the whole cue may be left out (section 4.2.2)
        return None
    return f"<{opened[-1]}> which nothing closes" if opened else None


def _blocks(lines: list[str]) -> list[tuple[int, list[str]]]:
    """Runs of lines without an empty one, each with the number of its first line."""
    out: list[tuple[int, list[str]]] = []
    for number, line in enumerate(lines, 1):
        if not line:
            continue
        if number > 1 and lines[number - 2]:
            out[-1][1].append(line)
        else:
            out.append((number, [line]))
    return out


def _cue(number: int, block: list[str]) -> VttCue:
    at = 0 if "-->" in block[0] else 1
    match = _TIMING.fullmatch(block[at]) if len(block) > at else None
    if match is None:
        raise ValueError(f"line {number} starts no cue")
    if any("-->" in line for line in block[at + 1 :]):
        raise ValueError(f"line {number} starts a cue that holds an arrow")
    start, stop = _ms(match.groups()[:4]), _ms(match.groups()[4:8])
    if stop <= start:
        raise ValueError(f"line {number + at} has a cue that ends at {stop} ms and starts at {start}")
    return VttCue(start, stop, match[9] or "", "\n".join(block[at + 1 :]))


def _ms(parts: tuple[str | None, ...]) -> int:
    hours, minutes, seconds, thousandths = (int(part or 0) for part in parts)
    return ((hours * 60 + minutes) * 60 + seconds) * 1000 + thousandths


def _shift(header: list[str]) -> int | None:
    maps = [line for line in header if line.startswith("X-TIMESTAMP-MAP")]
    if not maps:
        return None
    match = _MAP.fullmatch(maps[0])
    if match is None or len(maps) > 1:
        raise ValueError(f"its header says {', '.join(maps)}")
    mpegts, local = (match[1], match.groups()[2:6]) if match[1] else (match[12], match.groups()[7:11])
    return int(mpegts) - 90 * _ms(local)
