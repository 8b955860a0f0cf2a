"""The commands of sound, whole."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import Any

from encoder.sound_argv import Meter, Take, measure_argv, meter_argv, sound_argv
from encoder.sound_codecs import SOUND_CODECS, bit_rate
from encoder.sound_job import AudioJob, SoundOutput
from media.foreign import foreign_input
from media.probe import AudioStream
from tests.treatment.tracks import monos, track
from treatment.sound import CHANNELS, decide_sound
from treatment.wishes import Wishes

OPENED = [word for name, value in sorted(foreign_input("/m/film.mp4").items()) for word in (f"-{name}", value)]
ENDS = ("-copyts", "-filter_complex_threads", "1", "-y", "-nostdin", "-hide_banner", "-loglevel", "warning")


def job_of(streams: list[AudioStream], **changes: Any) -> AudioJob:
    plan = decide_sound(streams, Wishes(surround="eac3"))[0]
    outputs = tuple(
        SoundOutput(f"o{n}", o.codec, o.mix, 64_000, f"r{n}", "", "", ()) for n, o in enumerate(plan.outputs)
    )
    values: dict[str, Any] = {
        "start": Fraction(7, 5), "duration": Fraction(4004, 1000), "starts": tuple(s.start for s in streams), **changes
    }  # fmt: skip
    return AudioJob(
        title_id="t", master_name="film.mp4", location="/m/film.mp4", store_url="", track=plan, outputs=outputs,
        edges=(), least_gap=Fraction(1, 200), target_lufs=-23, true_peak_dbtp=-1, work_dir="", **values,
    )  # fmt: skip


def test_a_stereo_track_is_measured_over_exactly_the_films_time() -> None:
    assert measure_argv("ffmpeg", job_of([track()]), [Meter("a.lufs", "a.peak")]) == (
        "ffmpeg", *OPENED, "-vn", "-i", "/m/film.mp4", "-filter_complex",
        "[0:1]asetpts=PTS-(1.400000000)/TB[s0];[s0]aselect=between(t\\,-10\\,14.004000)[s1];"
        "[s1]aresample=48000:async=1:first_pts=0:min_comp=0.00002:min_hard_comp=0.005000:osf=fltp[s2];"
        "[s2]pan=args=stereo|c0\\\\=1*c0|c1\\\\=1*c1[s3];[s3]apad=whole_len=192192[s4];"
        "[s4]atrim=end_sample=192192[s5];[s5]apad=pad_len=4799[s6];[s6]ebur128=framelog=quiet:metadata=1:peak=true[s7];"
        "[s7]ametadata=print:file=a.lufs:key=lavfi.r128.I[s8];"
        "[s8]ametadata=print:file=a.peak:key=lavfi.r128.true_peak[s9]",
        "-map", "[s9]", "-f", "null", "-", *ENDS,
    )  # fmt: skip


def test_all_takes_share_one_decode_and_each_mix_is_made_once() -> None:
    job = job_of([track("5.1(side)", codec="ac3")])
    takes = [Take(o, -2.5, -23.0, f"{o.rendition}.mp4") for o in job.outputs]
    argv = sound_argv("ffmpeg", job, takes)
    graph = argv[argv.index("-filter_complex") + 1]
    assert argv[1:3] == ("-drc_scale:1", "0")
    assert (graph.count("[0:1]"), graph.count("pan="), graph.count("volume=-2.50dB")) == (1, 2, 3)
    assert "c0\\\\=1*c0+0.707107*c2+0.707107*c4|c1\\\\=1*c1+0.707107*c2+0.707107*c5" in graph
    options = [argv[argv.index("-map", at) :] for at in _places(argv, "-map")]
    assert [o[o.index("-c:a") + 1] for o in options] == ["aac", "aac", "eac3"]
    eac3 = options[2]
    assert [eac3[eac3.index(name) + 1] for name in ("-dialnorm", "-dmix_mode", "-loro_cmixlev")] == [
        "-23", "loro", "0.707"
    ]  # fmt: skip


def test_a_gain_of_nothing_is_no_filter() -> None:
    job = job_of([track()])
    assert "volume" not in " ".join(sound_argv("ffmpeg", job, [Take(job.outputs[0], 0.0, None, "a.mp4")]))


def test_a_start_that_is_long_in_coming_is_made_without_holding_it_in_memory() -> None:
    late = job_of([track(sample_rate_hz=44100, start=Fraction(3))], start=Fraction(0), duration=Fraction(10))
    graph = " ".join(measure_argv("ffmpeg", late, [Meter("l", "p")]))
    assert "[0:1]adelay=all=1:delays=88200S[s0];[s0]asetpts=PTS-(2.000000000)/TB" in graph
    never = replace(late, starts=(Fraction(10**9),))
    assert "delays=396900S" in " ".join(measure_argv("ffmpeg", never, [Meter("l", "p")]))


def test_streams_of_one_channel_are_put_together_in_order() -> None:
    argv = measure_argv("ffmpeg", job_of(monos(2)), [Meter("l", "p")])
    graph = argv[argv.index("-filter_complex") + 1]
    assert "[0:1]asetpts" in graph
    assert "[0:2]asetpts" in graph
    assert "amerge=inputs=2" in graph
    assert graph.count("pan=args=mono|c0\\\\=c0") == 2


def test_mono_is_measured_as_it_is_heard_from_two_loudspeakers() -> None:
    assert "dualmono=1" in " ".join(meter_argv("ffmpeg", "a.mp4", Meter("l", "p"), mono=True))
    assert "dualmono" not in " ".join(meter_argv("ffmpeg", "a.mp4", Meter("l", "p"), mono=False))


def test_bit_rates_follow_the_ladders_rate_for_stereo() -> None:
    found = {
        (codec, layout): bit_rate(codec, layout, CHANNELS[layout], 128_000)
        for codec in SOUND_CODECS
        for layout in ("mono", "stereo", "5.1")
        if (codec, layout) not in (("eac3", "mono"), ("eac3", "stereo"))
    }
    assert found == {
        ("aac", "mono"): 64_000, ("aac", "stereo"): 128_000, ("aac", "5.1"): 384_000, ("eac3", "5.1"): 384_000,
        ("opus", "mono"): 51_200, ("opus", "stereo"): 96_000, ("opus", "5.1"): 256_000,
    }  # fmt: skip
    assert bit_rate("eac3", "5.1", 6, 512_000) == 800_000


def _places(argv: tuple[str, ...], word: str) -> list[int]:
    return [n for n, text in enumerate(argv) if text == word]
