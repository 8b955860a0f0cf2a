"""SubRip as it really comes."""

from __future__ import annotations

import pytest

from subtitles.cue import BadSubtitles, Cue
from subtitles.srt import read_srt, srt_text

MESSY = (
    "\ufeff1\r\n00:00:01,000 --> 00:00:02,500  X1:10 X2:20\r\n<i>Hello</i>\r\n\r\n"
    "7\r\n00:00:02.000-->00:00:03.5\r\nno gap in numbers\r\n"
    "8\r\n0:00:04,000 --> 0:00:05,000\r\n1984\r\n\r\nstill the same cue\r\n\r\n\r\n"
    "00:06,000 --> 00:07\r\nno number, no hours\r\n\r\n"
    "99\r\n00:00:09,000 --> 00:00:08,000\r\nbackwards\r\n"
)


def test_broken_numbers_gaps_and_line_ends_do_no_harm() -> None:
    assert read_srt(MESSY, where="x.srt").cues == (
        Cue(1000, 2500, "<i>Hello</i>"),
        Cue(2000, 3500, "no gap in numbers"),
        Cue(4000, 5000, "1984\nstill the same cue"),
        Cue(6000, 7000, "no number, no hours"),
        Cue(9000, 8000, "backwards"),
    )


@pytest.mark.parametrize(
    ("text", "cue_text", "settings"),
    [
        ("<b>a</b> <I>b</I> <u>c</u>", "<b>a</b> <i>b</i> <u>c</u>", ""),
        ('<font color="#FFFF00">a<font color=red>b</font>c</font>d',
         "<c.yellow>a</c><c.red>b</c><c.yellow>c</c>d", ""),
        ('<font face="Arial" size=12>x</font>', "x", ""),
        ("{\\an8}top", "top", "line:5%"),
        ("{\\an1}{\\i1}low{\\i0} left", "<i>low</i> left", "position:5% align:left"),
        ("{y:i}all", "all", ""),
        ("{b}bold{/b}", "<b>bold</b>", ""),
        ("{laughs} 1 < 2 && <unknown>", "{laughs} 1 &lt; 2 &amp;&amp; &lt;unknown&gt;", ""),
        ("a&nbsp;b &amp; c &lt;3", "a\u00a0b &amp; c &lt;3", ""),
        ("one<br/>two", "one\ntwo", ""),
        ("<i>open", "<i>open</i>", ""),
        ("</font></i>closed", "closed", ""),
    ],
)  # fmt: skip
def test_tags_become_what_webvtt_has(text: str, cue_text: str, settings: str) -> None:
    assert srt_text(text) == (cue_text, settings)


def test_colours_bring_their_style() -> None:
    found = read_srt("1\n00:00:01,000 --> 00:00:02,000\n<font color=yellow>x</font>\n", where="x")
    assert found.blocks == ("STYLE\n::cue(.yellow) { color: #ffff00; }",)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("1\n00:00:01,000 --> 00:00:02,000\nok\n\n2\n00:00:xx,000 --> 00:00:04,000\nbad", 6),
        ("just words\nand more", 1),
    ],
)
def test_what_is_no_time_is_refused_with_its_line(text: str, line: int) -> None:
    with pytest.raises(BadSubtitles, match=r"times") as caught:
        read_srt(text, where="x.srt")
    assert caught.value.where == f"x.srt, line {line}"
    assert "00:01:02,500 --> 00:01:04,000" in caught.value.hint
