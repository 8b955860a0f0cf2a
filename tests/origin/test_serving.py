"""Every name, header and status of an origin that is well, over real sockets and both kinds of store."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from email.utils import parsedate_to_datetime

import pytest
from aiohttp import hdrs
from aiohttp.test_utils import TestClient

from origin.preconditions import date_text
from storage.protocol import Store
from tests.origin.library import publish, rich
from tests.origin.raw import get
from tests.origin.test_paths import ATTACKS
from values.keys import title_key
from values.title import Title, dump_title

IMMUTABLE = "public, max-age=31536000, immutable"
SHORT = "public, max-age=2, stale-while-revalidate=4, stale-if-error=3600"


@pytest.fixture
def title(store: Store) -> Title:
    return publish(store)


def url(key: str) -> str:
    return f"/{key}"


async def test_every_file_of_a_title_is_served_whole_with_its_record_s_tag(
    store: Store, title: Title, origin: TestClient
) -> None:
    modified = date_text(store.head(title_key(title.id)).modified)
    for file in title.files():
        async with origin.get(url(file.key)) as response:
            assert (response.status, await response.read()) == (200, store.get(file.key))
            assert {name: response.headers[name] for name in _HEADERS} == {
                "Content-Length": str(file.size_bytes),
                "ETag": f'"{file.xxh3}"',
                "Last-Modified": modified,
                "Cache-Control": IMMUTABLE,
                "Accept-Ranges": "bytes",
                "Access-Control-Allow-Origin": "*",
                "X-Content-Type-Options": "nosniff",
                "Server": "matinee-origin",
            }
            assert parsedate_to_datetime(response.headers["Date"])


_HEADERS = (
    "Content-Length", "ETag", "Last-Modified", "Cache-Control", "Accept-Ranges", "Access-Control-Allow-Origin",
    "X-Content-Type-Options", "Server",
)  # fmt: skip


async def test_media_types_follow_the_rendition(title: Title, origin: TestClient) -> None:
    video, audio = title.renditions
    assert title.poster
    expected = {
        "titles/bunny/master.m3u8": "application/vnd.apple.mpegurl",
        "titles/bunny/manifest.mpd": "application/dash+xml",
        "titles/bunny/title.json": "application/json",
        video.playlist.key: "application/vnd.apple.mpegurl",
        video.init.key: "video/mp4",
        video.segments[0].file.key: "video/mp4",
        audio.init.key: "audio/mp4",
        audio.segments[0].file.key: "audio/mp4",
        title.poster.key: "image/jpeg",
    }
    found = {}
    for key in expected:
        async with origin.head(url(key)) as response:
            found[key] = response.headers["Content-Type"]
    assert found == expected


async def test_all_that_belongs_to_a_title_is_served_for_ever_as_what_it_is(
    store: Store, title: Title, origin: TestClient
) -> None:
    title = rich(store, title)
    store.put(title_key(title.id), dump_title(title))
    plain = {f.key for r in title.renditions for f in (r.init, *(s.file for s in r.segments))}
    seen = set()
    for file in title.files():
        async with origin.get(url(file.key)) as response:
            assert (response.status, await response.read()) == (200, store.get(file.key))
            assert response.headers["Cache-Control"] == IMMUTABLE
            if file.key not in plain:
                seen.add((re.sub("-?[0-9a-f]{16}", "", file.key.removeprefix("titles/bunny/")), response.content_type))
    assert seen == {
        ("master.m3u8", "application/vnd.apple.mpegurl"), ("manifest.mpd", "application/dash+xml"),
        ("v360.m3u8", "application/vnd.apple.mpegurl"), ("a128.m3u8", "application/vnd.apple.mpegurl"),
        ("v360-i.m3u8", "application/vnd.apple.mpegurl"), ("poster.jpg", "image/jpeg"),
        ("text-en.m3u8", "application/vnd.apple.mpegurl"), ("text-de.m3u8", "application/vnd.apple.mpegurl"),
        ("media/text-en//all.vtt", "text/vtt"), ("media/text-en//1.vtt", "text/vtt"),
        ("media/text-de//all.vtt", "text/vtt"), ("media/text-de//1.vtt", "text/vtt"),
        ("media/v360-trick/r/init.mp4", "video/mp4"), ("media/v360-trick/r/1.m4s", "video/mp4"),
        ("media/thumbnails/r/1.jpg", "image/jpeg"), ("media/thumbnails/r/index.vtt", "text/vtt"),
        ("media/artwork/r/1.jpg", "image/jpeg"), ("chapters.vtt", "text/vtt"),
    }  # fmt: skip


@pytest.mark.parametrize(("alias", "kind"), [("master.m3u8", "hls"), ("manifest.mpd", "dash")])
async def test_a_manifest_s_public_name_is_short_lived(
    store: Store, title: Title, origin: TestClient, alias: str, kind: str
) -> None:
    file = getattr(title, kind)
    async with origin.get(f"/titles/bunny/{alias}") as response:
        assert (response.status, await response.read()) == (200, store.get(file.key))
        assert response.headers["Cache-Control"] == SHORT
        assert response.headers["ETag"] == f'"{file.xxh3}"'


async def test_the_record_is_served_as_it_is(store: Store, title: Title, origin: TestClient) -> None:
    async with origin.get("/titles/bunny/title.json") as response:
        assert (response.status, await response.read()) == (200, dump_title(title))
        assert response.headers["Cache-Control"] == SHORT
        etag = response.headers["ETag"]
    async with origin.get("/titles/bunny/title.json", headers={"If-None-Match": etag}) as response:
        assert (response.status, await response.read()) == (304, b"")


async def test_the_list_says_what_a_page_needs(store: Store, title: Title, origin: TestClient) -> None:
    publish(store, "also", seed="two")
    async with origin.get("/titles") as response:
        titles = await response.json()
        assert response.headers["Cache-Control"] == SHORT
        assert "Last-Modified" not in response.headers
    assert title.poster
    assert [t["id"] for t in titles] == ["also", "bunny"]
    assert titles[1] == {
        "id": "bunny",
        "name": "Bunny one",
        "created": "2026-01-02T03:04:05Z",
        "duration": 8.008,
        "frame_rate": "24000/1001",
        "hls": "/titles/bunny/master.m3u8",
        "dash": "/titles/bunny/manifest.mpd",
        "poster": f"/{title.poster.key}",
        "artwork": [],
        "thumbnails": None,
        "chapters": None,
        "texts": [],
        "renditions": [
            {
                "id": "v360", "kind": "video", "codec": "avc1.64001f", "peak_bps": 900_000, "average_bps": 700_000,
                "width": 640, "height": 360, "video_range": "SDR",
            },
            {
                "id": "a128", "kind": "audio", "codec": "mp4a.40.2", "peak_bps": 130_000, "average_bps": 128_000,
                "channels": 2, "sample_rate_hz": 48000, "language": "und", "name": "", "role": "main", "default": False,
            },
        ],
    }  # fmt: skip


async def test_the_list_says_what_there_is_to_read_and_to_look_at(
    store: Store, title: Title, origin: TestClient
) -> None:
    title = rich(store, title)
    store.put(title_key(title.id), dump_title(title))
    async with origin.get("/titles") as response:
        (listed,) = await response.json()
    assert title.thumbnails
    assert title.chapters_file
    assert {name: listed[name] for name in ("artwork", "thumbnails", "chapters", "texts")} == {
        "artwork": ["/titles/bunny/media/artwork/r/1.jpg"],
        "thumbnails": "/titles/bunny/media/thumbnails/r/index.vtt",
        "chapters": f"/{title.chapters_file.key}",
        "texts": [
            {
                "id": text.id, "language": language, "name": "", "role": role, "forced": False, "default": chosen,
                "url": f"/{text.whole.key}",
            }
            for text, language, role, chosen in zip(
                title.texts, ("en", "de"), ("captions", "subtitles"), (True, False), strict=True
            )
        ],
    }  # fmt: skip


async def test_the_list_changes_when_titles_come_and_go(store: Store, origin: TestClient) -> None:
    async def ids() -> list[str]:
        async with origin.get("/titles") as response:
            return [t["id"] for t in await response.json()]

    assert await ids() == []
    publish(store, "one")
    store.put("titles/draft/media/v/x.m4s", b"not published")
    assert await ids() == ["one"]
    store.delete(title_key("one"))
    assert await ids() == []


async def test_head_says_the_same_as_get_without_a_body(title: Title, origin: TestClient) -> None:
    for target in (url(title.renditions[0].segments[1].file.key), "/titles/bunny/master.m3u8", "/titles", "/nothing"):
        status, headers, body = await get(origin, target)
        head_status, head_headers, head_body = await get(origin, target, method="HEAD")
        headers.pop("date"), head_headers.pop("date")
        assert (head_status, head_headers, head_body) == (status, headers, b"")
        assert len(body) == int(headers["content-length"])


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "PROPFIND"])
async def test_other_methods_are_not_allowed(title: Title, origin: TestClient, method: str) -> None:
    async with origin.request(method, "/titles/bunny/master.m3u8") as response:
        assert (response.status, response.headers["Allow"]) == (405, "GET, HEAD, OPTIONS")
        assert response.headers["Cache-Control"] == "no-store"


async def test_a_player_s_preflight_is_granted(title: Title, origin: TestClient) -> None:
    asked = {
        "Origin": "http://page",
        "Access-Control-Request-Method": "GET",
        "Access-Control-Request-Headers": "range,cmcd-request",
    }
    async with origin.options("/titles/bunny/master.m3u8", headers=asked) as response:
        assert (response.status, await response.read()) == (204, b"")
        assert response.headers["Access-Control-Allow-Origin"] == "*"
        assert {"GET", "HEAD"} <= set(response.headers["Access-Control-Allow-Methods"].split(", "))
        allowed = set(response.headers["Access-Control-Allow-Headers"].split(", "))
        assert {"Range", "If-None-Match", "CMCD-Request"} <= allowed
    async with origin.get("/titles/bunny/master.m3u8", headers={"Origin": "http://page"}) as response:
        exposed = set(response.headers["Access-Control-Expose-Headers"].split(", "))
        assert {"Content-Length", "Content-Range", "Date", "ETag", "Age", "Cache-Status"} <= exposed


async def test_a_matching_tag_or_date_is_not_modified(title: Title, origin: TestClient) -> None:
    file = title.renditions[0].segments[1].file
    async with origin.get(url(file.key)) as response:
        etag, modified = response.headers["ETag"], response.headers["Last-Modified"]
    for conditions in ({"If-None-Match": f'"x", {etag}'}, {"If-Modified-Since": modified}):
        for method in ("GET", "HEAD"):
            async with origin.request(method, url(file.key), headers=conditions) as response:
                assert (response.status, await response.read()) == (304, b"")
                assert (response.headers["ETag"], response.headers["Cache-Control"]) == (etag, IMMUTABLE)
                assert not {"Content-Type", "Content-Length", "Content-Range"} & set(response.headers)
    earlier = date_text(parsedate_to_datetime(modified) - timedelta(seconds=1))
    async with origin.get(url(file.key), headers={"If-Modified-Since": earlier}) as response:
        assert response.status == 200
    async with origin.get(url(file.key), headers={"If-Match": '"x"'}) as response:
        assert (response.status, await response.read()) == (412, b"")


async def test_repeated_conditions_count_together(title: Title, origin: TestClient) -> None:
    file = title.renditions[0].segments[1].file
    lines = ('If-None-Match: "x"', f'If-None-Match: "{file.xxh3}"')
    assert (await get(origin, url(file.key), *lines))[0] == 304


@pytest.mark.parametrize(
    ("header", "first", "stop"),
    [("bytes=0-0", 0, 1), ("bytes=100-", 100, 300_000), ("bytes=-7", 299_993, 300_000), ("bytes=5-204999", 5, 205_000)],
)
async def test_one_range_is_sent_as_it_is(
    store: Store, title: Title, origin: TestClient, header: str, first: int, stop: int
) -> None:
    file = title.renditions[0].segments[1].file
    async with origin.get(url(file.key), headers={"Range": header}) as response:
        assert (response.status, await response.read()) == (206, store.get(file.key)[first:stop])
        assert response.headers["Content-Range"] == f"bytes {first}-{stop - 1}/300000"
        assert response.headers["Content-Length"] == str(stop - first)
        assert response.headers["Content-Type"] == "video/mp4"
        assert response.headers["ETag"] == f'"{file.xxh3}"'


@pytest.mark.parametrize("wanted", [[(0, 9), (290_000, 299_999)], [(5, 5), (200_250, 200_260), (100, 199_999)]])
async def test_several_ranges_are_parts_of_a_multipart_body(
    store: Store, title: Title, origin: TestClient, wanted: list[tuple[int, int]]
) -> None:
    file = title.renditions[0].segments[1].file
    data = store.get(file.key)
    header = "bytes=" + ", ".join(f"{first}-{last}" for first, last in wanted)
    async with origin.get(url(file.key), headers={"Range": header}) as response:
        body = await response.read()
        assert response.status == 206
        assert "Content-Range" not in response.headers
        match = re.fullmatch(r"multipart/byteranges; boundary=([0-9a-f]{32})", response.headers["Content-Type"])
        assert match
        assert response.headers["Content-Length"] == str(len(body))
    expected = b"".join(
        f"\r\n--{match[1]}\r\nContent-Type: video/mp4\r\nContent-Range: bytes {first}-{last}/300000\r\n\r\n".encode()
        + data[first : last + 1]
        for first, last in wanted
    )
    assert body == (expected + f"\r\n--{match[1]}--\r\n".encode()).removeprefix(b"\r\n")


async def test_a_range_of_a_manifest_and_of_the_list(store: Store, title: Title, origin: TestClient) -> None:
    for target in ("/titles/bunny/master.m3u8", "/titles", "/titles/bunny/title.json"):
        async with origin.get(target) as response:
            whole = await response.read()
        async with origin.get(target, headers={"Range": "bytes=2-5"}) as response:
            assert (response.status, await response.read()) == (206, whole[2:6])
        async with origin.get(target, headers={"Range": "bytes=0-0,-1"}) as response:
            body = await response.read()
            assert response.status == 206
            assert body.count(b"Content-Range: bytes ") == 2
            assert len(body) == int(response.headers["Content-Length"])


async def test_a_range_beyond_the_end_is_not_satisfiable(title: Title, origin: TestClient) -> None:
    file = title.renditions[0].segments[1].file
    async with origin.get(url(file.key), headers={"Range": "bytes=300000-"}) as response:
        assert (response.status, await response.read()) == (416, b"")
        assert response.headers["Content-Range"] == "bytes */300000"
        assert response.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("header", ["bytes=x", "lines=1-2", "bytes=9-1"])
async def test_a_range_that_makes_no_sense_gets_the_whole(title: Title, origin: TestClient, header: str) -> None:
    async with origin.get(url(title.renditions[0].init.key), headers={"Range": header}) as response:
        assert (response.status, len(await response.read())) == (200, 700)


async def test_if_range_guards_a_continued_download(title: Title, origin: TestClient) -> None:
    file = title.renditions[0].segments[1].file
    async with origin.head(url(file.key)) as response:
        modified = response.headers["Last-Modified"]
    for guard, status in ((f'"{file.xxh3}"', 206), ('"x"', 200), (f'W/"{file.xxh3}"', 200), (modified, 206)):
        async with origin.get(url(file.key), headers={"Range": "bytes=9-", "If-Range": guard}) as response:
            assert response.status == status, guard
    async with origin.head("/titles/bunny/master.m3u8") as response:
        modified = response.headers["Last-Modified"]
    conditions = {"Range": "bytes=9-", "If-Range": modified}
    async with origin.get("/titles/bunny/master.m3u8", headers=conditions) as response:
        assert response.status == 200, "a manifest can change twice within a second"


async def test_head_ignores_a_range(title: Title, origin: TestClient) -> None:
    status, headers, _ = await get(origin, url(title.renditions[0].init.key), "Range: bytes=0-1", method="HEAD")
    assert (status, headers["content-length"]) == (200, "700")


async def test_an_attack_finds_nothing(store: Store, title: Title, origin: TestClient) -> None:
    store.put("masters/x.json", b"secret")
    for target in ATTACKS:
        if target not in ("", "*", "titles") and not set(target) & set(" \x00\u00e9"):
            await _finds_nothing(origin, target)


async def _finds_nothing(origin: TestClient, target: str) -> None:
    status, headers, body = await get(origin, target)
    if target == "http://elsewhere/titles":  # the absolute form of our own /titles (RFC 9112 section 3.2.2)
        assert status == 200
    else:
        assert (status, body) == (404, b"There is nothing under this address.\n"), target
        assert headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    "target", ["/titles/bunny/a b", "/titles/bunny/x\0", "/titles/caf\u00e9", "titles", "/titles/a\rb"]
)
async def test_a_broken_request_line_is_refused(title: Title, origin: TestClient, target: str) -> None:
    assert (await get(origin, target))[0] in (400, 404)


async def test_only_what_a_published_title_consists_of_is_served(
    store: Store, title: Title, origin: TestClient
) -> None:
    work = f"titles/bunny/work/{'f' * 32}.json"
    for key in (work, "titles/bunny/notes.txt", "titles/bunny/media/v360/secret.json", "titles/bunny/draft.m3u8"):
        store.put(key, b"not for players")
    for key in ("titles/draft/media/v360/s0-0123456789abcdef.m4s", "titles/draft/master-0123456789abcdef.m3u8"):
        store.put(key, b"not yet published")
        assert (await get(origin, url(key)))[0] == 404
    for key in (work, "titles/bunny/notes.txt", "titles/bunny/media/v360/secret.json", "titles/bunny/draft.m3u8"):
        assert (await get(origin, url(key)))[0] == 404
    for target in ("/titles/bunny/media/v360/gone-0123456789abcdef.m4s", "/titles/draft/master.m3u8"):
        assert (await get(origin, target))[0] == 404


async def test_the_metrics_are_not_for_those_who_come_through_an_edge(origin: TestClient) -> None:
    async with origin.get("/metrics", headers={"Via": "1.1 edge-1"}) as response:
        assert response.status == 404


async def test_the_health_check_and_the_metrics_answer(title: Title, origin: TestClient) -> None:
    async with origin.get("/healthz") as response:
        assert (response.status, json.loads(await response.read())) == (200, {"status": "ok"})
        assert response.headers["Cache-Control"] == "no-store"
    await origin.get(url(title.renditions[0].segments[1].file.key))
    await origin.get("/nothing")
    async with origin.get("/metrics") as response:
        text = await response.text()
        assert response.headers[hdrs.CONTENT_TYPE].startswith("text/plain")
    assert 'matinee_origin_requests_total{kind="media",status="200"} 1.0' in text
    assert 'matinee_origin_requests_total{kind="unknown",status="404"} 1.0' in text
    assert 'matinee_origin_body_bytes_total{kind="media"} 300000.0' in text
    assert "matinee_origin_requests_in_flight 1.0" in text


async def test_connections_are_kept_for_the_next_request(title: Title, origin: TestClient) -> None:
    for _ in range(3):
        async with origin.get(url(title.renditions[0].segments[1].file.key)) as response:
            await response.read()
    assert origin.session.connector is not None
    assert len(origin.session.connector._conns) == 1
