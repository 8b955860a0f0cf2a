"""Text taken out of masters in one pass: real clips, and clips made by ffmpeg of every kind it can write."""

from __future__ import annotations

import subprocess
from fractions import Fraction
from pathlib import Path

import pytest

from media.ffmpeg import ffmpeg_path
from media.probe import ChapterMark, probe
from subtitles.captions import CaptionSource, PictureCaptions, caption_tracks
from subtitles.cue import BadSubtitles, Cue
from subtitles.extract import Extracted, caption_triplets, extract, worth_reading
from subtitles.packets import TextPacket, codec_of, read_packets
from subtitles.scc import read_scc
from tests.parts import clip
from tests.subtitles.cea import EDM, EOC, RCL, pac, pairs, scc, triplets_608
from tests.subtitles.test_ttml import document

PICTURE = ("-f", "lavfi", "-i", "testsrc2=s=96x64:r=25:d=3")
SRT = "1\n00:00:00,400 --> 00:00:01,200\n<i>Hello</i> & <b>you</b>\n\n2\n00:00:01,500 --> 00:00:02,500\ntwo\nlines\n"
CUES = (Cue(400, 1200, "<i>Hello</i> &amp; <b>you</b>"), Cue(1500, 2500, "two\nlines"))


def made(path: Path, *options: str) -> Path:
    subprocess.run([ffmpeg_path(), "-v", "error", *options, "-y", str(path)], check=True)
    return path


def film(
    tmp_path: Path, name: str, *options: str, text: str = SRT, suffix: str = "srt", further: tuple[str, ...] = ()
) -> Path:
    """A film of three seconds with one text stream, and what `further` inputs bring."""
    words = tmp_path / f"words.{suffix}"
    words.write_text(text)
    codec = ("-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p")
    return made(tmp_path / name, *PICTURE, "-i", str(words), *further, "-map", "0", "-map", "1", *codec, *options)


def taken(path: Path, start: Fraction = Fraction(0)) -> Extracted:
    return extract(str(path), probe(str(path), where=path.name), start=start, where=path.name)


def cues(path: Path, start: Fraction = Fraction(0)) -> tuple[Cue, ...]:
    (stream,) = taken(path, start).streams
    clock_ms = int(-start * 1000)
    return read_packets(stream.codec, stream.extradata, stream.packets, clock_ms=clock_ms, where=path.name).cues


@pytest.mark.parametrize(
    ("name", "codec"),
    [("a.mkv", "srt"), ("b.mkv", "ass"), ("d.mp4", "mov_text"), ("e.mov", "mov_text"), ("f.mkv", "text")],
)
def test_text_of_every_container_comes_out_alike(tmp_path: Path, name: str, codec: str) -> None:
    expected = CUES
    if codec == "text":  # which has no styles
        expected = (Cue(400, 1200, "Hello &amp; you"), CUES[1])
    assert cues(film(tmp_path, name, "-c:s", codec)) == expected


def test_ttml_in_mp4_is_told_by_its_content_and_counts_on_the_tracks_clock(tmp_path: Path) -> None:
    path = film(tmp_path, "a.mp4", "-c:s", "ttml")
    assert probe(str(path), where="x").subtitles[0].codec == "unknown"
    expected = [(400, 1200, "Hello &amp; you"), (1500, 2500, "two\nlines")]
    assert [(c.start_ms, c.stop_ms, c.text) for c in cues(path)] == expected
    moved = [(c.start_ms, c.stop_ms, c.text) for c in cues(path, Fraction(1))]
    assert moved == [(a - 1000, b - 1000, t) for a, b, t in expected]


def test_webvtt_in_matroska_keeps_settings_and_styles(tmp_path: Path) -> None:
    text = "WEBVTT\n\nid\n00:00.500 --> 00:01.500 line:10% align:left\n<c.x>a</c>\n\n00:02.000 --> 00:03.000\nb\n"
    path = film(tmp_path, "a.mkv", "-c:s", "copy", text=text, suffix="vtt")
    assert cues(path) == (Cue(500, 1500, "<c.x>a</c>", "line:10% align:left"), Cue(2000, 3000, "b"))


def test_film_time_counts_from_the_films_first_picture(tmp_path: Path) -> None:
    whole = film(tmp_path, "a.mp4", "-c:s", "mov_text")
    late = made(tmp_path / "late.mp4", "-itsoffset", "5", "-i", str(whole), "-map", "0", "-c", "copy")
    assert cues(late, Fraction(5)) == CUES
    matroska = made(tmp_path / "late.mkv", "-i", str(late), "-map", "0", "-c:v", "copy", "-c:s", "srt", "-copyts")
    assert cues(matroska, Fraction(5)) == CUES


def test_an_edit_list_hides_text_as_it_hides_pictures(tmp_path: Path) -> None:
    whole = film(tmp_path, "a.mp4", "-c:s", "mov_text", "-g", "25")
    cut = made(tmp_path / "cut.mp4", "-ss", "1.3", "-i", str(whole), "-map", "0", "-c", "copy")
    found = probe(str(cut), where="x")
    (stream,) = extract(str(cut), found, start=Fraction(0), where="x").streams
    shown = read_packets(stream.codec, stream.extradata, stream.packets, clock_ms=0, where="x").cues
    assert (shown[-1].start_ms, shown[-1].text) == (200, "two\nlines")
    assert all(c.stop_ms <= 0 for c in shown[:-1])


def test_flags_languages_names_and_chapters_are_probed(tmp_path: Path) -> None:
    meta = tmp_path / "meta"
    meta.write_text(
        ";FFMETADATA1\n[CHAPTER]\nTIMEBASE=1/1000\nSTART=0\nEND=1000\ntitle=One\n"
        "[CHAPTER]\nTIMEBASE=1/1000\nSTART=1000\nEND=3000\n"
    )
    path = film(
        tmp_path, "a.mkv", "-map_chapters", "2", "-c:s", "srt", "-metadata:s:s:0", "language=ger",
        "-metadata:s:s:0", "title=Für Gehörlose", "-disposition:s:0", "forced+hearing_impaired",
        further=("-i", str(meta)),
    )  # fmt: skip
    found = probe(str(path), where="x")
    (stream,) = found.subtitles
    assert (stream.codec, stream.language, stream.title) == ("subrip", "ger", "Für Gehörlose")
    assert (stream.default, stream.forced, stream.hearing_impaired, stream.bitmap) == (False, True, True, False)
    assert found.chapters == (
        ChapterMark(Fraction(0), Fraction(1), "One"), ChapterMark(Fraction(1), Fraction(3), ""),
    )  # fmt: skip


@pytest.mark.parametrize("codec", ["dvd_subtitle", "dvb_subtitle", "hdmv_pgs_subtitle"])
def test_bitmaps_are_known_as_such_and_not_read(tmp_path: Path, codec: str) -> None:
    source = film(tmp_path, "a.mkv", "-c:s", "srt")
    path = made(tmp_path / "b.mkv", "-i", str(source), *bitmap_subtitles(tmp_path, codec))
    (stream,) = probe(str(path), where="x").subtitles
    assert (stream.codec, stream.bitmap) == (codec, True)
    assert taken(path).streams == ()


def bitmap_subtitles(tmp_path: Path, codec: str) -> tuple[str, ...]:
    """Options that add a stream of pictures of text, from a PGS file made by hand."""
    path = tmp_path / "x.sup"
    path.write_bytes(pgs())
    coded = ("copy",) if codec == "hdmv_pgs_subtitle" else (codec.replace("_subtitle", "sub"), "-s:s", "96x64")
    return ("-i", str(path), "-map", "0:v", "-map", "1:s", "-c:v", "copy", "-c:s", *coded)


def pgs() -> bytes:
    """The smallest presentation graphics stream: one red rectangle from 0.5 s to 1.5 s."""

    def segment(at_s: float, kind: int, data: bytes) -> bytes:
        return (
            b"PG"
            + int(at_s * 90_000).to_bytes(4, "big")
            + b"\0" * 4
            + bytes([kind])
            + len(data).to_bytes(2, "big")
            + data
        )

    def composition(number: int, objects: bytes) -> bytes:
        state = 0x80 if objects else 0
        return b"\0\x60\0\x40\x10" + number.to_bytes(2, "big") + bytes([state, 0, 0, len(objects) // 8]) + objects

    line = b"\0\x88\1\0\0"  # a run of eight pixels of colour 1, and the line's end
    bitmap = line * 4
    windows = b"\1\0\0\x08\0\x08\0\x08\0\x04"
    body = (len(bitmap) + 4).to_bytes(3, "big") + b"\0\x08\0\x04" + bitmap
    show = [
        segment(0.5, 0x16, composition(0, b"\0\0\0\0\0\x08\0\x08")),
        segment(0.5, 0x17, windows),
        segment(0.5, 0x14, b"\0\0\1\x51\xf0\x5a\xff"),
        segment(0.5, 0x15, b"\0\0\0\xc0" + body),
        segment(0.5, 0x80, b""),
    ]
    hide = [segment(1.5, 0x16, composition(1, b"")), segment(1.5, 0x17, windows), segment(1.5, 0x80, b"")]
    return b"".join(show + hide)


def test_captions_in_the_pictures_of_a_real_clip_are_those_that_ffmpeg_decodes() -> None:
    path = clip("captions_cea608_2s.ts")
    found = taken(path)
    (track,), notes = caption_tracks(found.captions, stop_ms=2500)
    assert (track.name, track.place, notes) == ("CC1", "pictures", ())
    assert track.cues == (
        Cue(0, 875, "First subtitle", "line:10% position:10% align:left"),
        Cue(1167, 2500, "Second subtitle", "line:10% position:10% align:left"),
    )
    source = ("-f", "lavfi", "-i", f"movie={path}[out0+subcc]", "-map", "0:s")
    argv = [ffmpeg_path(), "-v", "error", *source, "-f", "srt", "-"]
    peer = subprocess.run(argv, check=True, capture_output=True, text=True).stdout
    assert "00:00:00,000 --> 00:00:00,875" in peer
    assert "00:00:01,167 -->" in peer
    assert all(c.text in peer for c in track.cues)


def test_subtitles_of_a_real_clip() -> None:
    assert cues(clip("subs_ass_ac3.mkv")) == (Cue(0, 500, "<b>This is the first subtitle.</b>"),)


@pytest.mark.parametrize("codec", ["libx264", "libx265", "mpeg2video"])
def test_captions_are_found_behind_a_remux_and_in_reordered_pictures(tmp_path: Path, codec: str) -> None:
    """The clip's captions, encoded again with B pictures (ffmpeg passes them on), in MP4 or TS."""
    source = clip("captions_cea608_2s.ts")
    name = "a.ts" if codec == "mpeg2video" else "a.mp4"
    options = ("-a53cc", "1") if codec != "mpeg2video" else ("-bf", "2", "-a53cc", "1")
    path = made(
        tmp_path / name, "-i", str(source), "-map", "0:v", "-vf", "scale=160:90", "-c:v", codec,
        *(("-preset", "ultrafast", "-bf", "2", "-b_strategy", "0") if codec == "libx264" else ()), *options,
    )  # fmt: skip
    found = probe(str(path), where="x")
    start = found.start
    tracks, _ = caption_tracks(extract(str(path), found, start=start, where="x").captions, stop_ms=2500)
    assert [[c.text for c in t.cues] for t in tracks] == [["First subtitle", "Second subtitle"]]


STORY = [("00:00:00:10", [RCL, pac(15), "hello", EOC]), ("00:00:02:00", [EDM])]


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("a.mov", ("-c:v", "libx264", "-c:s", "copy")),
        ("a.mxf", ("-c:v", "mpeg2video", "-c:s", "copy", "-bsf:s", "eia608_to_smpte436m")),
    ],
)
def test_caption_tracks_and_ancillary_data_are_decoded(tmp_path: Path, name: str, options: tuple[str, ...]) -> None:
    text = tmp_path / "x.scc"
    text.write_text(scc(STORY))
    rate = "testsrc2=s=160x96:r=30000/1001:d=3"
    path = made(tmp_path / name, "-f", "lavfi", "-i", rate, "-i", str(text), "-map", "0", "-map", "1", *options)
    found = taken(path)
    assert found.streams == ()
    (track,), _ = caption_tracks(found.captions, stop_ms=3000)
    assert (track.name, track.place) == ("CC1", "stream 1")
    assert [c.text for c in track.cues] == [c.text for c in read_scc(scc(STORY), where="x").cues] == ["hello"]


def test_captions_of_two_places_that_say_the_same_are_one_track() -> None:
    data = triplets_608(pairs(0, RCL, pac(15), "hello", EOC))
    sources = [CaptionSource(place, (PictureCaptions(500, data),)) for place in ("pictures", "stream 2")]
    tracks, notes = caption_tracks(sources, stop_ms=2000)
    assert [t.place for t in tracks] == ["pictures"]
    assert notes == ("captions CC1 (stream 2) say what CC1 (pictures) say and are left out",)


def test_a_master_that_can_hold_no_text_is_not_read() -> None:
    assert taken(clip("seattle_360p30_msmpeg4.avi")) == Extracted()


@pytest.mark.parametrize(("codec", "worth"), [("libx264", True), ("libsvtav1", True), ("libvpx-vp9", False)])
def test_pictures_that_can_carry_captions_are_looked_at(tmp_path: Path, codec: str, worth: bool) -> None:
    path = made(tmp_path / "a.mp4", "-f", "lavfi", "-i", "testsrc2=s=96x64:r=5:d=1", "-c:v", codec)
    found = probe(str(path), where="x")
    assert worth_reading(found) is worth
    assert extract(str(path), found, start=Fraction(0), where="x") == Extracted()


def test_quicktime_boxes_of_both_fields_are_unpacked() -> None:
    data = b"\0\0\0\x0ccdat\x94\x20\x94\x20" + b"\0\0\0\x0acdt2\x15\x2c"
    assert caption_triplets(data) == b"\xfc\x94\x20\xfc\x94\x20\xfd\x15\x2c"
    assert caption_triplets(b"\xfc\x94\x20") == b"\xfc\x94\x20"
    assert caption_triplets(b"\0\0\0\x00cdat") == b""


def test_packets_without_an_end_last_until_the_next_one() -> None:
    packets = [TextPacket(3000, None, b"b"), TextPacket(0, None, b"a"), TextPacket(60_000, 0, b"c")]
    found = read_packets("subrip", b"", packets, clock_ms=0, where="x").cues
    assert [(c.start_ms, c.stop_ms) for c in found] == [(0, 3000), (3000, 8000), (60_000, 65_000)]


def test_a_text_that_goes_on_in_the_next_document_is_one_cue() -> None:
    texts = ('<p begin="0s" end="9s">on</p>', '<p begin="0s" end="9s">on</p><p begin="5s" end="6s">new</p>')
    packets = [TextPacket(n * 4000, 4000, document(t).encode()) for n, t in enumerate(texts)]
    found = read_packets("ttml", b"", packets, clock_ms=0, where="x")
    assert found.cues == (Cue(0, 8000, "on"), Cue(5000, 6000, "new"))
    assert found.language == "de"


def test_streams_without_a_name_are_told_by_their_packets() -> None:
    def told(data: bytes) -> str:
        return codec_of("unknown", [TextPacket(0, 1, data)])

    assert told(b"\xef\xbb\xbf<?xml version='1.0'?><tt/>") == "ttml"
    assert told("<tt>".encode("utf-16")) == "ttml"
    assert told(b"\x10\x02\x2c" + b"\0" * 44) == "dvb_teletext"
    assert told(b"what") == codec_of("unknown", []) == "unknown"
    assert codec_of("subrip", [TextPacket(0, 1, b"<?xml")]) == "subrip"
    with pytest.raises(BadSubtitles, match="of the kind dvb_teletext can't be read"):
        read_packets("dvb_teletext", b"", [], clock_ms=0, where="x")
