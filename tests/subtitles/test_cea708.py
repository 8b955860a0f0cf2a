"""CEA-708 on packets made by hand: packets, services, windows and pens."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from subtitles.captions import CaptionSource, CaptionTrack, PictureCaptions, caption_tracks
from subtitles.cue import Cue
from subtitles.fit import fit
from tests.subtitles.cea import EOC, RCL, dtvcc, pac, pairs, triplets_608, window

CLEAR, SHOW, HIDE, TOGGLE, DELETE = (bytes([code, 0xFF]) for code in (0x88, 0x89, 0x8A, 0x8B, 0x8C))
RESET = b"\x8f"


def tracks(*sent: tuple[int, bytes], stop_ms: int = 10_000) -> dict[str, CaptionTrack]:
    """What services show that are sent these triplets."""
    source = CaptionSource("pictures", tuple(PictureCaptions(at, data) for at, data in sent))
    return {t.name: t for t in caption_tracks([source], stop_ms=stop_ms)[0]}


def cues(*sent: tuple[int, bytes]) -> tuple[Cue, ...]:
    """What service 1 shows that is sent this data."""
    return tracks(*((at, dtvcc(1, data)) for at, data in sent))["service 1"].cues


def test_a_hidden_window_is_filled_and_shown_and_deleted() -> None:
    found = cues((1000, window(0, visible=False) + b"Hello"), (2000, SHOW), (5000, DELETE))
    assert found == (Cue(2000, 5000, "Hello", "line:78.27% position:19.52% align:left"),)


def test_pictures_may_come_in_any_order_and_packets_in_pieces() -> None:
    packet = dtvcc(1, window(0) + b"in pieces")
    sent = [(1000 + n, packet[n : n + 3]) for n in range(0, len(packet), 3)]
    found = tracks(*reversed(sent))["service 1"].cues
    assert [(c.start_ms, c.text) for c in found] == [(1000 + len(packet) - 3, "in pieces")]


def test_a_packet_whose_beginning_is_lost_is_passed_over() -> None:
    whole = dtvcc(1, window(0) + b"whole")
    assert tracks((1000, dtvcc(1, window(0) + b"lost")[3:]), (2000, whole))["service 1"].cues[0].text == "whole"


def test_pens_colour_and_slant_the_text() -> None:
    pen = bytes([0x90, 0x05, 0x80]) + b"slanted" + bytes([0x90, 0x05, 0x40]) + b" under" + bytes([0x90, 5, 0])
    colour = bytes([0x91, 0b00_11_11_00, 0, 0]) + b" yellow"
    found = cues((1000, window(0)), (1000, pen), (1000, colour))
    assert found[0].text == "<i>slanted</i><u> under</u><c.yellow> yellow</c>"


def test_rows_are_written_where_the_pen_is_and_roll_at_the_last_one() -> None:
    place = bytes([0x92, 0, 2]) + b"one" + bytes([0x92, 1, 0]) + b"two"
    found = cues((1000, window(0) + place), (3000, b"\x0dthree"))
    assert [(c.start_ms, c.stop_ms, c.text) for c in found] == [
        (1000, 3000, "one\ntwo"), (3000, 10_000, "two\nthree"),
    ]  # fmt: skip


def test_justification_and_anchors_say_where_the_text_is() -> None:
    centred = bytes([0x97, 0, 0, 2, 0])
    assert cues((1000, window(0) + centred + b"x"))[0].settings == "line:78.27% align:center"
    top = window(0, anchor=0, v=0, h=0, rows=1)
    assert cues((1000, top + b"x"))[0].settings == "line:10% position:10% align:left"
    right = window(0, anchor=8, v=75, h=210, rows=1) + bytes([0x97, 0, 0, 1, 0])
    assert cues((1000, right + b"x"))[0].settings == "line:84.67% position:90% align:right"
    relative = window(0, anchor=4, v=0x80 | 50, h=50, rows=2, style=3)
    assert cues((1000, relative + b"x"))[0].settings == "line:44.67% align:center"


def test_two_windows_are_two_cues_and_one_that_stays_lasts_on() -> None:
    both = window(0, anchor=0, v=0, h=0) + b"up" + window(1) + b"down"
    found = cues((1000, both), (3000, bytes([0x8C, 2])))
    assert [(c.start_ms, c.stop_ms, c.text) for c in found] == [(1000, 3000, "down"), (1000, 10_000, "up")]


def test_commands_name_windows_by_bits_and_delays_are_passed_over() -> None:
    found = cues(
        (1000, window(0) + b"a" + b"\x8d\x05"), (2000, HIDE + b"\x8e"), (3000, TOGGLE), (4000, CLEAR), (5000, b"b"),
        (6000, RESET),
    )  # fmt: skip
    assert [(c.start_ms, c.stop_ms, c.text) for c in found] == [
        (1000, 2000, "a"), (3000, 4000, "a"), (5000, 6000, "b"),
    ]  # fmt: skip


def test_a_window_defined_again_keeps_its_text_and_backspace_takes_a_letter() -> None:
    found = cues((1000, window(0) + b"keex\x08p"), (2000, window(0)), (3000, window(0) + b"\x0c"), (4000, b"new"))
    assert [(c.start_ms, c.stop_ms, c.text) for c in found] == [(1000, 3000, "keep"), (4000, 10_000, "new")]


def test_all_code_sets_are_read_and_unknown_codes_skipped() -> None:
    text = b"a\x7f" + b"\xe9" + b"\x10\x25" + b"\x10\x39" + b"\x10\xa0" + b"\x10\x22" + b"\x18\x4e\x2d"
    skipped = b"\x10\x05" + b"\x10\x0f\x41" + b"\x10\x82AAAA" + b"\x10\x92\x02AA" + b"\x11A" + b"\x93" + b"\x03"
    assert cues((1000, window(0)), (1000, text), (1000, skipped + b"z"))[0].text == "a♪é…™[CC]_中z"


def test_services_are_apart_and_a_twin_of_a_channel_is_left_out() -> None:
    sent = dtvcc(1, window(0) + b"Said twice") + dtvcc(2, window(0) + b"Zweite Sprache") + dtvcc(9, window(0) + b"nine")
    captions = triplets_608(pairs(0, RCL, pac(15), "Said twice", EOC))
    source = CaptionSource("pictures", (PictureCaptions(1000, sent + captions),))
    found, notes = caption_tracks([source], stop_ms=5000)
    assert [(t.name, t.cues[0].text) for t in found] == [
        ("CC1", "Said twice"), ("service 2", "Zweite Sprache"), ("service 9", "nine"),
    ]  # fmt: skip
    assert notes == ("captions service 1 (pictures) say what CC1 (pictures) say and are left out",)


def test_captions_that_are_only_padding_are_no_tracks() -> None:
    assert tracks((1000, b"\xfc\x80\x80\xfd\x80\x80\xfa\x00\x00" + dtvcc(1, window(0)))) == {}


@given(st.lists(st.tuples(st.integers(0, 5000), st.binary(min_size=1, max_size=27)), max_size=40))
def test_any_data_decodes_to_cues_that_can_be_shown(sent: list[tuple[int, bytes]]) -> None:
    packets = [(at, dtvcc(1, data)) for at, data in sent]
    for track in tracks((0, dtvcc(1, window(0))), *packets, stop_ms=6000).values():
        fitted, notes = fit(track.cues, duration_ms=6000)
        assert all(0 <= c.start_ms < c.stop_ms <= 6000 for c in fitted)
        assert notes == ()
