"""The quality of a stored title, read back."""

from __future__ import annotations

import pytest

from onboarding.quality import quality_json, title_quality
from quality.scores import FrameScores
from storage.memory import MemoryStore
from tests.quality.titles import store_title
from values.errors import TitleError

LOW = FrameScores(0, 1, (60.0,) * 240 + (40.0,) * 240)
HIGH = FrameScores(0, 1, (95.25,) * 480)


def test_each_rendition_comes_with_its_statistics_and_scores() -> None:
    store = MemoryStore()
    title = store_title(store, {"360p": LOW, "720p": HIGH})
    found = title_quality(store, "bbb")
    assert found.title == title
    assert [(r.rendition.id, r.scores) for r in found.renditions] == [("360p", LOW), ("720p", HIGH)]
    assert [r.quality for r in found.renditions] == [r.quality for r in title.renditions]


def test_as_json_it_is_all_but_the_single_frames() -> None:
    store = MemoryStore()
    title = store_title(store, {"360p": LOW})
    assert title.renditions[0].quality
    assert quality_json(title_quality(store, "bbb")) == {
        "id": "bbb",
        "name": "Big Buck Bunny",
        "duration": 20.0,
        "renditions": [
            {
                "id": "360p", "codec": "avc1.64001f", "width": 640, "height": 360, "average_bps": 900_000,
                "peak_bps": 1_800_000, "model": "vmaf_v0.6.1", "every": 1, "frames": 480, "mean": 50.0,
                "harmonic_mean": round(480 / (240 / 61 + 240 / 41) - 1, 4), "p1": 40.0, "p5": 40.0,
                "worst_ten_s": 40.0, "worst_at_s": 10.0, "measured_width": 1280, "measured_height": 720,
                "scores": title.renditions[0].quality.scores.key,
            }
        ],
    }  # fmt: skip


def test_a_title_that_was_not_measured_says_how_to_measure_it() -> None:
    store = MemoryStore()
    store_title(store, {"360p": None})
    with pytest.raises(TitleError, match="the quality of 'bbb' was not measured") as error:
        title_quality(store, "bbb")
    assert error.value.hint == "Onboard it again with --quality fast or full."


def test_scores_that_are_lost_or_changed_are_an_error_that_names_the_rendition() -> None:
    store = MemoryStore()
    title = store_title(store, {"360p": LOW, "720p": HIGH})
    assert title.renditions[1].quality
    key = title.renditions[1].quality.scores.key
    assert key.startswith("titles/bbb/720p-quality-")
    store.put(key, store.get(key).replace(b"95.25", b"99.25", 1))
    with pytest.raises(TitleError, match="the scores of 720p are not those that were stored"):
        title_quality(store, "bbb")
    store.delete(key)
    with pytest.raises(TitleError, match="the scores of 720p are missing") as error:
        title_quality(store, "bbb")
    assert error.value.where == key
    assert "--force" in error.value.hint


def test_a_title_that_is_not_there_is_named() -> None:
    store = MemoryStore()
    store_title(store, {"360p": LOW})
    with pytest.raises(TitleError, match="there is no title 'bbc'"):
        title_quality(store, "bbc")
