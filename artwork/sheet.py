"""Pictures as files: JPEGs, sheets of tiles, and the WebVTT index that says which tile is which. Pure."""

from __future__ import annotations

import io
from collections.abc import Sequence

from PIL import Image

from artwork.plan import Grid, Size
from artwork.score import Pixels

_SHEET_QUALITY = 75
_STILL_QUALITY = 88


def still_jpeg(pixels: Pixels) -> bytes:
    """A picture as JPEG, progressive."""
    return _jpeg(Image.fromarray(pixels), _STILL_QUALITY)


def sheets(tiles: Sequence[bytes], grid: Grid) -> tuple[bytes, ...]:
    """The tiles (RGB rows of the grid's tile size) on sheets, as JPEG; what a last sheet has to spare is black."""
    pages = [Image.new("RGB", (grid.columns * grid.width, grid.rows * grid.height)) for _ in range(grid.sheets)]
    for number, tile in enumerate(tiles):
        page, x, y = grid.place(number)
        pages[page].paste(Image.frombytes("RGB", (grid.width, grid.height), tile), (x, y))
    return tuple(_jpeg(page, _SHEET_QUALITY) for page in pages)


def index_vtt(grid: Grid, every_ms: int, duration_ms: int) -> bytes:
    """The index: each tile's address as a spatial media fragment of its sheet (W3C Media Fragments 1.0, section 4.2.2),
    relative to the index itself."""
    lines = ["WEBVTT", ""]
    for tile in range(grid.count):
        sheet, x, y = grid.place(tile)
        stop = duration_ms if tile == grid.count - 1 else (tile + 1) * every_ms
        lines += [
            f"{_clock(tile * every_ms)} --> {_clock(max(stop, tile * every_ms + 1))}",
            f"{sheet_name(sheet)}#xywh={x},{y},{grid.width},{grid.height}",
            "",
        ]
    return "\n".join(lines).encode()


def sheet_name(sheet: int) -> str:
    """The file name of sheet `sheet`, counted from 0: names count from 1."""
    return f"{sheet + 1}.jpg"


def size_of(data: bytes) -> Size:
    """Width and height of a JPEG."""
    with Image.open(io.BytesIO(data)) as image:
        return image.size


def _jpeg(image: Image.Image, quality: int) -> bytes:
    out = io.BytesIO()
    image.save(out, "JPEG", quality=quality, optimize=True, progressive=True)
    return out.getvalue()


def _clock(milliseconds: int) -> str:
    seconds, rest = divmod(milliseconds, 1000)
    minutes, seconds = divmod(seconds, 60)
    return f"{minutes // 60:02d}:{minutes % 60:02d}:{seconds:02d}.{rest:03d}"
