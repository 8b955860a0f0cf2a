"""WebVTT cue text: from styled runs of text, and from cue text of any quality to cue text that is valid. Pure.

W3C WebVTT sections 4.2.2 (cue text), 5.1 and 5.2 (default colours) and 6.4 (how players parse it).
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

NAMED = {
    "#ffffff": "white", "#00ff00": "lime", "#00ffff": "cyan", "#ff0000": "red", "#ffff00": "yellow",
    "#ff00ff": "magenta", "#0000ff": "blue", "#000000": "black",
}  # fmt: skip
"""The colours that have a class of their own in every WebVTT player."""

_HEX = {name: code for code, name in NAMED.items()}
_TAG = re.compile(r"<(/?)([^\s.>]*)((?:\.[^\s.>]*)*)(?:[ \t\n\f]+([^>]*))?>?")
_STAMP = re.compile(r"(?:\d{2,}:)?[0-5]\d:[0-5]\d\.\d{3}")
_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});?")
_MANY_LINES = re.compile(r"[ \t]*\n\s*")
_CLASSES = re.compile(r"<c((?:\.[^\s.>]+)+)")
_OPEN = ("c", "i", "b", "u", "ruby", "rt", "v", "lang")


@dataclass(frozen=True, slots=True)
class Run:
    """Plain text of one style. Colours are ``#rrggbb``, '' for the player's own; `ruby` is set above the text."""

    text: str
    italic: bool = False
    bold: bool = False
    underline: bool = False
    colour: str = ""
    background: str = ""
    ruby: str = ""


PLAIN = Run("")
"""No text in no style: what runs start from."""


def switched(run: Run, tag: str, on: bool) -> Run:
    """`run` with italics (tag ``i``), bold (``b``) or underline (``u``) on or off."""
    if tag == "i":
        return replace(run, italic=on)
    return replace(run, bold=on) if tag == "b" else replace(run, underline=on)


def escape(text: str) -> str:
    """Plain text as cue text."""
    return text.replace("\0", "\ufffd").replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def payload(runs: Iterable[Run]) -> str:
    """Runs as cue text: white space around lines and empty lines are dropped; '' where nothing is left to read."""
    lines = [_merged(_stripped(line)) for line in _lines(runs)]
    return "\n".join("".join(_tagged(run) for run in line) for line in lines if line)


def colour_styles(texts: Iterable[str]) -> tuple[str, ...]:
    """A STYLE block that says what the colour classes of `payload` look like; none where no colour is used.

    Players know the eight named ones; some leave out even those.
    """
    names = sorted({name for text in texts if "<c." in text for found in _CLASSES.findall(text) for name in
                    found[1:].split(".")})  # fmt: skip
    rules = [rule for rule in map(_rule, names) if rule]
    return ("STYLE\n" + "\n".join(rules),) if rules else ()


def valid(text: str) -> str:
    """Cue text as players understand it (section 6.4), written so that nothing in it can be misread.

    Unknown tags and end tags that close nothing are dropped, open ones closed, stray characters escaped.
    """
    out: list[str] = []
    open_tags: list[str] = []
    text = text.replace("\0", "\ufffd").replace("\r\n", "\n").replace("\r", "\n")
    at = 0
    while at < len(text):
        if text[at] != "<":
            stop = text.find("<", at)
            stop = len(text) if stop < 0 else stop
            out.append(escape(_plain(text[at:stop])))
        else:
            found = _TAG.match(text, at)
            assert found is not None  # "<" alone matches
            stop = found.end()
            out += _on_tag(found, open_tags)
        at = stop
    out += [f"</{name}>" for name in reversed(open_tags)]
    return _MANY_LINES.sub("\n", "".join(out)).strip()


def shifted(text: str, by_ms: int, start_ms: int, stop_ms: int) -> str:
    """Cue text whose time stamps within (karaoke, paint-on) are moved; those outside the cue's own time are dropped."""
    if "<" not in text:
        return text

    def moved(found: re.Match[str]) -> str:
        at = parse_stamp(found[1]) + by_ms
        return f"<{stamp(at)}>" if start_ms < at < stop_ms else ""

    return re.sub(rf"<({_STAMP.pattern})>", moved, text)


def stamp(ms: int) -> str:
    """A WebVTT time: ``00:00:01.500``."""
    seconds, ms = divmod(ms, 1000)
    return f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}.{ms:03d}"


def parse_stamp(text: str) -> int:
    """Milliseconds of a WebVTT time, with or without hours. Raises ValueError."""
    if not _STAMP.fullmatch(text):
        raise ValueError(f"{text!r} is no WebVTT time")
    *hours, minutes, seconds = text.split(":")
    return (int(hours[0]) * 3600 if hours else 0) * 1000 + int(minutes) * 60_000 + int(seconds.replace(".", ""))


def _lines(runs: Iterable[Run]) -> Iterator[list[Run]]:
    line: list[Run] = []
    for run in runs:
        first, *others = run.text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
        line.append(replace(run, text=first))
        for text in others:
            yield line
            line = [replace(run, text=text)]
    yield line


def _stripped(line: Sequence[Run]) -> list[Run]:
    """A line without white space at its ends, and without what is empty."""
    kept = [run for run in line if run.text]
    while kept and not kept[0].text.strip():
        kept.pop(0)
    while kept and not kept[-1].text.strip():
        kept.pop()
    if kept:
        kept[0] = replace(kept[0], text=kept[0].text.lstrip())
        kept[-1] = replace(kept[-1], text=kept[-1].text.rstrip())
    return kept


def _merged(line: Sequence[Run]) -> list[Run]:
    out: list[Run] = []
    for run in line:
        if out and not run.ruby and replace(out[-1], text="") == replace(run, text=""):
            out[-1] = replace(run, text=out[-1].text + run.text)
        else:
            out.append(run)
    return out


def _tagged(run: Run) -> str:
    text = escape(run.text)
    if run.ruby:
        text = f"<ruby>{text}<rt>{escape(run.ruby)}</rt></ruby>"
    for name, on in (("u", run.underline), ("i", run.italic), ("b", run.bold)):
        text = f"<{name}>{text}</{name}>" if on else text
    classes = (f".{_class(run.colour)}" if run.colour else "") + (
        f".bg_{_class(run.background)}" if run.background else ""
    )
    return f"<c{classes}>{text}</c>" if classes else text


def _class(colour: str) -> str:
    return NAMED.get(colour, f"rgb-{colour[1:]}")


def _rule(name: str) -> str:
    """The style rule of one of our colour classes, '' for any other class."""
    plain = name.removeprefix("bg_")
    code = _HEX.get(plain) or (f"#{plain[4:]}" if re.fullmatch(r"rgb-[0-9a-f]{6}", plain) else "")
    kind = "background-color" if name.startswith("bg_") else "color"
    return f"::cue(.{name}) {{ {kind}: {code}; }}" if code else ""


def _plain(text: str) -> str:
    return _ENTITY.sub(lambda found: html.unescape(found[0]), text) if "&" in text else text


def _on_tag(tag: re.Match[str], open_tags: list[str]) -> list[str]:
    """What a tag becomes. `open_tags` is changed."""
    closing, name, classes, annotation = tag[1], tag[2], tag[3] or "", tag[4] or ""
    if closing:
        return _on_end(name, open_tags)
    if name[:1].isdigit():  # a time holds a point, so its thousandths come as a class
        time = name + classes
        return [f"<{time}>"] if _STAMP.fullmatch(time) else []
    if name not in _OPEN or (name == "rt" and open_tags[-1:] != ["ruby"]):
        return []
    open_tags.append(name)
    kept = "".join(f".{c.strip('-')}" for c in classes.split(".") if re.fullmatch(r"[^<&\-][^<&]*", c))
    words = " ".join(_plain(annotation).split()).rstrip("-") if name in ("v", "lang") else ""
    return [f"<{name}{kept}{' ' + escape(words) if words else ''}>"]


def _on_end(name: str, open_tags: list[str]) -> list[str]:
    if open_tags and open_tags[-1] == name:
        open_tags.pop()
        return [f"</{name}>"]
    if name == "ruby" and open_tags[-2:] == ["ruby", "rt"]:
        del open_tags[-2:]
        return ["</rt></ruby>"]
    return []
