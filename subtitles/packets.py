"""Packets of a text stream, codec by codec, to cues. Pure.

The codecs are named as ffmpeg names them. What the packets of each hold is what ffmpeg's demuxers leave of it: the
times are the packets', and the text alone is in them.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, replace

from subtitles.ass import read_ass_stream
from subtitles.cue import BadSubtitles, Cue, Subtitles
from subtitles.markup import Run, colour_styles, payload, shifted, valid
from subtitles.srt import srt_text
from subtitles.ttml import read_ttml
from subtitles.tx3g import read_tx3g
from subtitles.webvtt_settings import valid_settings

TEXT_CODECS = ("ass", "mov_text", "ssa", "subrip", "text", "ttml", "webvtt")
CAPTION_CODECS = ("eia_608",)
"""Tracks of caption bytes, which are decoded as those in pictures are."""

_LAST_MS = 5000  # a text whose end is not said stays until the next one, at most so long
_HINT = "Give it as a file instead: --subtitle FILE:LANGUAGE."


@dataclass(frozen=True, slots=True)
class TextPacket:
    """One packet on the film's timeline; `duration_ms` is None where the container does not say it. `settings` are
    what a WebVTT block carries beside its text."""

    at_ms: int
    duration_ms: int | None
    data: bytes
    settings: str = ""

    @property
    def stop_ms(self) -> int:
        return self.at_ms + (self.duration_ms or 0)


def codec_of(codec: str, packets: Sequence[TextPacket]) -> str:
    """The codec of a stream; one that PyAV has no name for is told by its first packet."""
    if codec != "unknown" or not packets:
        return codec
    head = packets[0].data[:200].lstrip(b"\xef\xbb\xbf \r\n\t")
    if head.startswith((b"<?xml", b"<tt")) or b"<tt" in head.replace(b"\0", b""):
        return "ttml"
    if 0x10 <= (head[:1] or b"\0")[0] < 0x20 and head[1:2] in (b"\x02", b"\x03"):
        return "dvb_teletext"
    return codec


def read_packets(
    codec: str, extradata: bytes, packets: Sequence[TextPacket], *, clock_ms: int, where: str
) -> Subtitles:
    """The cues of a text stream of one of `TEXT_CODECS`. `clock_ms` is the film's time when the container's clock, from
    which documents count, says 0. Raises BadSubtitles where the stream can't be read."""
    timed = _ended(packets)
    if codec in ("ass", "ssa"):
        events = ((p.at_ms, p.stop_ms, _text(p.data)) for p in timed)
        return read_ass_stream(extradata.decode("utf-8-sig", errors="replace"), events, where=where)
    if codec == "mov_text":
        return read_tx3g(extradata, [(p.at_ms, p.stop_ms, p.data) for p in timed], where=where)
    if codec == "ttml":
        return _documents(timed, clock_ms, where)
    if codec == "webvtt":
        texts = (shifted(valid(_text(p.data)), p.at_ms, p.at_ms, p.stop_ms) for p in timed)
        cues = [Cue(p.at_ms, p.stop_ms, t, valid_settings(p.settings)) for p, t in zip(timed, texts, strict=True)]
        return Subtitles(tuple(cues), _blocks(extradata))
    if codec in ("subrip", "text"):
        cues = [Cue(p.at_ms, p.stop_ms, *_plain(codec, _text(p.data))) for p in timed]
        return Subtitles(tuple(cues), colour_styles(c.text for c in cues))
    raise BadSubtitles(f"subtitles of the kind {codec} can't be read", where=where, hint=_HINT)


def _text(data: bytes) -> str:
    return data.decode(errors="replace").rstrip("\0")


def _plain(codec: str, text: str) -> tuple[str, str]:
    return srt_text(text) if codec == "subrip" else (payload([Run(text)]), "")


def _blocks(extradata: bytes) -> tuple[str, ...]:
    """STYLE blocks that Matroska keeps in a WebVTT track's private data."""
    text = extradata.decode(errors="replace").replace("\r\n", "\n")
    parts = [part.strip("\n") for part in text.split("\n\n")]
    return tuple(p for p in parts if p.startswith("STYLE\n") and "-->" not in p)


def _ended(packets: Sequence[TextPacket]) -> list[TextPacket]:
    """Packets by time, those without a duration ending at the next one."""
    ordered = sorted(packets, key=lambda p: p.at_ms)
    nexts = itertools.chain((p.at_ms for p in ordered[1:]), itertools.repeat(10**12))
    return [
        p if p.duration_ms else replace(p, duration_ms=min(after - p.at_ms, _LAST_MS))
        for p, after in zip(ordered, nexts, strict=False)
    ]


def _documents(packets: Sequence[TextPacket], clock_ms: int, where: str) -> Subtitles:
    """TTML in samples (ISO/IEC 14496-30 section 5): whole documents, whose times are the track's, each shown during its
    sample alone. A text that goes on in the next document is one cue."""
    cues: list[Cue] = []
    blocks: dict[str, None] = {}
    language = ""
    latest: dict[tuple[str, str], int] = {}
    for packet in packets:
        found = read_ttml(packet.data, where=where)
        blocks |= dict.fromkeys(found.blocks)
        language = language or found.language
        for cue in found.cues:
            start, stop = max(cue.start_ms + clock_ms, packet.at_ms), min(cue.stop_ms + clock_ms, packet.stop_ms)
            before = latest.get((cue.text, cue.settings))
            if start < stop and before is not None and cues[before].stop_ms == start == packet.at_ms:
                cues[before] = replace(cues[before], stop_ms=stop)
            elif start < stop:
                latest[cue.text, cue.settings] = len(cues)
                cues.append(Cue(start, stop, cue.text, cue.settings))
    return Subtitles(tuple(cues), tuple(blocks), language=language)
