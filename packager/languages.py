"""Languages as masters name them (ISO 639-1, -2 and -3, BCP 47), as manifests do, and in their own words. Pure.

The tables behind it are IANA's and CLDR's, through the langcodes package.
"""

from __future__ import annotations

from functools import cache

from langcodes import Language, standardize_tag, tag_is_valid

UNDETERMINED = "und"
_NO_LANGUAGE = ("und", "mis", "mul", "zxx")
"""ISO 639 codes for what is no one language: undetermined, without a code, several, no linguistic content."""


@cache
def tag(language: str) -> str:
    """The BCP 47 tag, canonical and as short as it goes (RFC 5646 section 4.5): ``'ger'`` gives ``'de'``, ``'PT_br'``
    gives ``'pt-BR'``. An unknown code of the right form stays; what is no tag at all is ``'und'``."""
    text = language.strip().replace("_", "-")
    try:
        return standardize_tag(text) if text else UNDETERMINED
    except ValueError:  # LanguageTagError
        return UNDETERMINED


@cache
def label(language: str) -> str:
    """The language's own name for menus; its code if it has no name, ``'Audio'`` if undetermined."""
    code = tag(language)
    if code == UNDETERMINED:
        return "Audio"
    if code in _NO_LANGUAGE:
        return {"mul": "Multiple languages", "zxx": "No dialogue", "mis": "Other language"}[code]
    if not tag_is_valid(code):
        return code
    name = Language.get(code).autonym()
    return code if f"[{code}]" in name else name[:1].upper() + name[1:]
