"""What a worker does with one sound track: measure, encode, measure again, cut, store. Does I/O."""

from __future__ import annotations

import json
import mmap
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from encoder.sound import cut_sound
from encoder.sound_argv import Meter, Take, measure_argv, meter_argv, sound_argv
from encoder.sound_codecs import SOUND_CODECS
from encoder.sound_job import AudioJob, AudioResult, SoundResult
from encoder.task import load_part, store_track
from media.ffmpeg import ffmpeg_path, run
from media.work import work_dir
from storage import Store
from storage.open import open_store
from treatment.loudness import Measured, gains, reading, why_gain
from values.errors import EncodeError
from values.title import Loudness

_TRIES = 3
_MARGIN_DB = 0.1
"""How much further than it exceeded its peak an encode is lowered: the next one comes out a little different."""


def encode_sound(job: AudioJob) -> AudioResult:
    """Make all renditions of one sound track, store their segments and then the record of each.

    Loudness is measured of each mix over the whole film, and of each rendition as it decodes. Coding moves peaks: a
    rendition that exceeds its true peak is encoded again, lower by as much. Raises EncodeError or StoreError.
    """
    store = open_store(job.store_url)
    with work_dir(job.work_dir) as folder:
        before, cpu_s = _measure(job, folder)
        folded = [mix.folded for mix in job.track.mixes]
        wanted = gains(before, folded, target_lufs=job.target_lufs, true_peak_dbtp=job.true_peak_dbtp)
        encodes, spent = _encode(job, folder, before, wanted)
        results = tuple(_store(job, store, encode, before) for encode in encodes)
    for result in results:
        key = next(o.record_key for o in job.outputs if o.recipe == result.recipe)
        store.put(key, json.dumps(asdict(result)).encode(), media_type="application/json")
    return AudioResult(results, cpu_s + spent)


def load_sound(data: bytes) -> SoundResult:
    """A rendition's work record. Raises ValueError, KeyError or TypeError where it is damaged."""
    raw = json.loads(data)
    return SoundResult(**{**raw, "part": load_part(raw["part"]), "loudness": Loudness(**raw["loudness"])})


@dataclass(frozen=True, slots=True)
class _Encode:
    take: Take
    after: Measured
    tries: int


def _measure(job: AudioJob, folder: Path) -> tuple[list[Measured], float]:
    """The loudness of each mix before any gain, and the CPU seconds it took."""
    meters = [_meter(folder, f"mix-{n}") for n in range(len(job.track.mixes))]
    done = run(measure_argv(ffmpeg_path(), job, meters), where=f"loudness of {job.where}")
    return [read_meter(meter, where=job.where) for meter in meters], done.cpu_s


def _encode(
    job: AudioJob, folder: Path, before: Sequence[Measured], wanted: Sequence[float]
) -> tuple[list[_Encode], float]:  # fmt: skip
    """All outputs, in order, each with its peak kept, and the CPU seconds they took."""
    takes = [_take(job, folder, n, before, wanted[o.mix]) for n, o in enumerate(job.outputs)]
    found: dict[str, _Encode] = {}
    cpu_s = 0.0
    for tries in range(1, _TRIES + 1):
        cpu_s += run(sound_argv(ffmpeg_path(), job, takes), where=job.where).cpu_s
        again = []
        for take in takes:
            after, spent = _measure_encode(job, folder, take)
            cpu_s += spent
            found[take.path] = _Encode(take, after, tries)
            excess = _excess(job, take, after)
            if excess > 0:
                gain_db = round(take.gain_db - excess - _MARGIN_DB, 2)
                again.append(_take(job, folder, job.outputs.index(take.output), before, gain_db))
        takes = again
        if not takes:
            break
    return list(found.values()), cpu_s


def _excess(job: AudioJob, take: Take, after: Measured) -> float:
    """By how many dB an encode exceeds the true peak that is asked for; 0 where it is none of our doing."""
    ours = job.target_lufs is not None or take.gain_db < 0
    return max(0.0, after.peak_dbtp - job.true_peak_dbtp) if ours and after.peak_dbtp is not None else 0.0


def _take(job: AudioJob, folder: Path, number: int, before: Sequence[Measured], gain_db: float) -> Take:
    output = job.outputs[number]
    lufs = before[output.mix].lufs
    return Take(output, gain_db, lufs + gain_db if lufs is not None else None, str(folder / f"{number}.mp4"))


def _measure_encode(job: AudioJob, folder: Path, take: Take) -> tuple[Measured, float]:
    meter = _meter(folder, Path(take.path).stem)
    mono = job.track.mixes[take.output.mix].layout == "mono"
    done = run(meter_argv(ffmpeg_path(), take.path, meter, mono=mono), where=f"{take.output.rendition} of {job.where}")
    return read_meter(meter, where=job.where), done.cpu_s


def _store(job: AudioJob, store: Store, encode: _Encode, before: Sequence[Measured]) -> SoundResult:
    take, output = encode.take, encode.take.output
    codec = SOUND_CODECS[output.codec]
    where = f"{output.rendition} of {job.where}"
    with Path(take.path).open("rb") as file:
        data = memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))
    sound = cut_sound(data, codec, job.edges, job.samples, where=where)
    keys = output.segment_keys[: len(sound.cuts)]
    part = store_track(
        store, output.rendition, sound.init, sound.segments(), output.init_key, keys, media_type="audio/mp4"
    )
    source = before[output.mix]
    why = why_gain(source, take.gain_db, target_lufs=job.target_lufs, true_peak_dbtp=job.true_peak_dbtp)
    loudness = Loudness(
        source.lufs, source.peak_dbtp, take.gain_db, encode.after.lufs, encode.after.peak_dbtp, job.target_lufs
    )
    return SoundResult(output.recipe, replace(part, tries=encode.tries), sound.priming, loudness, why)


def _meter(folder: Path, name: str) -> Meter:
    return Meter(str(folder / f"{name}.lufs"), str(folder / f"{name}.peak"))


def read_meter(meter: Meter, *, where: str) -> Measured:
    """What a meter's files say last. Raises EncodeError where they say nothing."""
    return reading(_last(Path(meter.loudness), where), _last(Path(meter.peak), where))


def _last(path: Path, where: str) -> float:
    with path.open("rb") as file:
        size = file.seek(0, 2)
        file.seek(max(0, size - 200))
        lines = file.read().decode().splitlines()
    if not lines or "=" not in lines[-1]:
        raise EncodeError(
            "the loudness meter said nothing", where=where, hint="This build of ffmpeg is not known: use a newer one."
        )
    return float(lines[-1].partition("=")[2])
