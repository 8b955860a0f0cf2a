"""What a user may write, and what they are told when they can't."""

from __future__ import annotations

from pathlib import Path

import pytest

from edge_cache.settings import EdgeSettings, parse_disk, parse_origins, parse_size
from values.errors import UsageError


@pytest.mark.parametrize(
    ("text", "size"),
    [("4096", 4096), ("256MB", 256 << 20), ("64KiB", 64 << 10), ("1.5g", 3 << 29), (" 2 TB ", 2 << 40), ("0", 0)],
)
def test_sizes_are_read(text: str, size: int) -> None:
    assert parse_size(text) == size


@pytest.mark.parametrize("text", ["", "MB", "-1MB", "12 parsecs", "1e6", "1,5GB"])
def test_what_is_no_size_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(UsageError, match="is no size") as refused:
        parse_size(text)
    assert "256MB" in refused.value.hint


def test_a_disk_tier_is_a_folder_and_a_size() -> None:
    assert parse_disk("/var/a:b:20GB") == (Path("/var/a:b"), 20 << 30)
    for text in ("/var/cache", ":20GB"):
        with pytest.raises(UsageError) as refused:
            parse_disk(text)
        assert "DIR:SIZE" in refused.value.hint


def test_origins_are_urls_in_order() -> None:
    assert parse_origins("http://a:1, https://b") == ("http://a:1", "https://b")


@pytest.mark.parametrize("url", ["a:80", "ftp://a", "http://", "http://a:99999", "http://a?x", "http://u@a", "file:x"])
def test_what_is_no_origin_is_refused(url: str) -> None:
    with pytest.raises(UsageError, match="is no origin") as refused:
        EdgeSettings((url,))
    assert "http://host:port" in refused.value.hint


def test_an_edge_needs_an_origin_and_a_possible_port() -> None:
    with pytest.raises(UsageError, match="needs an origin"):
        EdgeSettings(())
    with pytest.raises(UsageError, match="is no port"):
        EdgeSettings(("http://a",), port=70_000)
