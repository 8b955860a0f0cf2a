"""A small real title with everything a title can have: HDR, sound in several layouts and roles, text, key frames,
thumbnails, artwork and chapters."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path

from media.fragments import parse_fragments
from packager.build import Draft, Facts, Presentation, TextDraft, build_title
from packager.publish import publish
from packager.trick import make_trick, trick_drafts
from storage.memory import MemoryStore
from tests.packager.film import (
    AAC,
    ID,
    NOW,
    REGULAR,
    RUNGS,
    SEGMENT_FRAMES,
    Film,
    Sound,
    audio_draft,
    ffmpeg,
    put,
    video_draft,
)
from tests.parts import SAMPLE
from values.keys import media_prefix
from values.title import Artwork, Chapter, Loudness, Segment, StoredFile, Thumbnails

FILM_MS = 7500
EDGES_MS = (0, 2000, 4000, 6000, FILM_MS)
PQ = (
    "-c:v", "libx265", "-preset", "ultrafast", "-crf", "40", "-pix_fmt", "yuv420p10le", "-tag:v", "hvc1",
    "-x265-params",
    f"log-level=none:open-gop=0:scenecut=0:keyint={SEGMENT_FRAMES}:pools=1:frame-threads=1:info=0:repeat-headers=0",
)  # fmt: skip
AS_PQ = "setparams=color_primaries=bt2020:color_trc=smpte2084:colorspace=bt2020nc"
SURROUND = Sound(("-c:a", "aac", "-b:a", "96k", "-ac", "6"), 1024, 1024)
DOLBY = Sound(("-c:a", "eac3", "-b:a", "96k", "-ac", "6"), 1536, 256, "+delay_moov")
MONO = Sound(("-c:a", "aac", "-b:a", "32k", "-ac", "1"), 1024, 1024)
OPUS = Sound(("-c:a", "libopus", "-b:a", "48k", "-ac", "2"), 960, 312)
LOUD = Loudness(-18.2, -0.4, -4.8, -23.0, -5.2, -23.0)

CUES = ((500, 1500, "First <i>words</i>"), (1800, 4200, "Over two edges"), (6500, 7400, "Last &amp; least"))
"""The second cue is to be seen in three segments."""
STYLE = "STYLE\n::cue(.loud) { color: yellow }"


@dataclass(frozen=True, slots=True)
class Rich:
    """All objects of the title by key, and what describes them."""

    objects: dict[str, bytes]
    drafts: tuple[Draft, ...]
    texts: tuple[TextDraft, ...]
    facts: Facts

    def presentation(self) -> Presentation:
        return build_title(self.facts, self.drafts, self.texts)

    def stored(self) -> MemoryStore:
        """A store of its own that holds the published title."""
        store = MemoryStore()
        for key, data in self.objects.items():
            store.put(key, data)
        publish(store, self.presentation(), now=NOW)
        return store


def make_rich(folder: Path) -> Rich:
    """Encode it: a few seconds of work."""
    objects: dict[str, bytes] = {}
    drafts = [video_draft(objects, folder, name, size) for name, size in RUNGS.items()]
    drafts.append(video_draft(objects, folder, "v-hdr", f"{RUNGS['v-180p']},{AS_PQ}", coding=PQ))
    drafts = [with_key_bytes(objects, draft) for draft in drafts]
    drafts += _sounds(objects, folder)
    store = MemoryStore()
    for key, data in objects.items():
        store.put(key, data)
    trick = tuple(make_trick(store, ID, draft) for draft in trick_drafts(drafts))
    objects |= {info.key: store.get(info.key) for info in store.list()}
    still = put(objects, f"{media_prefix(ID, 'artwork')}r/1.jpg", _jpeg(folder, "320:180", "fps=1", "art"))
    poster = put(objects, f"titles/{ID}/poster-0123456789abcdef.jpg", _jpeg(folder, "320:180", "fps=1", "poster"))
    chapters = (Chapter(0, 3000, "Morning"), Chapter(3000, FILM_MS, "Noon & after"))
    lines = [(0, 3000, "Morning"), (3000, FILM_MS, "Noon &amp; after")]
    facts = replace(
        Film(objects, ()).facts,
        poster=poster,
        trick=trick,
        thumbnails=_thumbnails(objects, folder),
        artwork=(Artwork(still, 1000, 320, 180, 0.75),),
        chapters=chapters,
        chapters_file=put(objects, f"titles/{ID}/chapters-0123456789abcdef.vtt", vtt(lines)),
        treatment={"scan": "progressive"},
        checks={"findings": []},
    )
    return Rich(objects, tuple(drafts), _texts(objects), facts)


def with_key_bytes(objects: dict[str, bytes], draft: Draft) -> Draft:
    """The draft with the place where each segment's first sample ends."""
    segments = []
    for segment in draft.segments:
        first = parse_fragments(objects[segment.file.key], draft.track)[0].samples[0]
        segments.append(replace(segment, key_bytes=first.offset + first.size))
    return replace(draft, segments=tuple(segments))


def vtt(cues: Sequence[tuple[int, int, str]], head: str = "") -> bytes:
    blocks = [f"{stamp(a)} --> {stamp(b)}\n{text}" for a, b, text in cues]
    return ("\n\n".join(["WEBVTT" + (f"\n{head}" if head else ""), *blocks]) + "\n").encode()


def stamp(ms: int) -> str:
    return f"{ms // 3_600_000:02d}:{ms // 60_000 % 60:02d}:{ms // 1000 % 60:02d}.{ms % 1000:03d}"


def _sounds(objects: dict[str, bytes], folder: Path) -> list[Draft]:
    made = {
        "a-en": (AAC, {"language": "eng", "default": True, "loudness": LOUD}),
        "a-en-51": (SURROUND, {"language": "eng", "default": True}),
        "a-en-ec3": (DOLBY, {"language": "eng", "default": True}),
        "a-en-opus": (OPUS, {"language": "eng", "default": True}),
        "a-de": (AAC, {"language": "ger"}),
        "a-note": (MONO, {"language": "eng", "role": "commentary", "name": 'Director\'s "notes"'}),
        "a-seen": (AAC, {"language": "eng", "role": "description"}),
    }
    return [
        replace(audio_draft(objects, folder, REGULAR, name, sound), **fields)  # type: ignore[arg-type]
        for name, (sound, fields) in made.items()
    ]


def _texts(objects: dict[str, bytes]) -> tuple[TextDraft, ...]:
    return (
        _text(objects, "t-en", "en", default=True),
        _text(objects, "t-en-sdh", "en", role="captions"),
        _text(objects, "t-pt", "pt-BR"),
        _text(objects, "t-de-forced", "deu", forced=True),
    )


def _text(
    objects: dict[str, bytes], name: str, language: str, role: str = "subtitles", forced: bool = False,
    default: bool = False,
) -> TextDraft:  # fmt: skip
    def key(file: str) -> str:
        return f"{media_prefix(ID, name)}r/{file}.vtt"

    blocks = f"\n{STYLE}"
    whole = put(objects, key("whole"), vtt(CUES, blocks))
    segments = []
    for number, (start, stop) in enumerate(pairwise(EDGES_MS), 1):
        seen = [cue for cue in CUES if cue[0] < stop and cue[1] > start]
        data = vtt(seen, f"X-TIMESTAMP-MAP=LOCAL:00:00:00.000,MPEGTS:0\n{blocks}")
        segments.append(Segment(put(objects, key(str(number)), data), start, stop - start, len(seen)))
    return TextDraft(name, language, "", role, forced, default, whole, tuple(segments), len(CUES), "test")


def _thumbnails(objects: dict[str, bytes], folder: Path) -> Thumbnails:
    """Eight tiles, one a second, on two sheets of three columns and two rows."""
    base = f"{media_prefix(ID, 'thumbnails')}r/"
    sheets: list[StoredFile] = []
    for number in (1, 2):
        data = _jpeg(folder, "64:36", f"fps=1,trim=start_frame={6 * number - 6},setpts=N,tile=3x2", f"sheet{number}")
        sheets.append(put(objects, f"{base}{number}.jpg", data))
    cues = []
    for n in range(8):
        at = f"{n % 3 * 64},{n % 6 // 3 * 36},64,36"
        cues.append((1000 * n, min(1000 * n + 1000, FILM_MS), f"{n // 6 + 1}.jpg#xywh={at}"))
    return Thumbnails(tuple(sheets), put(objects, f"{base}index.vtt", vtt(cues)), 3, 2, 64, 36, 1000, 8)


def _jpeg(folder: Path, size: str, chain: str, name: str) -> bytes:
    path = folder / f"{name}.jpg"
    ffmpeg("-i", str(SAMPLE), "-t", "7.5", "-vf", f"scale={size},{chain}", "-frames:v", "1", str(path))
    return path.read_bytes()
