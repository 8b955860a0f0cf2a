"""ASS and SSA: styles, override tags, places, and what is dropped."""

from __future__ import annotations

import pytest

from subtitles.ass import read_ass, read_ass_stream
from subtitles.cue import BadSubtitles, Cue

HEAD = """[Script Info]
; a comment: with a colon
ScriptType: v4.00+
PlayResX: 640
PlayResY: 360

[V4+ Styles]
Format: Name, Fontname, Fontsize, PrimaryColour, SecondaryColour, OutlineColour, BackColour, Bold, Italic, Underline, StrikeOut, ScaleX, ScaleY, Spacing, Angle, BorderStyle, Outline, Shadow, Alignment, MarginL, MarginR, MarginV, Encoding
Style: Default,Arial,20,&H00FFFFFF,&H0,&H0,&H0,0,0,0,0,100,100,0,0,1,2,0,2,10,10,10,1
Style: Sign,Arial,20,&H0000FFFF,&H0,&H0,&H0,-1,0,0,0,100,100,0,0,1,2,0,7,64,10,10,1

[Events]
Format: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text
"""  # noqa: E501


def event(text: str, style: str = "Default") -> Cue:
    found = read_ass(f"{HEAD}Dialogue: 0,0:00:01.00,0:00:02.50,{style},,0,0,0,,{text}\n", where="x.ass")
    return found.cues[0]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain, with a comma", "plain, with a comma"),
        ("{\\i1}it{\\i0} {\\b1}bo{\\b0} {\\u1}un{\\u}", "<i>it</i> <b>bo</b> <u>un</u>"),
        ("{\\b700}heavy{\\b400}light", "<b>heavy</b>light"),
        ("two\\Nlines\\nhere\\hfixed", "two\nlines here\u00a0fixed"),
        ("{\\c&H0000FF&}red{\\c}white{\\1c&H00FF00&\\i1}green", "<c.red>red</c>white<c.lime><i>green</i></c>"),
        ("{\\k20}ka{\\kf30}ra{\\K10}o{\\ko5}ke", "karaoke"),
        ("{\\fad(100,200)\\blur3\\bord2\\shad0\\fs30\\fnArial}x", "x"),
        ("{\\t(0,500,\\i1\\clip(0,0,1,1))}still upright", "still upright"),
        ("{\\p1}m 0 0 l 100 0 100 100{\\p0}after", "after"),
        ("{\\i1}a{\\r}b{\\rSign}c", "<i>a</i>b<c.yellow><b>c</b></c>"),
        ("{a comment}x{\\an8 and a comment}", "x"),
        ("{unclosed <tag>", "{unclosed &lt;tag&gt;"),
    ],
)
def test_override_tags_become_what_webvtt_has(text: str, shown: str) -> None:
    assert event(text).text == shown


@pytest.mark.parametrize(
    ("text", "settings"),
    [
        ("x", ""),
        ("{\\an8}x", "line:5%"),
        ("{\\a6}x", "line:5%"),
        ("{\\an5}x\\Ny", "line:44.67%"),
        ("{\\an1}x", "position:1.56% align:left"),
        ("{\\an9}x", "line:5% position:98.44% align:right"),
        ("{\\an7\\an3}the first counts", "line:5% position:1.56% align:left"),
        ("{\\an8\\pos(320,36)}x", "line:10%"),
        ("{\\pos(320,324)}x\\Ny", "line:79.33%"),
        ("{\\an4\\pos(64,180)}x", "line:47.33% position:10% align:left"),
        ("{\\move(320,36,320,300)}x", "line:4.67%"),
        ("{\\pos(320,-4000)}x", "line:0%"),
    ],
)
def test_places_become_settings(text: str, settings: str) -> None:
    assert event(text).settings == settings


def test_a_style_brings_its_look_its_alignment_and_its_margin() -> None:
    cue = event("Sign here", "Sign")
    assert cue == Cue(1000, 2500, "<c.yellow><b>Sign here</b></c>", "line:5% position:10% align:left")
    assert event("x", "NoSuchStyle").settings == ""


def test_drawings_are_counted() -> None:
    found = read_ass(HEAD + "Dialogue: 0,0:00:01.00,0:00:02.00,Default,,0,0,0,,{\\p1}m 0 0 l 1 1\n", where="x")
    assert (found.cues[0].text, found.notes) == ("", ("1 drawing left out",))


def test_old_scripts_count_alignments_their_way() -> None:
    old = """[Script Info]
ScriptType: v4.00
[V4 Styles]
Format: Name, Fontname, Fontsize, PrimaryColour, SecondaryColour, TertiaryColour, BackColour, Bold, Italic, BorderStyle, Outline, Shadow, Alignment, MarginL, MarginR, MarginV, AlphaLevel, Encoding
Style: *Default,Arial,18,65535,0,0,0,0,-1,1,2,2,6,30,30,30,0,0
[Events]
Format: Marked, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text
Dialogue: Marked=0,0:00:01.00,0:00:02.00,*Default,NTP,0000,0000,0000,,Top, yellow
Comment: Marked=0,0:00:01.00,0:00:02.00,*Default,NTP,0000,0000,0000,,not shown
"""  # noqa: E501
    assert read_ass(old, where="x").cues == (Cue(1000, 2000, "<c.yellow><i>Top, yellow</i></c>", "line:5%"),)


def test_events_of_a_stream_have_their_own_columns() -> None:
    found = read_ass_stream(HEAD, [(500, 900, "12,0,Sign ,Olly,,,,,Hello, you")], where="stream 2")
    assert found.cues == (Cue(500, 900, "<c.yellow><b>Hello, you</b></c>", "line:5% position:10% align:left"),)
    with pytest.raises(BadSubtitles, match="is no event"):
        read_ass_stream(HEAD, [(500, 900, "no commas")], where="stream 2")


@pytest.mark.parametrize(
    ("text", "line"),
    [(HEAD + "Dialogue: 0,0:00:01.00,later,Default,,0,0,0,,x", 14), ("[Script Info]\nTitle: x\n", 3)],
)
def test_a_broken_script_is_refused_with_its_line(text: str, line: int) -> None:
    with pytest.raises(BadSubtitles) as caught:
        read_ass(text, where="x.ass")
    assert caught.value.where == f"x.ass, line {line}"
    assert "Dialogue:" in caught.value.hint
