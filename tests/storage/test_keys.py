"""Which keys a store takes."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from storage.keys import MAX_KEY_BYTES, MAX_PART_BYTES, check_prefix, is_key


@given(st.text(st.characters() | st.sampled_from("/."), max_size=40))
def test_a_key_names_a_printable_place_below_the_root(text: str) -> None:
    parts = text.split("/")
    good = not {"", ".", ".."} & set(parts) and parts[0] != ".matinee" and text.isprintable()
    assert is_key(text) == good


@given(st.text(st.sampled_from("a/.é"), max_size=12).filter(is_key), st.integers(0, 12))
def test_every_start_of_a_key_is_a_prefix(key: str, length: int) -> None:
    assert check_prefix(key[:length]) == key[:length]


def test_lengths_are_counted_in_bytes() -> None:
    assert is_key("é" * (MAX_PART_BYTES // 2))
    assert not is_key("é" * (MAX_PART_BYTES // 2 + 1))
    longest = "/".join(["é" * 49 + "x"] * 9)
    assert len(longest.encode()) == MAX_KEY_BYTES - 1
    assert is_key(longest + "x")
    assert not is_key(longest + "xx")
