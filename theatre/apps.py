"""What runs in the house's child processes: options in, an aiohttp application out. Called by `theatre.child`."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from aiohttp import web


def origin_app(options: Mapping[str, Any]) -> web.Application:
    """The origin over the store at ``options["store_url"]``. Raises UsageError, StoreError if it can't be used."""
    from origin.app import create_origin_app
    from origin.settings import OriginSettings
    from storage.open import open_store

    store = open_store(options["store_url"])
    store.check()
    return create_origin_app(store, OriginSettings())


def edge_app(options: Mapping[str, Any]) -> web.Application:
    """An edge in front of ``options["origin"]``. Raises UsageError, ServeError if it can't be set up."""
    from edge_cache.app import create_edge_app
    from edge_cache.settings import EdgeSettings

    disk = options["disk"]
    return create_edge_app(
        EdgeSettings(
            origins=(options["origin"],),
            ram_bytes=options["ram_bytes"],
            disk_dir=Path(disk) if disk else None,
            disk_bytes=options["disk_bytes"],
            name=options["name"],
        )
    )
