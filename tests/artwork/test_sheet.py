"""Sheets and their index agree: the tile that the index names is the picture of that time."""

from __future__ import annotations

import io
import re

import numpy as np
from PIL import Image

from artwork.plan import Grid, View, grid_of
from artwork.record import Pictures, dump_pictures, load_pictures, recipe_of
from artwork.sheet import index_vtt, sheets, size_of, still_jpeg
from media.colour import Colour
from treatment.picture import Crop, Picture
from values.title import Artwork, StoredFile, Thumbnails


def test_the_index_names_each_tile_s_time_sheet_and_place() -> None:
    assert index_vtt(grid_of(3, (192, 108)), 10_000, 24_500).decode() == (
        "WEBVTT\n\n"
        "00:00:00.000 --> 00:00:10.000\n1.jpg#xywh=0,0,192,108\n\n"
        "00:00:10.000 --> 00:00:20.000\n1.jpg#xywh=192,0,192,108\n\n"
        "00:00:20.000 --> 00:00:24.500\n1.jpg#xywh=384,0,192,108\n"
    )


def test_a_long_film_s_index_counts_hours_and_sheets() -> None:
    lines = index_vtt(grid_of(1080, (192, 108)), 10_000, 10_800_000).decode().splitlines()
    assert lines[-2:] == ["02:59:50.000 --> 03:00:00.000", "11.jpg#xywh=1728,756,192,108"]
    assert sum("-->" in line for line in lines) == 1080


def test_a_film_of_less_than_a_millisecond_has_a_cue_that_lasts() -> None:
    assert "00:00:00.000 --> 00:00:00.001" in index_vtt(grid_of(1, (2, 2)), 1000, 0).decode()


def test_the_tile_that_the_index_names_is_the_picture_of_its_time() -> None:
    grid = Grid(4, 2, 32, 18, 11)
    tiles = [np.full((18, 32, 3), 20 * n + 10, np.uint8).tobytes() for n in range(grid.count)]
    pages = [np.asarray(Image.open(io.BytesIO(data))) for data in sheets(tiles, grid)]
    assert [p.shape for p in pages] == [(36, 128, 3)] * 2
    named = re.findall(r"(\d+)\.jpg#xywh=(\d+),(\d+),(\d+),(\d+)", index_vtt(grid, 1000, 11_000).decode())
    for n, (sheet, x, y, w, h) in enumerate(tuple(map(int, found)) for found in named):
        tile = pages[sheet - 1][y : y + h, x : x + w]
        assert abs(float(tile.mean()) - (20 * n + 10)) < 2
    assert pages[1][18:, 96:].mean() < 2  # what is to spare is black


def test_a_still_is_a_jpeg_of_its_size() -> None:
    data = still_jpeg(np.zeros((90, 160, 3), np.uint8))
    assert data.startswith(b"\xff\xd8\xff")
    assert size_of(data) == (160, 90)


FILE = StoredFile("titles/a/media/artwork/x/1.jpg", 3, "0" * 32)


def test_a_record_is_read_as_it_was_written() -> None:
    thumbs = Thumbnails((FILE,), FILE, 10, 6, 192, 108, 10_000, 60)
    whole = Pictures(FILE, (Artwork(FILE, 1000, 1280, 720, 0.7),), thumbs)
    for pictures in (whole, Pictures()):
        assert load_pictures(dump_pictures(pictures)) == pictures
    assert whole.files() == (FILE, FILE, FILE, FILE)


def test_whatever_changes_a_picture_changes_the_recipe() -> None:
    size = (192, 108)
    tile, grid = View(Picture(0), 0, size), grid_of(60, size)
    other_views = [
        View(Picture(1), 0, size), View(Picture(0, scan="frame"), 0, size), View(Picture(0), 90, size),
        View(Picture(0, crop=Crop(8, 8, 0, 0)), 0, size), View(Picture(0, colour=Colour(9, 16, 9)), 0, size),
        View(Picture(0), 0, (160, 90)),
    ]  # fmt: skip
    recipes = [recipe_of("f", "t", tile, tile, grid, 10_000), recipe_of("g", "t", tile, tile, grid, 10_000),
               recipe_of("f", "u", tile, tile, grid, 10_000), recipe_of("f", "t", tile, tile, grid, 5000),
               recipe_of("f", "t", tile, tile, grid_of(61, size), 10_000)]  # fmt: skip
    recipes += [recipe_of("f", "t", view, tile, grid, 10_000) for view in other_views]
    recipes += [recipe_of("f", "t", tile, view, grid, 10_000) for view in other_views]
    assert len(set(recipes)) == len(recipes)
    assert re.fullmatch(r"[0-9a-f]{16}", recipes[0])
