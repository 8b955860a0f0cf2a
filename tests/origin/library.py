"""Titles with made-up bytes for tests of what serves them: an origin never looks into a segment."""

from __future__ import annotations

import random
from fractions import Fraction

from storage.protocol import Store
from values.digest import digest_bytes
from values.keys import title_key, title_prefix
from values.title import ChunkRecord, Rendition, Segment, StoredFile, Title, dump_title


def noise(size: int, seed: str) -> bytes:
    return random.Random(seed).randbytes(size)


def put_file(store: Store, key: str, data: bytes) -> StoredFile:
    store.put(key, data)
    return StoredFile(key, len(data), digest_bytes(data))


def put_named(store: Store, title_id: str, stem: str, extension: str, data: bytes) -> StoredFile:
    """A file at the title's root under its digest's name."""
    return put_file(store, f"{title_prefix(title_id)}{stem}-{digest_bytes(data)[:16]}.{extension}", data)


def put_rendition(store: Store, title_id: str, name: str, kind: str, sizes: tuple[int, ...], seed: str) -> Rendition:
    def media(label: str, extension: str, size: int) -> StoredFile:
        data = noise(size, f"{seed}-{name}-{label}")
        key = f"{title_prefix(title_id)}media/{name}/{label}-{digest_bytes(data)[:16]}.{extension}"
        return put_file(store, key, data)

    video = kind == "video"
    return Rendition(
        id=name,
        kind=kind,
        codec="avc1.64001f" if video else "mp4a.40.2",
        timescale=24000 if video else 48000,
        init=media("init", "mp4", 700),
        segments=tuple(Segment(media(f"s{n}", "m4s", size), n * 96000, 96000, 96) for n, size in enumerate(sizes)),
        playlist=put_named(store, title_id, name, "m3u8", f"#EXTM3U {seed} {name}\n".encode()),
        peak_bps=900_000 if video else 130_000,
        average_bps=700_000 if video else 128_000,
        width=640 if video else 0,
        height=360 if video else 0,
        channels=0 if video else 2,
        sample_rate_hz=0 if video else 48000,
    )


def publish(
    store: Store, title_id: str = "bunny", *, seed: str = "one", sizes: tuple[int, ...] = (1000, 300_000)
) -> Title:
    """Store a title of one video and one audio rendition whose segments have `sizes` bytes, and publish it."""
    renditions = (
        put_rendition(store, title_id, "v360", "video", sizes, seed),
        put_rendition(store, title_id, "a128", "audio", (500,), seed),
    )
    title = Title(
        id=title_id,
        name=f"Bunny {seed}",
        created="2026-01-02T03:04:05Z",
        master_fingerprint="0" * 32,
        master_name="bunny.mp4",
        rate=Fraction(24000, 1001),
        frames=192,
        segment_frames=96,
        chunks=(ChunkRecord(0, 0, 192, "f" * 32),),
        renditions=renditions,
        hls=put_named(store, title_id, "master", "m3u8", f"#EXTM3U\n# master {seed}\n".encode()),
        dash=put_named(store, title_id, "manifest", "mpd", f"<MPD id='{seed}'/>\n".encode()),
        poster=put_named(store, title_id, "poster", "jpg", noise(2000, f"{seed}-poster")),
    )
    store.put(title_key(title_id), dump_title(title))
    store.put(f"{title_prefix(title_id)}work/{'f' * 32}.json", b"{}")
    return title
