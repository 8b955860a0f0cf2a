"""Init segments: what the moov of a one-track file says, and its edit list. Pure.

ISO/IEC 14496-12 sections 8.3 to 8.6 and 8.8.3, ISO/IEC 14496-15 (AVC and HEVC sample entries).
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, replace

from media.boxes import Box, Buffer, children, damaged, make_box, make_full_box, only, read, walk
from media.codecs import describe_entry
from media.colour import ContentLight, MasteringDisplay


@dataclass(frozen=True, slots=True)
class Track:
    """The one track of an init segment.

    `handler` is ``'vide'`` or ``'soun'``; `codec` the RFC 6381 string; `config` the decoder configuration (avcC,
    hvcC …); `nal_length_size` the bytes of a NAL length in samples, 0 where samples hold no NAL units. `media_time`
    is the edit list's start in ticks (encoder priming that players skip), 0 without one. `colour` is primaries,
    transfer and matrix as ISO/IEC 23091-2 numbers them, 2 where not said; `full_range`, the `mastering` display and the
    content's `light` are told beside it. The defaults are from trex.
    """

    track_id: int
    handler: str
    timescale: int
    codec: str
    entry: str
    config: bytes
    nal_length_size: int = 0
    width: int = 0
    height: int = 0
    channels: int = 0
    sample_rate_hz: int = 0
    media_time: int = 0
    default_duration: int = 0
    default_size: int = 0
    default_flags: int = 0
    colour: tuple[int, int, int] = (2, 2, 2)
    full_range: bool = False
    mastering: MasteringDisplay | None = None
    light: ContentLight | None = None


def parse_init(data: Buffer) -> Track:
    """The track of an init segment. Raises DamagedMedia with the byte offset, also for several tracks."""
    moov = _moov(data)
    trak = only(data, moov, "trak")
    handler = read(data, only(data, trak, "mdia", "hdlr"))
    handler.take(8)
    kind = handler.take(4).decode("latin-1")
    info = describe_entry(data, _entry(data, trak), kind)
    track = Track(
        track_id=_after_dates(data, only(data, trak, "tkhd")),
        handler=kind,
        timescale=_after_dates(data, only(data, trak, "mdia", "mdhd")),
        media_time=_media_time(data, trak),
        codec=info.codec,
        entry=info.entry,
        config=info.config,
        nal_length_size=info.nal_length_size,
        width=info.width,
        height=info.height,
        channels=info.channels,
        sample_rate_hz=info.sample_rate_hz,
        colour=info.colour.codes,
        full_range=info.colour.full_range,
        mastering=info.colour.mastering,
        light=info.colour.light,
    )
    if track.timescale == 0:
        raise damaged("the track's timescale is 0", trak.start)
    return _with_defaults(data, moov, track)


def patch_edit_list(init: bytes, media_time: int) -> bytes:
    """`init` with its track's edit list replaced: presentation starts `media_time` ticks into the media.

    The edit has segment_duration 0, "to the end", as fragmented files need. 0 removes the edit list.
    """
    moov = _moov(init)
    trak = only(init, moov, "trak")
    pieces: list[bytes] = []
    for box in walk(init, trak.body, trak.stop):
        if box.kind != "edts":
            pieces.append(init[box.start : box.stop])
        if box.kind == "tkhd" and media_time:
            pieces.append(_edit_list(media_time))
    patched = _replace(init, moov, trak, make_box("trak", *pieces))
    return init[: moov.start] + patched + init[moov.stop :]


def _edit_list(media_time: int) -> bytes:
    wide = media_time > 0x7FFFFFFF
    entry = struct.pack(">IQqHH" if wide else ">IIiHH", 1, 0, media_time, 1, 0)
    return make_box("edts", make_full_box("elst", int(wide), 0, entry))


def _replace(data: bytes, parent: Box, old: Box, new: bytes) -> bytes:
    parts = [
        new if box.start == old.start else data[box.start : box.stop] for box in walk(data, parent.body, parent.stop)
    ]
    return make_box(parent.kind, *parts)


def _moov(data: Buffer) -> Box:
    found = [box for box in walk(data) if box.kind == "moov"]
    if len(found) != 1:
        raise damaged(f"the init segment holds {len(found)} moov boxes instead of one", 0)
    return found[0]


def _after_dates(data: Buffer, box: Box) -> int:
    """The 32 bit field after creation and modification time: tkhd's track_ID, mdhd's timescale."""
    reader = read(data, box)
    version, _ = reader.full()
    reader.take(16 if version else 8)
    return reader.number(4)


def _media_time(data: Buffer, trak: Box) -> int:
    for edts in children(data, trak).get("edts", []):
        reader = read(data, only(data, edts, "elst"))
        version, _ = reader.full()
        width = 8 if version else 4
        for _ in range(reader.number(4)):
            reader.take(width)
            media_time = reader.number(width, signed=True)
            rate = reader.number(4)
            if rate != 0x10000:
                raise damaged(f"an edit plays at rate {rate / 0x10000:g}", edts.start)
            if media_time >= 0:
                return media_time
    return 0


def _entry(data: Buffer, trak: Box) -> Box:
    stsd = only(data, trak, "mdia", "minf", "stbl", "stsd")
    reader = read(data, stsd)
    reader.full()
    count = reader.number(4)
    entries = list(walk(data, reader.at, stsd.stop))
    if count != 1 or len(entries) != 1:
        raise damaged(f"stsd holds {len(entries)} sample entries instead of one", stsd.start)
    return entries[0]


def _with_defaults(data: Buffer, moov: Box, track: Track) -> Track:
    for mvex in children(data, moov).get("mvex", []):
        for trex in children(data, mvex).get("trex", []):
            reader = read(data, trex)
            reader.full()
            if reader.number(4) == track.track_id:
                reader.number(4)
                duration, size, flags = reader.number(4), reader.number(4), reader.number(4)
                return replace(track, default_duration=duration, default_size=size, default_flags=flags)
    raise damaged("moov has no trex for its track: it is not the init of a fragmented file", moov.start)
