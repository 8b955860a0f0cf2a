"""A small real film for a browser: CMAF straight from ffmpeg, published as a title. The pipeline has its own tests."""

from __future__ import annotations

import re
import subprocess
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

from artwork.plan import grid_of
from artwork.sheet import index_vtt, sheets
from media.ffmpeg import ffmpeg_path
from storage.protocol import Store
from tests.origin.library import put_file, put_named
from tests.parts import SAMPLE
from values.keys import media_prefix, title_key, title_prefix
from values.title import Chapter, Rendition, Segment, StoredFile, TextTrack, Thumbnails, Title, dump_title

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


def publish_rich_film(store: Store, work: Path, title_id: str = "rich", name: str = "Rich Bunny") -> Title:
    """The film in one video rendition with two sounds (English a tone, German silence), subtitles, a forced text,
    chapters, and a thumbnail a second whose level of grey tells its second."""
    plain = publish_film(store, work, title_id, name)
    video = _rung(store, title_id, work, "mute", 320, 180, sound=False)
    english = _sound(store, title_id, work, "audio-en", "en", "sine=f=440")
    german = _sound(store, title_id, work, "audio-de", "de", "anullsrc=r=44100")
    media = "".join(
        f'#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="aac",NAME="{r.language}",LANGUAGE="{r.language}",'
        f'DEFAULT={"YES" if r.default else "NO"},AUTOSELECT=YES,URI="{Path(r.playlist.key).name}"\n'
        for r in (english, german)
    )
    master = (
        f"#EXTM3U\n#EXT-X-VERSION:7\n#EXT-X-INDEPENDENT-SEGMENTS\n{media}"
        '#EXT-X-STREAM-INF:BANDWIDTH=900000,RESOLUTION=320x180,CODECS="avc1.42C00D,mp4a.40.2",AUDIO="aac"\n'
        f"{Path(video.playlist.key).name}\n"
    )
    chapters = b"WEBVTT\n\n00:00.000 --> 00:02.500\nThe sky\n\n00:02.500 --> 00:06.000\nMeadow &amp; tree\n"
    grid = grid_of(FRAMES // 24, (192, 108))
    tiles = [bytes([40 * n + 20]) * (192 * 108 * 3) for n in range(grid.count)]
    folder = f"{media_prefix(title_id, 'thumbnails')}0123456789abcdef"
    thumbnails = Thumbnails(
        sheets=tuple(put_file(store, f"{folder}/{n}.jpg", data) for n, data in enumerate(sheets(tiles, grid), 1)),
        index=put_file(store, f"{folder}/index.vtt", index_vtt(grid, 1000, 6000)),
        columns=grid.columns, rows=grid.rows, width=192, height=108, every_ms=1000, count=grid.count,
    )  # fmt: skip
    title = replace(
        plain,
        renditions=(video, english, german),
        hls=put_named(store, title_id, "master", "m3u8", master.encode()),
        thumbnails=thumbnails,
        texts=(
            _text(store, title_id, "en", "A bunny wakes."),
            _text(store, title_id, "de", "Ein Hase wacht auf."),
            _text(store, title_id, "de", "Schild: Gefahr!", forced=True),
        ),
        chapters=(Chapter(0, 2500, "The sky"), Chapter(2500, 6000, "Meadow & tree")),
        chapters_file=put_named(store, title_id, "chapters", "vtt", chapters),
    )
    store.put(title_key(title_id), dump_title(title))
    return title


def _text(store: Store, title_id: str, language: str, words: str, *, forced: bool = False) -> TextTrack:
    name = f"text-{language}" + ("-forced" if forced else "")
    whole = put_named(store, title_id, name, "vtt", f"WEBVTT\n\n00:00.000 --> 00:06.000\n{words}\n".encode())
    playlist = put_named(store, title_id, name, "m3u8", b"#EXTM3U\n")
    return TextTrack(name, language, "", "subtitles", forced, False, whole, (), playlist, 1, "test")


def _sound(store: Store, title_id: str, work: Path, name: str, language: str, source: str) -> Rendition:
    folder = work / name
    folder.mkdir()
    _ffmpeg("-f", "lavfi", "-t", str(FRAMES // 24), "-i", source, "-c:a", "aac", "-ac", "2", *_hls(folder))
    made = _stored(store, title_id, name, folder, "audio")
    return replace(
        made, codec="mp4a.40.2", timescale=44100, width=0, height=0, channels=2, sample_rate_hz=44100,
        language=language, default=language == "en",
    )  # fmt: skip


def _rung(
    store: Store, title_id: str, work: Path, name: str, width: int, height: int, *, sound: bool = True
) -> Rendition:
    folder = work / name
    folder.mkdir(parents=True)
    audio = ("-c:a", "aac", "-ac", "2") if sound else ("-an",)
    _ffmpeg(
        "-i", str(SAMPLE), "-t", str(FRAMES // 24), "-vf", f"scale={width}:{height}", "-c:v", "libx264",
        "-preset", "ultrafast", "-g", str(SEGMENT_FRAMES), "-sc_threshold", "0", *audio, *_hls(folder),
    )  # fmt: skip
    return replace(_stored(store, title_id, name, folder, "video"), width=width, height=height)


def _hls(folder: Path) -> tuple[str, ...]:
    return (
        "-f", "hls", "-hls_time", "2", "-hls_playlist_type", "vod", "-hls_segment_type", "fmp4",
        "-hls_fmp4_init_filename", "init.mp4", "-hls_segment_filename", str(folder / "%d.m4s"), str(folder / "p.m3u8"),
    )  # fmt: skip


def _stored(store: Store, title_id: str, name: str, folder: Path, kind: str) -> Rendition:
    def stored(file: str) -> StoredFile:
        return put_file(store, f"{media_prefix(title_id, name)}{file}", (folder / file).read_bytes())

    text = re.sub(r"(init\.mp4|\d+\.m4s)", rf"media/{name}/\1", (folder / "p.m3u8").read_text())
    segments = tuple(
        Segment(stored(f"{n}.m4s"), n * SEGMENT_FRAMES * 1000, SEGMENT_FRAMES * 1000, SEGMENT_FRAMES)
        for n in range(len(list(folder.glob("*.m4s"))))
    )
    size = sum(s.file.size_bytes for s in segments)
    return Rendition(
        id=name,
        kind=kind,
        codec="avc1.42C00D",
        timescale=24000,
        init=stored("init.mp4"),
        segments=segments,
        playlist=put_file(store, f"{title_prefix(title_id)}{name}-0123456789abcdef.m3u8", text.encode()),
        peak_bps=2 * size,
        average_bps=size * 8 * 24 // FRAMES,
    )


def _ffmpeg(*arguments: str) -> None:
    subprocess.run([ffmpeg_path(), "-v", "error", "-y", *arguments], check=True, stdin=subprocess.DEVNULL)
