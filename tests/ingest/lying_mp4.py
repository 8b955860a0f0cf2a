"""MP4 and QuickTime files whose boxes lie."""

from __future__ import annotations

import struct

from media.boxes import make_box, walk
from tests.ingest.bases import Bases
from tests.ingest.hostile import JUMPS, TAKEN, Hostile, Make
from tests.ingest.surgery import STBL, avc_sps, compressed_moov, edit, entries, full, noise, poke, put


def _swapped(bases: Bases) -> bytes:
    """mdat and moov change places, and the offsets stay."""
    data = bases("silent.mp4")
    boxes = [data[b.start : b.stop] for b in walk(data)]
    return b"".join([boxes[0], *reversed(boxes[1:])])


def _nested(depth: int) -> bytes:
    box = b""
    for _ in range(depth):
        box = make_box("trak", box)
    return make_box("ftyp", b"isom\x00\x00\x02\x00isom") + make_box("moov", box)


def _many_tracks(bases: Bases) -> bytes:
    def repeat(moov: bytes) -> bytes:
        trak = next(moov[b.start : b.stop] for b in walk(moov) if b.kind == "trak")
        return moov + trak * 3000

    return edit(bases("silent.mp4"), ("moov",), repeat)


def _sized(width: int, height: int) -> Make:
    """The sample entry and the track header claim another size, and so does the SPS."""

    def make(bases: Bases) -> bytes:
        data = poke(bases("silent.mp4"), ("moov", "trak", "tkhd"), 76, struct.pack(">II", width << 16, height << 16))
        sps = avc_sps(width // 16, height // 16)

        def entry(stsd: bytes) -> bytes:
            at = stsd.index(b"avcC")
            avcc = b"\x01" + sps[1:4] + b"\xff\xe1" + struct.pack(">H", len(sps)) + sps + stsd[at + 4 :][-9:]
            head = stsd[8 : at - 4]
            head = head[:32] + struct.pack(">HH", width, height) + head[36:]
            return stsd[:8] + make_box("avc1", head[8:], make_box("avcC", avcc))

        return edit(data, (*STBL, "stsd"), entry)

    return make


def _put(path: tuple[str, ...], body: bytes, *, edits: bool = True) -> Make:
    """The clip with another body for the box at `path`; without its edit list if not `edits`."""

    def make(bases: Bases) -> bytes:
        data = bases("silent.mp4") if edits else put(bases("silent.mp4"), ("moov", "trak", "edts"), b"")
        return put(data, path, body)

    return make


def _poke(path: tuple[str, ...], offset: int, value: bytes, *, edits: bool = True) -> Make:
    """The clip with some bytes of the box at `path` overwritten."""

    def make(bases: Bases) -> bytes:
        data = bases("silent.mp4") if edits else put(bases("silent.mp4"), ("moov", "trak", "edts"), b"")
        return poke(data, path, offset, value)

    return make


def _retagged(tag: bytes) -> Make:
    return lambda bases: edit(bases("silent.mp4"), (*STBL, "stsd"), lambda stsd: stsd.replace(b"avc1", tag))


def _many_samples(bases: Bases) -> bytes:
    """400 million pictures of one byte, all in one chunk; the index is compressed, so that nobody sees it coming."""
    data = put(bases("silent.mp4"), (*STBL, "stsz"), full(struct.pack(">II", 1, 400_000_000)))
    data = put(data, (*STBL, "stts"), entries(1, struct.pack(">II", 400_000_000, 1)))
    data = put(data, (*STBL, "stsc"), entries(1, struct.pack(">III", 1, 400_000_000, 1)))
    return compressed_moov(put(data, (*STBL, "stco"), entries(1, struct.pack(">I", 48))))


def _swollen_index(bases: Bases) -> bytes:
    """A quarter of a gibibyte of nothing, compressed."""
    return compressed_moov(edit(bases("silent.mp4"), ("moov",), lambda moov: moov + make_box("free", bytes(256 << 20))))


def _ten_years(bases: Bases) -> bytes:
    data = put(bases("silent.mp4"), ("moov", "trak", "edts"), b"")
    data = poke(data, ("moov", "trak", "mdia", "mdhd"), 12, struct.pack(">I", 10))
    return put(data, (*STBL, "stts"), full(struct.pack(">IIIII", 2, 73, 1, 2, 3_153_600_000 // 2)))


_ELST = ("moov", "trak", "edts", "elst")
_MDHD = ("moov", "trak", "mdia", "mdhd")
_EDIT = struct.pack(">IiI", 1, 0, 0x10000)
_WHOLE_FILM = struct.pack(">IiI", 3000, 0, 0x10000)

LYING_MP4 = (
    Hostile("swapped.mp4", _swapped),
    Hostile("nested.mp4", lambda _: _nested(20_000), "no video"),
    Hostile("boxes.mp4", lambda _: make_box("ftyp", b"isom\x00\x00\x02\x00isom") + make_box("free") * 100_000),
    Hostile("3000-tracks.mp4", _many_tracks, "more memory, or more streams"),
    *(Hostile(f"size-{side}.mp4", _sized(side, side), "too large") for side in (16384, 65520)),
    Hostile("million-edits.mp4", _put(_ELST, entries(1_000_000, _EDIT)), "an edit list of 1000000 entries"),
    Hostile("film-4000-times.mp4", _put(_ELST, entries(4000, _WHOLE_FILM)), TAKEN),
    Hostile("negative-edit.mp4", _put(_ELST, entries(1, struct.pack(">iiI", -5, -9, 0x10000)))),
    Hostile("million-steps.mp4", _put((*STBL, "stts"), entries(1_000_000, struct.pack(">II", 1, 512))), TAKEN),
    Hostile("endless-stts.mp4", _put((*STBL, "stts"), entries(0xFFFFFFFF, struct.pack(">II", 1, 512), times=4))),
    Hostile("endless-ctts.mp4", _put((*STBL, "ctts"), entries(0xFFFFFFFF, struct.pack(">II", 1, 512), times=4))),
    Hostile("endless-stss.mp4", _put((*STBL, "stss"), entries(0xFFFFFFFF, struct.pack(">I", 1), times=4))),
    Hostile("endless-stsc.mp4", _put((*STBL, "stsc"), entries(0x7FFFFFFF, struct.pack(">III", 1, 1, 1), times=4))),
    Hostile("endless-stco.mp4", _put((*STBL, "stco"), entries(0xFFFFFFFF, struct.pack(">I", 48), times=4))),
    Hostile(
        "endless-stsz.mp4", _put((*STBL, "stsz"), full(struct.pack(">II", 0, 0xFFFFFFFF), bytes(64))), "index claims"
    ),
    Hostile("400-million-samples.mp4", _many_samples, "can't be decoded"),
    Hostile("negative-duration.mp4", _poke(("moov", "mvhd"), 16, b"\xff" * 4), TAKEN),
    Hostile("negative-media-duration.mp4", _poke(_MDHD, 16, b"\xff" * 4)),
    Hostile("negative-steps.mp4", _put((*STBL, "stts"), entries(1, struct.pack(">Ii", 75, -512))), "shown within"),
    Hostile("far-composition.mp4", _put((*STBL, "ctts"), entries(75, struct.pack(">Ii", 1, 0x7FFFFF00)), edits=False)),
    Hostile("timescale-0.mp4", _poke(_MDHD, 12, bytes(4), edits=False)),
    Hostile("timescale-1.mp4", _poke(_MDHD, 12, struct.pack(">I", 1), edits=False)),
    Hostile("timescale-huge.mp4", _poke(_MDHD, 12, b"\x7f\xff\xff\xff"), "shown within"),
    Hostile("ten-years-between.mp4", _ten_years, JUMPS),
    Hostile("index-of-2-gib.mp4", lambda b: compressed_moov(b("silent.mp4"), 0x7FFFFFFF)),
    Hostile("swollen-index.mp4", _swollen_index, TAKEN),
    Hostile("zipped-index.mov", lambda b: compressed_moov(b("silent.mp4")), TAKEN),
    Hostile("wrong-tag.mp4", _retagged(b"hvc1"), "can't be decoded"),
    Hostile("unknown-tag.mp4", _retagged(b"xyzw"), "codec that is not known"),
    Hostile(
        "undecodable.mp4", lambda b: edit(b("silent.mp4"), ("mdat",), lambda m: noise(9, len(m))), "can't be decoded"
    ),
)
