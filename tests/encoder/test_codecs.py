"""Each codec is safe to encode in chunks: whatever a chunk was asked for, its init segment is its neighbours', and
every segment can be decoded from its first sample on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from coders.coder import Coding
from coders.table import CODERS
from encoder.argv import Output, chunk_argv, first_pass_argv
from encoder.cut import CutSegment, cut_chunk
from encoder.job import ChunkJob
from encoder.peak import first_ask
from encoder.rungs import encode_rungs
from media.bitstream import bitstream_codec, inspect_coded
from media.brands import brands
from media.ffmpeg import ffmpeg_path, run
from media.fragments import parse_fragments
from media.tracks import Track, parse_init
from tests.encoder.small import TIGHT, film_of, jobs_in, rung_of, small_clip

LOOSE_KBPS = 600
CODECS = {"h264": "avc1.{}00A", "hevc": "hvc1.1.6.L30.90", "vp9": "vp09.00.10.08", "av1": "av01.0.00M.08"}
BRANDS = {"h264": "cfhd", "hevc": "chhd", "av1": "av01"}
PRESETS = ("ultrafast", "medium")
"""The medium one has all tools on: B-frames that are references, weighted prediction, scene cuts."""


@dataclass(frozen=True, slots=True)
class Made:
    """A chunk as it was kept: in so many tries, and taken apart."""

    tries: int
    init: bytes
    segments: tuple[CutSegment, ...]


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return small_clip(tmp_path_factory.mktemp("clip"))


def made(job: ChunkJob, folder: Path) -> Made:
    (take,), _ = encode_rungs(job, folder)
    return Made(take.tries, *cut_chunk(take.path.read_bytes(), job.chunk, job.settings.rate, where=""))


def check_segments(track: Track, segments: Sequence[CutSegment]) -> None:
    """Each starts with an entry point, needs nothing but the init, and is coded as the init says."""
    for segment in segments:
        body = b"".join(segment.pieces)
        samples = [s for f in parse_fragments(body, track) for s in f.samples]
        found = [inspect_coded(body, s.offset, s.offset + s.size, track) for s in samples]
        assert found[0].entry_point
        assert [f.entry_point for f in found] == [s.sync for s in samples]
        assert {f.foreign for f in found} == {0}
        assert bitstream_codec(track, body[samples[0].offset : samples[0].offset + samples[0].size]) == track.codec


@pytest.mark.parametrize("preset", PRESETS)
@pytest.mark.parametrize("codec", CODERS)
def test_all_chunks_have_one_init_whether_they_were_encoded_once_or_again(
    codec: str, preset: str, path: Path, tmp_path: Path
) -> None:
    loose = replace(TIGHT[codec], max_bps=1000 * LOOSE_KBPS, buffer_bits=2000 * LOOSE_KBPS)
    tries = {}
    for name, rung in (("tight", TIGHT[codec]), ("loose", loose)):
        chunks = [made(job, tmp_path) for job in jobs_in(film_of(path, [rung], preset=preset), path, tmp_path)]
        tries[name] = [chunk.tries for chunk in chunks]
        init = chunks[0].init
        assert [chunk.init == init for chunk in chunks] == [True] * 3
        track = parse_init(init)
        assert track.entry == CODERS[codec].entry
        profile = "42C" if preset == "ultrafast" else "640"
        # Above 192 kbit/s H.264 needs level 1.2, above 128 HEVC level 2, whatever this chunk took.
        wanted = CODECS[codec].format(profile) if name == "tight" else track.codec
        assert track.codec == wanted
        assert BRANDS.get(codec, "iso6") in brands(init)
        for chunk in chunks:
            assert [s.frames for s in chunk.segments] == [24, 24]
            check_segments(track, chunk.segments)
    assert tries["loose"] == [1, 1, 1]
    assert max(tries["tight"]) > 1


@pytest.mark.parametrize("preset", PRESETS)
@pytest.mark.parametrize("codec", CODERS)
def test_the_init_does_not_tell_what_a_chunk_was_asked_for_nor_how_long_it_is(
    codec: str, preset: str, tmp_path: Path
) -> None:
    path = small_clip(tmp_path, frames=101)
    film = film_of(path, [rung_of(codec, crf=30, max_kbps=200)], preset=preset)
    _, job, shortest = jobs_in(film, path, tmp_path)
    assert (job.chunk.frames, shortest.chunk.frames) == (48, 5)
    first = first_ask(job, job.settings.rungs[0], 30)
    hardest = replace(first, crf=float(CODERS[codec].max_crf), max_bps=20_000, buffer_bits=40_000, initial_bits=30_000)
    inits = {encoded(job, ask, tmp_path) for ask in (first, hardest, replace(first, crf=12))}
    assert inits == {encoded(shortest, first_ask(shortest, shortest.settings.rungs[0], 30), tmp_path)}


def encoded(job: ChunkJob, ask: Coding, folder: Path) -> bytes:
    """The init segment of the chunk, encoded once as asked."""
    out = Output(job.settings.rungs[0], ask, str(folder / "out.mp4"), str(folder / "out.frames"))
    if CODERS[job.settings.codec].passes == 2:
        run(first_pass_argv(ffmpeg_path(), job, job.seek, [out]), where="")
    run(chunk_argv(ffmpeg_path(), job, job.seek, [out]), where="")
    return cut_chunk(Path(out.path).read_bytes(), job.chunk, job.settings.rate, where="")[0]
