"""The HTTP checker passes a whole presentation and names what is wrong with a damaged one."""

from __future__ import annotations

import shutil
from collections.abc import Awaitable, Callable, Mapping
from fractions import Fraction
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from onboarding.titles import read_title
from origin import OriginSettings, create_origin_app
from storage import open_store
from tests.onboarding.runs import onboard_sample
from theatre.check import CheckReport, check_presentation
from theatre.check_plan import dash_tracks, iso_seconds
from values.errors import ServeError
from values.title import Title

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder: Path = tmp_path_factory.mktemp("check") / "library"
    onboard_sample(folder)
    return folder


@pytest.fixture
def copy(library: Path, tmp_path: Path) -> Path:
    shutil.copytree(library, tmp_path / "library")
    return tmp_path / "library"


async def checked(folder: Path, *, through_edge: bool = False, lies: Mapping[str, bytes] | None = None) -> CheckReport:
    """The report on what the origin serves from `folder`; `lies` are bodies that come in place of others, by key."""

    @web.middleware
    async def lie(request: web.Request, handler: Handler) -> web.StreamResponse:
        body = (lies or {}).get(request.path.lstrip("/"))
        if body is None:
            return await handler(request)
        media_type = "application/vnd.apple.mpegurl" if request.path.endswith(".m3u8") else "video/mp4"
        return web.Response(body=body, headers={"ETag": '"lie"', "Content-Type": media_type})

    app = create_origin_app(open_store(f"file:{folder}"), OriginSettings())
    app.middlewares.insert(0, lie)
    server = TestServer(app)
    await server.start_server()
    try:
        root = str(server.make_url("/titles/sample"))
        return await check_presentation(f"{root}/master.m3u8", f"{root}/manifest.mpd", through_edge=through_edge)
    finally:
        await server.close()


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
    with pytest.raises(ServeError, match=r"the manifest's answer is 404\nIs the title published"):
        await checked(tmp_path)


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
