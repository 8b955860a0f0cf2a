"""Titles with made-up bytes for tests of what serves them: an origin never looks into a segment."""

from __future__ import annotations

import dataclasses
import random
from fractions import Fraction

from storage.protocol import Store
from values.digest import digest_bytes
from values.keys import title_key, title_prefix
from values.title import (
    Artwork,
    Chapter,
    ChunkRecord,
    Rendition,
    Segment,
    StoredFile,
    TextTrack,
    Thumbnails,
    Title,
    TrickTrack,
    dump_title,
)


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


def put_text(store: Store, title_id: str, name: str, language: str, seed: str, *, captions: bool = False) -> TextTrack:
    """A track of one cue in one segment."""
    data = f"WEBVTT\n\n00:01.000 --> 00:03.000\n{seed} {language}\n".encode()
    folder = f"{title_prefix(title_id)}media/{name}/{digest_bytes(data)[:16]}"
    return TextTrack(
        id=name,
        language=language,
        name="",
        role="captions" if captions else "subtitles",
        forced=False,
        default=captions,
        whole=put_file(store, f"{folder}/all.vtt", data),
        segments=(Segment(put_file(store, f"{folder}/1.vtt", data), 0, 4000, 1),),
        playlist=put_named(store, title_id, name, "m3u8", f"#EXTM3U {seed} {name}\n".encode()),
        cues=1,
        source="test",
    )


def rich(store: Store, title: Title, seed: str = "one") -> Title:
    """The title with everything that a title can have beside its renditions."""
    media = f"{title_prefix(title.id)}media"
    video, *others = title.renditions
    trick = TrickTrack(
        "v360-trick", video.id, video.codec, 24000, put_file(store, f"{media}/v360-trick/r/init.mp4", b"init"),
        (Segment(put_file(store, f"{media}/v360-trick/r/1.m4s", noise(90, seed)), 0, 96000, 1),), 640, 360, 9000,
    )  # fmt: skip
    sheet = put_file(store, f"{media}/thumbnails/r/1.jpg", noise(900, f"{seed}-sheet"))
    index = put_file(
        store, f"{media}/thumbnails/r/index.vtt", b"WEBVTT\n\n00:00.000 --> 00:08.000\n1.jpg#xywh=0,0,2,2\n"
    )
    iframes = put_named(store, title.id, "v360-i", "m3u8", b"#EXTM3U\n")
    english = put_text(store, title.id, "text-en", "en", seed, captions=True)
    return dataclasses.replace(
        title,
        renditions=(dataclasses.replace(video, iframes=iframes), *others),
        texts=(english, put_text(store, title.id, "text-de", "de", seed)),
        trick=(trick,),
        thumbnails=Thumbnails((sheet,), index, 1, 1, 2, 2, 10_000, 1),
        artwork=(Artwork(put_file(store, f"{media}/artwork/r/1.jpg", noise(700, f"{seed}-art")), 500, 2, 2, 0.5),),
        chapters=(Chapter(0, 4000, "One"), Chapter(4000, 8008, "Two")),
        chapters_file=put_named(store, title.id, "chapters", "vtt", b"WEBVTT\n"),
    )  # fmt: skip


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
