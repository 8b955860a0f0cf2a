"""A small real film for a browser: CMAF straight from ffmpeg, published as a title. The pipeline has its own tests."""

from __future__ import annotations

import re
import subprocess
from fractions import Fraction
from pathlib import Path

from media.ffmpeg import ffmpeg_path
from storage.protocol import Store
from tests.origin.library import put_file, put_named
from tests.parts import SAMPLE
from values.keys import media_prefix, title_key, title_prefix
from values.title import Rendition, Segment, StoredFile, Title, dump_title

FRAMES = 144
SEGMENT_FRAMES = 48
RUNGS = {"180p": (320, 180), "270p": (480, 270)}


def publish_film(store: Store, work: Path, title_id: str = "bunny", name: str = "Big Buck Bunny") -> Title:
    """Six seconds in two video renditions with sound, and a poster."""
    renditions = tuple(_rung(store, title_id, work, rung, *size) for rung, size in RUNGS.items())
    master = "#EXTM3U\n#EXT-X-VERSION:7\n#EXT-X-INDEPENDENT-SEGMENTS\n" + "".join(
        f'#EXT-X-STREAM-INF:BANDWIDTH={r.peak_bps},RESOLUTION={r.width}x{r.height},CODECS="{r.codec},mp4a.40.2"\n'
        f"{Path(r.playlist.key).name}\n"
        for r in renditions
    )
    poster = work / "poster.jpg"
    _ffmpeg("-ss", "5", "-i", str(SAMPLE), "-frames:v", "1", "-vf", "scale=480:-2", str(poster))
    title = Title(
        id=title_id,
        name=name,
        created="2026-01-02T03:04:05Z",
        master_fingerprint="0" * 32,
        master_name=SAMPLE.name,
        rate=Fraction(24),
        frames=FRAMES,
        segment_frames=SEGMENT_FRAMES,
        chunks=(),
        renditions=renditions,
        hls=put_named(store, title_id, "master", "m3u8", master.encode()),
        dash=put_named(store, title_id, "manifest", "mpd", b"<MPD/>"),
        poster=put_named(store, title_id, "poster", "jpg", poster.read_bytes()),
    )
    store.put(title_key(title_id), dump_title(title))
    return title


def _rung(store: Store, title_id: str, work: Path, name: str, width: int, height: int) -> Rendition:
    folder = work / name
    folder.mkdir(parents=True)
    _ffmpeg(
        "-i", str(SAMPLE), "-t", str(FRAMES // 24), "-vf", f"scale={width}:{height}", "-c:v", "libx264",
        "-preset", "ultrafast", "-g", str(SEGMENT_FRAMES), "-sc_threshold", "0", "-c:a", "aac", "-ac", "2",
        "-f", "hls", "-hls_time", "2", "-hls_playlist_type", "vod", "-hls_segment_type", "fmp4",
        "-hls_fmp4_init_filename", "init.mp4", "-hls_segment_filename", str(folder / "%d.m4s"), str(folder / "p.m3u8"),
    )  # fmt: skip

    def stored(file: str) -> StoredFile:
        return put_file(store, f"{media_prefix(title_id, name)}{file}", (folder / file).read_bytes())

    text = re.sub(r"(init\.mp4|\d+\.m4s)", rf"media/{name}/\1", (folder / "p.m3u8").read_text())
    segments = tuple(
        Segment(stored(f"{n}.m4s"), n * SEGMENT_FRAMES * 1000, SEGMENT_FRAMES * 1000, SEGMENT_FRAMES)
        for n in range(FRAMES // SEGMENT_FRAMES)
    )
    size = sum(s.file.size_bytes for s in segments)
    return Rendition(
        id=name,
        kind="video",
        codec="avc1.42C00D",
        timescale=24000,
        init=stored("init.mp4"),
        segments=segments,
        playlist=put_file(store, f"{title_prefix(title_id)}{name}-0123456789abcdef.m3u8", text.encode()),
        peak_bps=2 * size,
        average_bps=size * 8 * 24 // FRAMES,
        width=width,
        height=height,
    )


def _ffmpeg(*arguments: str) -> None:
    subprocess.run([ffmpeg_path(), "-v", "error", "-y", *arguments], check=True, stdin=subprocess.DEVNULL)
