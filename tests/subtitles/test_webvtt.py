"""WebVTT files: read, written, and read again."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from subtitles.cue import BadSubtitles, Cue
from subtitles.markup import Run, payload
from subtitles.webvtt import read_webvtt, write_segment, write_webvtt
from subtitles.webvtt_settings import placed, valid_settings
from tests.subtitles.test_markup import RUNS

FILE = """\ufeffWEBVTT - a film\r
X-TIMESTAMP-MAP=LOCAL:00:00:01.000,MPEGTS:900000\r
\r
STYLE\r
::cue(.loud) { color: red }\r
\r
REGION
id:top
lines:3

NOTE nobody reads this
00:00

intro
00:01.000 --> 01:00:02.500 line:0 position:10%,line-left region:top align:middle size:200% foo:bar
<c.loud>Hi</c> & <blink>you</blink>
00:00:03.000 --> 00:00:04.000
directly behind

00:00:05.000 --> 00:00:06.000

STYLE
::cue(.late) { color: blue }
"""


def test_a_file_with_everything_is_read() -> None:
    found = read_webvtt(FILE, where="x.vtt")
    assert found.cues == (
        Cue(1000, 3_602_500, "<c.loud>Hi</c> &amp; you", "line:0 position:10%,line-left region:top align:center"),
        Cue(3000, 4000, "directly behind"),
        Cue(5000, 6000, ""),
    )
    assert found.blocks == ("STYLE\n::cue(.loud) { color: red }", "REGION\nid:top\nlines:3")
    assert found.mpegts == Fraction(9)


@pytest.mark.parametrize(
    ("text", "line", "what"),
    [
        ("WEBVTTX\n", 1, "no WebVTT file"),
        ("", 1, "no WebVTT file"),
        ("WEBVTT\n\n00:01.000 -> 00:02.000\nx\n\n0:0:1 --> 2\nx", 6, "'0:0:1 --> 2' are no times"),
        ("WEBVTT\n\nid\n00:01,000 --> 00:02,000\nx", 4, "are no times"),
        ("WEBVTT\nX-TIMESTAMP-MAP=MPEGTS:x,LOCAL:00:00.000\n", 2, "no time stamp map"),
    ],
)
def test_a_broken_file_is_refused_with_its_line(text: str, line: int, what: str) -> None:
    with pytest.raises(BadSubtitles, match=what) as caught:
        read_webvtt(text, where="x.vtt")
    assert caught.value.where == f"x.vtt, line {line}"
    assert caught.value.hint


CUES = st.lists(
    st.builds(
        lambda start, length, runs, settings: Cue(start, start + length, payload(runs), settings),
        start=st.integers(0, 400_000_000),
        length=st.integers(1, 10_000),
        runs=st.lists(RUNS, min_size=1, max_size=3).filter(lambda runs: bool(payload(runs))),
        settings=st.sampled_from(["", "line:0", placed("left", x=Fraction(10), top=Fraction(80)), "vertical:rl"]),
    ),
    max_size=8,
)


@given(CUES)
def test_any_cues_come_back_as_they_were_written(cues: list[Cue]) -> None:
    data = write_webvtt(cues, ("STYLE\n::cue(.a) { color: red; }",))
    found = read_webvtt(data.decode(), where="own")
    assert found.cues == tuple(cues)
    assert found.blocks == ("STYLE\n::cue(.a) { color: red; }",)
    segment = read_webvtt(write_segment(cues).decode(), where="own")
    assert (segment.cues, segment.mpegts) == (tuple(cues), Fraction(0))


def test_a_segment_without_cues_is_a_bare_header() -> None:
    assert write_segment(()) == b"WEBVTT\nX-TIMESTAMP-MAP=MPEGTS:0,LOCAL:00:00:00.000\n"


def test_a_cue_is_written_as_players_expect() -> None:
    cue = Cue(3_600_500, 360_001_500, payload([Run("a\nb", italic=True)]), "line:0")
    assert write_webvtt([cue]) == b"WEBVTT\n\n01:00:00.500 --> 100:00:01.500 line:0\n<i>a</i>\n<i>b</i>\n"


def test_places_are_written_without_what_is_usual() -> None:
    assert placed("center", x=Fraction(50)) == ""
    assert placed("left", x=Fraction(10), top=Fraction(254, 3), size=Fraction(80)) == (
        "line:84.67% position:10% size:80% align:left"
    )
    assert placed("right", x=Fraction(120)) == "position:100% align:right"
    assert valid_settings(placed("left", x=Fraction(10), top=Fraction(254, 3))) == "line:84.67% position:10% align:left"
