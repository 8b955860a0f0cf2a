"""The project's one exception tree. Every message says what happened, where, and what to do next. Pure.

Foreign errors (botocore, ffmpeg, aiohttp, OSError) are mapped onto these at the boundary where they arise.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from typing import Any


class MatineeError(Exception):
    """Something the user can understand and act on.

    `what` is the fact, `where` the file, key, host or chunk it concerns, `hint` the next step. All three are plain
    sentences or fragments without a trailing newline. Instances pickle, so they cross process borders whole.
    """

    exit_code = 1
    permanent = False
    """Whether trying again can't help: no room, no rights."""

    def __init__(self, what: str, *, where: str = "", hint: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.where = where
        self.hint = hint

    def __str__(self) -> str:
        text = f"{self.where}: {self.what}" if self.where else self.what
        return f"{text}\n{self.hint}" if self.hint else text

    def __reduce__(self) -> tuple[Any, ...]:
        return _rebuild, (type(self), self.what, self.where, self.hint)


def _rebuild(kind: type[MatineeError], what: str, where: str, hint: str) -> MatineeError:
    return kind(what, where=where, hint=hint)


class UsageError(MatineeError):
    """A setting, option, URL or file given by the user can't be used as it stands."""

    exit_code = 2


class MasterRefused(MatineeError):
    """The master can't be onboarded: missing, not media, damaged, encrypted or without video."""


class TitleError(MatineeError):
    """A title is missing from the store, or its record can't be read."""


class EncodeError(MatineeError):
    """A chunk or an audio track could not be encoded, or came out other than planned."""


class DamagedMedia(MatineeError):
    """Media bytes break their format; `where` names the byte offset, counted from the start of the bytes given."""


class StoreError(MatineeError):
    """The store can't be reached, refuses us, or answered nonsense."""


class UnwritableStoreError(StoreError):
    """No room is left, or the store may not be written: trying again can't help."""

    permanent = True


class NotFoundError(StoreError):
    """No object is stored under this key."""


class ServeError(MatineeError):
    """The origin, an edge or the page can't start: a port in use, a folder that can't be written."""


def nearest(word: str, known: Iterable[str]) -> str:
    """A hint that names the nearest known word, or lists them all: ``Did you mean 'segment'?``"""
    names = sorted(known)
    close = difflib.get_close_matches(word, names, n=1, cutoff=0.5)
    return f"Did you mean {close[0]!r}?" if close else f"Known are: {', '.join(names)}."
