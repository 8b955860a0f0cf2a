"""Which public path names what. Everything that is not named here does not exist. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal
from urllib.parse import unquote_to_bytes

_ID = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,78}[a-z0-9])?")
_PART = re.compile(r"[A-Za-z0-9_~@+=,-][A-Za-z0-9._~@+=,-]*")
_LONGEST = 900


@dataclass(frozen=True, slots=True)
class Service:
    """A path that is not about one title: the list, the health check, the metrics."""

    name: Literal["titles", "healthz", "metrics"]


@dataclass(frozen=True, slots=True)
class TitlePath:
    """A path below ``/titles/ID/``; `rest` is what follows, like ``master.m3u8`` or ``media/v360/s1-….m4s``."""

    title_id: str
    rest: str

    @property
    def key(self) -> str:
        """The store key with the same path."""
        return f"titles/{self.title_id}/{self.rest}"


_SERVICES = {
    "/titles": Service("titles"),
    "/healthz": Service("healthz"),
    "/metrics": Service("metrics"),
}


def parse_path(raw: str) -> Service | TitlePath | None:
    """What the path of a request target names, or None (404). `raw` is as sent: still percent-encoded, no query.

    A part is decoded once and must then be plain: no ``..``, no dot first, no slash, backslash, NUL, or percent
    sign that is left over from double encoding.
    """
    if service := _SERVICES.get(raw):
        return service
    if not raw.startswith("/titles/") or len(raw) > 3 * _LONGEST:
        return None
    parts = raw[len("/titles/") :].split("/")
    if "%" in raw:
        parts = [unquote_to_bytes(part).decode("latin-1") for part in parts]
    title_id, *rest = parts
    if not rest or not is_title_id(title_id) or not all(_PART.fullmatch(part) for part in rest):
        return None
    return TitlePath(title_id, "/".join(rest)) if len(raw) <= _LONGEST else None


def is_title_id(text: str) -> bool:
    """Whether a title can have this id (`values.keys.check_slug`)."""
    return _ID.fullmatch(text) is not None
