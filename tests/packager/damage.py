"""Ways to damage a stored title, either silently or with the record brought up to date as a buggy packager would."""

from __future__ import annotations

import json
import re
import struct
from collections.abc import Callable

from media.boxes import walk
from media.fragments import Fragment, parse_fragments
from media.tracks import Track, parse_init
from packager.names import init_key, segment_key
from storage.memory import MemoryStore
from tests.packager.film import ID, RECIPE
from values.digest import digest_bytes
from values.keys import title_key
from values.title import Title, load_title

Change = Callable[[bytes], bytes]
MASTER, MPD = "master-.*", "manifest-.*"
SET = r'(<AdaptationSet id="{}"(?:(?!</AdaptationSet>).)*?)'
"""From the beginning of a set of this number to what follows, inside the set."""


class Victim:
    """A stored title to damage."""

    def __init__(self, store: MemoryStore) -> None:
        self.store = store

    @property
    def title(self) -> Title:
        return load_title(self.store.get(title_key(ID)), where="title.json")

    def init(self, rendition: str) -> str:
        return init_key(ID, rendition, RECIPE)

    def segment(self, rendition: str, number: int) -> str:
        return segment_key(ID, rendition, RECIPE, number)

    def playlist(self, rendition: str) -> str:
        return next(r.playlist.key for r in self.title.renditions if r.id == rendition)

    def track(self, rendition: str) -> Track:
        return parse_init(self.store.get(self.init(rendition)))

    def fragments(self, rendition: str, number: int) -> tuple[Fragment, ...]:
        return parse_fragments(self.store.get(self.segment(rendition, number)), self.track(rendition))

    def delete(self, key: str) -> None:
        self.store.delete(key)

    def silently(self, key: str, change: Change) -> None:
        """Change an object and leave the record as it is."""
        before = self.store.get(key)
        after = change(before)
        assert after != before
        self.store.put(key, after)

    def recorded(self, key: str, change: Change) -> None:
        """Change an object and its size and digest in the record."""
        self.silently(key, change)
        data = self.store.get(key)
        old = next(f for f in self.title.files() if f.key == key)
        record = self.store.get(title_key(ID)).decode()
        entry = f'"key": {json.dumps(key)},\n'
        head, tail = record.split(entry)
        tail = tail.replace(str(old.size_bytes), str(len(data)), 1).replace(old.xxh3, digest_bytes(data), 1)
        self.store.put(title_key(ID), (head + entry + tail).encode())
        assert next(f for f in self.title.files() if f.key == key).xxh3 == digest_bytes(data)

    def record(self, change: Callable[[dict], object]) -> None:  # type: ignore[type-arg]
        """Change the parsed `title.json` in place."""
        raw = json.loads(self.store.get(title_key(ID)))
        change(raw)
        self.silently(title_key(ID), lambda _: json.dumps(raw).encode())


def text(old: str, new: str) -> Change:
    """Replace the first `old` of a text object."""

    def change(data: bytes) -> bytes:
        assert old in data.decode(), old
        return data.decode().replace(old, new, 1).encode()

    return change


def field(kind: str, offset: int, layout: str, value: int) -> Change:
    """Overwrite a number in the content of the first box of this kind, `offset` bytes after its type."""

    def change(data: bytes) -> bytes:
        at = data.index(kind.encode()) + 4 + offset
        packed = struct.pack(layout, value)
        return data[:at] + packed + data[at + len(packed) :]

    return change


def payload(offset: int, value: bytes) -> Change:
    """Overwrite bytes in the first mdat."""

    def change(data: bytes) -> bytes:
        at = next(b for b in walk(data) if b.kind == "mdat").body + offset
        return data[:at] + value + data[at + len(value) :]

    return change


Damage = Callable[[Victim], object]


def hls(old: str, new: str) -> Damage:
    """Change the first `old` in the multivariant playlist."""
    return lambda v: v.recorded(v.title.hls.key, text(old, new))


def hls_re(pattern: str, new: str) -> Damage:
    """Change what first matches in the multivariant playlist, line by line."""
    return lambda v: v.recorded(v.title.hls.key, lambda d: _changed(pattern, new, d, re.MULTILINE))


def dash(old: str, new: str) -> Damage:
    """Change the first `old` in the MPD."""
    return lambda v: v.recorded(v.title.dash.key, text(old, new))


def dash_re(pattern: str, new: str) -> Damage:
    """Change what first matches in the MPD, over lines."""
    return lambda v: v.recorded(v.title.dash.key, lambda d: _changed(pattern, new, d, re.DOTALL))


def _changed(pattern: str, new: str, data: bytes, flags: int) -> bytes:
    return re.sub(pattern, new, data.decode(), count=1, flags=flags).encode()
