"""The proof that picture and sound stay together: a flash and a beep every second, through the whole line.

Of every rendition the decoded output is measured, pictures by the times that their boxes give them and sound by the
times of its decoded samples: at the beginning, in the middle and at the end they are within 5 ms, and do not drift.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import pytest

from encoder.cluster import RayPool
from onboarding.titles import read_title
from packager.audit import audit
from tests.onboarding.runs import onboard_sample
from tests.onboarding.sync import LADDER, Offset, cut_copy, flash_film, offsets
from treatment.wishes import NO_WISHES, Wishes
from values.title import Title

AAC = ["-c:a", "aac", "-b:a", "128k"]
EVERY_CODEC = Wishes(surround="eac3", opus=True)
MOST_MS = 5
MOST_DRIFT_MS = 1


@pytest.fixture(scope="module", autouse=True)
def _ray() -> Iterator[None]:
    """One Ray for all these films."""
    with RayPool(workers=2):
        yield


def onboarded(
    master: Path, folder: Path, *, after: Fraction = Fraction(0), wishes: Wishes = NO_WISHES
) -> tuple[Title, list[Offset]]:
    ladder = folder / "flash.yaml"
    ladder.write_text(LADDER)
    done = onboard_sample(folder / "library", master, ladder=str(ladder), wishes=wishes)
    title = read_title(done.store, "sample")
    assert audit(done.store, "sample", deep=True).faults == ()
    return title, offsets(done.store, title, folder, after=after)


def check(found: list[Offset], *, videos: int, sounds: int, least: int) -> None:
    assert len(found) == videos * sounds
    for offset in found:
        late = offset.late_ms
        assert len(late) >= least, offset
        assert max(map(abs, late)) < MOST_MS, offset
        third = len(late) // 3
        assert abs(sum(late[-third:]) - sum(late[:third])) / third < MOST_DRIFT_MS, offset


@pytest.mark.parametrize(
    ("rate", "seconds"), [("24", 8), ("25", 8), ("30000/1001", 60), ("50", 8), ("60000/1001", 8)]
)  # fmt: skip
def test_a_beep_stays_with_its_flash_at(rate: str, seconds: int, tmp_path: Path) -> None:
    """Five renditions of sound, made of AAC with priming."""
    master = flash_film(tmp_path / "film.mp4", Fraction(rate), seconds, sound=AAC, channels=6)
    title, found = onboarded(master, tmp_path, wishes=EVERY_CODEC)
    assert title.rate == Fraction(rate)
    assert [r.id for r in title.audio] == ["audio", "audio-51", "audio-ec3", "audio-opus", "audio-opus-51"]
    check(found, videos=2, sounds=5, least=seconds - 1)
    for rendition in title.audio:  # the sound ends with the picture, but for what its last frame needs to be whole
        rest = Fraction(rendition.duration_ticks - rendition.priming, rendition.timescale) - title.duration
        assert 0 <= rest < Fraction(1536 + 1, 48000), rendition.id


@pytest.mark.parametrize("from_s", [2.28, 2.3])
def test_a_beep_stays_with_its_flash_behind_an_edit_list(from_s: float, tmp_path: Path) -> None:
    """Cut without a new encode, before a picture or within one: decoding begins at a key frame that is not shown."""
    whole = flash_film(tmp_path / "whole.mp4", Fraction(25), 10, sound=AAC)
    master = cut_copy(whole, tmp_path / "cut.mp4", from_s)
    assert b"elst" in master.read_bytes()
    _, found = onboarded(master, tmp_path)
    check(found, videos=2, sounds=1, least=7)


def test_a_beep_stays_with_its_flash_where_time_does_not_begin_at_nought(tmp_path: Path) -> None:
    """MPEG-TS begins at 1.4 s; its sound at another time than its picture."""
    sound = ["-c:a", "mp2", "-b:a", "192k", "-output_ts_offset", "3600"]
    master = flash_film(tmp_path / "film.ts", Fraction(25), 8, sound=sound, rate_hz=44100)
    _, found = onboarded(master, tmp_path)
    check(found, videos=2, sounds=1, least=7)


@pytest.mark.parametrize(
    ("name", "sound"),
    [
        ("late.mp4", AAC),
        ("late.mkv", ["-c:a", "libopus"]),
        ("late.mov", ["-c:a", "pcm_s16le"]),
    ],
)  # fmt: skip
def test_sound_that_starts_late_is_in_time_from_its_start_on(name: str, sound: list[str], tmp_path: Path) -> None:
    """It begins 2.4 s in, at 44.1 kHz (or Opus's own 48)."""
    master = flash_film(tmp_path / name, Fraction(24), 9, sound=sound, rate_hz=44100, late_s=2.4)
    _, found = onboarded(master, tmp_path, after=Fraction(5, 2))
    check(found, videos=2, sounds=1, least=6)
