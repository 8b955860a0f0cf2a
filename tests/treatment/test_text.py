"""Which text tracks a title gets, and what they are called."""

from __future__ import annotations

import json

import pytest

from media.probe import SubtitleStream
from treatment.text import (
    Candidate,
    Left,
    caption_candidate,
    refusal,
    settle,
    stream_candidate,
    text_decisions,
    text_record,
)

NAMES = {"en": "English", "de": "Deutsch", "und": "Subtitles"}


def stream(index: int = 2, codec: str = "subrip", **told: object) -> SubtitleStream:
    return SubtitleStream(index, codec, **told)  # type: ignore[arg-type]


def text(source: str, **told: object) -> Candidate:
    return Candidate(**{"source": source, "origin": "stream", "language": "en", "cues": 9, **told})  # type: ignore[arg-type]


def settled(*candidates: Candidate) -> list[tuple[str, str, bool]]:
    plans, _ = settle(candidates, name_of=lambda tag: NAMES[tag])
    return [(p.id, p.name, p.default) for p in plans]


@pytest.mark.parametrize(
    ("told", "role", "forced", "why"),
    [
        ({}, "subtitles", False, ()),
        ({"forced": True}, "subtitles", True, ("flagged as forced",)),
        ({"hearing_impaired": True}, "captions", False, ("flagged for the hearing impaired",)),
        ({"title": "English [Forced]"}, "subtitles", True, ("forced: it is called 'English [Forced]'",)),
        ({"title": "English (SDH)"}, "captions", False, ("for the hearing impaired: it is called 'English (SDH)'",)),
        ({"title": "Für Hörgeschädigte"}, "captions", False,
         ("for the hearing impaired: it is called 'Für Hörgeschädigte'",)),
        ({"title": "Reinforced accents"}, "subtitles", False, ()),
    ],
)  # fmt: skip
def test_flags_and_names_give_a_streams_role(
    told: dict[str, object], role: str, forced: bool, why: tuple[str, ...]
) -> None:
    found = stream_candidate(stream(**told), language="en", cues=3)
    assert (found.role, found.forced, found.why, found.source) == (role, forced, why, "stream 2 (subrip)")


def test_samples_that_are_all_forced_make_a_forced_track() -> None:
    assert stream_candidate(stream(codec="mov_text"), language="en", forced=True).forced


def test_only_the_first_captions_have_the_sounds_language() -> None:
    first = caption_candidate("CC1", "pictures", sound_language="en", cues=2)
    third = caption_candidate("CC3", "pictures", sound_language="en", cues=2)
    assert (first.language, first.role, first.source) == ("en", "captions", "CEA-608 CC1 (pictures)")
    assert first.why == ("CC1 is in the language of the sound",)
    assert (third.language, third.why) == ("und", ("captions do not say the language of CC3",))
    assert caption_candidate("service 1", "stream 3", sound_language="und", cues=1).language == "und"


def test_pictures_of_text_and_foreign_kinds_are_refused_with_a_way_on() -> None:
    assert refusal(stream(codec="hdmv_pgs_subtitle", language="ger", bitmap=True)) == (
        "bitmap subtitles (PGS, ger) are pictures of text and left out; "
        "turn them into text (OCR) and give them with --subtitle"
    )
    teletext = refusal(stream(codec="unknown"), "dvb_teletext")
    assert teletext == "subtitles of teletext can't be read and are left out; give them as a file with --subtitle"
    assert [refusal(stream(codec=c)) for c in ("subrip", "ass", "mov_text", "webvtt", "ttml", "eia_608")] == [None] * 6


def test_tracks_get_ids_and_names_that_tell_them_apart() -> None:
    assert settled(
        text("a"),
        text("b", role="captions"),
        text("c", forced=True),
        text("d", language="de", forced=True),
        text("e", title="Signs"),
        text("f"),
        text("g", origin="captions", role="captions", title="CC1"),
        text("h", language="und"),
    ) == [
        ("text-en", "English", False),
        ("text-en-sdh", "English (SDH)", False),
        ("text-en-forced", "English (forced)", False),
        ("text-de-forced", "Deutsch (forced)", False),
        ("text-en-2", "English: Signs", False),
        ("text-en-3", "English 2", False),
        ("text-en-cc", "English (CC)", False),
        ("text-und", "Subtitles", False),
    ]


@pytest.mark.parametrize(
    ("flags", "default"),
    [
        ([False, False], None),
        ([True], None),  # Matroska flags nearly everything
        ([True, True], None),
        ([False, True], 1),
        ([True, True, False], 0),
    ],
)
def test_a_default_flag_counts_where_it_singles_out(flags: list[bool], default: int | None) -> None:
    candidates = [text(str(n), language="und", default=flag) for n, flag in enumerate(flags)]
    plans, _ = settle(candidates, name_of=str)
    assert [p.default for p in plans] == [n == default for n in range(len(flags))]
    assert [p.why for p in plans if p.default] == [
        ("default: the master flags it and not the others",) for _ in range(default is not None)
    ]


def test_forced_tracks_are_no_default_and_do_not_single_out() -> None:
    assert [d for _, _, d in settled(text("a", default=True), text("b", forced=True))] == [False, False]


def test_the_users_wish_for_a_default_wins() -> None:
    found = settled(text("a", default=True), text("b"), text("c", origin="file", language="de", default=True))
    assert found == [("text-en", "English", False), ("text-en-2", "English 2", False), ("text-de", "Deutsch", True)]


def test_a_file_replaces_what_the_master_has_of_its_kind_and_empty_tracks_are_left_out() -> None:
    candidates = [
        text("film.srt (srt)", origin="file"), text("stream 2", cues=7), text("stream 3", role="captions"),
        text("stream 4", language="de", cues=0),
    ]  # fmt: skip
    plans, left = settle(candidates, name_of=str)
    assert [p.candidate.source for p in plans] == ["film.srt (srt)", "stream 3"]
    assert [p.index for p in plans] == [0, 2]
    assert left == (Left("stream 2", "is replaced by film.srt (srt)"), Left("stream 4", "holds no text"))


def test_the_record_says_what_was_seen_decided_and_why() -> None:
    plans, left = settle([text("stream 2", why=("flagged as forced",), forced=True), text("x", cues=0)], name_of=str)
    record = text_record(plans, left, {"stream 2": {"codec": "subrip"}})
    assert json.loads(json.dumps(record)) == [
        {
            "source": "stream 2",
            "detected": {"codec": "subrip"},
            "decided": {"id": "text-en-forced", "language": "en", "name": "en (forced)", "role": "subtitles",
                        "forced": True, "default": False, "cues": 9},
            "why": ["flagged as forced"],
        },
        {"source": "x", "detected": {}, "decided": None, "why": ["holds no text"]},
    ]  # fmt: skip


def test_a_probe_shows_each_stream() -> None:
    streams = [
        stream(title="Full", language="eng", default=True, forced=True),
        stream(3, "dvd_subtitle", bitmap=True, hearing_impaired=True),
    ]
    full, bitmap, chapters = text_decisions(streams, 4)
    assert (full.detected, full.decided, full.noted) == ("subrip 'Full' (eng, default, forced)", "WebVTT", False)
    assert (bitmap.detected, bitmap.decided, bitmap.noted) == ("dvd_subtitle (und, hearing impaired)", "left out", True)
    assert bitmap.why
    assert (chapters.detected, chapters.decided) == ("4", "kept, and a WebVTT track")
    assert text_decisions([], 0) == ()
