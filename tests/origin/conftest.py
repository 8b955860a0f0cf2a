"""Origins on real sockets over a memory and a folder store."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
from aiohttp.test_utils import TestClient, TestServer

from origin import OriginSettings, create_origin_app
from storage.folder import FolderStore
from storage.memory import MemoryStore
from storage.protocol import Store

Client = TestClient
OriginFactory = Callable[..., Awaitable[TestClient]]


@pytest.fixture(params=["memory", "folder"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Store:
    return MemoryStore() if request.param == "memory" else FolderStore(tmp_path / "library")


@pytest.fixture
async def start() -> AsyncIterator[OriginFactory]:
    """Start an origin over a store; its settings as keywords."""
    async with AsyncExitStack() as stack:

        async def start_origin(store: Store, **settings: object) -> TestClient:
            app = create_origin_app(store, OriginSettings(**{"record_ttl_s": 0.0, **settings}))  # type: ignore[arg-type]
            return await stack.enter_async_context(TestClient(TestServer(app)))

        yield start_origin


@pytest.fixture
async def origin(store: Store, start: OriginFactory) -> TestClient:
    return await start(store)
