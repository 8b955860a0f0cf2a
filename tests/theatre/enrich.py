"""An onboarded title with everything beside picture and sound added by hand: text, key frames, thumbnails, artwork."""

from __future__ import annotations

import re
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np

from artwork.plan import grid_of
from artwork.sheet import index_vtt, sheets, still_jpeg
from media.fragments import parse_fragments
from media.tracks import parse_init
from storage.folder import FolderStore
from tests.origin.library import put_file, put_named
from values.keys import media_prefix, title_key
from values.title import Artwork, Rendition, Segment, StoredFile, TextTrack, Thumbnails, Title, TrickTrack, dump_title

SECONDS = 15
_END = "#EXT-X-ENDLIST\n"
_MAP = "WEBVTT\nX-TIMESTAMP-MAP=MPEGTS:0,LOCAL:00:00:00.000\n\n"


def plain(folder: Path, title: Title) -> Title:
    """Publish `title` anew with picture and sound alone."""
    store = FolderStore(folder)
    lines = store.get(title.hls.key).decode().splitlines(keepends=True)
    hls = "".join(line for line in lines if not line.startswith(("#EXT-X-I-FRAME-", "#EXT-X-IMAGE-")))
    sets = re.split(r"(?=<AdaptationSet )|(?=</Period>)", store.get(title.dash.key).decode())
    dash = "".join(one for one in sets if "guidelines/trickmode" not in one and 'contentType="image"' not in one)
    bare = replace(
        title,
        renditions=tuple(replace(r, iframes=None) for r in title.renditions),
        hls=put_named(store, title.id, "master", "m3u8", hls.encode()),
        dash=put_named(store, title.id, "manifest", "mpd", dash.encode()),
        trick=(),
        thumbnails=None,
        artwork=(),
    )
    store.put(title_key(title.id), dump_title(bare))
    return bare


def enrich(folder: Path, title: Title) -> Title:
    """Publish `title` anew from the library in `folder`, with one of everything; both manifests name it."""
    store = FolderStore(folder)
    text, thumbs, (video, trick) = _text(store, title), _thumbnails(store, title), _key_frames(store, title)
    images = _playlist(store, title, "thumbnails", "#EXT-X-IMAGES-ONLY\n", [(s.key, 15) for s in thumbs.sheets])
    assert video.iframes
    hls = store.get(title.hls.key).decode().replace("#EXT-X-STREAM-INF:", "#EXT-X-STREAM-INF:SUBTITLES=\"subs\",") + (
        f'#EXT-X-MEDIA:TYPE=SUBTITLES,GROUP-ID="subs",NAME="English",LANGUAGE="en",URI="{_name(text.playlist)}"\n'
        f'#EXT-X-I-FRAME-STREAM-INF:BANDWIDTH=90000,URI="{_name(video.iframes)}"\n'
        f'#EXT-X-IMAGE-STREAM-INF:BANDWIDTH=9000,RESOLUTION=192x108,CODECS="jpeg",URI="{_name(images)}"\n'
    )  # fmt: skip
    dash = store.get(title.dash.key).decode()
    dash = re.sub(r"</(\w+:)?Period>", _sets(title, text, thumbs, trick) + r"\g<0>", dash)
    art = put_file(store, f"{media_prefix(title.id, 'artwork')}r/1.jpg", still_jpeg(np.zeros((90, 160, 3), np.uint8)))
    rich = replace(
        title,
        renditions=tuple(video if r.id == video.id else r for r in title.renditions),
        hls=put_named(store, title.id, "master", "m3u8", hls.encode()),
        dash=put_named(store, title.id, "manifest", "mpd", dash.encode()),
        texts=(text,),
        trick=(trick,),
        thumbnails=thumbs,
        artwork=(Artwork(art, 0, 160, 90, 0.5),),
        chapters_file=put_named(store, title.id, "chapters", "vtt", b"WEBVTT\n\n00:00.000 --> 00:15.000\nAll\n"),
        poster=title.poster,
    )
    store.put(title_key(title.id), dump_title(rich))
    return rich


def _name(file: StoredFile) -> str:
    return file.key.rsplit("/", 1)[-1]


def _relative(title: Title, key: str) -> str:
    return key.removeprefix(f"titles/{title.id}/")


def _playlist(store: FolderStore, title: Title, name: str, head: str, parts: list[tuple[str, float]]) -> StoredFile:
    lines = "".join(f"#EXTINF:{seconds:.6f},\n{_relative(title, key)}\n" for key, seconds in parts)
    text = f"#EXTM3U\n#EXT-X-VERSION:7\n#EXT-X-TARGETDURATION:15\n#EXT-X-PLAYLIST-TYPE:VOD\n{head}{lines}{_END}"
    return put_named(store, title.id, name, "m3u8", text.encode())


def _text(store: FolderStore, title: Title) -> TextTrack:
    cue = "00:01.000 --> 00:03.000\nA bunny wakes.\n"
    root = f"{media_prefix(title.id, 'text-en')}r"
    parts = [put_file(store, f"{root}/{n}.vtt", (_MAP + (cue if n == 1 else "")).encode()) for n in (1, 2)]
    playlist = _playlist(store, title, "text-en", "", [(p.key, 7.5) for p in parts])
    whole = put_file(store, f"{root}/all.vtt", f"WEBVTT\n\n{cue}".encode())
    segments = tuple(Segment(p, 7500 * n, 7500, 1 - n) for n, p in enumerate(parts))
    return TextTrack("text-en", "en", "", "subtitles", False, False, whole, segments, playlist, 1, "test")


def _thumbnails(store: FolderStore, title: Title) -> Thumbnails:
    grid = grid_of(SECONDS, (192, 108))
    data = sheets([bytes([9 * n]) * (192 * 108 * 3) for n in range(grid.count)], grid)
    root = f"{media_prefix(title.id, 'thumbnails')}r"
    stored = tuple(put_file(store, f"{root}/{n}.jpg", page) for n, page in enumerate(data, 1))
    index = put_file(store, f"{root}/index.vtt", index_vtt(grid, 1000, SECONDS * 1000))
    return Thumbnails(stored, index, grid.columns, grid.rows, 192, 108, 1000, grid.count)


def _key_frames(store: FolderStore, title: Title) -> tuple[Rendition, TrickTrack]:
    """The first rendition with a playlist of its key frames, and the rendition itself as its own trick track."""
    video = title.video[0]
    track = parse_init(store.get(video.init.key))
    lines = ""
    for segment in video.segments:
        data = store.get(segment.file.key)
        stop = data.index(b"mdat") + 4 + parse_fragments(data, track)[0].samples[0].size
        seconds = float(Fraction(segment.duration, video.timescale))
        lines += f"#EXTINF:{seconds:.6f},\n#EXT-X-BYTERANGE:{stop}@0\n{_relative(title, segment.file.key)}\n"
    text = (
        "#EXTM3U\n#EXT-X-VERSION:7\n#EXT-X-TARGETDURATION:2\n#EXT-X-PLAYLIST-TYPE:VOD\n#EXT-X-I-FRAMES-ONLY\n"
        f'#EXT-X-MAP:URI="{_relative(title, video.init.key)}"\n{lines}{_END}'
    )
    iframes = put_named(store, title.id, f"{video.id}-iframes", "m3u8", text.encode())
    trick = TrickTrack(
        f"{video.id}-trick", video.id, video.codec, video.timescale, video.init, video.segments, video.width,
        video.height, 9000,
    )  # fmt: skip
    return replace(video, iframes=iframes), trick


def _sets(title: Title, text: TextTrack, thumbs: Thumbnails, trick: TrickTrack) -> str:
    folder = _relative(title, trick.segments[0].file.key).rsplit("/", 1)[0]
    step = trick.segments[0].duration
    tail = SECONDS * trick.timescale - step * (len(trick.segments) - 1)
    return (
        '<AdaptationSet contentType="text" mimeType="text/vtt" lang="en"><Representation id="text-en" bandwidth="9">'
        f"<BaseURL>{_relative(title, text.whole.key)}</BaseURL></Representation></AdaptationSet>"
        '<AdaptationSet contentType="video" mimeType="video/mp4">'
        '<EssentialProperty schemeIdUri="http://dashif.org/guidelines/trickmode" value="1"/>'
        f'<Representation id="{trick.id}" codecs="{trick.codec}" bandwidth="9000"><SegmentTemplate '
        f'timescale="{trick.timescale}" startNumber="1" initialization="{_relative(title, trick.init.key)}" '
        f'media="{folder}/$Number$.m4s"><SegmentTimeline><S t="0" d="{step}" r="{len(trick.segments) - 2}"/>'
        f'<S d="{tail}"/></SegmentTimeline></SegmentTemplate></Representation></AdaptationSet>'
        '<AdaptationSet contentType="image" mimeType="image/jpeg"><Representation id="thumbnails" bandwidth="9" '
        f'width="{thumbs.columns * 192}" height="{thumbs.rows * 108}"><EssentialProperty '
        f'schemeIdUri="http://dashif.org/guidelines/thumbnail_tile" value="{thumbs.columns}x{thumbs.rows}"/>'
        f'<SegmentTemplate timescale="1000" duration="{thumbs.columns * thumbs.rows * 1000}" startNumber="1" '
        f'media="{_relative(title, thumbs.sheets[0].key).replace("1.jpg", "$Number$.jpg")}"/>'
        "</Representation></AdaptationSet>"
    )
