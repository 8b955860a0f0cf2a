"""The ffmpeg commands of sound, as pure functions of values, built with ffmpeg-python."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import ffmpeg

from encoder.argv import compile_argv
from encoder.sound_codecs import RATE_HZ, SOUND_CODECS, encoder_options
from encoder.sound_job import AudioJob, SoundOutput
from media.foreign import foreign_input
from treatment.loudness import DUAL_MONO
from treatment.sound import Mix
from values.clock import seconds_text

_FRAGMENTS = "+empty_moov+delay_moov+default_base_moof+cmaf+skip_trailer"
"""delay_moov: what E-AC-3's sample entry says is known only when the first packet is."""

_NEAR_S = 10
_LATE_S = 1


@dataclass(frozen=True, slots=True)
class Meter:
    """The files into which a loudness meter writes: loudness in LUFS and true peak, linear; the last line counts."""

    loudness: str
    peak: str


@dataclass(frozen=True, slots=True)
class Take:
    """One encode: the rendition, its gain, the loudness that it then has where that is known, and the file to write."""

    output: SoundOutput
    gain_db: float
    lufs: float | None
    path: str


def measure_argv(binary: str, job: AudioJob, meters: Sequence[Meter]) -> tuple[str, ...]:
    """The first pass: all mixes of the track, over the whole film, each into its meter."""
    mixes = job.track.mixes
    made = []
    for mix, branch, meter in zip(mixes, _split(_track(job), len(mixes)), meters, strict=True):
        sound = _metered(_ended(_mixed(branch, mix), job.samples), meter, mono=mix.layout == "mono")
        made.append(ffmpeg.output(sound, "-", f="null"))
    return compile_argv(ffmpeg.merge_outputs(*made) if len(made) > 1 else made[0], binary)


def sound_argv(binary: str, job: AudioJob, takes: Sequence[Take]) -> tuple[str, ...]:
    """The second pass: the track decoded once, each of its mixes made once, and all `takes` encoded.

    What an encoder is given is longer than the film by what its last frame needs to be whole, in silence.
    """
    wanted = sorted({take.output.mix for take in takes})
    made = []
    for number, branch in zip(wanted, _split(_track(job), len(wanted)), strict=True):
        mine = [take for take in takes if take.output.mix == number]
        mixed = _ended(_mixed(branch, job.track.mixes[number]), job.samples)
        for take, sound in zip(mine, _split(mixed, len(mine)), strict=True):
            codec = SOUND_CODECS[take.output.codec]
            if take.gain_db:
                sound = sound.filter("volume", f"{take.gain_db:.2f}dB", precision="float")
            sound = sound.filter("apad", pad_len=codec.priming + codec.frame)
            made.append(ffmpeg.output(sound, take.path, **{
                **encoder_options(take.output.codec, take.output.bps, lufs=take.lufs), "map_metadata": "-1",
                "map_chapters": "-1",  # the muxer would make a second track of them
                "f": "mp4", "movflags": _FRAGMENTS, "frag_duration": "2000000", "use_editlist": "0",
            }))  # fmt: skip
    return compile_argv(ffmpeg.merge_outputs(*made) if len(made) > 1 else made[0], binary)


def meter_argv(binary: str, path: str, meter: Meter, *, mono: bool) -> tuple[str, ...]:
    """What an encoded rendition comes to when it is decoded, into its meter."""
    sound = _metered(ffmpeg.input(path)["0"], meter, mono=mono)
    return compile_argv(ffmpeg.output(sound, "-", f="null"), binary)


def _track(job: AudioJob) -> Any:
    """The track's channels, in order, on the film's timeline: sample n is n / 48000 s after the film's first frame."""
    track = job.track
    # Dolby's dynamic range compression would be applied by default: the master is what was mixed.
    compressed = [
        i for i, codec in zip(track.streams, track.codecs, strict=True) if codec in ("ac3", "eac3", "ac3_fixed")
    ]
    plain = {f"drc_scale:{i}": "0" for i in compressed}
    source = ffmpeg.input(job.location, vn=None, **plain, **foreign_input(job.location))
    timed = [_on_time(source[str(track.streams[n])], job, n) for n in range(len(track.streams))]
    if len(timed) == 1:
        return timed[0]
    # amerge ends with its shortest input, and keeps the order of inputs only if they are of one layout.
    monos = [_panned(t, "mono", ["c0=c0"]).filter("apad") for t in timed]
    return ffmpeg.filter(monos, "amerge", inputs=len(monos))


def _on_time(sound: Any, job: AudioJob, number: int) -> Any:
    """One stream, on the film's timeline at 48 kHz, from the film's start on.

    aresample fills holes and a late start with silence, drops what was before the film or comes twice; the time of each
    frame decides. It holds its silence in memory: of a start that is long in coming, adelay makes all but a second. For
    the same reason frames with times far outside the film, which only damage can explain, are dropped before.
    """
    rate = job.track.rates_hz[number]
    late = min(job.starts[number] - job.start, job.duration)
    delay = int((late - _LATE_S) * rate) if late > 2 * _LATE_S else 0
    if delay:
        sound = sound.filter("adelay", delays=f"{delay}S", all=1)
    sound = sound.filter("asetpts", f"PTS-({seconds_text(job.start + Fraction(delay, rate), 9)})/TB")
    sound = sound.filter("aselect", f"between(t,-{_NEAR_S},{seconds_text(job.duration + _NEAR_S)})")
    return sound.filter("aresample", RATE_HZ, **{
        "osf": "fltp", "async": 1, "first_pts": 0, "min_comp": "0.00002", "min_hard_comp": seconds_text(job.least_gap),
    })  # fmt: skip


def _mixed(sound: Any, mix: Mix) -> Any:
    """The track's channels folded into a mix. Unlike ffmpeg's own downmix, nothing is normalised."""
    rows = []
    for number, row in enumerate(mix.matrix):
        terms = "+".join(f"{gain:.6g}*c{channel}" for channel, gain in enumerate(row) if gain)
        rows.append(f"c{number}={terms or '0*c0'}")
    return _panned(sound, mix.layout, rows)


def _panned(sound: Any, layout: str, rows: Sequence[str]) -> Any:
    return sound.filter("pan", args="|".join([layout, *rows]))  # by name: ffmpeg-python quotes others once too often


def _ended(sound: Any, samples: int) -> Any:
    """Exactly the film's length: filled with silence, or cut."""
    return sound.filter("apad", whole_len=samples).filter("atrim", end_sample=samples)


def _metered(sound: Any, meter: Meter, *, mono: bool) -> Any:
    options = {"dualmono": "1"} if mono and DUAL_MONO else {}
    sound = sound.filter("apad", pad_len=RATE_HZ // 10 - 1)  # it tells of whole tenths of a second: so the last is one
    sound = sound.filter("ebur128", peak="true", metadata="1", framelog="quiet", **options)
    sound = sound.filter("ametadata", "print", key="lavfi.r128.I", file=meter.loudness)
    return sound.filter("ametadata", "print", key="lavfi.r128.true_peak", file=meter.peak)


def _split(sound: Any, count: int) -> list[Any]:
    if count == 1:
        return [sound]
    branches = sound.filter_multi_output("asplit", count)
    return [branches[i] for i in range(count)]
