"""What memory tasks ask for."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest

from encoder.job import ChunkJob, MeasureJob
from encoder.memory import task_bytes
from encoder.shots import ShotJob
from ladders.load import load_ladder
from ladders.rung import fit
from media.colour import Colour
from quality.settings import measure_settings
from tests.encoder.jobs import job_of
from treatment.picture import Picture

EIGHT_K, FULL = (7680, 4320), (1920, 1080)
GB = 10**9


class Light:
    """A job of another room, which takes little."""

    where, cost = "here", 1.0


def job(ladder: str, size: tuple[int, int], *, every: int = 0) -> ChunkJob:
    rungs = fit(load_ladder(ladder), size)
    plain = job_of(Fraction(24), 96, 96)[0]
    settings = replace(plain.settings, codec=rungs[0].codec, rungs=rungs)
    measuring = measure_settings(size, every=every) if every else None
    return replace(plain, settings=settings, decoded_size=size, measuring=measuring)


@pytest.mark.parametrize(
    ("ladder", "measured_gb", "asked_gb"),
    [("mobile", 0.38, 0.8), ("web-h264", 0.74, 1.2), ("apple-hevc", 5.0, 7.0), ("av1", 3.1, 6.0)],
)
def test_a_chunk_of_8k_asks_for_no_less_than_was_measured_and_not_for_far_more(
    ladder: str, measured_gb: float, asked_gb: float
) -> None:
    assert measured_gb * GB < task_bytes(job(ladder, EIGHT_K)) < asked_gb * GB


def test_common_films_leave_room_for_a_task_a_core() -> None:
    assert task_bytes(job("web-h264", FULL)) < 0.7 * GB
    assert task_bytes(job("web-h264", FULL, every=10)) < 1.0 * GB


def test_measuring_asks_for_each_rung_s_pictures() -> None:
    encoding, measuring = task_bytes(job("web-h264", EIGHT_K)), task_bytes(job("web-h264", EIGHT_K, every=10))
    assert measuring > encoding
    assert task_bytes(MeasureJob(job("web-h264", EIGHT_K, every=1), None)) == measuring  # type: ignore[arg-type]


def test_deep_and_tone_mapped_pictures_ask_for_more() -> None:
    plain = job("web-h264", EIGHT_K)
    deep = replace(plain, picture=Picture(0, deep=True))
    mapped = replace(plain, picture=Picture(0, deep=True, colour=Colour(9, 16, 9)))
    assert task_bytes(plain) < task_bytes(deep) < task_bytes(mapped)


def test_looking_for_shots_decodes_alone_and_sound_takes_little() -> None:
    assert task_bytes(ShotJob(job("apple-hevc", FULL))) < 0.2 * GB
    assert task_bytes(ShotJob(job("apple-hevc", EIGHT_K))) < 0.7 * GB
    assert task_bytes(Light()) == 0
