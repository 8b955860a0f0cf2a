"""Samples of a film's pictures: where they are taken, and what they show."""

from __future__ import annotations

import subprocess
from array import array
from fractions import Fraction
from pathlib import Path

import pytest

from ingest.samples import frames_each, parse_sample, parse_steps, sample_argv, sample_film, sample_places
from media.ffmpeg import ffmpeg_path
from media.foreign import FORMATS, MAX_PIXELS
from media.index import FrameIndex, index_frames
from media.probe import probe
from tests.encoder.masters import H264, MPEG2, interlaced, looked_over, made, telecined
from tests.treatment.parts import picture
from treatment.facts import Box, Facts, Sample, Steps
from treatment.scan import decide_scan
from treatment.wishes import NO_WISHES, Wishes


def film(seconds: int, *, gop_s: int = 1) -> FrameIndex:
    pts = array("q", range(1000, 1000 + seconds * 25))
    return FrameIndex(Fraction(1, 25), pts, pts[:: gop_s * 25], 1, 0)


@pytest.mark.parametrize(
    ("index", "places"),
    [
        (film(1), [1000]),
        (film(7), [1000]),
        (film(16), [1000 + 4 * 25, 1000 + 11 * 25]),  # its last frame is at 15.96 s, three quarters of it at 11.97
        (film(3, gop_s=3), [1000]),
        (film(7200, gop_s=7200), [1000]),  # a single key frame: no more than one sample
    ],
)
def test_samples_begin_with_key_frames_before_even_places(index: FrameIndex, places: list[int]) -> None:
    assert list(sample_places(index)) == places


def test_a_long_film_costs_no_more_than_a_short_one() -> None:
    places = sample_places(film(3 * 3600))
    assert len(places) == 8
    assert places[0] < 1000 + 3 * 3600 * 25 / 8 < places[1]
    assert places[-1] > 1000 + 3 * 3600 * 25 * 7 / 8
    assert (frames_each(picture()), frames_each(picture(height=2160))) == (40, 5)


def test_key_frames_that_an_edit_hides_are_not_sought() -> None:
    index = FrameIndex(Fraction(1, 25), array("q", range(5, 30)), array("q", [-7, 18]), 1, 0)
    assert sample_places(index) == (5,)


def test_the_command_decodes_a_few_frames_as_they_are_coded() -> None:
    filters = (("idet", {}), ("cropdetect", {"skip": 0}))
    assert sample_argv("ffmpeg", "/m/film.ts", picture(index=2), Fraction(4), filters, "/w/it's: a.txt") == (
        "ffmpeg", "-apply_cropping", "codec", "-format_whitelist", ",".join(FORMATS), "-max_pixels", str(MAX_PIXELS),
        "-noaccurate_seek", "-noautorotate", "-protocol_whitelist", "file", "-seek_timestamp", "1", "-ss",
        "4.001000", "-threads", "4", "-i", "/m/film.ts", "-filter_complex",
        r"[0:2]trim=end_frame=40[s0];[s0]idet[s1];[s1]cropdetect=skip=0[s2];"
        r"[s2]metadata=file=/w/it\\\'s\\: a.txt:mode=print[s3]",
        "-map", "[s3]", "-f", "null", "-fps_mode", "passthrough", "-", "-nostdin", "-hide_banner", "-loglevel", "error",
    )  # fmt: skip


PRINTED = """\
frame:0    pts:1       pts_time:0.04
lavfi.idet.repeated.current_frame=neither
lavfi.idet.single.current_frame=undetermined
lavfi.idet.multiple.current_frame=tff
lavfi.cropdetect.x1=0
lavfi.cropdetect.x2=1919
lavfi.cropdetect.y1=140
lavfi.cropdetect.y2=939
frame:1    pts:2       pts_time:0.08
lavfi.idet.repeated.current_frame=top
lavfi.idet.single.current_frame=bff
lavfi.idet.multiple.current_frame=progressive
lavfi.cropdetect.x1=1919
lavfi.cropdetect.x2=0
lavfi.cropdetect.y1=1079
lavfi.cropdetect.y2=0
"""


def test_what_the_filters_print_becomes_letters_and_boxes() -> None:
    """The first frame is flagged as interlaced (an odd time), the second is black."""
    assert parse_sample(PRINTED, Fraction(3)) == Sample(
        Fraction(3), 2, 1, "ub", "tp", "nt", (Box(0, 140, 1920, 940),)
    )  # fmt: skip


def test_steps_take_turns_within_frames_and_between_them() -> None:
    def printed(*steps: float) -> str:
        return "".join(f"frame:0 pts:0\nlavfi.signalstats.YDIF={step}\n" for step in steps)

    assert parse_steps(printed(0, 1, 4, 3, 6), printed(0, 1, 8, 3, 10)) == Steps(2.0, 5.0, 9.0)
    assert parse_steps(printed(0, 1), printed(0, 1)) is None
    assert parse_steps("", "") is None


@pytest.mark.parametrize("order", ["tff", "bff"])
@pytest.mark.parametrize("said", ["tff", "bff", "prog"])
def test_fields_are_found_in_the_pixels_whatever_the_flags_say(order: str, said: str, tmp_path: Path) -> None:
    flags = ("-flags", "+ildct+ilme") if said != "prog" else ()
    path = made(
        tmp_path / "a.mkv", *MPEG2, *flags, rate="50", frames=100,
        filters=f"interlace=scan={order}:lowpass=off,setfield={said}",
    )  # fmt: skip
    found = looked_over(path)
    assert (found.scan.scan, found.scan.parity) == ("field", order)
    assert ("though flagged" in found.scan.decision.detected) == (said != order)


@pytest.mark.parametrize("order", ["top", "bottom"])
def test_pulldown_is_found_in_a_stream_that_calls_itself_progressive(order: str, tmp_path: Path) -> None:
    path = made(
        tmp_path / "a.mp4", *H264, rate="24000/1001", frames=96,
        filters=f"telecine=first_field={order}:pattern=23,setfield=prog",
    )  # fmt: skip
    found = looked_over(path)
    assert (found.scan.scan, found.scan.parity) == ("telecine", "tff" if order == "top" else "bff")


def test_a_pattern_that_moves_by_whole_lines_is_no_video(tmp_path: Path) -> None:
    """All of testsrc2's frames look woven to idet; their fields are of one moment nevertheless."""
    path = tmp_path / "pattern.mp4"
    source = ("-f", "lavfi", "-i", "testsrc2=s=160x96:r=25:d=2")
    subprocess.run([ffmpeg_path(), "-v", "error", *source, *H264, str(path)], check=True)
    found = looked_over(path)
    assert found.facts.among()["t"] == 40
    assert found.scan.scan == "progressive"


def test_bars_are_found_in_dark_and_bright_scenes_alike(tmp_path: Path) -> None:
    path = made(tmp_path / "a.mp4", *H264, filters="scale=160:64,pad=160:96:0:16,setsar=1,fade=in:0:20")
    found = looked_over(path, Wishes(crop="auto"))
    assert found.display_size == (160, 64)
    assert found.geometry.crop is not None
    assert (found.geometry.crop.y, found.geometry.crop.height) == (16, 64)


def test_samples_that_can_t_be_decoded_are_left_out(tmp_path: Path) -> None:
    path = made(tmp_path / "a.mp4", *H264)
    video, index = probe(str(path), where="a").video, index_frames(str(path), 0, where="a")
    assert video is not None
    assert sample_film(str(tmp_path / "gone.mp4"), video, index, where="a") == Facts()
    assert decide_scan(video, Facts(), looked_over(path).timing, NO_WISHES).scan == "progressive"


def test_interlaced_and_pulled_down_clips_differ(tmp_path: Path) -> None:
    assert looked_over(interlaced(tmp_path / "i.ts", *MPEG2, "-flags", "+ildct+ilme")).timing.rate == 50
    pulled = telecined(tmp_path / "t.ts", *MPEG2, "-flags", "+ildct+ilme")
    assert looked_over(pulled).timing.rate == Fraction(24000, 1001)
