"""Files made to hurt: many cues, long lines, deep nesting. Each ends, in time that grows with its size."""

from __future__ import annotations

from fractions import Fraction

import pytest

from subtitles.ass import read_ass
from subtitles.cue import MOST_CUES, BadSubtitles, Cue
from subtitles.fit import fit
from subtitles.markup import valid
from subtitles.read import read_file
from subtitles.segments import cut_segments
from subtitles.srt import read_srt, srt_text
from subtitles.webvtt import read_webvtt, write_webvtt
from tests.subtitles.test_ass import HEAD


def test_more_cues_than_a_film_has_are_refused() -> None:
    line = "00:00:01,000 --> 00:00:02,000\nx\n\n"
    with pytest.raises(BadSubtitles, match="more than 200000 cues"):
        read_srt(line * (MOST_CUES + 1), where="x")


def test_a_hundred_thousand_cues_go_all_the_way() -> None:
    cues = tuple(Cue(n * 50, n * 50 + 1500, f"line {n}") for n in range(100_000))
    found = read_webvtt(write_webvtt(cues).decode(), where="x")
    fitted, _ = fit(found.cues, duration_ms=6_000_000)
    parts = cut_segments(fitted, [Fraction(4 * n) for n in range(1500)], Fraction(6000), where="x")
    assert fitted == cues
    assert sum(len(p.cues) for p in parts) > len(cues)


@pytest.mark.parametrize(
    "text",
    ["<" * 200_000, "<i>" * 20_000, "&" * 200_000, "<c." + "a." * 50_000, "</i>" * 20_000, "{" * 200_000,
     "<font color=" * 20_000, "\\" * 100_000, "<i " * 50_000, "{\\an8" * 40_000, "--" * 100_000 + ">"],
)  # fmt: skip
def test_long_lines_of_mark_up_are_read_once(text: str) -> None:
    assert valid(valid(text)) == valid(text)
    srt_text(text)
    read_ass(f"{HEAD}Dialogue: 0,0:00:01.00,0:00:02.00,Default,,0,0,0,,{text}\n", where="x")
    read_webvtt(f"WEBVTT\n\n00:01.000 --> 00:02.000\n{text.replace('-->', '')}\n", where="x")


@pytest.mark.parametrize(
    "times",
    ["9" * 5000 + ":00:01,000 --> 00:00:02,000", "00:00:01,000 --> " + "0" * 100_000, "00:00:01,000 " + "-->" * 30_000],
)
def test_absurd_times_are_refused(times: str) -> None:
    with pytest.raises(BadSubtitles):
        read_file(f"1\n00:00:01,000 --> 00:00:02,000\nx\n\n{times}\nx\n".encode(), where="x")


def test_times_far_from_the_film_are_left_out() -> None:
    found = read_srt("1\n-00:00:05,000 --> 00:00:01,000\na\n\n2\n999:59:59,999 --> 999:59:59,999\nb\n", where="x")
    cues, notes = fit(found.cues, duration_ms=10_000)
    assert cues == (Cue(0, 1000, "a"),)
    assert len(notes) == 2
