"""Sound tracks encoded, cut and measured: in time, whole, and as loud as asked, in every codec."""

from __future__ import annotations

import subprocess
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from encoder.sound import cut_sound
from encoder.sound_argv import Take, sound_argv
from encoder.sound_codecs import RATE_HZ, SOUND_CODECS
from encoder.sound_job import AudioJob, AudioResult, SoundResult
from encoder.sound_task import encode_sound, load_sound
from media.ffmpeg import ffmpeg_path, run
from media.tracks import parse_init
from storage import open_store
from tests.encoder.sounds import beeps, heard, onsets, sound_job, write_wav
from treatment.sound import AudioCodec
from treatment.wishes import Wishes
from values.errors import EncodeError

SECONDS = (0, 1, 2, 3)
ALL = Wishes(surround="eac3", opus=True)


def delivered(job: AudioJob, result: SoundResult, folder: Path) -> str:
    """A rendition as a file: its init and segments joined."""
    store = open_store(job.store_url)
    path = folder / f"{result.part.rendition}.mp4"
    keys = [result.part.init.key, *(s.file.key for s in result.part.segments)]
    path.write_bytes(b"".join(store.get(key) for key in keys))
    return str(path)


@pytest.fixture(scope="module")
def surround(tmp_path_factory: pytest.TempPathFactory) -> tuple[AudioJob, AudioResult, Path]:
    """Beeps in 5.1, in every codec there is."""
    folder = tmp_path_factory.mktemp("surround")
    sound = beeps(SECONDS, 4, RATE_HZ, peak=0.2)
    job = sound_job(write_wav(folder / "six.wav", [sound] * 6), folder, wishes=ALL)
    return job, encode_sound(job), folder


def test_each_codec_and_layout_plays_in_time_and_ends_with_the_film(
    surround: tuple[AudioJob, AudioResult, Path],
) -> None:
    job, done, folder = surround
    assert [r.part.rendition for r in done.results] == [
        "0-aac-stereo", "1-aac-5.1", "2-eac3-5.1", "3-opus-stereo", "4-opus-5.1"
    ]  # fmt: skip
    for output, result in zip(job.outputs, done.results, strict=True):
        sound = heard(delivered(job, result, folder))
        codec = SOUND_CODECS[output.codec]
        assert max(map(abs, onsets(sound[:, 0], SECONDS))) < 0.25, result.part.rendition
        plain = heard(delivered(job, result, folder), edited=False)  # the edit list is what puts it in time
        priming_ms = 1000 * codec.priming / RATE_HZ
        assert onsets(plain[:, 0], SECONDS[1:]) == pytest.approx([priming_ms] * 3, abs=0.25)
        assert 0 <= len(sound) - 4 * RATE_HZ < codec.frame
        assert sum(s.duration for s in result.part.segments) - result.priming == len(sound)
        assert result.priming == codec.priming


def test_segments_start_at_the_frames_nearest_to_the_pictures(surround: tuple[AudioJob, AudioResult, Path]) -> None:
    job, done, _ = surround
    for output, result in zip(job.outputs, done.results, strict=True):
        codec = SOUND_CODECS[output.codec]
        starts = [s.start for s in result.part.segments]
        assert starts[0] == 0
        for start, edge in zip(starts[1:], job.edges[1:], strict=True):
            assert start % codec.frame == 0
            assert abs(start - codec.priming - edge * RATE_HZ) <= Fraction(codec.frame, 2)


def test_all_renditions_of_a_track_are_equally_loud_as_they_decode(
    surround: tuple[AudioJob, AudioResult, Path],
) -> None:
    for result in surround[1].results:
        assert result.loudness.lufs == pytest.approx(-23, abs=0.15)
        assert result.loudness.target_lufs == -23
        assert result.why == "brought to -23 LUFS"
    before = {r.part.rendition: r.loudness.measured_lufs for r in surround[1].results}
    assert before["0-aac-stereo"] == before["3-opus-stereo"]
    assert before["0-aac-stereo"] != before["1-aac-5.1"] == before["2-eac3-5.1"]


def test_a_rendition_is_read_again_from_its_record(surround: tuple[AudioJob, AudioResult, Path]) -> None:
    job, done, _ = surround
    store = open_store(job.store_url)
    assert tuple(load_sound(store.get(o.record_key)) for o in job.outputs) == done.results


def test_the_folded_centre_is_three_decibels_down_at_both_sides(tmp_path: Path) -> None:
    """The same gain for all channels, so what was between them stays: dialogue is where it was in the mix."""
    silence, sound = np.zeros(4 * RATE_HZ), beeps(SECONDS, 4, RATE_HZ, peak=0.2)
    job = sound_job(write_wav(tmp_path / "c.wav", [silence, silence, sound, silence, silence, silence]), tmp_path)
    job = replace(job, target_lufs=None)
    stereo, five = (heard(delivered(job, r, tmp_path)) for r in encode_sound(job).results)
    left, right, centre = (float(np.sqrt(np.mean(x**2))) for x in (*stereo.T, five[:, 2]))
    assert left == pytest.approx(right, rel=0.01)
    assert left == pytest.approx(centre / np.sqrt(2), rel=0.02)


def test_a_channel_of_low_frequencies_is_not_in_stereo(tmp_path: Path) -> None:
    silence, sound = np.zeros(4 * RATE_HZ), beeps(SECONDS, 4, RATE_HZ, peak=0.2)
    job = sound_job(write_wav(tmp_path / "lfe.wav", [silence] * 3 + [sound] + [silence] * 2), tmp_path)
    stereo = encode_sound(job).results[0]
    assert (stereo.loudness.measured_lufs, stereo.loudness.measured_peak_dbtp, stereo.why) == (None, None, "silent")


def test_a_true_peak_is_kept_in_what_is_decoded(tmp_path: Path) -> None:
    """Noise that is clipped hard: coding it moves its peaks up, so that it has to be encoded again."""
    noise = np.random.default_rng(4).normal(0, 0.05, 4 * RATE_HZ)
    noise[:: RATE_HZ // 4] = 0.99
    job = replace(sound_job(write_wav(tmp_path / "noise.wav", [noise, noise]), tmp_path), target_lufs=-12.0)
    (result,) = encode_sound(job).results
    assert result.loudness.peak_dbtp is not None
    assert result.loudness.lufs is not None
    assert result.loudness.peak_dbtp <= -1.0
    assert result.loudness.lufs < -13
    assert result.why.startswith("held at -")


def test_without_a_target_a_track_keeps_its_gain_and_a_folded_one_its_peak(tmp_path: Path) -> None:
    loud = beeps(SECONDS, 4, RATE_HZ, peak=0.9)
    job = sound_job(write_wav(tmp_path / "loud.wav", [loud] * 6), tmp_path, wishes=Wishes(loudness_lufs=None))
    stereo, five = encode_sound(job).results
    assert (five.loudness.gain_db, five.why) == (0.0, "left as loud as it is")
    assert stereo.loudness.gain_db < -6
    assert stereo.loudness.peak_dbtp is not None
    assert stereo.loudness.peak_dbtp <= -1


def test_mono_is_as_loud_as_stereo_of_the_same_sound(tmp_path: Path) -> None:
    path = write_wav(tmp_path / "mono.wav", [beeps(SECONDS, 4, RATE_HZ)])
    (mono,) = encode_sound(sound_job(path, tmp_path)).results
    (both,) = encode_sound(sound_job(path, tmp_path, wishes=Wishes(mono="stereo"))).results
    assert (mono.part.rendition, both.part.rendition) == ("0-aac-mono", "0-aac-stereo")
    assert mono.loudness.measured_lufs == both.loudness.measured_lufs
    assert mono.loudness.gain_db == both.loudness.gain_db


def test_silence_is_delivered_as_silence(tmp_path: Path) -> None:
    job = sound_job(write_wav(tmp_path / "none.wav", [np.zeros(RATE_HZ)] * 2), tmp_path)
    (result,) = encode_sound(job).results
    assert (result.loudness.lufs, result.loudness.gain_db) == (None, 0.0)
    assert abs(heard(delivered(job, result, tmp_path))).max() < 1e-4


def test_sound_that_is_shorter_than_the_meters_step_is_delivered(tmp_path: Path) -> None:
    tone = 0.25 * np.sin(2 * np.pi * 1000 * np.arange(RATE_HZ // 25) / RATE_HZ)  # one frame of 25 a second
    job = sound_job(write_wav(tmp_path / "frame.wav", [tone, tone]), tmp_path)
    (result,) = encode_sound(replace(job, duration=Fraction(1, 25), edges=(Fraction(0),))).results
    assert result.loudness.measured_lufs is None
    assert result.loudness.measured_peak_dbtp == pytest.approx(-12, abs=0.2)
    assert result.why == "too short or too quiet to measure"


def test_chapters_of_the_master_are_no_track_beside_the_sound(tmp_path: Path) -> None:
    marks = tmp_path / "marks.txt"
    marks.write_text(";FFMETADATA1\n[CHAPTER]\nTIMEBASE=1/1000\nSTART=0\nEND=4000\ntitle=One\n")
    plain, path = write_wav(tmp_path / "s.wav", [beeps(SECONDS, 4, RATE_HZ)] * 2), tmp_path / "s.mkv"
    command = [ffmpeg_path(), "-v", "error", "-i", str(plain), "-i", str(marks), "-map_chapters", "1", str(path)]
    run(command, where="chapters")
    (result,) = encode_sound(sound_job(path, tmp_path)).results
    assert len(result.part.segments) == 4


def test_a_peak_in_the_films_last_moment_counts(tmp_path: Path) -> None:
    tone = 0.02 * np.sin(2 * np.pi * 1000 * np.arange(4 * RATE_HZ) / RATE_HZ)
    tone[-RATE_HZ // 50 :] *= 40  # after the last whole tenth of a second
    job = sound_job(write_wav(tmp_path / "end.wav", [tone[2400:]] * 2), tmp_path)
    (result,) = encode_sound(replace(job, duration=Fraction(79, 20), target_lufs=None)).results
    assert result.loudness.measured_peak_dbtp == pytest.approx(-1.9, abs=0.3)


@pytest.mark.parametrize("rate_hz", [8000, 11025, 22050, 32000, 44100, 96000, 192000])
def test_sound_of_any_sample_rate_is_in_time(tmp_path: Path, rate_hz: int) -> None:
    sound = beeps(SECONDS, 4, rate_hz)
    job = sound_job(write_wav(tmp_path / "rate.wav", [sound, sound], rate_hz), tmp_path)
    (result,) = encode_sound(job).results
    assert max(map(abs, onsets(heard(delivered(job, result, tmp_path))[:, 0], SECONDS))) < 0.5


def test_sound_that_begins_long_after_the_film_waits(tmp_path: Path) -> None:
    path = offset(write_wav(tmp_path / "late.wav", [beeps((0,), 0.5, 44100)] * 2, 44100), tmp_path / "late.mkv", 3)
    job = sound_job(path, tmp_path)
    assert job.starts[0] == 3
    (result,) = encode_sound(job).results
    sound = heard(delivered(job, result, tmp_path))[:, 0]
    assert onsets(sound, (3,))[0] == pytest.approx(0, abs=0.6)
    assert abs(sound[: round(2.9 * RATE_HZ)]).max() < 1e-3


def test_sound_before_the_film_is_cut_off(tmp_path: Path) -> None:
    job = sound_job(write_wav(tmp_path / "early.wav", [beeps((0, 1, 2, 3, 4, 5), 6, RATE_HZ)] * 2), tmp_path)
    job = replace(job, start=Fraction(3, 2))
    (result,) = encode_sound(job).results
    found = heard(delivered(job, result, tmp_path))
    assert max(map(abs, onsets(found[:, 0], [Fraction(n) - Fraction(3, 2) for n in (2, 3, 4, 5)]))) < 0.25
    assert 0 <= len(found) - 4 * RATE_HZ < 1024


def test_a_hole_is_silent_and_what_follows_is_in_time(tmp_path: Path) -> None:
    """Sound of which the second second is missing: its packets are taken out of the file."""
    sound = write_wav(tmp_path / "whole.wav", [beeps(SECONDS, 4, RATE_HZ)] * 2)
    path = tmp_path / "hole.nut"
    drop = "noise=drop=between(pts*tb\\,0.9\\,1.9)"
    command = [ffmpeg_path(), "-v", "error", "-y", "-i", str(sound), "-c", "copy", "-bsf:a", drop, str(path)]
    run(command, where="hole")
    job = sound_job(path, tmp_path)
    (result,) = encode_sound(job).results
    found = heard(delivered(job, result, tmp_path))[:, 0]
    assert max(map(abs, onsets(found, (0, 2, 3)))) < 0.25
    assert abs(found[round(0.95 * RATE_HZ) : round(1.85 * RATE_HZ)]).max() < 1e-3


def test_a_time_far_outside_the_film_is_passed_over(tmp_path: Path) -> None:
    """Half a second in the middle claims to be from a day later: it is dropped, and nothing is filled up to it."""
    sound = write_wav(tmp_path / "whole.wav", [beeps(SECONDS, 4, RATE_HZ)] * 2)
    path = tmp_path / "jump.nut"
    jump = "setts=ts=if(between(N\\,40\\,60)\\,TS+86400/TB\\,TS)"
    command = [ffmpeg_path(), "-v", "error", "-y", "-i", str(sound), "-c", "copy", "-bsf:a", jump, str(path)]
    subprocess.run(command, check=True, capture_output=True)
    job = sound_job(path, tmp_path)
    (result,) = encode_sound(job).results
    found = heard(delivered(job, result, tmp_path))
    assert max(map(abs, onsets(found[:, 0], (0, 2, 3)))) < 0.25
    assert 0 <= len(found) - 4 * RATE_HZ < 1024


def test_channels_of_streams_of_their_own_are_put_in_their_places(tmp_path: Path) -> None:
    """Six mono streams, of which each beeps at a second of its own: they come out at their speakers."""
    for n in range(6):
        write_wav(tmp_path / f"{n}.wav", [beeps((n / 2,), 4, RATE_HZ)])
    inputs = [word for n in range(6) for word in ("-i", str(tmp_path / f"{n}.wav"))]
    maps = [word for n in range(6) for word in ("-map", str(n))]
    path = tmp_path / "six.mxf"
    picture = ["-f", "lavfi", "-i", "color=s=64x64:r=25:d=4"]
    run(
        [ffmpeg_path(), "-v", "error", "-y", *inputs, *picture, "-map", "6", *maps, "-c:v", "mpeg2video",
         "-c:a", "pcm_s24le", "-ar", "48000", str(path)],
        where="six",
    )  # fmt: skip
    job = replace(sound_job(path, tmp_path), target_lufs=None)
    _, five = encode_sound(job).results
    sound = heard(delivered(job, five, tmp_path))
    for n in (0, 1, 2, 4, 5):  # the low-frequency channel can't beep
        assert onsets(sound[:, n], (Fraction(n, 2),))[0] == pytest.approx(0, abs=0.25), n
        quiet = np.delete(sound[:, n], np.s_[max(0, n * 24000 - 4800) : n * 24000 + 9600])
        assert abs(quiet).max() < 0.02


def test_an_encode_that_is_too_short_is_refused(tmp_path: Path) -> None:
    data = encoded(tmp_path, "aac")
    with pytest.raises(EncodeError, match=r"x: the audio encoder gave 191 frames of 236"):
        cut_sound(data, SOUND_CODECS["aac"], [Fraction(0)], 5 * RATE_HZ, where="x")


def test_another_priming_than_the_codecs_is_refused(tmp_path: Path) -> None:
    with pytest.raises(EncodeError, match="puts 312 samples before the sound, expected 400"):
        cut_sound(
            encoded(tmp_path, "opus"), replace(SOUND_CODECS["opus"], priming=400), [Fraction(0)], 4 * RATE_HZ, where="x"
        )


def test_a_segment_of_the_picture_that_is_shorter_than_a_frame_of_sound_has_one_of_its_own(tmp_path: Path) -> None:
    edges = [Fraction(0), Fraction(2), Fraction(4) - Fraction(1, 1000)]
    sound = cut_sound(encoded(tmp_path, "eac3"), SOUND_CODECS["eac3"], edges, 4 * RATE_HZ, where="x")
    assert [s.frames for s in sound.segments()] == [63, 62, 1]
    assert parse_init(sound.init).media_time == 256


def encoded(folder: Path, codec: AudioCodec) -> bytes:
    """Four seconds of beeps as ffmpeg gives them."""
    channels = 6 if codec == "eac3" else 2
    job = sound_job(write_wav(folder / "s.wav", [beeps(SECONDS, 4, RATE_HZ)] * channels), folder, wishes=ALL)
    output = next(o for o in job.outputs if o.codec == codec)
    run(sound_argv(ffmpeg_path(), job, [Take(output, 0.0, None, str(folder / "s.mp4"))]), where="sound")
    return (folder / "s.mp4").read_bytes()


def offset(path: Path, to: Path, seconds: float) -> Path:
    """The sound of `path` in a container that has it begin later."""
    command = [ffmpeg_path(), "-v", "error", "-y", "-itsoffset", str(seconds), "-i", str(path), "-c", "copy", str(to)]
    run(command, where=to.name)
    return to
