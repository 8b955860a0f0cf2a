"""A title's pictures as values: where they lie in the store, and their work record. Pure."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import Any

import av
import PIL

from artwork.plan import Grid, View
from artwork.sheet import sheet_name
from values.digest import digest_value
from values.keys import media_prefix, title_prefix
from values.title import Artwork, StoredFile, Thumbnails

FORMAT = 1
"""Raised whenever the same recipe would give other bytes, so that nothing old is taken for new."""
_DIGITS = 16


@dataclass(frozen=True, slots=True)
class Pictures:
    """What a title has to look at, as in `values.title.Title`: None and () where nothing of the film decodes."""

    poster: StoredFile | None = None
    artwork: tuple[Artwork, ...] = ()
    thumbnails: Thumbnails | None = None

    def files(self) -> tuple[StoredFile, ...]:
        sheets = (*self.thumbnails.sheets, self.thumbnails.index) if self.thumbnails else ()
        return (*((self.poster,) if self.poster else ()), *(a.file for a in self.artwork), *sheets)


NO_PICTURES = Pictures()


def recipe_of(fingerprint: str, timing: str, tile: View, still: View, grid: Grid, *steps: int) -> str:
    """The digest that names the pictures: of the master, the times of its frames, how they are shown, in which
    steps, and the libraries that decode and write them."""
    made_of = {
        "format": FORMAT, "libraries": [av.__version__, PIL.__version__], "master": fingerprint, "timing": timing,
        "tile": repr(tile), "still": repr(still), "grid": asdict(grid), "steps": steps,
    }  # fmt: skip
    return digest_value(made_of)[:_DIGITS]


def sheet_key(title_id: str, recipe: str, sheet: int) -> str:
    """The key of sheet `sheet`, counted from 0."""
    return f"{media_prefix(title_id, 'thumbnails')}{recipe}/{sheet_name(sheet)}"


def index_key(title_id: str, recipe: str) -> str:
    return f"{media_prefix(title_id, 'thumbnails')}{recipe}/index.vtt"


def still_key(title_id: str, recipe: str, number: int) -> str:
    """The key of artwork `number`, counted from 1, best first."""
    return f"{media_prefix(title_id, 'artwork')}{recipe}/{number}.jpg"


def poster_key(title_id: str, digest: str) -> str:
    return f"{title_prefix(title_id)}poster-{digest[:_DIGITS]}.jpg"


def dump_pictures(pictures: Pictures) -> bytes:
    """The work record, read again by `load_pictures`."""
    return json.dumps(asdict(pictures)).encode()


def load_pictures(data: bytes) -> Pictures:
    """A work record. Raises ValueError, KeyError or TypeError where it is damaged."""
    raw = json.loads(data)
    return Pictures(
        poster=StoredFile(**raw["poster"]) if raw["poster"] else None,
        artwork=tuple(Artwork(**{**a, "file": StoredFile(**a["file"])}) for a in raw["artwork"]),
        thumbnails=_thumbnails(raw["thumbnails"]) if raw["thumbnails"] else None,
    )


def _thumbnails(raw: dict[str, Any]) -> Thumbnails:
    sheets = tuple(StoredFile(**s) for s in raw["sheets"])
    return Thumbnails(**{**raw, "sheets": sheets, "index": StoredFile(**raw["index"])})
