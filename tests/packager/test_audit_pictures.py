"""The auditor and what is to be looked at: key frames, trick tracks, pictures, chapters, colour."""

from __future__ import annotations

import re
import struct

import pytest

from media.fragments import parse_fragments, write_key_segment
from media.tracks import parse_init
from packager.audit import audit
from tests.packager.damage import MASTER, MPD, SET, Damage, Victim, dash, dash_re, field, hls_re, text
from tests.packager.film import ID
from tests.packager.rich import Rich


def _sheet(number: int) -> str:
    return f"titles/{ID}/media/thumbnails/r/{number}.jpg"


def _trick(v: Victim, name: str = "v-180p") -> list[str]:
    return [s.file.key for t in v.title.trick if t.of == name for s in t.segments]


def _iframes(v: Victim, name: str = "v-180p") -> str:
    found = next(r.iframes for r in v.title.renditions if r.id == name)
    assert found
    return found.key


def _recut(v: Victim, key: str, **changes: int) -> None:
    """A trick segment written again with other times."""
    track = parse_init(v.store.get(next(t.init.key for t in v.title.trick if t.of == "v-180p")))

    def change(data: bytes) -> bytes:
        (fragment,) = parse_fragments(data, track)
        (sample,) = fragment.samples
        values = {
            "sequence": fragment.sequence, "decode_time": fragment.decode_time, "duration": sample.duration,
            "cts_offset": sample.cts_offset,
        } | changes  # fmt: skip
        return write_key_segment(data[sample.offset : sample.offset + sample.size], **values)

    v.recorded(key, change)


def _bigger(data: bytes) -> bytes:
    """A JPEG whose frame header says eight more lines."""
    at = data.index(b"\xff\xc0") + 5
    (height,) = struct.unpack(">H", data[at : at + 2])
    return data[:at] + struct.pack(">H", height + 8) + data[at + 2 :]


DAMAGES: dict[str, tuple[Damage, str, str]] = {
    # key frames
    "a missing key frame playlist": (lambda v: v.delete(_iframes(v)), "v-180p-iframes-.*", "is missing"),
    "a byte range that ends in the picture": (
        lambda v: v.recorded(_iframes(v), lambda d: re.sub(rb"RANGE:(\d)", rb"RANGE:", d, count=1)),
        "v-180p-iframes-.*", r"its key frame is in \d+@0",
    ),
    "a byte range that starts later": (
        lambda v: v.recorded(_iframes(v), text("@0", "@24")), "v-180p-iframes-.*", r"lists bytes \d+@24",
    ),
    "key frames of another duration": (
        lambda v: v.recorded(_iframes(v), text("EXTINF:2.0", "EXTINF:1.0")), "v-180p-iframes-.*", "EXTINF 1.0",
    ),
    "key frames that are not said to be": (
        lambda v: v.recorded(_iframes(v), text("#EXT-X-I-FRAMES-ONLY\n", "")), "v-180p-iframes-.*", "lacks EXT-X-I-FR",
    ),
    "key frames of another init": (
        lambda v: v.recorded(_iframes(v), text("v-180p/0123456789abcdef/init", "v-90p/0123456789abcdef/init")),
        "v-180p-iframes-.*", "names the init",
    ),
    "a key frame whose end is recorded wrong": (
        lambda v: v.record(lambda r: r["renditions"][0]["segments"][0].update(key_bytes=7)), "v-90p/.*/1.m4s",
        "first sample up to byte .* the record says 7",
    ),
    "key frames that are not listed": (
        hls_re(r'^#EXT-X-I-FRAME-STREAM-INF.*\n', ""), MASTER, "does not list .*-iframes-",
    ),
    "key frames of too small a bandwidth": (
        hls_re(r"(I-FRAME-STREAM-INF:BANDWIDTH)=\d+", r"\1=9"), MASTER, "BANDWIDTH 9 for v-180p-iframes",
    ),
    "key frames without a score": (hls_re(r"(I-FRAME.*),SCORE=.*", r"\1"), MASTER, "lacks SCORE for v-180p-iframes"),
    "key frames of another codec": (
        hls_re(r'(I-FRAME.*CODECS)="avc1.4D400C"', r'\1="avc1.4D4028"'), MASTER, "CODECS avc1.4D4028 for v-180p-ifr",
    ),
    "key frames of another range": (
        hls_re(r"(I-FRAME.*hvc1.*VIDEO-RANGE)=PQ", r"\1=SDR"), MASTER, "VIDEO-RANGE SDR for v-hdr-iframes",
    ),
    # trick tracks
    "a missing trick segment": (lambda v: v.delete(_trick(v)[1]), "v-180p-trick/.*/2.m4s", "is missing"),
    "a missing trick init": (
        lambda v: v.delete(v.title.trick[0].init.key), "v-180p-trick/.*/init.mp4", "is missing",
    ),
    "a trick segment at another time": (
        lambda v: _recut(v, _trick(v)[1], decode_time=48001), "v-180p-trick/.*/2.m4s", r"in \[48001, 96001\)",
    ),
    "a trick segment that ends early": (
        lambda v: _recut(v, _trick(v)[1], duration=1000), "v-180p-trick/.*/2.m4s", r"in \[48000, 49000\)",
    ),
    "a trick segment of another picture": (
        lambda v: v.recorded(_trick(v)[1], lambda d: d[:-1] + bytes([d[-1] ^ 1])), "v-180p-trick/.*/2.m4s",
        "another picture",
    ),
    "a trick segment of all pictures": (
        lambda v: v.recorded(_trick(v)[1], lambda _: v.store.get(v.segment("v-180p", 2))), "v-180p-trick/.*/2.m4s",
        "samples instead of one",
    ),
    "a trick picture that is not marked as a key frame": (
        lambda v: v.recorded(_trick(v)[1], field("tfhd", 12, ">I", 0x1010000)), "v-180p-trick/.*/2.m4s",
        "key frame that is marked as one",
    ),
    "a trick init of another rung": (
        lambda v: v.recorded(v.title.trick[0].init.key, lambda _: v.store.get(v.init("v-90p"))),
        "v-180p-trick/.*/init.mp4", "describes another track",
    ),
    "a trick track of nothing": (
        lambda v: v.record(lambda r: r["trick"][0].update(of="v-1")), "v-180p-trick/.*/init.mp4", "rendition 'v-1'",
    ),
    "a trick track of too small a peak": (
        lambda v: v.record(lambda r: r["trick"][0].update(peak_bps=1)), "v-180p-trick/.*/init.mp4", "record says 1",
    ),
    "a trick set of another set": (
        dash('trickmode" value="1"', 'trickmode" value="2"'), MPD, "of the set 2, which does not hold v-180p",
    ),
    "a trick set that is played like others": (
        dash('<EssentialProperty schemeIdUri="http://dashif.org/guidelines/trickmode" value="1" />', ""), MPD,
        "'v-180p-trick', which is no rendition",
    ),
    "a trick set that needs other pictures": (
        dash('codingDependency="false"', 'codingDependency="true"'), MPD, "codingDependency true",
    ),
    "a trick set with another timeline": (
        dash_re(SET.format(14) + 'd="36000"', r'\1d="36001"'), MPD, "puts .*trick.*4.m4s at",
    ),
    # pictures
    "a missing sheet": (lambda v: v.delete(_sheet(2)), "thumbnails/r/2.jpg", "is missing"),
    "a sheet of another size": (
        lambda v: v.recorded(_sheet(1), _bigger), "thumbnails/r/1.jpg", "is 192x80 and should be 192x72",
    ),
    "a sheet that is cut": (
        lambda v: v.recorded(_sheet(1), lambda d: d[:-9]), "thumbnails/r/1.jpg", "no JPEG picture: .* EOI",
    ),
    "a sheet that is no picture": (
        lambda v: v.recorded(_sheet(1), lambda _: b"<html>"), "thumbnails/r/1.jpg", "does not start with SOI",
    ),
    "an index with a cue too few": (
        lambda v: v.record(lambda r: r["thumbnails"].update(count=9)), "thumbnails/r/index.vtt", "8 cues for 9 tiles",
    ),
    "an index with a wrong corner": (
        lambda v: v.recorded(v.title.thumbnails.index.key, text("xywh=64,0", "xywh=65,0")), "r/index.vtt",
        "cue 2 at xywh=65,0,64,36, where 64,0,64,36 is due",
    ),
    "an index of another sheet": (
        lambda v: v.recorded(v.title.thumbnails.index.key, text("2.jpg", "3.jpg")), "r/index.vtt",
        "cue 7 on .*3.jpg, which is not its sheet",
    ),
    "an index at other times": (
        lambda v: v.recorded(v.title.thumbnails.index.key, text("00:00:03.000 -->", "00:00:03.100 -->")),
        "r/index.vtt", r"cue 4 of \[3100",
    ),
    "an index without tiles": (
        lambda v: v.recorded(v.title.thumbnails.index.key, text("#xywh=0,0,64,36", "")), "r/index.vtt", "names no tile",
    ),
    "tiles of another size in HLS": (
        lambda v: v.recorded(v.title.thumbnails.playlist.key, text("64x36", "64x32")), "thumbnails-.*",
        "tiles of 64x32 in 3x2",
    ),
    "tiles that HLS does not say": (
        lambda v: v.recorded(v.title.thumbnails.playlist.key, lambda d: re.sub(rb"#EXT-X-TILES.*\n", b"", d, count=1)),
        "thumbnails-.*", "has 1 EXT-X-TILES for 2 sheets",
    ),
    "sheets of another duration in HLS": (
        lambda v: v.recorded(v.title.thumbnails.playlist.key, text("EXTINF:6.0", "EXTINF:5.0")), "thumbnails-.*",
        "EXTINF 5.0 for",
    ),
    "images that are not listed": (hls_re(r"^#EXT-X-IMAGE-STREAM-INF.*\n", ""), MASTER, "does not list .*thumbnails-"),
    "tiles of another layout in DASH": (dash('value="3x2"', 'value="2x3"'), MPD, r"tiles of \['2x3'\]"),
    "sheets of another duration in DASH": (dash('duration="6000"', 'duration="1000"'), MPD, "sheets of 1000 ticks"),
    "sheets of another size in DASH": (dash('width="192"', 'width="64"'), MPD, "sheets of 64x72"),
    "sheets of other names in DASH": (dash("r/$Number$.jpg", "r/s$Number$.jpg"), MPD, "as the first sheet"),
    "no images in DASH": (dash('contentType="image"', 'contentType="video"'), MPD, "has 0 sets of images"),
    "a missing poster": (lambda v: v.delete(v.title.poster.key), "poster-.*", "is missing"),
    "missing artwork": (lambda v: v.delete(v.title.artwork[0].file.key), "artwork/r/1.jpg", "is missing"),
    "artwork of another size": (
        lambda v: v.record(lambda r: r["artwork"][0].update(width=640)), "artwork/r/1.jpg", "320x180 and should be 640",
    ),
    "artwork of a time that the film lacks": (
        lambda v: v.record(lambda r: r["artwork"][0].update(at_ms=7500)), "artwork/r/1.jpg", "at 7500 ms",
    ),
    # chapters
    "a chapter that the track lacks": (
        lambda v: v.recorded(v.title.chapters_file.key, text("00:00:03.000 --> 00:00:07", "00:00:03.100 --> 00:00:07")),
        "chapters-.*vtt", r"chapter 2 at \[3100, 7500\) ms and the record says \[3000",
    ),
    "chapters that lie over one another": (
        lambda v: v.record(lambda r: r["chapters"][1].update(start_ms=2000)), "chapters-.*vtt", "chapter 2 at .2000",
    ),
    "chapters for HLS at other times": (
        lambda v: v.recorded(v.title.hls_chapters.key, text("4.5", "4.0")), "chapters-.*json", "has chapter 2",
    ),
    "chapters for HLS that are none": (
        lambda v: v.recorded(v.title.hls_chapters.key, lambda _: b"{}"), "chapters-.*json", "0 chapters",
    ),
    "chapters that HLS does not name": (hls_re(r"^#EXT-X-SESSION-DATA.*\n", ""), MASTER, "the chapters nowhere"),
    # colour
    "a colr box that says SDR": (
        lambda v: v.recorded(v.init("v-hdr"), lambda d: d.replace(b"nclx\0\x09\0\x10", b"nclx\0\x09\0\x01")),
        "v-hdr/.*/1.m4s", "is coded with transfer 16 and its init says 1",
    ),
    "an init without a colr box": (
        lambda v: v.recorded(v.init("v-hdr"), lambda d: d.replace(b"colrnclx", b"freenclx")), "v-hdr/.*/1.m4s",
        "is coded with transfer 16 and its init says nothing",
    ),
    "a record that says SDR": (
        lambda v: v.record(lambda r: r["renditions"][2].update(video_range="SDR")), "v-hdr/.*/init.mp4",
        "the range PQ and the record says SDR",
    ),
    "a record of another colour": (
        lambda v: v.record(lambda r: r["renditions"][2].update(colour=[9, 18, 9])), "v-hdr/.*/init.mp4", "the colour",
    ),
    "another transfer in DASH": (
        dash('TransferCharacteristics" value="16"', 'TransferCharacteristics" value="18"'), MPD,
        "TransferCharacteristics 18 for the set 2",
    ),
    "HDR that players may pass over": (
        dash_re(r'<Essential(Property schemeIdUri="urn:mpeg:mpegB:cicp:Tr)', r"<Supplemental\1"),
        MPD, "no EssentialProperty with TransferCharacteristics for the set 2",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", DAMAGES)
def test_damage_is_found_by_file_and_name(rich: Rich, name: str) -> None:
    damage, file, what = DAMAGES[name]
    victim = Victim(rich.stored())
    damage(victim)
    faults = audit(victim.store, ID).faults
    assert [f for f in faults if re.search(f"{file}$", f.file) and re.search(what, f.what)], faults
