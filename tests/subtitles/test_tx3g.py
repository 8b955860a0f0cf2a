"""3GPP timed text: samples with style boxes."""

from __future__ import annotations

import struct

from subtitles.cue import Cue
from subtitles.tx3g import all_forced, read_tx3g

WHITE = (255, 255, 255)


def entry(
    justification: int = 1, flags: int = 0, face: int = 0, box: tuple[int, int, int, int] = (0, 0, 0, 0)
) -> bytes:
    head = struct.pack(">Ibb4B4h", flags, justification, -1, 0, 0, 0, 255, *box)
    return head + struct.pack(">HHHBB4B", 0, 0, 1, face, 18, *WHITE, 255)


def sample(text: str, *styles: tuple[int, int, int, tuple[int, int, int]], encoding: str = "utf-8") -> bytes:
    raw = text.encode(encoding)
    out = struct.pack(">H", len(raw)) + raw
    if styles:
        records = b"".join(struct.pack(">HHHBB4B", a, b, 1, face, 18, *colour, 255) for a, b, face, colour in styles)
        out += struct.pack(">I4sH", 10 + len(records), b"styl", len(styles)) + records
    return out


def read(data: bytes, head: bytes = b"") -> tuple[Cue, ...]:
    return read_tx3g(head or entry(), [(1000, 2000, data)], where="stream 1").cues


def test_styles_apply_to_their_characters() -> None:
    data = sample("Grün ist bunt", (0, 4, 2, (0, 255, 0)), (9, 13, 1 | 4, WHITE))
    assert read(data) == (Cue(1000, 2000, "<c.lime><i>Grün</i></c> ist <b><u>bunt</u></b>"),)


def test_a_pause_is_no_cue_and_utf_16_is_read() -> None:
    assert read(sample("")) == ()
    assert read(sample("héllo", encoding="utf-16"))[0].text == "héllo"


def test_styles_that_do_not_fit_are_left_out() -> None:
    data = sample("abc", (2, 9, 2, WHITE), (1, 1, 2, WHITE), (0, 1, 2, WHITE), (0, 2, 1, WHITE))
    assert read(data)[0].text == "<i>a</i>bc"
    cut = sample("abc", (0, 1, 2, WHITE))
    assert [read(cut[:n])[0].text for n in (5, 12, len(cut) - 1)] == ["abc", "abc", "abc"]


def test_the_sample_entry_says_default_style_side_and_force() -> None:
    assert read(sample("x"), entry(face=2))[0].text == "<i>x</i>"
    assert read(sample("x"), entry(-1))[0].settings == "position:95% align:right"
    assert read(sample("x"), entry(0, box=(0, 0, 90, 160)))[0].settings == "position:5% align:left"
    assert read(sample("x"), entry(0))[0].settings == ""
    assert [all_forced(entry(flags=f)) for f in (0, 0x40000000, 0x80000000)] == [False, False, True]
    assert read(sample("x"), b"\0" * 4)[0].settings == ""
