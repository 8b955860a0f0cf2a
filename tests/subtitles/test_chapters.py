"""Chapters on the film's timeline."""

from __future__ import annotations

from fractions import Fraction

from media.probe import ChapterMark
from subtitles.chapters import film_chapters, write_chapters
from subtitles.webvtt import read_webvtt
from values.title import Chapter


def marks(*found: tuple[int | str, int | str, str]) -> list[ChapterMark]:
    return [ChapterMark(Fraction(a), Fraction(b), name) for a, b, name in found]


def test_chapters_are_moved_cut_sorted_and_named() -> None:
    found = marks((20, 90, ""), (8, 20, " The\nstart "), (0, 5, "before"), (95, 99, "after"))
    assert film_chapters(found, start=Fraction(10), duration=Fraction(60)) == (
        Chapter(0, 10_000, "The start"), Chapter(10_000, 60_000, "Chapter 2"),
    )  # fmt: skip


def test_chapters_never_overlap_and_all_have_a_length() -> None:
    found = marks((0, 100, "film"), (0, 50, "first half"), (10, 10, "no end"), (50, 45, "backwards"))
    assert film_chapters(found, start=Fraction(0), duration=Fraction("60.5")) == (
        Chapter(0, 10_000, "first half"), Chapter(10_000, 50_000, "no end"), Chapter(50_000, 60_500, "backwards"),
    )  # fmt: skip


def test_the_track_holds_names_as_plain_text() -> None:
    data = write_chapters([Chapter(0, 1000, "A & <B>"), Chapter(1000, 2000, "C")])
    assert [c.text for c in read_webvtt(data.decode(), where="x").cues] == ["A &amp; &lt;B&gt;", "C"]
    assert film_chapters([], start=Fraction(0), duration=Fraction(1)) == ()
