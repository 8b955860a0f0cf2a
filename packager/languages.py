"""Languages as containers name them (ISO 639-2), as manifests do (BCP 47), and in their own words. Pure."""

from __future__ import annotations

_KNOWN = {
    "ara": ("ar", "العربية"), "ces": ("cs", "Čeština"), "cze": ("cs", "Čeština"), "dan": ("da", "Dansk"),
    "deu": ("de", "Deutsch"), "ger": ("de", "Deutsch"), "ell": ("el", "Ελληνικά"), "gre": ("el", "Ελληνικά"),
    "eng": ("en", "English"), "spa": ("es", "Español"), "fin": ("fi", "Suomi"), "fra": ("fr", "Français"),
    "fre": ("fr", "Français"), "heb": ("he", "עברית"), "hin": ("hi", "हिन्दी"), "hun": ("hu", "Magyar"),
    "ita": ("it", "Italiano"), "jpn": ("ja", "日本語"), "kor": ("ko", "한국어"), "nld": ("nl", "Nederlands"),
    "dut": ("nl", "Nederlands"), "nor": ("no", "Norsk"), "pol": ("pl", "Polski"), "por": ("pt", "Português"),
    "ron": ("ro", "Română"), "rum": ("ro", "Română"), "rus": ("ru", "Русский"), "swe": ("sv", "Svenska"),
    "tur": ("tr", "Türkçe"), "ukr": ("uk", "Українська"), "vie": ("vi", "Tiếng Việt"), "zho": ("zh", "中文"),
    "chi": ("zh", "中文"),
}  # fmt: skip
_NAMES = dict(_KNOWN.values())


def tag(language: str) -> str:
    """The BCP 47 tag: two letters where there are two, as RFC 5646 section 2.2.1 asks; unknown codes stay."""
    return _KNOWN.get(language, (language, ""))[0]


def label(language: str) -> str:
    """The language's own name for menus; the code itself if unknown, ``'Audio'`` if undetermined."""
    return "Audio" if language in ("und", "") else _NAMES.get(tag(language), language)
