"""Small real titles for the packager's tests: rungs and one audio track of the sample, encoded in two chunks."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import imageio_ffmpeg

from coders.coder import Coding
from coders.levels import Shape
from media.boxes import split_init
from media.fragments import parse_fragments, segment_header, write_audio_segment
from media.tracks import parse_init, patch_edit_list
from packager.build import Draft, Facts, Presentation, build_title
from packager.names import init_key, segment_key
from packager.publish import publish
from storage.memory import MemoryStore
from tests.media.encodes import coder_args
from tests.parts import SAMPLE
from values.clock import seconds_text
from values.digest import digest_bytes
from values.title import ChunkRecord, Segment, StoredFile

ID = "tiny"
RATE = Fraction(24)
FRAMES = 180
SEGMENT_FRAMES = 48
REGULAR = tuple(range(0, FRAMES, SEGMENT_FRAMES))
SHOTS = (0, 64, 96, 139)
"""A grid of segments that start at the sample's cuts, and where the second chunk does."""
CHUNKS = ((0, 96), (96, 180))
PRIMING = 1024
NOW = datetime(2030, 1, 2, 3, 4, 5, tzinfo=UTC)
RUNGS = {"v-90p": "160:90", "v-180p": "320:180"}
CODED = {"v-hevc": "hevc", "v-h264": "h264", "v-vp9": "vp9", "v-av1": "av1"}
RECIPE = "0123456789abcdef"


@dataclass(frozen=True, slots=True)
class Film:
    """All media objects by key, and the drafts that describe them."""

    objects: dict[str, bytes]
    drafts: tuple[Draft, ...]
    grid: tuple[int, ...] = ()

    @property
    def facts(self) -> Facts:
        return Facts(
            id=ID,
            name="Tiny film",
            created="2030-01-02T03:04:05Z",
            master_fingerprint="f" * 32,
            master_name="bbb-15s.mp4",
            rate=RATE,
            frames=FRAMES,
            segment_frames=SEGMENT_FRAMES,
            chunks=tuple(ChunkRecord(i, a, b, f"{i:032x}") for i, (a, b) in enumerate(CHUNKS)),
            grid=self.grid,
        )

    def presentation(self) -> Presentation:
        return build_title(self.facts, self.drafts)

    def stored(self) -> MemoryStore:
        """A store of its own that holds the published title."""
        store = MemoryStore()
        for key, data in self.objects.items():
            store.put(key, data)
        publish(store, self.presentation(), now=NOW)
        return store


def make_film(folder: Path, starts: tuple[int, ...] = REGULAR) -> Film:
    """Encode it, with segments that start at these frames: a second or two of work."""
    objects: dict[str, bytes] = {}
    drafts = [video_draft(objects, folder, name, size, starts) for name, size in RUNGS.items()]
    drafts.append(audio_draft(objects, folder, starts))
    return Film(objects, tuple(drafts), () if starts == REGULAR else starts)


def make_coded_film(folder: Path) -> Film:
    """One rung in each of the four codecs, by the options of their table."""
    objects: dict[str, bytes] = {}
    coding = Coding("ultrafast", 45, 0, 0, 0, keyint=SEGMENT_FRAMES, threads=1, shape=Shape(160, 90, RATE, 0, 0))
    drafts = [
        video_draft(objects, folder, name, RUNGS["v-90p"], coding=coder_args(codec, coding))
        for name, codec in CODED.items()
    ]
    drafts.append(audio_draft(objects, folder, REGULAR))
    return Film(objects, tuple(drafts))


def put(objects: dict[str, bytes], key: str, data: bytes) -> StoredFile:
    objects[key] = data
    return StoredFile(key, len(data), digest_bytes(data))


X264 = (
    "-c:v", "libx264", "-preset", "ultrafast", "-crf", "35", "-bf", "2",
    "-x264-params", "stitchable=1:open-gop=0:scenecut=40:keyint=48:threads=1",
)  # fmt: skip


def video_draft(
    objects: dict[str, bytes],
    folder: Path,
    name: str,
    size: str,
    starts: tuple[int, ...] = REGULAR,
    coding: Sequence[str] = X264,
) -> Draft:
    segments: list[Segment] = []
    init = b""
    for start, stop in CHUNKS:
        chunk = folder / f"{name}-{start}.mp4"
        inside_chunk = [n for n in starts if start <= n < stop]
        _encode_chunk(chunk, start, stop, size, [n - start for n in inside_chunk], coding)
        before, (init, rest) = init, split_init(chunk.read_bytes())
        assert before in (b"", init), f"chunks of {name} have init segments of their own"
        fragments = parse_fragments(rest, parse_init(init))
        for first, last in pairwise((*inside_chunk, stop)):
            inside = [f for f in fragments if first * 1000 <= f.decode_time < last * 1000]
            data = segment_header() + b"".join(rest[f.offset : f.stop] for f in inside)
            number = len(segments) + 1
            file = put(objects, segment_key(ID, name, RECIPE, number), data)
            segments.append(Segment(file, first * 1000, sum(f.duration for f in inside), last - first))
    file = put(objects, init_key(ID, name, RECIPE), init)
    return Draft(name, parse_init(init), file, tuple(segments))


def _encode_chunk(path: Path, start: int, stop: int, size: str, keys: list[int], coding: Sequence[str]) -> None:
    trim = f"trim=start_frame={start}:end_frame={stop},setpts=PTS-STARTPTS,scale={size}"
    ffmpeg(
        "-i", str(SAMPLE), "-map", "0:v", "-vf", trim, *coding,
        "-force_key_frames", "expr:" + "+".join(f"eq(n,{n})" for n in keys),
        "-output_ts_offset", seconds_text(start / RATE),
        "-video_track_timescale", "24000", "-fragment_index", str(start + 1), "-use_editlist", "0", "-movflags",
        "+frag_keyframe+empty_moov+default_base_moof+frag_discont+negative_cts_offsets+cmaf+skip_trailer",
        "-map_metadata", "-1", "-fflags", "+bitexact", "-f", "mp4", str(path),
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Sound:
    """How a sound track is coded: ffmpeg's arguments, ticks a frame, the ticks of priming, and when moov is written."""

    args: tuple[str, ...]
    frame: int
    priming: int
    moov: str = "+empty_moov"


AAC = Sound(("-c:a", "aac", "-b:a", "64k", "-ac", "2"), 1024, PRIMING)


def audio_draft(
    objects: dict[str, bytes], folder: Path, starts: tuple[int, ...], name: str = "a-main", sound: Sound = AAC
) -> Draft:
    path = folder / f"{name}.mp4"
    ffmpeg(
        "-i", str(SAMPLE), "-map", "0:a", "-t", seconds_text(FRAMES / RATE), *sound.args,
        "-map_metadata", "-1", "-fflags", "+bitexact", "-use_editlist", "0",
        "-movflags", f"{sound.moov}+default_base_moof+cmaf+skip_trailer", "-f", "mp4", str(path),
    )  # fmt: skip
    init, rest = split_init(path.read_bytes())
    init = patch_edit_list(init, sound.priming)
    track = parse_init(init)
    units = [rest[s.offset : s.offset + s.size] for f in parse_fragments(rest, track) for s in f.samples]
    edges = [round((n / RATE * track.timescale + sound.priming) / sound.frame) if n else 0 for n in starts]
    edges.append(len(units))
    segments: list[Segment] = []
    for number, (first, last) in enumerate(pairwise(edges), 1):
        start, stop = first * sound.frame, last * sound.frame
        data = write_audio_segment(units[first:last], sequence=number, decode_time=start, frame_ticks=sound.frame)
        file = put(objects, segment_key(ID, name, RECIPE, number), data)
        segments.append(Segment(file, start, stop - start, last - first))
    return Draft(name, track, put(objects, init_key(ID, name, RECIPE), init), tuple(segments), "eng")


def ffmpeg(*args: str) -> None:
    subprocess.run([imageio_ffmpeg.get_ffmpeg_exe(), "-y", "-v", "error", *args], check=True)
