"""Errors, keys, digests, events and title records."""

from __future__ import annotations

import dataclasses
import json
import pickle
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from values.digest import digest_value
from values.errors import MatineeError, StoreError, TitleError, UsageError, nearest
from values.events import ChunkFinished, Completed, event_json
from values.keys import check_slug, slug, title_key
from values.title import ChunkRecord, Rendition, Segment, StoredFile, Title, dump_title, load_title

FILE = StoredFile("titles/a/x", 3, "0" * 32)
TITLE = Title(
    id="a", name="Ä film", created="2026-01-01T00:00:00+00:00", master_fingerprint="f" * 32, master_name="a.mp4",
    rate=Fraction(30000, 1001), frames=120, segment_frames=120, chunks=(ChunkRecord(0, 0, 120, "r"),),
    renditions=(
        Rendition("720p", "video", "avc1.64001F", 30000, FILE, (Segment(FILE, 0, 120120, 120),), FILE, 2, 1, 1280, 720),
    ),
    hls=FILE, dash=FILE, poster=None, notes=("n",), settings={"preset": "fast"},
)  # fmt: skip


def test_an_error_says_what_where_and_what_next_and_survives_pickling() -> None:
    error = StoreError("no room is left", where="file:/x", hint="Free some.")
    again = pickle.loads(pickle.dumps(error))
    assert type(again) is StoreError
    assert str(again) == str(error) == "file:/x: no room is left\nFree some."
    assert isinstance(again, MatineeError)


def test_the_nearest_known_word_is_named() -> None:
    assert nearest("segmnt", ["segment", "store"]) == "Did you mean 'segment'?"
    assert nearest("zzz", ["b", "a"]) == "Known are: a, b."


@given(st.text())
def test_any_text_gives_a_valid_title_id(text: str) -> None:
    assert check_slug(slug(text)) == slug(text)


def test_a_bad_title_id_is_refused_with_a_usable_one() -> None:
    with pytest.raises(UsageError, match="Use lower-case letters, digits and hyphens: big-buck-bunny"):
        title_key("Big Buck/Bunny")


def test_a_title_record_survives_being_written_and_read() -> None:
    assert load_title(dump_title(TITLE), where="t") == TITLE
    assert dump_title(load_title(dump_title(TITLE), where="t")) == dump_title(TITLE)


def test_a_listed_grid_survives_and_a_record_without_one_has_a_regular_grid() -> None:
    listed = dataclasses.replace(TITLE, grid=(0, 31, 90))
    assert load_title(dump_title(listed), where="t") == listed
    raw = json.loads(dump_title(TITLE))
    del raw["grid"]
    assert load_title(json.dumps(raw).encode(), where="t") == TITLE


@pytest.mark.parametrize("data", [b"", b"[]", b"{}", b'{"format": 1}', dump_title(TITLE)[:-40]])
def test_a_damaged_title_record_is_an_error_that_names_it(data: bytes) -> None:
    with pytest.raises(TitleError, match=r"titles/a/title.json: .*damaged"):
        load_title(data, where="titles/a/title.json")


def test_a_record_of_a_newer_format_says_so() -> None:
    with pytest.raises(TitleError, match="format 2, this matinee reads 1"):
        load_title(dump_title(TITLE).replace(b'"format": 1', b'"format": 2'), where="t")


def test_equal_values_have_equal_digests_whatever_the_order_of_keys() -> None:
    assert digest_value({"a": 1, "b": [2]}) == digest_value({"b": [2], "a": 1}) != digest_value({"a": 1, "b": [3]})


def test_events_become_json_objects_and_the_summary_stays_bare() -> None:
    assert event_json(ChunkFinished(1, 96, False, 1.5, 2, 3)) == {
        "event": "chunk", "index": 1, "frames": 96, "reused": False, "cpu_s": 1.5, "done": 2, "total": 3,
        "codec": "",
    }  # fmt: skip
    assert event_json(Completed({"title_id": "a"})) == {"title_id": "a"}


def test_title_files_name_every_object_once_or_more() -> None:
    poster = dataclasses.replace(FILE, key="titles/a/poster")
    assert {f.key for f in dataclasses.replace(TITLE, poster=poster).files()} == {FILE.key, poster.key}
