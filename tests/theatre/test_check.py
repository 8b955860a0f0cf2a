"""The HTTP checker passes a whole presentation and names what is wrong with a damaged one."""

from __future__ import annotations

import dataclasses
import re
import shutil
import struct
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from fractions import Fraction
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from edge_cache.app import create_edge_app
from edge_cache.settings import EdgeSettings
from media.boxes import make_box, make_full_box
from onboarding.titles import read_title
from origin import OriginSettings, create_origin_app
from storage import open_store
from tests.onboarding.runs import onboard_sample
from tests.theatre.enrich import enrich, plain
from theatre.check import CheckReport, check_presentation
from theatre.check_plan import dash_tracks, iso_seconds
from values.errors import ServeError
from values.title import Title

MEDIA_TYPES = {
    ".m3u8": "application/vnd.apple.mpegurl", ".mpd": "application/dash+xml", ".vtt": "text/vtt", ".jpg": "image/jpeg",
}  # fmt: skip
EMPTY_FRAGMENT = make_box(
    "moof",
    make_full_box("mfhd", 0, 0, struct.pack(">I", 1)),
    make_box("traf", make_full_box("tfhd", 0, 0x20000, struct.pack(">I", 1)), make_full_box("tfdt", 1, 0, bytes(8))),
) + make_box("mdat")
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder: Path = tmp_path_factory.mktemp("check") / "library"
    onboard_sample(folder)
    plain(folder, title_of(folder))
    return folder


@pytest.fixture
def copy(library: Path, tmp_path: Path) -> Path:
    shutil.copytree(library, tmp_path / "library")
    return tmp_path / "library"


async def break_off(request: web.Request, data: bytes) -> web.StreamResponse:
    response = web.StreamResponse(
        headers={"ETag": '"cut"', "Content-Type": "video/mp4", "Content-Length": str(len(data))}
    )
    await response.prepare(request)
    await response.write(data[:100])
    assert request.transport
    request.transport.close()
    return response


async def checked(
    folder: Path, *, through_edge: bool = False, lies: Mapping[str, bytes] | None = None, cut: str = "", later: str = ""
) -> CheckReport:
    """The report on what the origin serves from `folder`.

    `lies` are bodies that come in place of others, by key. The connection of `cut` breaks after 100 bytes; the last
    byte of `later` is another one from the second request on.
    """
    asked: Counter[str] = Counter()

    @web.middleware
    async def lie(request: web.Request, handler: Handler) -> web.StreamResponse:
        key = request.path.lstrip("/")
        asked[key] += 1
        body = (lies or {}).get(key)
        if key == cut:
            return await break_off(request, (folder / key).read_bytes())
        if key == later and asked[key] > 1:
            data = (folder / key).read_bytes()
            body = data[:-1] + bytes([data[-1] ^ 1])
        if body is None:
            return await handler(request)
        media_type = MEDIA_TYPES.get(Path(key).suffix, "video/mp4")
        return web.Response(body=body, headers={"ETag": '"lie"', "Content-Type": media_type})

    app = create_origin_app(open_store(f"file:{folder}"), OriginSettings())
    app.middlewares.insert(0, lie)
    server = TestServer(app)
    await server.start_server()
    try:
        root = str(server.make_url("/titles/sample"))
        return await check_presentation(
            f"{root}/master.m3u8", f"{root}/manifest.mpd", through_edge=through_edge,
            titles_url=str(server.make_url("/titles")),
        )  # fmt: skip
    finally:
        await server.close()


@pytest.fixture(scope="module")
def rich_library(library: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder: Path = tmp_path_factory.mktemp("rich") / "library"
    shutil.copytree(library, folder)
    enrich(folder, title_of(folder))
    return folder


def title_of(folder: Path) -> Title:
    return read_title(open_store(f"file:{folder}"), "sample")


def faults(report: CheckReport, part: str) -> list[str]:
    """What is wrong with files whose URL contains `part`."""
    return [f.what for f in report.faults if part in f.file]


async def test_a_whole_presentation_is_played_to_its_end(library: Path) -> None:
    report = await checked(library)
    assert report.faults == ()
    assert [(t.protocol, t.kind, t.segments) for t in report.tracks] == [
        *[("HLS", "video", 8)] * 3, ("HLS", "audio", 8), *[("DASH", "video", 8)] * 3, ("DASH", "audio", 8),
    ]  # fmt: skip
    assert {t.duration for t in report.tracks if t.kind == "video"} == {Fraction(15)}
    title = title_of(library)
    sizes = {r.id: sum(s.file.size_bytes for s in r.segments) for r in title.renditions}
    assert {t.rendition: t.size_bytes for t in report.tracks if t.protocol == "DASH"} == sizes


async def test_hls_and_dash_play_the_same_tracks(library: Path) -> None:
    tracks = (await checked(library)).tracks
    hls = {t.rendition: t for t in tracks if t.protocol == "HLS"}
    dash = {t.rendition: dataclasses.replace(t, protocol="HLS") for t in tracks if t.protocol == "DASH"}
    assert hls == dash


async def test_through_a_real_edge_every_second_answer_is_a_hit(library: Path) -> None:
    origin = TestServer(create_origin_app(open_store(f"file:{library}"), OriginSettings()))
    await origin.start_server()
    edge = TestServer(create_edge_app(EdgeSettings(origins=(str(origin.make_url("")).rstrip("/"),))))
    await edge.start_server()
    try:
        root = str(edge.make_url("/titles/sample"))
        report = await check_presentation(f"{root}/master.m3u8", f"{root}/manifest.mpd")
    finally:
        await edge.close()
        await origin.close()
    assert report.faults == ()
    assert {(t.protocol, t.edge_hits) for t in report.tracks} == {("HLS", 0), ("DASH", 9)}


async def test_answers_that_came_through_no_edge_are_named(library: Path) -> None:
    report = await checked(library, through_edge=True)
    assert any("did not come through an edge" in f.what for f in report.faults)
    assert any("no hit of the edge the second time" in f.what for f in report.faults)


async def test_a_missing_segment_is_named(copy: Path) -> None:
    key = title_of(copy).video[1].segments[3].file.key
    (copy / key).unlink()
    report = await checked(copy)
    assert set(faults(report, key)) & {"the answer is 404", "the answer is 503"}
    assert "starts at tick" in " ".join(faults(report, title_of(copy).video[1].segments[4].file.key))


async def test_a_truncated_segment_is_named(copy: Path) -> None:
    key = title_of(copy).video[0].segments[2].file.key
    data = (copy / key).read_bytes()
    (copy / key).write_bytes(data[: len(data) // 2])
    assert faults(await checked(copy), key)


async def test_a_segment_in_another_ones_place_is_named(library: Path) -> None:
    first, second = (title_of(library).video[2].segments[n].file.key for n in (1, 2))
    found = faults(await checked(library, lies={first: (library / second).read_bytes()}), first)
    assert "starts at tick 96000, expected 48000" in found


async def test_an_init_of_another_rendition_or_none_is_named(library: Path) -> None:
    key = title_of(library).video[0].init.key
    assert faults(await checked(library, lies={key: b"no boxes at all"}), key)


async def test_a_changed_decode_time_is_named(copy: Path) -> None:
    key = title_of(copy).video[0].segments[5].file.key
    data = bytearray((copy / key).read_bytes())
    data[data.index(b"tfdt") + 15] ^= 1
    (copy / key).write_bytes(data)
    assert any("expected 240000" in what for what in faults(await checked(copy), key))


async def test_a_wrong_duration_in_a_playlist_is_named(copy: Path) -> None:
    playlist = copy / title_of(copy).video[0].playlist.key
    playlist.write_text(playlist.read_text().replace("#EXTINF:2", "#EXTINF:3", 1))
    found = faults(await checked(copy), title_of(copy).video[0].segments[0].file.key)
    assert found == ["lasts 2.000000 s, HLS says 3.000000 s"]


async def test_a_playlist_wrong_by_less_than_a_millisecond_is_named(copy: Path) -> None:
    playlist = copy / title_of(copy).video[0].playlist.key
    playlist.write_text(playlist.read_text().replace("#EXTINF:2.000000", "#EXTINF:2.000002", 1))
    found = faults(await checked(copy), title_of(copy).video[0].segments[0].file.key)
    assert found == ["lasts 2.000000 s, HLS says 2.000002 s"]


async def test_a_timeline_that_starts_elsewhere_is_named(copy: Path) -> None:
    manifest = copy / title_of(copy).dash.key
    manifest.write_text(manifest.read_text().replace('<S t="0"', '<S t="9"', 1))
    report = await checked(copy)
    title = title_of(copy)
    late = next(r for r in title.video if faults(report, r.segments[0].file.key))
    assert {f.file.partition("/titles/")[2] for f in report.faults} == {
        s.file.key.removeprefix("titles/") for s in late.segments
    }
    assert faults(report, late.segments[3].file.key) == ["is presented at 6.000000 s, DASH says 6.000375 s"]


async def test_a_timeline_wrong_by_a_tick_is_named(copy: Path) -> None:
    manifest = copy / title_of(copy).dash.key
    manifest.write_text(manifest.read_text().replace('d="48000"', 'd="48001"', 1))
    report = await checked(copy)
    assert faults(report, title_of(copy).video[0].segments[0].file.key) == ["lasts 2.000000 s, DASH says 2.000042 s"]
    assert len(faults(report, title_of(copy).video[0].segments[1].file.key)) == 2


async def test_a_connection_that_breaks_is_named(library: Path) -> None:
    key = title_of(library).video[0].segments[2].file.key
    found = faults(await checked(library, cut=key), key)
    assert len(found) == 2
    assert all(what.startswith("the transfer broke (ClientPayloadError") for what in found)


async def test_other_bytes_the_second_time_are_named(library: Path) -> None:
    key = title_of(library).audio[0].segments[0].file.key
    report = await checked(library, later=key)
    assert [f.what for f in report.faults] == ["other bytes than the first time"]
    assert report.faults[0].file.endswith(key)


async def test_a_segment_that_starts_with_no_sync_sample_is_named(copy: Path) -> None:
    key = title_of(copy).video[0].segments[1].file.key
    data = bytearray((copy / key).read_bytes())
    at = data.index(b"trun") + 4
    assert struct.unpack_from(">I", data, at)[0] & 0x5 == 0x5  # a data offset, then the first sample's flags
    flags = struct.unpack_from(">I", data, at + 12)[0]
    struct.pack_into(">I", data, at + 12, flags | 0x10000)
    (copy / key).write_bytes(data)
    assert set(faults(await checked(copy), key)) == {"does not start with a sync sample"}


@pytest.mark.parametrize("body", [b"", b"\0\0\0\x08free", EMPTY_FRAGMENT], ids=["nothing", "filler", "no samples"])
async def test_a_segment_without_samples_is_named(library: Path, body: bytes) -> None:
    key = title_of(library).video[0].segments[1].file.key
    found = faults(await checked(library, lies={key: body}), key)
    assert set(found) == {"holds no samples, or a fragment without any"}


@pytest.mark.parametrize("path", ["master.m3u8", "manifest.mpd"])
async def test_a_manifest_that_is_no_text_is_named(library: Path, path: str) -> None:
    report = await checked(library, lies={f"titles/sample/{path}": b"\xff\xfe"})
    assert any("can't decode byte 0xff" in what for what in faults(report, path))
    assert len(report.tracks) == 4


async def test_a_damaged_init_leaves_its_rendition_a_video(library: Path) -> None:
    report = await checked(library, lies={title_of(library).video[0].init.key: b"no boxes at all"})
    assert [t.kind for t in report.tracks] == 2 * ["video", "video", "video", "audio"]
    assert not faults(report, "audio")


async def test_a_missing_mpd_leaves_the_report_on_hls(copy: Path) -> None:
    (copy / title_of(copy).dash.key).unlink()
    report = await checked(copy)
    assert [t.protocol for t in report.tracks] == ["HLS"] * 4
    assert len(faults(report, "manifest.mpd")) == 1


async def test_an_mpd_that_names_other_segments_is_named(copy: Path) -> None:
    manifest = copy / title_of(copy).dash.key
    manifest.write_text(manifest.read_text().replace('r="6"', 'r="5"', 1))
    report = await checked(copy)
    assert any("named by HLS alone" in f.what for f in report.faults)
    assert any("declared 15.000000 s" in f.what for f in report.faults)


async def test_a_playlist_without_an_end_is_named(library: Path) -> None:
    key = title_of(library).video[0].playlist.key
    open_ended = (library / key).read_bytes().replace(b"#EXT-X-ENDLIST", b"")
    found = faults(await checked(library, lies={key: open_ended}), key)
    assert found == ["no EXT-X-ENDLIST: the playlist does not end"]


async def test_a_title_that_is_not_served_can_not_be_checked(tmp_path: Path) -> None:
    with pytest.raises(ServeError, match=r"the manifest can't be had: the answer is 404\nIs the title published"):
        await checked(tmp_path)


async def test_all_that_is_beside_picture_and_sound_is_fetched(rich_library: Path) -> None:
    report = await checked(rich_library)
    assert report.faults == ()
    found = {(t.protocol, t.kind, t.segments, t.duration) for t in report.tracks if t.kind not in ("video", "audio")}
    film = Fraction(15)
    assert found == {
        ("HLS", "text", 2, film), ("HLS", "key frames", 8, film), ("HLS", "image", 1, film),
        ("DASH", "text", 1, film), ("DASH", "key frames", 8, film), ("DASH", "image", 1, film),
    }  # fmt: skip
    assert all(t.size_bytes for t in report.tracks)


async def test_all_of_it_comes_through_an_edge(rich_library: Path) -> None:
    origin = TestServer(create_origin_app(open_store(f"file:{rich_library}"), OriginSettings()))
    await origin.start_server()
    edge = TestServer(create_edge_app(EdgeSettings(origins=(str(origin.make_url("")).rstrip("/"),))))
    await edge.start_server()
    try:
        root = str(edge.make_url("/titles/sample"))
        report = await check_presentation(
            f"{root}/master.m3u8", f"{root}/manifest.mpd", titles_url=str(edge.make_url("/titles"))
        )
    finally:
        await edge.close()
        await origin.close()
    assert report.faults == ()


async def test_text_that_is_no_webvtt_is_named(rich_library: Path) -> None:
    (text,) = title_of(rich_library).texts
    lies = {text.whole.key: b"1\n00:00:01,000 --> 00:00:02,000\nSRT\n", text.segments[0].file.key: b"WEBVTT\n\n"}
    report = await checked(rich_library, lies=lies)
    assert set(faults(report, text.whole.key)) == {"does not start with WEBVTT"}
    assert faults(report, text.segments[0].file.key) == ["has no X-TIMESTAMP-MAP in its header"]


async def test_a_key_frame_s_range_that_holds_none_is_named(rich_library: Path) -> None:
    title = title_of(rich_library)
    playlist = title.video[0].iframes
    assert playlist
    text = (rich_library / playlist.key).read_text()
    report = await checked(rich_library, lies={playlist.key: re.sub(r"\d+@0", "60@0", text, count=1).encode()})
    assert faults(report, title.video[0].segments[0].file.key) == ["bytes 0 to 60 hold no fragment with media data"]
    report = await checked(rich_library, lies={playlist.key: re.sub(r"\d+@0", "99999999@0", text, count=1).encode()})
    assert "bytes 0 to 99999999 are answered with 206" in faults(report, title.video[0].segments[0].file.key)[0]


async def test_a_sheet_that_is_no_picture_or_of_another_size_is_named(rich_library: Path) -> None:
    thumbs = title_of(rich_library).thumbnails
    assert thumbs
    (sheet,) = thumbs.sheets
    report = await checked(rich_library, lies={sheet.key: b"\xff\xd8\xff no jpeg"})
    assert any(what.startswith("is no JPEG that decodes") for what in faults(report, sheet.key))
    small = (rich_library / title_of(rich_library).artwork[0].file.key).read_bytes()
    found = faults(await checked(rich_library, lies={sheet.key: small}), "thumbnails")
    assert "is 160x90, DASH says 1920x216" in found
    assert "names 1.jpg#xywh=192,0,192,108, which is beyond the sheet's 160x90" in found


async def test_an_index_with_a_gap_or_an_early_end_is_named(rich_library: Path) -> None:
    thumbs = title_of(rich_library).thumbnails
    assert thumbs
    cues = (rich_library / thumbs.index.key).read_text().split("\n\n")
    without = "\n\n".join([*cues[:3], *cues[4:-1]]) + "\n"
    found = faults(await checked(rich_library, lies={thumbs.index.key: without.encode()}), thumbs.index.key)
    assert "has a thumbnail from 3.000 to 4.000 s, expected 2.000" in found
    assert "ends at 14.000 s, the film at 15.000 s" in found
    found = faults(await checked(rich_library, lies={thumbs.index.key: b"WEBVTT\n"}), thumbs.index.key)
    assert found[-1] == "names no thumbnail"


async def test_what_the_list_offers_and_is_not_there_is_named(rich_library: Path, tmp_path: Path) -> None:
    folder = tmp_path / "library"
    shutil.copytree(rich_library, folder)
    title = title_of(folder)
    assert title.chapters_file
    assert title.poster
    gone = [title.artwork[0].file.key, title.chapters_file.key, title.poster.key]
    for key in gone:
        (folder / key).unlink()
    report = await checked(folder)
    assert [faults(report, key) for key in gone] == [["the answer is 404"]] * 3


async def test_a_title_that_the_list_lacks_is_named(library: Path) -> None:
    report = await checked(library, lies={"titles": b"[]"})
    assert faults(report, "/titles") == ["Content-Type is video/mp4", "does not list /titles/sample/master.m3u8"]


def test_templates_are_filled_by_number_time_and_name() -> None:
    text = """<MPD xmlns="urn:mpeg:dash:schema:mpd:2011" mediaPresentationDuration="PT1M5.5S"><Period><AdaptationSet>
    <SegmentTemplate timescale="10" startNumber="7" initialization="$RepresentationID$/i"
     media="$RepresentationID$/$Number%03d$-$Time$">
    <SegmentTimeline><S t="5" d="20" r="1"/><S d="4"/></SegmentTimeline></SegmentTemplate>
    <Representation id="a"/></AdaptationSet></Period></MPD>"""
    (track,) = dash_tracks(text, "http://h/t/m.mpd")
    assert track.init == "http://h/t/a/i"
    assert track.segments == (
        ("http://h/t/a/007-5", Fraction(2)),
        ("http://h/t/a/008-25", Fraction(2)),
        ("http://h/t/a/009-45", Fraction(2, 5)),
    )
    assert track.total == Fraction(131, 2)
    with pytest.raises(ValueError, match="no duration"):
        iso_seconds("PT")
