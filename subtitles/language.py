"""Language tags as users and containers write them: their form, and their usual spelling (RFC 5646). Pure."""

from __future__ import annotations

import re

UNDETERMINED = "und"

_TAG = re.compile(
    r"(?P<language>[a-z]{2,3})(?P<extended>(?:-[a-z]{3}){0,3})(?P<script>-[a-z]{4})?(?P<region>-(?:[a-z]{2}|\d{3}))?"
    r"(?P<rest>(?:-(?:[a-z\d]{5,8}|\d[a-z\d]{3}))*(?:-[a-wyz\d](?:-[a-z\d]{2,8})+)*(?:-x(?:-[a-z\d]{1,8})+)?)",
    re.IGNORECASE,
)


def language_tag(text: str) -> str | None:
    """A tag in its usual spelling, ``pt-BR`` or ``zh-Hant``; None where `text` has not the form of one.

    Underscores of locale names are taken for hyphens. Whether the language exists is not asked.
    """
    found = _TAG.fullmatch(text.strip().replace("_", "-"))
    if not found:
        return None
    script, region = found["script"] or "", found["region"] or ""
    return f"{found['language']}{found['extended']}".lower() + script.title() + region.upper() + found["rest"].lower()
