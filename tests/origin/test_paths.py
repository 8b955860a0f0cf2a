from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from origin.paths import Service, TitlePath, parse_path
from storage.keys import check_key

ATTACKS = [
    "/",
    "",
    "*",
    "titles",
    "/titles/",
    "/titles//",
    "/titles/bunny",
    "/titles/bunny/",
    "//titles",
    "//titles/bunny/title.json",
    "/Titles",
    "/titles/Bunny/title.json",
    "/titles/-bunny/title.json",
    "/masters/x.json",
    "/titles/../masters/x.json",
    "/titles/bunny/../../masters/x.json",
    "/titles/bunny/../other/title.json",
    "/titles/./bunny/title.json",
    "/titles/bunny/./title.json",
    "/titles/bunny/%2e%2e/title.json",
    "/titles/bunny/%2E%2E%2Ftitle.json",
    "/titles/bunny/..%2ftitle.json",
    "/titles/bunny%2ftitle.json",
    "/titles%2fbunny/title.json",
    "/%74itles",
    "/titles/bunny/%252e%252e/title.json",
    "/titles/bunny/media\\v360\\x.m4s",
    "/titles/bunny/..\\..\\x",
    "/titles/bunny/%5c..%5cx",
    "/titles/bunny/title.json%00",
    "/titles/bunny/title.json\x00.m4s",
    "/titles/bunny//title.json",
    "/titles/bunny/media//x.m4s",
    "/titles/bunny/.hidden",
    "/titles/bunny/%2ehidden",
    "/titles/bunny/..",
    "/titles/bunny/...",
    "/titles/bunny/caf%C3%A9.m4s",
    "/titles/bunny/caf\u00e9.m4s",
    "/titles/bunny/a%0d%0ab",
    "/titles/bunny/a b",
    "/titles/bunny/a%20b",
    "/titles/bunny/%",
    "/titles/bunny/%zz",
    "/titles/bunny/%c0%ae%c0%ae/x",
    "/titles/bunny/a;b",
    "/titles/bunny/a:b",
    "/titles/bunny/title.json/",
    "/titles/bunny/" + "a" * 900,
    "/titles/" + "a" * 81 + "/title.json",
    "/titles/bunny/media/../title.json",
    "/healthz/",
    "/metrics/x",
    "/titles.json",
    "/.well-known/x",
    "http://elsewhere/titles",
]


@pytest.mark.parametrize("raw", ATTACKS)
def test_a_path_that_names_nothing_public_is_not_parsed(raw: str) -> None:
    assert parse_path(raw) is None


@pytest.mark.parametrize(
    ("raw", "target"),
    [
        ("/titles", Service("titles")),
        ("/healthz", Service("healthz")),
        ("/metrics", Service("metrics")),
        ("/titles/bunny/master.m3u8", TitlePath("bunny", "master.m3u8")),
        ("/titles/b/media/v360/s0-0a.m4s", TitlePath("b", "media/v360/s0-0a.m4s")),
        ("/titles/bunny/master%2Em3u8", TitlePath("bunny", "master.m3u8")),
        ("/titles/b%75nny/title.json", TitlePath("bunny", "title.json")),
    ],
)
def test_public_paths_are_named(raw: str, target: Service | TitlePath) -> None:
    assert parse_path(raw) == target


@given(st.text(st.sampled_from("/.%25eEfF0cC\\abt-_~:; \0\u00e9")))
def test_whatever_is_asked_for_below_a_title_stays_below_it(tail: str) -> None:
    target = parse_path(f"/titles/bunny/{tail}")
    if target is not None:
        assert isinstance(target, TitlePath)
        assert check_key(target.key).startswith("titles/bunny/")
        assert not {"", ".", ".."} & set(target.key.split("/"))
