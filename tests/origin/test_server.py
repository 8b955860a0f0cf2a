"""The origin as a process would run it: a port, its trouble, and the end."""

from __future__ import annotations

import asyncio
import json
import urllib.request

import pytest

from origin import OriginSettings, run_origin
from storage.folder import FolderStore
from storage.memory import MemoryStore
from tests.origin.library import publish
from values.errors import ServeError, StoreError


async def test_an_origin_runs_on_a_free_port_until_it_is_cancelled() -> None:
    store = MemoryStore()
    publish(store)
    ready: asyncio.Future[int] = asyncio.get_running_loop().create_future()
    task = asyncio.create_task(run_origin(store, OriginSettings(port=0), on_ready=ready.set_result))
    url = f"http://127.0.0.1:{await ready}/titles"
    answer = await asyncio.to_thread(lambda: urllib.request.urlopen(url).read())
    assert [title["id"] for title in json.loads(answer)] == ["bunny"]
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    with pytest.raises(OSError, match="refused"):
        await asyncio.to_thread(urllib.request.urlopen, url)


async def test_a_port_in_use_is_named_with_a_way_out() -> None:
    taken = await asyncio.start_server(lambda *_: None, "127.0.0.1", 0)
    port = taken.sockets[0].getsockname()[1]
    with pytest.raises(ServeError) as caught:
        await run_origin(MemoryStore(), OriginSettings(port=port))
    assert (caught.value.what, caught.value.where) == ("the port is in use", f"127.0.0.1:{port}")
    assert "--port 0" in caught.value.hint
    taken.close()
    await taken.wait_closed()


async def test_a_store_that_can_t_be_used_is_told_before_the_origin_is_ready(tmp_path) -> None:  # type: ignore[no-untyped-def]
    (tmp_path / "file").write_text("not a folder")
    with pytest.raises(StoreError):
        await run_origin(FolderStore(tmp_path / "file"), OriginSettings(port=0), on_ready=pytest.fail)
