from __future__ import annotations

from datetime import UTC, datetime

import pytest

from origin.preconditions import Verdict, date_text, evaluate, parse_date, range_holds

MODIFIED = datetime(1994, 11, 6, 8, 49, 37, tzinfo=UTC)
AT = "Sun, 06 Nov 1994 08:49:37 GMT"
BEFORE = "Sun, 06 Nov 1994 08:49:36 GMT"
AFTER = "Sun, 06 Nov 1994 08:49:38 GMT"


@pytest.mark.parametrize(
    ("headers", "verdict"),
    [
        ({}, Verdict.GO_ON),
        ({"If-None-Match": '"abc"'}, Verdict.NOT_MODIFIED),
        ({"If-None-Match": 'W/"abc"'}, Verdict.NOT_MODIFIED),
        ({"If-None-Match": "*"}, Verdict.NOT_MODIFIED),
        ({"If-None-Match": '"x", "a,b" ,"abc"'}, Verdict.NOT_MODIFIED),
        ({"If-None-Match": ',, W/"x","abc"'}, Verdict.NOT_MODIFIED),
        ({"If-None-Match": '"x"'}, Verdict.GO_ON),
        ({"If-None-Match": "abc"}, Verdict.GO_ON),
        ({"If-None-Match": '"xabc"'}, Verdict.GO_ON),
        ({"If-None-Match": ""}, Verdict.GO_ON),
        ({"If-Modified-Since": AT}, Verdict.NOT_MODIFIED),
        ({"If-Modified-Since": AFTER}, Verdict.NOT_MODIFIED),
        ({"If-Modified-Since": BEFORE}, Verdict.GO_ON),
        ({"If-Modified-Since": "yesterday"}, Verdict.GO_ON),
        ({"If-None-Match": '"x"', "If-Modified-Since": AFTER}, Verdict.GO_ON),
        ({"If-Match": '"abc"'}, Verdict.GO_ON),
        ({"If-Match": "*"}, Verdict.GO_ON),
        ({"If-Match": 'W/"abc"'}, Verdict.FAILED),
        ({"If-Match": '"x"'}, Verdict.FAILED),
        ({"If-Match": '"x"', "If-None-Match": '"abc"'}, Verdict.FAILED),
        ({"If-Match": '"abc"', "If-None-Match": '"abc"'}, Verdict.NOT_MODIFIED),
        ({"If-Unmodified-Since": BEFORE}, Verdict.FAILED),
        ({"If-Unmodified-Since": AT}, Verdict.GO_ON),
        ({"If-Unmodified-Since": "never"}, Verdict.GO_ON),
        ({"If-Match": '"abc"', "If-Unmodified-Since": BEFORE}, Verdict.GO_ON),
    ],
)
def test_preconditions_are_weighed_in_order(headers: dict[str, str], verdict: Verdict) -> None:
    assert evaluate(headers, etag="abc", modified=MODIFIED) is verdict


def test_dates_say_nothing_about_what_has_none() -> None:
    headers = {"If-Modified-Since": AFTER, "If-Unmodified-Since": BEFORE}
    assert evaluate(headers, etag="abc", modified=None) is Verdict.GO_ON


@pytest.mark.parametrize(
    ("if_range", "immutable", "holds"),
    [
        (None, True, True),
        ('"abc"', False, True),
        ('W/"abc"', True, False),
        ('"x"', True, False),
        ("*", True, False),
        ('"abc", "x"', True, False),
        (AT, True, True),
        (AT, False, False),
        (AFTER, True, False),
        (BEFORE, True, False),
        ("soon", True, False),
    ],
)
def test_a_range_needs_a_strong_validator(if_range: str | None, immutable: bool, holds: bool) -> None:
    assert range_holds(if_range, etag="abc", modified=MODIFIED, immutable=immutable) is holds


@pytest.mark.parametrize("text", [AT, "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994"])
def test_all_three_forms_of_a_date_are_read(text: str) -> None:
    assert parse_date(text) == MODIFIED


@pytest.mark.parametrize(
    "text", ["", "0", "-1", "Sun, 99 Nov 1994 08:49:37 GMT", "x" * 500, "Sun, 06 Nov 99999999 08:49:37 GMT"]
)
def test_what_is_no_date_is_none(text: str) -> None:
    assert parse_date(text) is None


def test_dates_are_written_as_imf_fixdate() -> None:
    assert date_text(MODIFIED) == AT
