"""The rules against a second, plainer reading of RFC 9111: whatever is said, nothing forbidden is stored or served."""

from __future__ import annotations

from dataclasses import dataclass

from hypothesis import given, settings
from hypothesis import strategies as st

from edge_cache.core_decide import Fetch, Forward, Refuse, Revalidate, Serve, decide, may_serve_after_failure
from edge_cache.core_fields import fields_of, http_date
from edge_cache.core_messages import Request, Stored
from edge_cache.core_store import may_store, stored_from

ARRIVED_S = 1_700_000_000
SECONDS = st.integers(0, 200)
WORDS = ("no-cache", "no-store", "private", "public", "must-revalidate", "proxy-revalidate", "immutable")


@dataclass(frozen=True, slots=True)
class Said:
    """A response as plain facts, from which its fields are made."""

    words: frozenset[str]
    max_age: int | None
    s_maxage: int | None
    expires_in: int | None
    swr: int | None
    sie: int | None
    age: int
    date_ago: int
    etag: bool
    status: int
    vary: str | None
    cookie: bool

    def fields(self) -> list[tuple[str, str]]:
        control = sorted(self.words)
        numbers = (("max-age", self.max_age), ("s-maxage", self.s_maxage))
        windows = (("stale-while-revalidate", self.swr), ("stale-if-error", self.sie))
        control += [f"{name}={value}" for name, value in (*numbers, *windows) if value is not None]
        date_s = ARRIVED_S - self.date_ago
        pairs = [("Date", http_date(date_s)), ("Age", str(self.age))]
        if control:
            pairs.append(("Cache-Control", ", ".join(control)))
        if self.expires_in is not None:
            pairs.append(("Expires", http_date(date_s + self.expires_in)))
        if self.etag:
            pairs.append(("ETag", '"v1"'))
        if self.vary:
            pairs.append(("Vary", self.vary))
        if self.cookie:
            pairs.append(("Set-Cookie", "a=b"))
        return pairs

    def lifetime(self) -> int | None:
        """Seconds, None where nothing explicit is said (section 4.2.1)."""
        return next((each for each in (self.s_maxage, self.max_age, self.expires_in) if each is not None), None)

    def age_at(self, later_s: int) -> int:
        """Section 4.2.3 with no delay between request and response."""
        return max(self.date_ago, self.age) + later_s

    def forbids_stale(self) -> bool:
        """Explicitly: section 4.2.4 without what s-maxage implies."""
        return bool(self.words & {"no-cache", "must-revalidate", "proxy-revalidate"})


OPTIONAL = st.none() | SECONDS
SELDOM = st.sampled_from([None, None, None, None, 0, 50, 200, 10_000])
RESPONSES = st.builds(
    Said,
    words=st.sampled_from([(), (), *((word,) for word in WORDS), ("public", "must-revalidate")]).map(frozenset),
    max_age=OPTIONAL,
    s_maxage=SELDOM,
    expires_in=SELDOM,
    swr=SELDOM,
    sie=SELDOM,
    age=st.sampled_from([0, 0, 40, 90]),
    date_ago=st.sampled_from([0, 0, 40, 90]),
    etag=st.booleans(),
    status=st.sampled_from([200] * 8 + [203, 302, 404, 500, 206, 304]),
    vary=st.sampled_from([None, None, None, None, "Accept-Encoding", "*"]),
    cookie=st.booleans(),
)


@dataclass(frozen=True, slots=True)
class Asks:
    """A request as plain facts."""

    words: frozenset[str]
    max_age: int | None
    min_fresh: int | None
    max_stale: int | None
    encoding: str | None
    authorized: bool
    method: str

    def request(self) -> Request:
        numbers = (("max-age", self.max_age), ("min-fresh", self.min_fresh), ("max-stale", self.max_stale))
        control = sorted(self.words) + [f"{name}={value}" for name, value in numbers if value is not None]
        pairs = [("Host", "edge.test")]
        if control:
            pairs.append(("Cache-Control", ", ".join(control)))
        if self.encoding:
            pairs.append(("Accept-Encoding", self.encoding))
        if self.authorized:
            pairs.append(("Authorization", "Basic eDp5"))
        return Request(self.method, "/film", fields_of(*pairs))


REQUESTS = st.builds(
    Asks,
    words=st.sampled_from([(), (), (), ("no-cache",), ("no-store",), ("only-if-cached",)]).map(frozenset),
    max_age=SELDOM,
    min_fresh=SELDOM,
    max_stale=SELDOM,
    encoding=st.sampled_from([None, None, "gzip"]),
    authorized=st.sampled_from([False, False, True]),
    method=st.sampled_from(["GET"] * 8 + ["HEAD", "POST", "DELETE"]),
)


def arrived(said: Said, request: Request) -> Stored:
    now_ms = ARRIVED_S * 1000
    fields = fields_of(*said.fields())
    return stored_from(request, said.status, "", fields, requested_ms=now_ms, received_ms=now_ms)


@settings(max_examples=300, deadline=None)
@given(RESPONSES, REQUESTS)
def test_nothing_is_stored_that_a_shared_cache_must_not_store(said: Said, asks: Asks) -> None:
    request = asks.request()
    if not may_store(request, arrived(said, request)):
        return
    assert asks.method == "GET"
    assert said.status not in (206, 304)
    assert not said.words & {"no-store", "private"}
    assert "no-store" not in asks.words
    assert said.vary != "*"
    if asks.authorized:
        assert said.words & {"public", "must-revalidate"} or said.s_maxage is not None
    if said.lifetime() is None:
        assert "public" in said.words or said.status in (200, 203, 404)


@settings(max_examples=600, deadline=None)
@given(RESPONSES, REQUESTS, REQUESTS, SECONDS)
def test_nothing_is_served_that_must_not_be_served(said: Said, stored_by: Asks, asks: Asks, later_s: int) -> None:
    request = asks.request()
    decision = decide(request, [arrived(said, stored_by.request())], now_ms=(ARRIVED_S + later_s) * 1000)
    if "only-if-cached" in asks.words and asks.method in ("GET", "HEAD"):
        assert isinstance(decision, Serve | Refuse)
    if not isinstance(decision, Serve):
        assert isinstance(decision, Fetch | Revalidate | Forward | Refuse)
        return
    assert asks.method in ("GET", "HEAD")
    assert said.vary is None or (said.vary != "*" and asks.encoding == stored_by.encoding)
    assert "no-cache" not in said.words | asks.words
    age, lifetime = said.age_at(later_s), said.lifetime() or 0
    stale_s = age - lifetime
    if asks.min_fresh is not None:
        assert stale_s <= -asks.min_fresh
    if asks.max_age is not None and "immutable" not in said.words:
        assert age <= asks.max_age or (asks.max_stale is not None and age <= asks.max_age + asks.max_stale)
    if stale_s >= 0:
        assert not said.forbids_stale()
        by_request = asks.max_stale is not None and stale_s <= asks.max_stale and said.s_maxage is None
        by_response = said.swr is not None and stale_s <= said.swr and decision.refresh
        assert by_request or by_response


@settings(max_examples=300, deadline=None)
@given(RESPONSES, SECONDS)
def test_what_is_fresh_is_served_without_asking(said: Said, later_s: int) -> None:
    request = Request("GET", "/film", fields_of())
    stored = arrived(said, request)
    fresh = said.age_at(later_s) < (said.lifetime() or 0)
    if fresh and "no-cache" not in said.words and said.vary != "*":
        assert isinstance(decide(request, [stored], now_ms=(ARRIVED_S + later_s) * 1000), Serve)


@settings(max_examples=300, deadline=None)
@given(RESPONSES, REQUESTS, SECONDS)
def test_no_failure_of_an_origin_makes_up_for_a_ban_on_stale(said: Said, asks: Asks, later_s: int) -> None:
    request = asks.request()
    stored = arrived(said, request)
    for status in (None, 500, 503):
        if may_serve_after_failure(request, stored, now_ms=(ARRIVED_S + later_s) * 1000, status=status):
            assert not said.forbids_stale()
            assert "no-cache" not in asks.words
            stale_s = said.age_at(later_s) - (said.lifetime() or 0)
            if said.sie is not None:
                assert stale_s <= said.sie
            if said.s_maxage is not None and stale_s > 0:
                assert said.sie is not None
