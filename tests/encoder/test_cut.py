"""An encoded chunk taken apart, and refused when it is not what was planned."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest

from chunker.grid import BLACK
from chunker.plan import Chunk, Span
from encoder.argv import chunk_argv
from encoder.cut import MisplacedFrames, check_stats, cut_chunk
from encoder.job import ChunkJob
from media.boxes import split_init
from media.brands import add_brand
from media.ffmpeg import ffmpeg_path, run
from media.fragments import delay_presentation, parse_fragments
from media.reorder import reorder_frames
from media.tracks import parse_init, patch_edit_list
from tests.encoder.jobs import jobs_of, outputs_of, planned
from tests.media.encodes import CODING, coder_args, encode
from tests.parts import SAMPLE
from values.errors import EncodeError


@pytest.fixture(scope="module")
def encoded(tmp_path_factory: pytest.TempPathFactory) -> tuple[ChunkJob, bytes, str]:
    """The second chunk of the sample, its lowest rung's bytes, and its frame statistics."""
    film = planned(SAMPLE, segment_s=Fraction(2), chunk_s=Fraction(4))
    job = jobs_of(film, SAMPLE)[1]
    folder = tmp_path_factory.mktemp("chunk")
    outputs = outputs_of(job, *(str(folder / r.name) for r in job.settings.rungs))
    run(chunk_argv(ffmpeg_path(), job, job.seek, outputs), where=job.where)
    return job, Path(outputs[0].path).read_bytes(), Path(outputs[0].stats).read_text()


def test_segments_have_their_exact_place_and_frames(encoded: tuple[ChunkJob, bytes, str]) -> None:
    job, data, _ = encoded
    init, segments = cut_chunk(data, job.chunk, Fraction(24), where="x")
    assert [(s.start, s.duration, s.frames) for s in segments] == [(96000, 48000, 48), (144000, 48000, 48)]
    own, media = split_init(data)
    assert init == add_brand(patch_edit_list(own, 2000), "cfhd")  # two pictures are held back
    assert b"".join(b"".join(s.pieces[1:]) for s in segments) == delay_presentation(media, 2000)
    assert all(s.pieces[0][4:8] == b"styp" for s in segments)


@pytest.mark.parametrize(
    ("codec", "preset", "held"), [("h264", "fast", 2), ("hevc", "fast", 2), ("h264", "ultrafast", 0)]
)
def test_pictures_are_shown_from_the_segments_start_on_by_an_edit_list(
    codec: str, preset: str, held: int, tmp_path: Path
) -> None:
    """No composition offset is negative, and none is more than the pictures that are held back twice."""
    made = encode(tmp_path / "a.mp4", coder_args(codec, replace(CODING, preset=preset, keyint=48)))
    chunk = Chunk(0, 0, 24, (Span(0, 0, 12), Span(1, 12, 24)))
    assert reorder_frames(made.track) == held
    init, segments = cut_chunk(made.init + made.media, chunk, Fraction(24), where="x")
    track = parse_init(init)
    assert track.media_time == held * 1000
    for segment, before in zip(segments, (made.samples[:12], made.samples[12:]), strict=True):
        (fragment,) = parse_fragments(b"".join(segment.pieces), track)
        offsets = [s.cts_offset for s in fragment.samples]
        assert offsets == [s.cts_offset + held * 1000 for s in before]
        assert min(offsets) >= 0
        at = fragment.decode_time - track.media_time
        shown = sorted(at + n * 1000 + offset for n, offset in enumerate(offsets))
        assert shown == [segment.start + n * 1000 for n in range(12)]


@pytest.mark.parametrize("frames", [1, 2, 3])
def test_a_chunk_of_few_pictures_that_are_not_reordered_shares_the_edit_list(frames: int, tmp_path: Path) -> None:
    """Its runs leave the offsets out, and get them: the init says that all samples of the track are late."""
    made = encode(tmp_path / "a.mp4", coder_args("h264", replace(CODING, preset="fast", keyint=48)), frames=frames)
    chunk = Chunk(0, 0, frames, (Span(0, 0, frames),))
    init, (segment,) = cut_chunk(made.init + made.media, chunk, Fraction(24), where="x")
    track = parse_init(init)
    data = b"".join(segment.pieces)
    samples = [s for f in parse_fragments(data, track) for s in f.samples]
    assert track.media_time == 2000
    assert sorted(n * 1000 + s.cts_offset for n, s in enumerate(samples)) == [2000 + n * 1000 for n in range(frames)]
    assert [data[s.offset : s.offset + s.size] for s in samples] == [made.bytes_of(n) for n in range(frames)]


def test_a_segment_that_does_not_start_where_planned_is_refused(encoded: tuple[ChunkJob, bytes, str]) -> None:
    job, data, _ = encoded
    first, second = job.chunk.segments
    shifted = replace(
        job.chunk, segments=(replace(first, stop=first.stop + 5), replace(second, start=second.start + 5))
    )
    with pytest.raises(EncodeError, match="segment 2 has 96 frames up to tick 192000, planned 53 to 149000"):
        cut_chunk(data, shifted, Fraction(24), where="x")


def test_a_segment_without_an_idr_of_its_own_is_refused(encoded: tuple[ChunkJob, bytes, str]) -> None:
    job, data, _ = encoded
    first, second = job.chunk.segments
    halves = (replace(first, stop=first.start + 10), replace(first, start=first.start + 10), second)
    with pytest.raises(
        EncodeError,
        match=r"segment 2 (does not start with an IDR at frame 58|has \d+ frames up to tick \d+, planned 10 )",
    ):
        cut_chunk(data, replace(job.chunk, segments=halves), Fraction(24), where="x")


def test_a_lost_fragment_is_noticed(encoded: tuple[ChunkJob, bytes, str]) -> None:
    job, data, _ = encoded
    init, media = split_init(data)
    last = parse_fragments(media, parse_init(init))[-1]
    with pytest.raises(EncodeError, match="x: the encoder's output is not what was planned"):
        cut_chunk(init + media[: last.offset], job.chunk, Fraction(24), where="x")


def test_statistics_that_match_the_plan_give_the_count(encoded: tuple[ChunkJob, bytes, str]) -> None:
    job, _, stats = encoded
    assert check_stats(stats, job.chunk, job.expected, where="x") == job.chunk.frames == 96


def test_a_frame_of_another_source_time_is_named(encoded: tuple[ChunkJob, bytes, str]) -> None:
    job, _, stats = encoded
    wrong = job.expected[:]
    wrong[7] += 1
    with pytest.raises(MisplacedFrames, match=r"entered the encoder as frame 103, planned 52737"):
        check_stats(stats, job.chunk, wrong, where="x")


def test_a_missing_frame_is_counted(encoded: tuple[ChunkJob, bytes, str]) -> None:
    job, _, stats = encoded
    with pytest.raises(MisplacedFrames, match="95 frames entered the encoder, planned 96"):
        check_stats("\n".join(stats.splitlines()[:-1]), job.chunk, None, where="x")


def test_a_segment_knows_where_its_key_frame_ends(encoded: tuple[ChunkJob, bytes, str]) -> None:
    job, data, _ = encoded
    init, segments = cut_chunk(data, job.chunk, Fraction(24), where="x")
    for segment in segments:
        written = b"".join(segment.pieces)
        first = parse_fragments(written, parse_init(init))[0].samples[0]
        assert segment.key_bytes == first.offset + first.size < len(written)
        assert first.sync


def test_a_frame_may_show_either_of_two_source_frames_where_the_plan_leaves_it_open() -> None:
    chunk = Chunk(0, 8, 10, (Span(0, 8, 10),))
    rows = "0 8 300\n1 9 500\n"
    assert check_stats(rows, chunk, [300, 400], where="x", others=[400, 500]) == 2
    assert check_stats(rows, chunk, None, where="x", others=[400, 500]) == 2
    with pytest.raises(MisplacedFrames, match=r"frame 9 of source time 500 .* planned 400"):
        check_stats(rows, chunk, [300, 400], where="x")
    with pytest.raises(MisplacedFrames, match=r"frame 9 of source time 500 .* planned 400 or 600"):
        check_stats(rows, chunk, [300, 400], where="x", others=[400, 600])


def test_black_before_the_first_picture_has_no_source_time() -> None:
    chunk = Chunk(0, 0, 2, (Span(0, 0, 2),))
    assert check_stats(f"0 0 {BLACK}\n1 1 7\n", chunk, [BLACK, 7], where="x") == 2
    with pytest.raises(MisplacedFrames):
        check_stats("0 0 7\n1 1 7\n", chunk, [BLACK, 7], where="x")
