"""Auditing the HLS playlist of thumbnails (Image Media Playlist 0.4). Pure."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from packager.audit_facts import Fault
from packager.audit_playlist import MICROSECOND, decimal, difference, parse_playlist, resolve
from values.title import Thumbnails


def image_list(images: Thumbnails, film: Fraction, key: str, data: bytes) -> list[Fault]:
    """The playlist `data` of the sheets of a film of `film` seconds."""
    faults: list[Fault] = []
    playlist = parse_playlist(key, data, faults)
    if playlist is None:
        return faults
    faults += [Fault(key, what) for what in _flags(data.decode())]
    if not playlist.is_images_only:
        faults.append(Fault(key, "lacks EXT-X-IMAGES-ONLY"))
    listed = [resolve(key, s.uri) for s in playlist.segments]
    stored = [s.key for s in images.sheets]
    if listed != stored:
        faults.append(Fault(key, difference(listed, stored)))
    step = Fraction(images.every_ms * images.columns * images.rows, 1000)
    for number, entry in enumerate(playlist.segments):
        due = min((number + 1) * step, film) - number * step
        if abs(decimal(entry.duration) - due) > MICROSECOND:
            faults.append(Fault(key, f"has EXTINF {entry.duration} for {entry.uri}, which shows {float(due):.6f} s"))
    layout, size = f"{images.columns}x{images.rows}", f"{images.width}x{images.height}"
    said = playlist.data.get("tiles", [])
    if len(said) != len(playlist.segments):
        faults.append(Fault(key, f"has {len(said)} EXT-X-TILES for {len(playlist.segments)} sheets"))
    for tiles in said:
        found = (tiles.get("layout"), tiles.get("resolution"), decimal(tiles.get("duration")) * 1000)
        if found != (layout, size, Fraction(images.every_ms)):
            faults.append(Fault(key, f"says tiles of {found[1]} in {found[0]}, where they are {size} in {layout}"))
            break
    return faults


def _flags(text: str) -> Iterator[str]:
    lines = text.splitlines()
    for needed in ("#EXT-X-ENDLIST", "#EXT-X-PLAYLIST-TYPE:VOD"):
        if needed not in lines:
            yield f"lacks {needed.removeprefix('#')}"
