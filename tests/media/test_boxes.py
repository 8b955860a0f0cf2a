"""media.boxes, tracks, fragments, codecs and nal against what ffmpeg writes and against damage."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import av
import imageio_ffmpeg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from media.boxes import make_box, split_init, walk
from media.codecs import parameter_sets
from media.fragments import Fragment, parse_fragments, segment_header, write_audio_segment
from media.nal import inspect_sample
from media.tracks import Track, parse_init, patch_edit_list
from tests.parts import SAMPLE
from values.errors import DamagedMedia

FLAGS = "+frag_keyframe+empty_moov+default_base_moof+frag_discont+negative_cts_offsets+cmaf+skip_trailer"


def _ffmpeg(folder: Path, *args: str) -> bytes:
    out = folder / "out.mp4"
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-y", "-v", "error", "-i", str(SAMPLE), *args, "-f", "mp4", str(out)]
    subprocess.run(command, check=True)
    return out.read_bytes()


@pytest.fixture(scope="module")
def video(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """60 frames at 24 Hz in three closed GOPs of 24, 24 and 12 frames, with B frames."""
    return _ffmpeg(
        tmp_path_factory.mktemp("video"), "-map", "0:v", "-frames:v", "60", "-vf", "scale=160:90",
        "-c:v", "libx264", "-preset", "veryfast", "-crf", "40", "-x264-params", "scenecut=0:keyint=24:open-gop=0",
        "-video_track_timescale", "24000", "-movflags", FLAGS, "-use_editlist", "0", "-fragment_index", "7",
    )  # fmt: skip


@pytest.fixture(scope="module")
def audio(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """One second of AAC-LC stereo at 48 kHz in a single fragment."""
    return _ffmpeg(
        tmp_path_factory.mktemp("audio"), "-map", "0:a", "-t", "1", "-c:a", "aac", "-b:a", "64k", "-ac", "2",
        "-ar", "48000", "-movflags", FLAGS, "-use_editlist", "0",
    )  # fmt: skip


def test_an_init_from_ffmpeg_says_what_was_asked_for(video: bytes, audio: bytes) -> None:
    sound, picture = parse_init(split_init(audio)[0]), parse_init(split_init(video)[0])
    assert replace(picture, config=b"") == Track(
        track_id=1, handler="vide", timescale=24000, codec="avc1.64000A", entry="avc1", config=b"",
        nal_length_size=4, width=160, height=90, colour=(1, 1, 1),
    )  # fmt: skip
    assert replace(sound, config=b"") == Track(
        track_id=1, handler="soun", timescale=48000, codec="mp4a.40.2", entry="mp4a", config=b"",
        channels=2, sample_rate_hz=48000,
    )  # fmt: skip
    assert [unit[0] & 31 for unit in parameter_sets(picture.config, "avc1")] == [7, 8]


def test_fragments_tile_the_file_and_their_decode_times_run_on(video: bytes) -> None:
    init, rest = split_init(video)
    found = parse_fragments(rest, parse_init(init))
    assert init + rest == video
    assert [(f.sequence, f.decode_time, f.duration, len(f.samples)) for f in found] == [
        (7, 0, 24000, 24), (8, 24000, 24000, 24), (9, 48000, 12000, 12),
    ]  # fmt: skip
    assert [(f.offset, f.stop) for f in found] == [
        (0, found[0].stop), (found[0].stop, found[1].stop), (found[1].stop, len(rest)),
    ]  # fmt: skip


def test_samples_agree_with_a_demuxer_that_is_not_ours(video: bytes) -> None:
    init, rest = split_init(video)
    ours = [
        (f.decode_time + 1000 * i, f.decode_time + 1000 * i + s.cts_offset, rest[s.offset : s.offset + s.size], s.sync)
        for f in parse_fragments(rest, parse_init(init))
        for i, s in enumerate(f.samples)
    ]
    with av.open(BytesIO(video)) as container:
        packets = [p for p in container.demux() if p.size]
    first = packets[0].pts  # libav delays all pictures by the largest negative offset
    assert ours == [(p.dts, p.pts - first, bytes(p), p.is_keyframe) for p in packets]
    assert first > 0


def test_a_keyframe_starts_with_an_idr_and_repeats_no_foreign_parameter_sets(video: bytes) -> None:
    init, rest = split_init(video)
    track = parse_init(init)
    idr = [
        [inspect_sample(rest, s.offset, s.offset + s.size, track).idr for s in f.samples]
        for f in parse_fragments(rest, track)
    ]
    assert idr == [[True] + 23 * [False], [True] + 23 * [False], [True] + 11 * [False]]
    sps, _ = parameter_sets(track.config, "avc1")
    other = sps[:-1] + bytes([sps[-1] ^ 1])
    sample = b"".join(len(u).to_bytes(4, "big") + u for u in (sps, other, b"\x65\x88"))
    assert inspect_sample(sample, 0, len(sample), track).foreign_sets == (other,)


def test_nal_lengths_that_do_not_fill_the_sample_are_damage(video: bytes) -> None:
    track = parse_init(split_init(video)[0])
    for sample in (b"\0\0\0\x03\x65\x88", b"\0\0\0\x02\x65\x88\0", b"\0\0\0\0"):
        with pytest.raises(DamagedMedia, match="does not fit its sample"):
            inspect_sample(sample, 0, len(sample), track)


def test_an_audio_segment_holds_the_frames_byte_for_byte(audio: bytes) -> None:
    frames = [b"first", b"", b"the third"]
    data = write_audio_segment(frames, sequence=3, decode_time=1 << 33)
    track = parse_init(split_init(audio)[0])
    (found,) = parse_fragments(data, track)
    head = len(segment_header())
    assert replace(found, samples=()) == Fragment(head, len(data) - head, len(data) - 14, 3, 1, 1 << 33, ())
    assert [(data[s.offset : s.offset + s.size], s.duration, s.sync) for s in found.samples] == [
        (b"first", 1024, True), (b"", 1024, True), (b"the third", 1024, True),
    ]  # fmt: skip
    assert [b.kind for b in walk(data)] == ["styp", "moof", "mdat"]
    assert data[:24] == b"\0\0\0\x18stypmsdh\0\0\0\0msdhcmfs"


def test_audio_cut_anew_plays_as_it_did_before(audio: bytes) -> None:
    init, rest = split_init(audio)
    frames = [rest[s.offset : s.offset + s.size] for f in parse_fragments(rest, parse_init(init)) for s in f.samples]
    cut = write_audio_segment(frames[:20], sequence=1, decode_time=0)
    cut += write_audio_segment(frames[20:], sequence=2, decode_time=20 * 1024)
    assert _decoded(init + cut) == _decoded(audio)


def test_an_edit_list_skips_the_priming_and_is_replaced_not_doubled(audio: bytes) -> None:
    init = split_init(audio)[0]
    primed = patch_edit_list(init, 1024)
    assert parse_init(primed) == replace(parse_init(init), media_time=1024)
    elst = bytes.fromhex("00000024 65647473 0000001c 656c7374 00000000 00000001 00000000 00000400 0001 0000")
    assert elst in primed
    with pytest.raises(DamagedMedia, match="an edit plays at rate 2"):
        parse_init(primed.replace(elst, elst[:-4] + b"\0\2\0\0"))
    assert patch_edit_list(patch_edit_list(primed, 99), 1024) == primed
    assert patch_edit_list(primed, 0) == init
    assert parse_init(patch_edit_list(init, 1 << 40)).media_time == 1 << 40
    media = write_audio_segment([b"one", b"two"], sequence=1, decode_time=0)
    with av.open(BytesIO(primed + media)) as container:
        assert [p.pts for p in container.demux() if p.size] == [-1024, 0]


@pytest.mark.parametrize(
    ("change", "what"),
    [
        (lambda d: d[:-1], "and .* are left"),
        (lambda d: d[:4], "bytes are needed"),
        (lambda d: d[: next(b for b in walk(d) if b.kind == "mdat").start], "moof has no mdat"),
        (lambda d: d[next(b for b in walk(d) if b.kind == "mdat").start :], "mdat has no moof"),
        (lambda d: d + make_box("moov"), "'moov' box has no place"),
        (lambda d: d.replace(b"tfdt", b"tfdx", 1), "holds 0 tfdt"),
        (lambda d: d.replace(b"trun", b"trux", 1), "the samples end at byte"),
    ],
)
def test_damaged_segments_are_refused_with_their_offset(video: bytes, change, what: str) -> None:  # type: ignore[no-untyped-def]
    init, rest = split_init(video)
    with pytest.raises(DamagedMedia, match=what) as caught:
        parse_fragments(change(rest), parse_init(init))
    assert caught.value.where.startswith("byte ")


def test_media_without_an_init_is_refused(video: bytes) -> None:
    with pytest.raises(DamagedMedia, match="no moov"):
        split_init(split_init(video)[1])


@given(data=st.data())
def test_any_damage_is_read_or_refused_and_never_crashes(video: bytes, audio: bytes, data: st.DataObject) -> None:
    source = data.draw(st.sampled_from([video[:8000], audio[:8000]]))
    at = data.draw(st.integers(0, 1200))
    damage = data.draw(st.binary(min_size=1, max_size=6))
    cut = data.draw(st.integers(0, len(source)))
    changed = (source[:at] + damage + source[at + len(damage) :])[:cut]
    try:
        init, rest = split_init(changed)
        track = parse_init(init)
        for fragment in parse_fragments(rest, track):
            for s in fragment.samples:
                if track.nal_length_size:
                    inspect_sample(rest, s.offset, s.offset + s.size, track)
    except DamagedMedia:
        pass


def _decoded(data: bytes) -> list[bytes]:
    def frames() -> Iterator[bytes]:
        with av.open(BytesIO(data)) as container:
            for frame in container.decode(audio=0):
                yield b"".join(bytes(plane) for plane in frame.planes)

    return list(frames())
