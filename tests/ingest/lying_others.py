"""Matroska, AVI, MPEG-TS and other files that lie, blow up, or hold no film."""

from __future__ import annotations

import struct
import zlib

from tests.ingest.bases import Bases
from tests.ingest.hostile import ANY, JUMPS, TAKEN, Hostile, Make
from tests.ingest.surgery import cluster, element, matroska, number, ts_packet, ts_section, video_track


def _zipped_track(bases: Bases) -> bytes:
    """One frame that zlib blows up a thousandfold."""
    codings = element("6d80", element("6240", number("5031", 0), element("5034", number("4254", 0))))
    track = video_track("V_UNCOMPRESSED", 4096, 4096, codings)
    return matroska(track, clusters=cluster(0, zlib.compress(bytes(200 << 20), 9)))


def _two_frames(scale: int, gap: int) -> Make:
    def make(bases: Bases) -> bytes:
        png = bases.made("dot.png", "-f", "lavfi", "-i", "color=s=64x64", "-frames:v", "1")
        track = video_track("V_MS/VFW/FOURCC", 64, 64, element("63a2", _bitmap(64, 64, b"MPNG")))
        return matroska(track, clusters=cluster(0, png) + cluster(gap, png), scale=scale)

    return make


def _bitmap(width: int, height: int, tag: bytes) -> bytes:
    return struct.pack("<IiiHH4sIiiII", 40, width, height, 1, 24, tag, 0, 0, 0, 0, 0)


def _png_bomb(width: int, height: int, *, declared: bool = False) -> Make:
    """A film of one PNG picture twice: a size, and zeros that zlib made small. The container may say another size."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    def make(_: Bases) -> bytes:
        rows = zlib.compressobj(9)
        packed = b"".join(rows.compress(bytes(1 + width // 8)) for _ in range(height)) + rows.flush()
        header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0))
        png = b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", packed) + chunk(b"IEND", b"")
        said = (width, height) if declared else (640, 360)
        track = video_track("V_MS/VFW/FOURCC", *said, element("63a2", _bitmap(*said, b"MPNG")))
        return matroska(track, clusters=cluster(0, png) + cluster(40, png))

    return make


def _avi_rate(rate: int, scale: int) -> Make:
    def make(bases: Bases) -> bytes:
        data = bases("avi")
        at = data.index(b"strh") + 8 + 20
        return data[:at] + struct.pack("<II", scale, rate) + data[at + 8 :]

    return make


def _many_programs(_: Bases) -> bytes:
    """A transport stream with 40 programs of 150 streams each, and not one of them."""
    programs = b"".join(struct.pack(">HH", n, 0xE000 | 4096 + n) for n in range(1, 41))
    packets = [ts_packet(0, ts_section(0, 1, programs))]
    for n in range(1, 41):
        streams = b"".join(struct.pack(">BHH", 2, 0xE000 | 32 + n * 90 + i, 0xF000) for i in range(33))
        packets.append(ts_packet(4096 + n, ts_section(2, n, struct.pack(">HH", 0xFFFF, 0xF000) + streams)))
    return b"".join(packets * 20)


def _talking(bases: Bases) -> bytes:
    """A film whose names and languages would break out of a playlist's quotes."""
    evil = 'de"\\n#EXT-X-MEDIA:URI="file:///etc/passwd'.replace("\\n", "\n")
    return bases.made(
        "talking.mkv", "-i", bases.path("mkv"), "-map", "0", "-c", "copy", "-metadata", f"title={evil}",
        "-metadata:s", f"language={evil}", "-metadata:s", f"title={evil}", "-f", "matroska",
    )  # fmt: skip


def _cover(bases: Bases) -> bytes:
    """A song with a picture attached."""
    return bases.made(
        "cover.m4a", "-i", bases.path("wav"), "-f", "lavfi", "-i", "color=s=64x64", "-frames:v", "1", "-c:v", "png",
        "-disposition:v", "attached_pic",
    )  # fmt: skip


LYING_OTHERS = (
    Hostile("zip-bomb.mkv", _zipped_track, "can't be decoded"),
    Hostile("png-bomb-30000.mkv", _png_bomb(30_000, 30_000), "can't be decoded"),
    Hostile("png-12000.mkv", _png_bomb(12_000, 12_000, declared=True), "its picture is 12000x12000"),
    Hostile("png-8192.mkv", _png_bomb(8192, 8192, declared=True), TAKEN),
    Hostile("endless-element.mkv", lambda _: matroska(element("86", b"", claimed=1 << 50)), "truncated|ends before"),
    Hostile(
        "endless-private.mkv",
        lambda _: matroska(video_track("V_MPEG4/ISO/AVC", 64, 64, element("63a2", b"x", claimed=1 << 31))),
        "ends before",
    ),
    Hostile(
        "huge-track.mkv", lambda _: matroska(video_track("V_VP8", 1 << 40, 1 << 40), clusters=cluster(0, b"x")), ANY
    ),
    Hostile("deep.mkv", lambda _: matroska(clusters=b"\x1f\x43\xb6\x75\x01\xff\xff\xff\xff\xff\xff\xff" * 20_000)),
    Hostile("century-between.mkv", _two_frames(10**9, 3_153_600_000), JUMPS),
    Hostile("scale-0.mkv", _two_frames(0, 1)),
    Hostile("scale-huge.mkv", _two_frames(1 << 62, 1)),
    Hostile("microseconds.mkv", _two_frames(1000, 1), "shown within"),
    Hostile("rate-0-by-0.avi", _avi_rate(0, 0)),
    Hostile("rate-1-by-0.avi", _avi_rate(1, 0)),
    Hostile("rate-million.avi", _avi_rate(1_000_000, 1), "shown within"),
    Hostile("rate-once-a-year.avi", _avi_rate(1, 31_536_000), JUMPS),
    Hostile("many-programs.ts", _many_programs, "can't be decoded"),
    Hostile("padding.ts", lambda _: ts_packet(0x1FFF, b"") * 5000, "ends before"),
    Hostile("wraps.ts", lambda b: b("wraps.ts"), TAKEN),
    Hostile("talking.mkv", _talking, TAKEN),
    Hostile("cover.m4a", _cover, "no video"),
)
