"""Edges that never come up."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aiohttp import web

from values.errors import ServeError


def refusing_app(options: Mapping[str, Any]) -> web.Application:
    """An edge that can't start."""
    raise ServeError("the disk is full", where=options["name"], hint="Make room.")


def crashing_app(options: Mapping[str, Any]) -> web.Application:
    """An edge with a fault of its own."""
    raise SystemExit(7)
