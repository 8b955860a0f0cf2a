"""Files beside the master: how they are named, and what kind they are."""

from __future__ import annotations

import pytest

from subtitles.cue import BadSubtitles, Cue
from subtitles.language import language_tag
from subtitles.read import MOST_BYTES, read_file
from subtitles.sidecar import Sidecar, parse_sidecar
from tests.subtitles.cea import EDM, EOC, RCL, pac, scc
from tests.subtitles.test_ass import HEAD
from tests.subtitles.test_ttml import document
from values.errors import UsageError


@pytest.mark.parametrize(
    ("text", "sidecar"),
    [
        ("film.srt:en", Sidecar("film.srt", "en")),
        ("a/b.srt:DE-ch", Sidecar("a/b.srt", "de-CH")),
        ("film.srt:en:subtitles", Sidecar("film.srt", "en")),
        ("film.srt:en:sdh", Sidecar("film.srt", "en", "captions")),
        ("film.srt:en:captions", Sidecar("film.srt", "en", "captions")),
        ("film.srt:pt_br:forced", Sidecar("film.srt", "pt-BR", forced=True)),
        ("film.srt:en:SDH+default", Sidecar("film.srt", "en", "captions", default=True)),
        ("film.srt:und:default", Sidecar("film.srt", "und", default=True)),
        ("part 1: dawn.srt:en", Sidecar("part 1: dawn.srt", "en")),
        ("part 1: dawn.srt:zh-hant-tw:sdh", Sidecar("part 1: dawn.srt", "zh-Hant-TW", "captions")),
    ],
)
def test_a_file_is_named_with_its_language_and_role(text: str, sidecar: Sidecar) -> None:
    assert parse_sidecar(text) == sidecar


@pytest.mark.parametrize(
    ("text", "what", "hint"),
    [
        ("film.srt", "does not say the language", "film.en.srt:en"),
        ("film.srt:sdh", "does not say the language", "film.en.srt:en"),
        (":en", "does not say the language", "film.en.srt:en"),
        ("film.srt:english", "'english' is no language tag", "BCP 47"),
        ("film.srt:english:sdh", "'english' is no language tag", "BCP 47"),
        ("film.srt:e:forced", "'e' is no language tag", "BCP 47"),
        ("film.srt:en:fored", "can't have the role 'fored'", "Did you mean 'forced'?"),
        ("film.srt:en:sdh+forced", "are two roles", "one role"),
    ],
)
def test_what_can_not_be_meant_is_refused(text: str, what: str, hint: str) -> None:
    with pytest.raises(UsageError, match=what) as caught:
        parse_sidecar(text)
    assert caught.value.where == "--subtitle"
    assert hint in caught.value.hint


def test_language_tags_get_their_usual_spelling() -> None:
    known = {"EN": "en", "zh-hant": "zh-Hant", "sr-latn-rs": "sr-Latn-RS", "es-419": "es-419",
             "de-DE-1996": "de-DE-1996",
             "zh-yue-HK": "zh-yue-HK", "en-x-Pirate": "en-x-pirate", "en_US": "en-US"}  # fmt: skip
    assert {text: language_tag(text) for text in known} == known
    assert [language_tag(t) for t in ("", "e", "english", "en-", "en--US", "en US", "1a")] == [None] * 7


SRT = "1\n00:00:01,000 --> 00:00:02,000\nä\n"


@pytest.mark.parametrize(
    ("data", "kind", "charset"),
    [
        (SRT.encode(), "srt", "utf-8"),
        (SRT.encode("utf-16"), "srt", "utf-16-le"),
        (b"\xef\xbb\xbfWEBVTT\n\n00:01.000 --> 00:02.000\n\xc3\xa4\n", "webvtt", "utf-8"),
        ((HEAD + "Dialogue: 0,0:00:01.00,0:00:02.00,Default,,0,0,0,,ä\n").encode("utf-16"), "ass", "utf-16-le"),
        (document('<p begin="1s" end="2s">ä</p>').encode(), "ttml", "xml"),
        (('<?xml version="1.0" encoding="utf-16"?>' + document('<p begin="1s" end="2s">ä</p>')).encode("utf-16"),
         "ttml", "xml"),
    ],
)  # fmt: skip
def test_each_kind_is_told_by_its_content(data: bytes, kind: str, charset: str) -> None:
    found = read_file(data, language="de", where="x")
    assert (found.format, found.charset) == (kind, charset)
    assert found.subtitles.cues == (Cue(1000, 2000, "ä"),)


def test_scenarist_captions_are_a_file_too() -> None:
    text = scc([("00:00:01:00", [RCL, pac(15), "hi", EOC]), ("00:00:02:00", [EDM])])
    found = read_file(text.encode(), where="x.scc")
    assert (found.format, [c.text for c in found.subtitles.cues]) == ("scc", ["hi"])


@pytest.mark.parametrize(
    ("data", "what"),
    [
        (b"", "no subtitle file that can be read"),
        (b"Dear diary,\n", "no subtitle file that can be read"),
        (b"{0}{25}Hello\n", "MicroDVD files can't be read"),
        (b"<SAMI><BODY></BODY></SAMI>", "SAMI files can't be read"),
        (b"850STL25.01" + b"\0" * 1013, "EBU STL files can't be read"),
        (b"# VobSub index file, v7\n", "VobSub files can't be read"),
        (b"PG\0\0\0\0\0\0\0\0\x16\0\x13", "PGS files can't be read"),
        (b" " * (MOST_BYTES + 1), "larger than 32 MiB"),
        (b"PK\x03\x04" + bytes(range(256)) * 4, "no subtitle file|character set can't be told"),
    ],
)
def test_other_kinds_are_refused_by_name_with_a_way_on(data: bytes, what: str) -> None:
    with pytest.raises(BadSubtitles, match=what) as caught:
        read_file(data, where="x")
    assert caught.value.hint
