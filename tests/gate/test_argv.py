"""The gate's commands, whole."""

from __future__ import annotations

import subprocess
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

from gate.argv import PictureTask, SoundTask, measure_argv
from gate.damage import complaints
from media.ffmpeg import ffmpeg_path
from media.foreign import FORMATS, MAX_PIXELS
from tests.gate.test_decisions import VIDEO
from tests.parts import SAMPLE


def test_one_command_measures_the_picture_and_each_track() -> None:
    picture = PictureTask(VIDEO, 100, 201, "/w/1")
    sound = SoundTask(1, 48_000, 2, Fraction(7, 5), 96_000, 196_800, "/w/1")
    assert measure_argv("ffmpeg", "film.ts", Fraction(9, 2), picture, (sound,)) == (
        "ffmpeg", "-y", "-nostdin", "-hide_banner", "-nostats", "-loglevel", "level+error", "-copyts",
        "-filter_complex_threads", "1", "-max_error_rate", "1",
        "-threads", "1", "-err_detect", "crccheck+bitstream+buffer", "-noautorotate",
        "-reinit_filter:v", "0", "-drop_changed:a", "1", "-format_whitelist", ",".join(FORMATS),
        "-protocol_whitelist", "file", "-max_pixels", str(MAX_PIXELS),
        "-ss", "4.501000", "-seek_timestamp", "1", "-noaccurate_seek", "-i", "film.ts",
        "-filter_complex",
        "[0:0]trim=start_pts=100:end_pts=201,scale=1920:1080,split[whole][full];"
        "[full]scale=256:144:flags=area:out_range=tv,format=yuv444p,signalstats=stat=brng,"
        "blackframe=amount=0:threshold=32,metadata=print:file=/w/1/small.txt,split[now][shown];"
        "[now]tblend=all_mode=difference,signalstats,metadata=print:file=/w/1/change.txt,nullsink;"
        "[shown]scale=out_range=pc,format=yuv420p[small];"
        "[whole]cropdetect=limit=24/255:round=2:skip=0:reset=1,split=3[lines][tops][bottoms];"
        "[lines]idet=intl_thres=1.2,metadata=print:file=/w/1/lines.txt,nullsink;"
        "[tops]select=eq(interlace_type\\,TOPFIRST),metadata=print:file=/w/1/top.txt,nullsink;"
        "[bottoms]select=eq(interlace_type\\,BOTTOMFIRST),metadata=print:file=/w/1/bottom.txt,nullsink",
        "-map", "[small]", "-c:v", "mjpeg", "-q:v", "6", "-fps_mode", "passthrough", "-enc_time_base:v", "filter",
        "-f", "mjpeg", "/w/1/small.mjpeg",
        "-filter_complex",
        "[0:1]asetpts=PTS-(1.400000000)/TB,ametadata=add:key=decoded:value=1,"
        "ametadata=print:file=/w/1/spans1.txt,aresample=48000:async=1:first_pts=96000:min_hard_comp=0.02,"
        "atrim=end_pts=196800,asetnsamples=4800:pad=0,ebur128=metadata=1:framelog=quiet,"
        "ametadata=print:file=/w/1/sound1.txt[sound1]",
        "-map", "[sound1]", "-c:a", "pcm_f32le", "-ac", "2", "-f", "f32le", "/w/1/sound1.f32",
    )  # fmt: skip


def test_the_small_picture_is_shown_as_it_is_looked_at() -> None:
    tall = replace(VIDEO, width=720, height=576, sar=Fraction(16, 15), rotation=90)
    assert PictureTask(tall, 0, 1, "").size == (256, 192)
    graph = " ".join(measure_argv("ffmpeg", "a", None, PictureTask(tall, 0, 1, "/w"), ()))
    assert "[shown]transpose=cclock,scale" in graph
    assert "-ss" not in graph
    assert PictureTask(replace(VIDEO, width=64, height=36), 0, 1, "").size == (64, 36)


def test_very_wide_pictures_are_searched_for_combing_in_a_stripe() -> None:
    wide = replace(VIDEO, width=7680, height=4320)
    assert "crop=1920:ih:2880:0,idet" in " ".join(measure_argv("f", "a", None, PictureTask(wide, 0, 1, "/w"), ()))


def test_a_folder_may_have_any_name(tmp_path: Path) -> None:
    folder = tmp_path / "a,b;c'd:[e] f\\g"
    folder.mkdir()
    task = PictureTask(replace(VIDEO, width=1280, height=720), 0, 3 * 512, str(folder))
    subprocess.run(measure_argv(ffmpeg_path(), str(SAMPLE), None, task, ()), check=True, capture_output=True)
    assert (folder / "small.txt").read_text().count("frame:") == 3
    assert (folder / "small.mjpeg").stat().st_size > 1000


def test_only_what_is_read_is_complained_of() -> None:
    assert not complaints("")
    assert not complaints(
        "[vost#0:0/mjpeg @ 0x1] [error] Could not open encoder before EOF\n[out#0/f32le @ 0x2] [error] x"
    )
    assert complaints("[h264 @ 0x1] [error] error while decoding MB 35 20")
