"""packager.audit_vtt: the auditor's own reader of WebVTT takes what the format allows, and nothing else."""

from __future__ import annotations

import pytest

from packager.audit_vtt import Vtt, VttCue, markup_fault, read_vtt


def test_a_whole_file_is_read() -> None:
    text = (
        "\ufeffWEBVTT a title\r\nX-TIMESTAMP-MAP=MPEGTS:900000,LOCAL:00:00:01.000\r\n\r\nSTYLE\r\n::cue { color: red }"
        "\r\n\r\nNOTE nothing\r\nof note\r\n\r\nfirst\r\n00:01.000 --> 01:00:02.500 line:0 align:start\r\n<i>a</i>\r\nb"
        "\r\n\r\n\r\n100:00:00.000 --> 100:00:00.001\r\n"
    )
    assert read_vtt(text.encode()) == Vtt(
        (VttCue(1000, 3_602_500, "line:0 align:start", "<i>a</i>\nb"), VttCue(360_000_000, 360_000_001, "", "")),
        ("STYLE\n::cue { color: red }",),
        900_000 - 90_000,
    )


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("", "line 1 is ''"), ("WEBVTTX\n", "line 1"), (" WEBVTT\n", "line 1"),
        ("WEBVTT\n\nx\n", "line 3 starts no cue"),
        ("WEBVTT\n\n00:01.0 --> 00:02.000\nx", "line 3 starts no cue"),
        ("WEBVTT\n\n1:00:01.000 --> 1:00:02.000\nx", "line 3 starts no cue"),
        ("WEBVTT\n\n00:61.000 --> 01:02.000\nx", "line 3 starts no cue"),
        ("WEBVTT\n\n00:01.000-->00:02.000\nx", "line 3 starts no cue"),
        ("WEBVTT\n\nid\n00:02.000 --> 00:02.000\nx", "line 4 has a cue that ends at 2000 ms"),
        ("WEBVTT\n\n00:01.000 --> 00:02.000\na --> b", "holds an arrow"),
        ("WEBVTT\n\n00:01.000 --> 00:02.000\na\n\nSTYLE\n::cue {}", "line 6 has a STYLE block after a cue"),
        ("WEBVTT\n\n00:01.000 --> 00:02.000\na\0", "NUL"),
        ("WEBVTT\nX-TIMESTAMP-MAP=MPEGTS:0\n\n", "its header says X-TIMESTAMP-MAP=MPEGTS:0"),
        ("WEBVTT\nX-TIMESTAMP-MAP=MPEGTS:0,LOCAL:00:00.000\nX-TIMESTAMP-MAP=MPEGTS:0,LOCAL:00:00.000\n", "its header"),
    ],
)  # fmt: skip
def test_what_breaks_the_format_is_said_with_its_line(text: str, what: str) -> None:
    with pytest.raises(ValueError, match=what):
        read_vtt(text.encode())


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("plain", None), ("a &amp; b &lt; c &#x2665;", None), ("<v.loud Joe Smith>Hi</v>", None), ("<v Joe>Hi", None),
        ("<c.yellow.bg_blue>x</c><00:01.000>y", None), ("<ruby>a<rt>b</rt></ruby>", None), ("<lang en>x</lang>", None),
        ("a & b", "an ampersand that is not escaped"), ("3 < 4", "a < that is not escaped"),
        ("<font>x</font>", "the tag <font>"), ("<i>x", "<i> which nothing closes"),
        ("x</i>", "</i> which nothing opens"),
        ("<b><i>x</b></i>", "</b> which nothing opens"),
    ],
)  # fmt: skip
def test_markup_is_held_to_what_webvtt_knows(text: str, fault: str | None) -> None:
    assert markup_fault(text) == fault
