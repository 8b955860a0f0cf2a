"""Files of other kinds, files cut short, and files with bits turned over."""

from __future__ import annotations

import gzip
import io
import zipfile

from tests.ingest.bases import Bases
from tests.ingest.hostile import Hostile, Make
from tests.ingest.surgery import flipped, noise


def _archive() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("film.mp4", bytes(1000))
    return file.getvalue()


PLAYLIST = "#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\n{place}\n#EXT-X-ENDLIST\n"
ID3 = b"ID3\x04\x00\x00\x00\x00\x00\x0a" + bytes(10)

OTHER_KINDS = (
    Hostile("empty.mp4", lambda _: b"", "the file is empty"),
    Hostile("one-byte.mp4", lambda _: b"\x00", "not a media file|not a kind"),
    Hostile("noise.mp4", lambda _: noise(1, 1 << 16), "not a media file|not a kind"),
    Hostile("zeros.mp4", lambda _: bytes(1 << 16), "not a media file|not a kind"),
    Hostile("text.mp4", lambda _: b"just some notes\n" * 500, "this is a text"),
    Hostile("page.mp4", lambda _: b"<!DOCTYPE html><title>404</title>", "this is a web page"),
    Hostile("paper.mp4", lambda _: b"%PDF-1.7\n%\xe2\xe3" + noise(2, 5000), "this is a PDF document"),
    Hostile("zip.mp4", lambda _: _archive(), "this is a ZIP archive(.|\n)*unpack it"),
    Hostile("gzip.mov", lambda b: gzip.compress(b("mov"), mtime=0), "this is a gzip archive"),
    Hostile("program.mkv", lambda _: b"\x7fELF\x02\x01\x01" + noise(3, 5000), "this is a program"),
    Hostile("jpeg.mp4", lambda _: b"\xff\xd8\xff\xe0\x00\x10JFIF" + noise(4, 5000), "this is a JPEG picture"),
    Hostile(
        "png.mp4",
        lambda b: b.made("still.png", "-f", "lavfi", "-i", "testsrc2=s=64x64", "-frames:v", "1"),
        "this is a PNG picture",
    ),
    Hostile("list.m3u8", lambda _: PLAYLIST.format(place="/etc/passwd").encode(), "this is an HLS playlist"),
    Hostile("list-in-disguise.mp3", lambda b: ID3 + PLAYLIST.format(place=b.path("ts")).encode(), "not a media file"),
    Hostile("script.mp4", lambda b: f"ffconcat version 1.0\nfile {b.path('mp4')}\n".encode(), "a concat script"),
    Hostile(
        "script-in-disguise.mp3",
        lambda b: ID3 + f"ffconcat version 1.0\nfile {b.path('mp4')}\n".encode(),
        "not a kind of file",
    ),
    Hostile("session.mp4", lambda _: b"v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\nm=video 9 RTP/AVP 96\r\n", "SDP"),
    Hostile("manifest.mp4", lambda _: b'<?xml version="1.0"?><MPD><BaseURL>file:///etc/passwd</BaseURL></MPD>', "XML"),
    Hostile("sound.mp4", lambda b: b("wav"), "no video .only 1 audio."),
    Hostile("encrypted.mp4", lambda b: b("locked.mp4"), "encrypted"),
    Hostile("subtitles.mkv", lambda _: b"WEBVTT\n\n00:00.000 --> 00:09.000\nHello\n", "this is a subtitle file"),
)


def _cut(base: str, share: float) -> Make:
    return lambda bases: bases(base)[: int(len(bases(base)) * share)]


TRUNCATED = (
    *(
        Hostile(f"cut-{int(share * 100)}.{base}", _cut(base, share), "truncated|damaged", partial=True)
        for base in ("fast.mp4", "mkv", "webm", "avi")
        for share in (0.4, 0.97)
    ),
    Hostile("cut-in-its-index.fast.mp4", lambda b: b("fast.mp4")[:2000], "truncated(.|\n)*moov"),
    Hostile("cut.mp4", _cut("mp4", 0.6), "truncated(.|\n)*moov"),
    Hostile("cut.mov", _cut("mov", 0.8), "truncated(.|\n)*moov"),
    Hostile("cut.pieces.mp4", _cut("pieces.mp4", 0.5), "truncated", partial=True),
    Hostile("cut.ts", _cut("ts", 0.55), "truncated", partial=True),
    Hostile("cut-at-a-packet.ts", lambda b: b("ts")[: 188 * 1500], partial=True),  # nothing tells it from a whole one
    Hostile("cut.mxf", _cut("mxf", 0.5), partial=True),
    Hostile("cut.flv", _cut("flv", 0.7), partial=True),
)


def _flip(base: str, seed: int, count: int, start: float, stop: float) -> Make:
    return lambda bases: flipped(bases(base), seed, count=count, start=start, stop=stop)


def _zeroed(base: str, start: float, stop: float) -> Make:
    def make(bases: Bases) -> bytes:
        data = bases(base)
        a, b = int(len(data) * start), int(len(data) * stop)
        return data[:a] + bytes(b - a) + data[b:]

    return make


_FLIPPED = ("mp4", "fast.mp4", "pieces.mp4", "mov", "mkv", "webm", "ts", "avi", "mxf", "flv")
FLIPPED = (
    *(
        Hostile(f"flip-{seed}-head.{base}", _flip(base, seed, 12, 0, 0.02), partial=True)
        for seed, base in enumerate(_FLIPPED)
    ),
    *(
        Hostile(f"flip-{seed}-body.{base}", _flip(base, seed, 60, 0.02, 0.98), partial=True)
        for seed, base in enumerate(_FLIPPED, 100)
    ),
    *(
        Hostile(f"flip-{seed}-tail.{base}", _flip(base, seed, 12, 0.97, 1), partial=True)
        for seed, base in enumerate(_FLIPPED, 200)
    ),
    *(Hostile(f"zeroed.{base}", _zeroed(base, 0.3, 0.6), partial=True) for base in ("mp4", "mkv", "ts", "mxf")),
    Hostile("zeroed-end.fast.mp4", _zeroed("fast.mp4", 0.8, 1), "damaged", partial=True),
)
