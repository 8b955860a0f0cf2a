"""Each fault, made by ffmpeg, is found where it is: exact times, kind and severity."""

from __future__ import annotations

import random
from fractions import Fraction
from pathlib import Path

import pytest

from gate.finding import Finding
from gate.measures import BOTTOM_FIRST, TOP_FIRST
from tests.gate.clips import (
    H264,
    MOVING,
    TAGS,
    TONE,
    bare,
    film,
    findings,
    make,
    measured,
    of_kind,
    pieces,
)  # fmt: skip
from tests.parts import SAMPLE, clip

BLACK = "color=black:s=160x90:r=25"


def spans(found: list[Finding]) -> list[tuple[Fraction, Fraction]]:
    return [(f.start, f.stop) for f in found]


def test_a_good_film_has_nothing_but_its_loudness_to_tell(tmp_path: Path) -> None:
    found = findings(film(tmp_path / "good.mkv", MOVING, TONE, 3), tmp_path)
    assert bare(found) == [("loudness", "info")]
    assert found[0].text == "Loudness is -23.0 LUFS, within 1 LU of -23."


def test_black_and_a_freeze_within_a_film_are_found_at_their_frames(tmp_path: Path) -> None:
    frozen = f"{MOVING},loop=loop=54:size=1:start=10"
    picture = pieces((MOVING, 50), (BLACK, 25), (frozen, 90), (MOVING, 25))
    found = findings(film(tmp_path / "faults.mkv", picture, TONE, 7.6), tmp_path)
    black, freeze = of_kind(found, "black"), of_kind(found, "freeze")
    assert spans(black) == [(Fraction(2), Fraction(3))]
    assert bare(black) == [("black", "info")]
    # the tenth picture of the third piece stays for 55 frames
    assert spans(freeze) == [(3 + Fraction(9, 25), 3 + Fraction(64, 25))]
    assert bare(freeze) == [("freeze", "warning")]


def test_a_film_that_begins_and_ends_in_black_is_no_reason_to_worry(tmp_path: Path) -> None:
    picture = pieces((BLACK, 30), (MOVING, 50), (BLACK, 20))
    found = of_kind(findings(film(tmp_path / "edges.mkv", picture, TONE, 4), tmp_path), "black")
    assert [(f.severity, f.start, f.stop) for f in found] == [
        ("info", Fraction(0), Fraction(6, 5)),
        ("info", Fraction(16, 5), Fraction(4)),
    ]
    assert [f.text for f in found] == ["The film begins with 1.2 s of black.", "The film ends with 0.8 s of black."]


def test_two_black_frames_between_pictures_are_a_dropout_and_a_fade_is_not(tmp_path: Path) -> None:
    dropped = pieces((MOVING, 30), (BLACK, 2), (MOVING, 30))
    found = of_kind(findings(film(tmp_path / "dropout.mkv", dropped, None, 2.48), tmp_path), "black")
    assert [(f.severity, f.start, f.stop) for f in found] == [("warning", Fraction(30, 25), Fraction(32, 25))]
    fade = f"{MOVING},fade=out:30:12,trim=end_frame=42"
    back = f"{MOVING},fade=in:0:12"
    faded = pieces((fade, 42), (back, 40))
    assert of_kind(findings(film(tmp_path / "fade.mkv", faded, None, 3.2), tmp_path), "black", "freeze") == []


def test_a_film_that_is_all_black_and_silent_is_an_error(tmp_path: Path) -> None:
    found = findings(film(tmp_path / "nothing.mkv", BLACK, "anullsrc=r=48000:cl=stereo", 3), tmp_path)
    assert bare(found) == [("black", "error"), ("silence", "error")]
    assert spans(list(found)) == [(Fraction(0), Fraction(3))] * 2


def test_silence_within_the_sound_is_found_to_the_block(tmp_path: Path) -> None:
    sound = "sine=f=997:r=48000:samples_per_frame=480,volume=-5dB,volume='if(gte(t,1.5)*lt(t,4.1),0,1)':eval=frame"
    found = of_kind(findings(film(tmp_path / "quiet.mkv", MOVING, sound, 6), tmp_path), "silence")
    assert [(f.severity, f.start, f.stop) for f in found] == [("warning", Fraction(3, 2), Fraction(41, 10))]


def test_a_tone_that_is_driven_over_full_scale_is_clipped(tmp_path: Path) -> None:
    sound = "sine=f=997:r=48000:samples_per_frame=480,volume='if(gte(t,1)*lt(t,2),12,1)':eval=frame,aformat=s16"
    found = findings(film(tmp_path / "clipped.mkv", MOVING, sound, 3), tmp_path)
    clipped = of_kind(found, "clipping")
    assert [(f.severity, f.start, f.stop) for f in clipped] == [("warning", Fraction(1), Fraction(2))]
    # 1.5 times full scale: 2 * acos(1/1.5) of each half turn is cut, 53.5 % of the second's samples
    assert clipped[0].measured["clipped_samples"] == pytest.approx(0.535 * 48_000, rel=0.02)
    peaks = [f for f in of_kind(found, "loudness") if "true_peak_dbtp" in f.measured]
    assert [f.severity for f in peaks] == ["warning"]


def test_a_loud_tone_below_full_scale_is_not_clipped(tmp_path: Path) -> None:
    sound = "sine=f=997:r=48000,volume=7.9"
    assert of_kind(findings(film(tmp_path / "loud.mkv", MOVING, sound, 2), tmp_path), "clipping") == []


def test_interlaced_lines_are_held_against_the_flags(tmp_path: Path) -> None:
    source = str(clip("bbb_1080p60_vp8_vorbis51.webm"))
    flags = ("-flags", "+ilme+ildct", "-x264-params", "tff=1")

    def scan(name: str, picture: str, *more: str) -> list[tuple[str, str]]:
        args = ("-i", source, "-an", "-vf", f"{picture},scale=320:ih", *H264, *more)
        found = of_kind(findings(make(tmp_path / name, *args), tmp_path), "scan")
        assert all((f.start, f.stop) == (0, found[0].stop) for f in found)
        return [(f.severity, f.text.partition(":")[0]) for f in found]

    unflagged = ("warning", "The picture is interlaced (top field first) and flagged as progressive")
    assert scan("unflagged.mkv", "interlace,setfield=prog") == [unflagged]
    assert scan("flagged.mkv", "interlace", *flags) == [("info", "The picture is interlaced (top field first).")]
    wrong = ("error", "The fields are flagged as top field first and are bottom field first")
    assert scan("wrong.mkv", "interlace=scan=bff,setfield=tff", *flags) == [wrong]
    progressive = ("warning", "The picture is flagged as interlaced and its lines are not")
    assert scan("segmented.mkv", "setfield=tff", *flags) == [progressive]
    assert scan("progressive.mkv", "null") == []


def test_film_in_30_interlaced_pictures_is_telecine(tmp_path: Path) -> None:
    picture = "scale=320:180,telecine"
    path = make(tmp_path / "telecine.mkv", "-ss", "7", "-t", "4", "-i", str(SAMPLE), "-an", "-vf", picture, *H264)
    found = of_kind(findings(path, tmp_path), "scan")
    assert [(f.severity, f.start) for f in found] == [("warning", Fraction(0))]
    assert "3:2 pulldown" in found[0].text


def test_flags_are_read_from_each_frame(tmp_path: Path) -> None:
    flags = ("-flags", "+ilme+ildct", "-x264-params", "bff=1")
    path = make(
        tmp_path / "bff.mkv", "-f", "lavfi", "-i", "testsrc2=s=160x96:r=25,setfield=bff", "-t", "1", *H264, *flags
    )
    measures, _ = measured(path, tmp_path)
    assert set(measures.picture.flag) == {BOTTOM_FIRST}
    assert TOP_FIRST not in measures.picture.flag


def test_bars_are_measured_in_source_pixels(tmp_path: Path) -> None:
    boxed = "color=gray:s=320x136:r=25,noise=alls=20:allf=t,pad=320:180:0:22"
    found = of_kind(findings(film(tmp_path / "letterbox.mkv", boxed, None, 2), tmp_path), "bars")
    assert [(f.severity, f.start, f.stop, f.measured["crop"]) for f in found] == [
        ("info", Fraction(0), Fraction(2), "320:136:0:22")
    ]
    assert found[0].text.startswith("Letterbox: the picture inside is 320 × 136 (2.35:1)")


def test_bars_that_come_and_go_are_told_for_their_time(tmp_path: Path) -> None:
    noise = "noise=alls=20:allf=t"
    full, inside = f"color=gray:s=320x180:r=25,{noise}", f"color=gray:s=240x180:r=25,{noise},pad=320:180:40:0"
    path = film(tmp_path / "changing.mkv", pieces((full, 50), (inside, 150), (full, 50)), None, 10)
    found = of_kind(findings(path, tmp_path), "bars")
    assert [(f.severity, f.start, f.stop) for f in found] == [("warning", Fraction(2), Fraction(8))]
    assert found[0].text.startswith("Pillarbox for a part of the film: the picture inside is 240 × 180")


def test_frames_missing_between_time_stamps_are_dropped_frames(tmp_path: Path) -> None:
    gap = f"{MOVING},select='not(between(n,40,43))'"
    path = film(tmp_path / "gap.mp4", gap, None, 4, "-fps_mode", "passthrough")
    found = of_kind(findings(path, tmp_path), "gap")
    assert [(f.severity, f.start, f.stop) for f in found] == [("warning", Fraction(39, 25), Fraction(44, 25))]
    assert found[0].measured["missing_frames"] == 4


def test_a_repeated_frame_before_a_jump_was_dropped(tmp_path: Path) -> None:
    moving = "nullsrc=s=160x90:r=25,format=yuv420p,geq=lum='128+80*sin((X+2*N)/10)':cb=128:cr=128"
    lost = f"{moving},select='not(eq(n,50))',setpts=N/25/TB,loop=loop=1:size=1:start=50,setpts=N/25/TB"
    found = of_kind(findings(film(tmp_path / "slip.mkv", lost, None, 3.6), tmp_path), "repeat", "freeze")
    assert [(f.severity, f.start, f.stop) for f in found] == [("warning", Fraction(2), Fraction(51, 25))]
    assert found[0].measured == {"repeated_frames": 1}


def test_24_pictures_a_second_in_30_are_a_cadence(tmp_path: Path) -> None:
    path = make(
        tmp_path / "thirty.mkv", "-f", "lavfi", "-i", "testsrc2=s=160x90:r=24,fps=30", "-t", "3", *H264, *TAGS
    )  # fmt: skip
    found = of_kind(findings(path, tmp_path), "repeat")
    assert [(f.severity, dict(f.measured)) for f in found] == [
        ("warning", {"period": 5, "repeats": 1, "motion_fps": 24.0})
    ]
    assert found[0].stop - found[0].start > Fraction(5, 2)


def test_full_range_that_is_flagged_as_limited_is_told(tmp_path: Path) -> None:
    ramp = "nullsrc=s=160x90:r=25,format=yuv420p,geq=lum='255*X/159':cb=128:cr=128"
    args = ("-f", "lavfi", "-i", ramp, "-t", "2", *H264, *TAGS)
    found = of_kind(findings(make(tmp_path / "lies.mkv", *args), tmp_path), "levels")
    assert [(f.severity, f.start, f.stop) for f in found] == [("warning", Fraction(0), Fraction(2))]
    assert "--levels full" in found[0].text


def test_luma_outside_legal_range_is_found_where_it_is(tmp_path: Path) -> None:
    white = f"{MOVING},drawbox=x=0:y=0:w=40:h=40:color=white:t=fill,lutyuv=y='if(gt(val,230),255,val)'"
    path = film(tmp_path / "hot.mkv", pieces((MOVING, 25), (white, 25), (MOVING, 25)), None, 3)
    found = of_kind(findings(path, tmp_path), "levels")
    assert [(f.severity, f.start, f.stop) for f in found] == [("warning", Fraction(1), Fraction(2))]


def test_broken_bytes_in_mid_film_are_found_with_time_and_byte(tmp_path: Path) -> None:
    good = film(tmp_path / "good.mp4", MOVING, None, 4, "-bf", "0")
    data = bytearray(good.read_bytes())
    _, facts = measured(good, tmp_path)
    middle = data.index(b"mdat") + (len(data) - data.index(b"mdat")) // 2
    noise = random.Random(7)
    data[middle : middle + 600] = bytes(noise.randrange(256) for _ in range(600))
    bad = tmp_path / "bad.mp4"
    bad.write_bytes(data)
    found = of_kind(findings(bad, tmp_path), "damage")
    assert {f.severity for f in found} == {"error"}
    assert all(Fraction(1) < f.start < Fraction(3) for f in found)
    byte = found[0].measured["byte"]
    assert isinstance(byte, int)
    assert middle - len(data) // 20 < byte < middle + 600
    assert facts.damage == ()


def test_sound_that_is_late_short_or_has_a_hole_is_told(tmp_path: Path) -> None:
    late = make(
        tmp_path / "late.mkv", "-f", "lavfi", "-i", MOVING, "-itsoffset", "1.5", "-f", "lavfi", "-i", TONE,
        "-t", "4", *H264, "-c:a", "pcm_s16le",
    )  # fmt: skip
    found = of_kind(findings(late, tmp_path), "sync")
    assert [(f.severity, f.start, float(f.stop)) for f in found] == [("warning", 0, pytest.approx(1.5, abs=0.03))]
    short = film(tmp_path / "short.mkv", MOVING, f"{TONE},atrim=end=1.5", 4)
    found = of_kind(findings(short, tmp_path), "sync")
    assert [(f.severity, float(f.start), f.stop) for f in found] == [("error", pytest.approx(1.5, abs=0.03), 4)]
    hole = film(tmp_path / "hole.mkv", MOVING, f"{TONE},aselect='not(between(t,1,1.5))'", 4)
    found = of_kind(findings(hole, tmp_path), "sync")
    assert bare(found) == [("sync", "warning")]
    assert found[0].measured["missing_s"] == pytest.approx(0.5, abs=0.05)


def test_a_film_without_sound_and_one_of_a_single_channel_are_told(tmp_path: Path) -> None:
    assert bare(of_kind(findings(film(tmp_path / "mute.mkv", MOVING, None, 1), tmp_path), "sync")) == [
        ("sync", "warning")
    ]
    left = film(tmp_path / "left.mkv", MOVING, f"{TONE},pan=stereo|c0=c0|c1=0*c0", 2)
    found = of_kind(findings(left, tmp_path), "silence")
    assert [(f.severity, f.text) for f in found] == [
        ("warning", "The right channel is silent throughout: check the mix, or export it as mono.")
    ]


def test_several_tracks_are_each_listened_to(tmp_path: Path) -> None:
    path = make(
        tmp_path / "tracks.mkv", "-f", "lavfi", "-i", MOVING, "-f", "lavfi", "-i", TONE, "-f", "lavfi", "-i",
        "anullsrc=r=44100:cl=5.1", "-map", "0", "-map", "1", "-map", "2", "-t", "3", *H264, *TAGS, "-c:a:0",
        "pcm_s16le", "-c:a:1", "aac", "-metadata:s:a:1", "language=fre",
    )  # fmt: skip
    found = findings(path, tmp_path)
    assert [(f.kind, f.severity, f.track) for f in found] == [("silence", "warning", 2), ("loudness", "info", 1)]
    assert found[0].text.endswith("(Sound track 2, fre.)")


def test_one_frame_is_a_film(tmp_path: Path) -> None:
    path = film(tmp_path / "one.mkv", MOVING, None, 0.04)
    assert bare(findings(path, tmp_path)) == [("sync", "warning")]
