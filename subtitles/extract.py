"""All timed text of a master, in one pass over its packets and without decoding a picture. Does I/O."""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

import av.error
from av.stream import Discard

from media.probe import Probe, open_media
from subtitles.captions import CaptionSource, PictureCaptions
from subtitles.cue import to_ms
from subtitles.packets import CAPTION_CODECS, TextPacket, codec_of
from subtitles.userdata import CODECS as CAPTION_PICTURES
from subtitles.userdata import ancillary_captions, nal_length, picture_captions

_SAME_CODEC = {"libdav1d": "av1", "libaom-av1": "av1"}  # a picture's codec is called by its decoder
_MOST_BYTES = 64 << 20  # of one stream: subtitles of a film take a hundredth of it


@dataclass(frozen=True, slots=True)
class TextStream:
    """A stream's packets. `codec` is told from them where the probe could not; `overflow` says that it holds more than
    any film's text and that reading it stopped."""

    index: int
    codec: str
    extradata: bytes
    packets: tuple[TextPacket, ...]
    overflow: bool = False


@dataclass(frozen=True, slots=True)
class Extracted:
    """What was found: text streams, and caption data of the pictures, of caption tracks and of ancillary data.

    `damage` says where reading ended early, '' if it did not.
    """

    streams: tuple[TextStream, ...] = ()
    captions: tuple[CaptionSource, ...] = ()
    damage: str = ""


def worth_reading(found: Probe) -> bool:
    """Whether a master may hold text: it has a stream of it, or its pictures are of a kind that can carry captions."""
    texts = any(not s.bitmap for s in found.subtitles)
    return texts or bool(found.ancillary) or _picture_codec(found) in CAPTION_PICTURES


def extract(location: str, found: Probe, *, start: Fraction, where: str) -> Extracted:
    """Read all packets of the text streams and look for captions in those of the picture.

    `start` is film time 0 on the container's clock in seconds. Captions may begin late in a film, so all of its packets
    are looked at: each is searched for the mark of caption data, which costs no more than reading it. Raises
    MasterRefused when the master can't be opened.
    """
    if not worth_reading(found):
        return Extracted()
    codec = _picture_codec(found)
    picture = found.video.index if found.video and codec in CAPTION_PICTURES else None
    texts = {s.index: _Held(s.codec) for s in found.subtitles if not s.bitmap}
    wanted = {*texts, *found.ancillary, *(() if picture is None else (picture,))}
    captions: dict[int, list[PictureCaptions]] = {}
    damage = ""
    with open_media(location, where=where, options=_options(found)) as container:
        for stream in container.streams:
            if stream.index not in wanted:
                stream.discard = Discard.all
        for index, held in texts.items():
            held.extradata = _extradata(container.streams[index])
        length_size = 0 if picture is None else nal_length(codec, _extradata(container.streams[picture]))
        try:
            for packet in container.demux([container.streams[i] for i in sorted(wanted)]):
                index = packet.stream_index
                if not packet.size or packet.pts is None:
                    continue
                if index in texts:
                    texts[index].take(packet, start)
                    continue
                data = bytes(packet)
                triplets = picture_captions(codec, data, length_size) if index == picture else ancillary_captions(data)
                if triplets:
                    captions.setdefault(index, []).append(PictureCaptions(_film_ms(packet, start), triplets))
        except av.error.FFmpegError as error:
            damage = f"reading its text stops early ({error.strerror})"
    return _sorted_out([held.stream(i) for i, held in texts.items()], captions, picture, damage)


@dataclass(slots=True)
class _Held:
    """What was read of a text stream so far."""

    codec: str
    extradata: bytes = b""
    size: int = 0
    packets: list[TextPacket] = field(default_factory=list)

    def take(self, packet: Any, start: Fraction) -> None:
        if packet.is_discard:
            return
        self.size += packet.size
        if self.size <= _MOST_BYTES:
            self.packets.append(_text_packet(packet, start))

    def stream(self, index: int) -> TextStream:
        codec = codec_of(self.codec, self.packets)
        return TextStream(index, codec, self.extradata, tuple(self.packets), self.size > _MOST_BYTES)


def _sorted_out(
    streams: list[TextStream], captions: dict[int, list[PictureCaptions]], picture: int | None, damage: str
) -> Extracted:
    """Text apart from captions, of which streams may hold some too."""
    sources = [CaptionSource("pictures" if i == picture else f"stream {i}", tuple(captions[i])) for i in captions]
    for stream in streams:
        if stream.codec in CAPTION_CODECS and stream.packets:
            shown = tuple(PictureCaptions(p.at_ms, caption_triplets(p.data)) for p in stream.packets)
            sources.append(CaptionSource(f"stream {stream.index}", shown))
    return Extracted(tuple(s for s in streams if s.codec not in CAPTION_CODECS), tuple(sources), damage)


def _picture_codec(found: Probe) -> str:
    name = found.video.codec if found.video else ""
    return _SAME_CODEC.get(name, name)


def _options(found: Probe) -> dict[str, str]:
    """What the demuxer is told. ffmpeg cuts sparse text wrongly at the start of an edit list; told to leave it, it only
    moves the times by the edit, which is right for text: what comes before 0 is cut here."""
    quicktime = "mov" in found.format.split(",") and found.subtitles
    return {"advanced_editlist": "0"} if quicktime else {}


def _extradata(stream: Any) -> bytes:
    context = stream.codec_context
    return bytes(context.extradata or b"") if context is not None else b""


def _film_ms(packet: Any, start: Fraction) -> int:
    return to_ms(packet.pts * packet.time_base - start)


def _text_packet(packet: Any, start: Fraction) -> TextPacket:
    at = _film_ms(packet, start)
    stop = to_ms((packet.pts + packet.duration) * packet.time_base - start) if packet.duration else None
    settings = b""
    if packet.has_sidedata("webvtt_settings"):
        settings = bytes(packet.get_sidedata("webvtt_settings"))
    return TextPacket(at, None if stop is None else stop - at, bytes(packet), settings.decode(errors="replace"))


def caption_triplets(data: bytes) -> bytes:
    """The cc_data triplets of a caption track's packet: as it is, or in QuickTime's boxes of field 1 and field 2."""
    out = bytearray()
    at = 0
    if data[4:8] not in (b"cdat", b"cdt2"):
        return data
    while data[at + 4 : at + 8] in (b"cdat", b"cdt2"):
        size = max(8, int.from_bytes(data[at : at + 4], "big"))
        head = 0xFC if data[at + 4 : at + 8] == b"cdat" else 0xFD
        body = data[at + 8 : at + size]
        for n in range(0, len(body) - 1, 2):
            out += bytes((head, body[n], body[n + 1]))
        at += size
    return bytes(out)
