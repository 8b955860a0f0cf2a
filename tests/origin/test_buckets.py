"""An origin over a bucket on a real S3 server: the same bytes, tags and ranges, and the outage of the server."""

from __future__ import annotations

import pytest
from aiohttp.test_utils import TestClient

from storage import open_store
from storage.protocol import Store
from tests.origin.conftest import OriginFactory
from tests.origin.library import publish
from tests.origin.raw import get
from tests.servers import S3Server
from values.title import Title

SIZES = (1000, 3_500_000)


@pytest.fixture(params=["s3", "minio"])
def bucket(request: pytest.FixtureRequest, moto_server: S3Server) -> Store:
    prefix = f"origin-{request.node.name}".replace("[", "-").replace("]", "")
    return open_store(moto_server.s3_url(prefix) if request.param == "s3" else moto_server.minio_url(prefix))


async def served(origin: TestClient, title: Title, *lines: str) -> tuple[int, dict[str, str], bytes]:
    return await get(origin, f"/{title.renditions[0].segments[1].file.key}", *lines)


async def test_a_title_in_a_bucket_is_served_whole_and_in_parts(bucket: Store, start: OriginFactory) -> None:
    title = publish(bucket, sizes=SIZES)
    origin = await start(bucket)
    data = bucket.get(title.renditions[0].segments[1].file.key)
    status, headers, body = await served(origin, title)
    assert (status, headers["etag"], body) == (200, f'"{title.renditions[0].segments[1].file.xxh3}"', data)
    status, headers, body = await served(origin, title, "Range: bytes=1000000-3399999")
    assert (status, headers["content-range"], body) == (206, "bytes 1000000-3399999/3500000", data[1000000:3400000])
    status, _, body = await served(origin, title, "Range: bytes=0-9,-5")
    assert (status, data[:10] in body, data[-5:] in body) == (206, True, True)
    status, _, body = await get(origin, "/titles/bunny/manifest.mpd")
    assert (status, body) == (200, bucket.get(title.dash.key))
    async with origin.get("/titles") as response:
        assert [title["id"] for title in await response.json()] == ["bunny"]


async def test_a_republication_in_a_bucket_switches_and_serves_the_old_generation_on(
    bucket: Store, start: OriginFactory
) -> None:
    old = publish(bucket, sizes=SIZES, seed="one")
    origin = await start(bucket)
    assert (await get(origin, "/titles/bunny/master.m3u8"))[2] == bucket.get(old.hls.key)
    new = publish(bucket, sizes=SIZES, seed="two")
    assert (await get(origin, "/titles/bunny/master.m3u8"))[2] == bucket.get(new.hls.key)
    assert (await served(origin, old))[2] == bucket.get(old.renditions[0].segments[1].file.key)


async def test_a_bucket_that_is_not_there_is_a_503(moto_server: S3Server, start: OriginFactory) -> None:
    store = open_store(f"s3://no-such-bucket/x?endpoint={moto_server.endpoint}&region=us-east-1")
    origin = await start(store)
    for target in ("/titles", "/titles/bunny/master.m3u8", "/healthz"):
        status, headers, _ = await get(origin, target)
        assert (status, headers["retry-after"]) == (503, "1"), target
