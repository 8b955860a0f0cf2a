"""The rules of RFC 9111, one by one, and by property: nothing is served that they forbid."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge_cache.core_decide import (
    Fetch,
    Forward,
    Refuse,
    Revalidate,
    Serve,
    decide,
    may_serve_after_failure,
)
from edge_cache.core_fields import Fields, date_s, delta_s, directives, fields_of, http_date
from edge_cache.core_freshness import age_s, lifetime_s
from edge_cache.core_messages import Request, Stored
from edge_cache.core_store import may_store, renewed, stored_from, voided_targets

T0 = 1_800_000_000
NOW = T0 * 1000


def got(*pairs: tuple[str, str], status: int = 200, request: Request | None = None, delay_ms: int = 0) -> Stored:
    """A response that came at NOW."""
    fields = (
        fields_of(*pairs) if any(name == "Date" for name, _ in pairs) else fields_of(("Date", http_date(T0)), *pairs)
    )
    asked = ask() if request is None else request
    return stored_from(asked, status, "", fields, requested_ms=NOW - delay_ms, received_ms=NOW)


def ask(*pairs: tuple[str, str], method: str = "GET") -> Request:
    return Request(method, "/a", fields_of(*pairs))


def cc(text: str) -> tuple[str, str]:
    return ("Cache-Control", text)


TAG = ("ETag", '"1"')


@pytest.mark.parametrize(
    ("pairs", "lifetime"),
    [
        ([cc("max-age=60")], 60),
        ([cc("max-age=60, s-maxage=10")], 10),
        ([cc('max-age="60"')], 60),
        ([cc("max-age=60"), ("Expires", http_date(T0 + 5))], 60),
        ([cc("max-age=60, max-age=61")], 0),
        ([cc("max-age=-1")], 0),
        ([cc("max-age=1.5")], 0),
        ([cc("max-age=99999999999999")], 1 << 31),
        ([("Expires", http_date(T0 + 5))], 5),
        ([("Expires", "0")], 0),
        ([("Expires", http_date(T0 + 5)), ("Expires", http_date(T0 + 9))], 0),
        ([("Last-Modified", http_date(T0 - 1000))], 100),
        ([("Last-Modified", http_date(T0 - 10_000_000))], 86_400),
        ([("Last-Modified", http_date(T0 + 10))], 0),
        ([], 0),
    ],
)
def test_the_freshness_lifetime_is_what_the_origin_said(pairs: list[tuple[str, str]], lifetime: int) -> None:
    assert lifetime_s(got(*pairs)) == lifetime


@pytest.mark.parametrize(
    ("pairs", "delay_ms", "later_ms", "age"),
    [
        ([], 0, 0, 0),
        ([], 0, 5999, 5),
        ([("Age", "10")], 0, 1000, 11),
        ([("Age", "10")], 2000, 1000, 13),
        ([("Date", http_date(T0 - 30))], 0, 0, 30),
        ([("Date", http_date(T0 - 30)), ("Age", "50")], 0, 0, 50),
        ([("Date", http_date(T0 + 30))], 0, 4000, 4),
        ([("Age", "nonsense")], 0, 0, 0),
        ([], 0, -5000, 0),
    ],
)
def test_age_adds_up_as_in_section_4_2_3(pairs: list[tuple[str, str]], delay_ms: int, later_ms: int, age: int) -> None:
    assert age_s(got(*pairs, delay_ms=delay_ms), now_ms=NOW + later_ms) == age


@pytest.mark.parametrize(
    ("stored", "asked", "later_s", "kind"),
    [
        ("max-age=60", "", 59, Serve),
        ("max-age=60", "", 60, Revalidate),
        ("max-age=60, no-cache", "", 0, Revalidate),
        ('max-age=60, no-cache="Set-Cookie"', "", 0, Revalidate),
        ("max-age=60", "no-cache", 0, Revalidate),
        ("max-age=60", "no-store", 0, Forward),
        ("max-age=60", "max-age=10", 10, Serve),
        ("max-age=60", "max-age=10", 11, Revalidate),
        ("max-age=60", "max-age=0", 1, Revalidate),
        ("max-age=60, immutable", "max-age=0", 1, Serve),
        ("max-age=60, immutable", "max-age=0", 61, Revalidate),
        ("max-age=60, immutable", "no-cache", 1, Revalidate),
        ("max-age=60", "min-fresh=10", 50, Serve),
        ("max-age=60", "min-fresh=10", 51, Revalidate),
        ("max-age=60", "max-stale=10", 70, Serve),
        ("max-age=60", "max-stale=10", 71, Revalidate),
        ("max-age=60", "max-stale", 9999, Serve),
        ("max-age=60", "max-stale=x", 60, Revalidate),
        ("max-age=60, must-revalidate", "max-stale", 60, Revalidate),
        ("max-age=60, proxy-revalidate", "max-stale", 60, Revalidate),
        ("s-maxage=60", "max-stale", 60, Revalidate),
        ("s-maxage=60, stale-while-revalidate=10", "", 69, Serve),
        ("s-maxage=60, stale-while-revalidate=10", "max-stale", 71, Revalidate),
        ("s-maxage=60, must-revalidate, stale-while-revalidate=10", "", 61, Revalidate),
        ("max-age=60", "only-if-cached", 59, Serve),
        ("max-age=60", "only-if-cached", 60, Refuse),
        ("max-age=60, stale-while-revalidate=10", "", 69, Serve),
        ("max-age=60, stale-while-revalidate=10", "", 70, Revalidate),
        ("max-age=60, must-revalidate, stale-while-revalidate=10", "", 60, Revalidate),
    ],
)
def test_directives_of_both_sides_are_obeyed(stored: str, asked: str, later_s: int, kind: type) -> None:
    request = ask(cc(asked)) if asked else ask()
    assert type(decide(request, [got(cc(stored), TAG)], now_ms=NOW + later_s * 1000)) is kind


def test_serving_stale_while_revalidating_asks_for_a_refresh() -> None:
    stored = got(cc("max-age=60, stale-while-revalidate=10"))
    assert decide(ask(), [stored], now_ms=NOW + 65_000) == Serve(stored, 65, -5, refresh=True)


def test_without_anything_stored_the_origin_is_asked_or_the_request_refused() -> None:
    assert decide(ask(), [], now_ms=NOW) == Fetch("uri-miss")
    assert decide(ask(cc("only-if-cached")), [], now_ms=NOW) == Refuse()
    assert decide(ask(method="POST"), [], now_ms=NOW) == Forward("method")
    assert decide(ask(("If-Match", '"1"')), [got(cc("max-age=60"))], now_ms=NOW) == Forward("request")
    assert decide(ask(("Pragma", "no-cache")), [got(cc("max-age=60"))], now_ms=NOW) == Fetch("request", False)


def test_a_variant_answers_only_requests_with_the_same_selecting_fields() -> None:
    request = ask(("Accept-Language", "de,  fr"))
    stored = got(cc("max-age=60"), ("Vary", "accept-language"), request=request)
    assert isinstance(decide(request, [stored], now_ms=NOW), Serve)
    assert decide(ask(("Accept-Language", "fr")), [stored], now_ms=NOW) == Fetch("vary-miss")
    assert decide(ask(), [stored], now_ms=NOW) == Fetch("vary-miss")
    split = got(cc("max-age=60"), ("Vary", "A"), request=ask(("A", "1"), ("A", "2")))
    assert isinstance(decide(ask(("a", "1, 2")), [split], now_ms=NOW), Serve)


def test_of_several_fitting_variants_the_most_recent_answers() -> None:
    old = got(cc("max-age=600"), ("Date", http_date(T0 - 5)))
    new = got(cc("max-age=600"))
    assert decide(ask(), [old, new], now_ms=NOW) == decide(ask(), [new, old], now_ms=NOW) == Serve(new, 0, 600)


@pytest.mark.parametrize(
    ("pairs", "status", "request_pairs", "kept"),
    [
        ([cc("max-age=60")], 200, [], True),
        ([cc("max-age=60")], 404, [], True),
        ([cc("max-age=60")], 206, [], False),
        ([cc("max-age=60")], 302, [], True),
        ([TAG], 302, [], False),
        ([cc("max-age=60")], 599, [], False),
        ([cc("max-age=60, no-store")], 200, [], False),
        ([cc("max-age=60, no-store, must-understand")], 200, [], True),
        ([cc("max-age=60, private")], 200, [], False),
        ([cc('max-age=60, private="X"')], 200, [], False),
        ([cc("max-age=60"), ("Vary", "A, *")], 200, [], False),
        ([cc("max-age=60")], 200, [("Authorization", "x")], False),
        ([cc("public, max-age=60")], 200, [("Authorization", "x")], True),
        ([cc("s-maxage=60")], 200, [("Authorization", "x")], True),
        ([cc("max-age=60, must-revalidate")], 200, [("Authorization", "x")], True),
        ([cc("max-age=60")], 200, [cc("no-store")], False),
        ([("Last-Modified", http_date(T0 - 100))], 200, [], True),
        ([("Last-Modified", http_date(T0 - 100)), ("Set-Cookie", "a=1")], 200, [], False),
        ([cc("max-age=60"), ("Set-Cookie", "a=1")], 200, [], True),
        ([TAG], 200, [], True),
        ([], 200, [], False),
        ([cc("no-cache")], 200, [], False),
        ([cc("no-cache"), TAG], 200, [], True),
        ([cc("max-age=0")], 200, [], False),
        ([cc('max-age=60, broken="')], 200, [], False),
    ],
)
def test_only_what_a_shared_cache_may_keep_is_kept(
    pairs: list[tuple[str, str]], status: int, request_pairs: list[tuple[str, str]], kept: bool
) -> None:
    request = ask(*request_pairs)
    assert may_store(request, got(*pairs, status=status, request=request)) is kept


def test_a_head_is_not_stored_as_a_get() -> None:
    assert not may_store(ask(method="HEAD"), got(cc("max-age=60")))


def test_hop_by_hop_fields_are_not_stored_and_a_missing_date_is_put_on() -> None:
    fields = fields_of(("Connection", "X-Hop"), ("X-Hop", "1"), ("Keep-Alive", "2"), ("Age", "7"), ("X", "kept"))
    stored = stored_from(ask(), 200, "OK", fields, requested_ms=NOW, received_ms=NOW)
    assert stored.fields == fields_of(("X", "kept"), ("Date", http_date(T0)))
    assert stored.age_s == 7


def test_a_304_renews_fields_but_not_those_that_describe_the_stored_bytes() -> None:
    stored = got(cc("max-age=1"), TAG, ("Content-Length", "5"), ("Content-Encoding", "br"), ("X", "old"), ("Y", "old"))
    news = fields_of(cc("max-age=60"), TAG, ("Content-Length", "0"), ("Content-Encoding", "gzip"), ("X", "new"))
    fresh = renewed(stored, news, requested_ms=NOW + 9000, received_ms=NOW + 9000)
    assert fresh is not None
    assert fresh.fields == fields_of(
        ("Content-Length", "5"), ("Content-Encoding", "br"), ("Y", "old"),
        cc("max-age=60"), TAG, ("X", "new"), ("Date", http_date(T0 + 9)),
    )  # fmt: skip
    assert isinstance(decide(ask(), [fresh], now_ms=NOW + 68_000), Serve)


def test_a_304_of_another_version_renews_nothing() -> None:
    times = {"requested_ms": NOW, "received_ms": NOW}
    assert renewed(got(TAG), fields_of(("ETag", '"2"')), **times) is None
    assert renewed(got(TAG), fields_of(("ETag", 'W/"1"')), **times) is not None
    old = ("Last-Modified", http_date(T0 - 9))
    assert renewed(got(old), fields_of(("Last-Modified", http_date(T0 - 8))), **times) is None
    assert renewed(got(old), fields_of(), **times) is not None


@pytest.mark.parametrize(
    ("method", "status", "pairs", "targets"),
    [
        ("GET", 200, [("Location", "/b")], set()),
        ("POST", 200, [], {"/a?q"}),
        ("POST", 404, [], set()),
        ("POST", 303, [("Location", "/b?x=1")], {"/a?q", "/b?x=1"}),
        ("POST", 201, [("Content-Location", "b")], {"/a?q", "/b"}),
        ("PUT", 204, [("Location", "http://elsewhere/b")], {"/a?q"}),
        ("DELETE", 204, [("Location", "http://here:8/b")], {"/a?q", "/b"}),
        ("UNHEARD-OF", 200, [], {"/a?q"}),
    ],
)
def test_unsafe_methods_make_their_targets_void(
    method: str, status: int, pairs: list[tuple[str, str]], targets: set[str]
) -> None:
    assert voided_targets(method, "/a?q", status, fields_of(*pairs), origins=("http://here:8",)) == targets


@pytest.mark.parametrize(
    ("stored", "asked", "stale_s", "status", "allowed"),
    [
        ("max-age=60", "", 10, None, True),
        ("max-age=60", "", 10, 503, True),
        ("max-age=60", "", 10, 500, False),
        ("max-age=60", "", 10, 404, False),
        ("max-age=60, stale-if-error=10", "", 10, 500, True),
        ("max-age=60, stale-if-error=10", "", 11, 500, False),
        ("max-age=60, stale-if-error=10", "", 11, None, False),
        ("max-age=60", "stale-if-error=10", 10, 500, True),
        ("max-age=60, must-revalidate, stale-if-error=10", "", 1, None, False),
        ("s-maxage=60", "", 1, None, False),
        ("s-maxage=60, stale-if-error=10", "", 10, None, True),
        ("s-maxage=60, stale-if-error=10", "", 11, None, False),
        ("max-age=60, no-cache", "", 1, None, False),
        ("max-age=60", "no-cache", 1, None, False),
    ],
)
def test_stale_after_a_failure_only_where_allowed(
    stored: str, asked: str, stale_s: int, status: int | None, allowed: bool
) -> None:
    request = ask(cc(asked)) if asked else ask()
    now_ms = NOW + (60 + stale_s) * 1000
    assert may_serve_after_failure(request, got(cc(stored)), now_ms=now_ms, status=status) is allowed


RESPONSE_PART = st.sampled_from(
    ["max-age=60", "max-age=0", "s-maxage=30", "no-cache", "must-revalidate", "proxy-revalidate", "immutable"]
    + ["stale-while-revalidate=20", "stale-if-error=20", "public", "max-age=oops", "private", "no-store", 'x="a,b"']
)
REQUEST_PART = st.sampled_from(
    ["no-cache", "no-store", "max-age=5", "max-age=0", "max-stale", "max-stale=7", "min-fresh=9", "only-if-cached", "y"]
)


def control(parts: list[str]) -> Fields:
    return fields_of(*([cc(", ".join(parts))] if parts else []))


@settings(deadline=None)
@given(st.lists(RESPONSE_PART, max_size=4), st.lists(REQUEST_PART, max_size=3), st.integers(0, 200), st.integers(0, 40))
def test_nothing_is_served_that_either_side_forbids(said: list[str], asked: list[str], later_s: int, age: int) -> None:
    """Written against the text of the RFC, not against the code: a list of reasons not to serve."""
    stored = got(*control(said).items(), TAG, ("Age", str(age)))
    decision = decide(Request("GET", "/a", control(asked)), [stored], now_ms=NOW + later_s * 1000)
    if not isinstance(decision, Serve):
        return
    now_age, lifetime = later_s + age, 0
    if "s-maxage=30" in said:
        lifetime = 30
    elif len({part for part in said if part.startswith("max-age")}) == 1 and "max-age=60" in said:
        lifetime = 60
    assert (decision.age_s, decision.ttl_s) == (now_age, lifetime - now_age)
    assert "no-cache" not in said and "no-cache" not in asked and "no-store" not in asked
    stale_s = now_age - lifetime
    if stale_s >= 0:
        assert not {"must-revalidate", "proxy-revalidate"} & set(said)
        by_client = ("max-stale" in asked or ("max-stale=7" in asked and stale_s <= 7)) and "s-maxage=30" not in said
        by_origin = "stale-while-revalidate=20" in said and stale_s < 20 and decision.refresh
        assert by_client or by_origin
    if "min-fresh=9" in asked:
        assert -stale_s >= 9
    if "max-age=5" in asked:
        assert now_age <= 5 or "max-age=0" in asked
    if "max-age=0" in asked and "max-age=5" not in asked:
        assert now_age == 0 or ("immutable" in said and stale_s < 0)


@settings(deadline=None)
@given(st.lists(RESPONSE_PART, max_size=5), st.sampled_from([200, 206, 301, 302, 404, 500, 599]), st.booleans())
def test_nothing_private_or_forbidden_is_ever_stored(said: list[str], status: int, secret: bool) -> None:
    request = ask(("Authorization", "x")) if secret else ask()
    if may_store(request, got(*control(said).items(), TAG, status=status, request=request)):
        assert not {"private", "no-store"} & set(said) and status not in (206, 599)
        assert not secret or {"public", "must-revalidate", "s-maxage=30"} & set(said)


@settings(deadline=None)
@given(st.text(st.characters(max_codepoint=255)))
def test_any_cache_control_text_can_be_read(text: str) -> None:
    assert all(name == name.lower() for name in directives(fields_of(cc(text))))


def test_directives_are_read_with_their_quotes_and_commas() -> None:
    assert directives(fields_of(cc(' Public,, MAX-AGE = "1\\0" ,x="a, b=c" '), cc("y=z"))) == {
        "public": None,
        "max-age": "10",
        "x": "a, b=c",
        "y": "z",
    }


@pytest.mark.parametrize(
    "text", ["Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994"]
)
def test_all_three_forms_of_an_http_date_are_read(text: str) -> None:
    assert date_s(text) == 784_111_777


@pytest.mark.parametrize("text", ["", "0", "-1", "yesterday", "Sun, 99 Nov 1994 08:49:37 GMT", None])
def test_what_is_no_date_is_none(text: str | None) -> None:
    assert date_s(text) is None


def test_delta_seconds_are_digits_only() -> None:
    assert [delta_s(text) for text in ("0", "60", "-1", "+1", "1.0", " 1", "²", None)] == [0, 60] + [None] * 6
