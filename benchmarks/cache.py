"""What benchmarks have measured, one small JSON file a digest, so that one that was interrupted goes on. Does I/O."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from values.digest import digest_value


@dataclass(frozen=True, slots=True)
class Cache:
    """A folder of results. A result is kept whole or not at all; what can't be read counts as not kept."""

    folder: Path

    def get(self, key: str) -> dict[str, Any] | None:
        """What was kept under `key`."""
        try:
            value = json.loads(self._path(key).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return None
        return value if isinstance(value, dict) else None

    def put(self, key: str, value: Mapping[str, Any]) -> None:
        """Keep a JSON object under `key`."""
        self.folder.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=self.folder, suffix=".new")
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            json.dump(dict(value), file)
        Path(name).replace(self._path(key))

    def remember(self, made_of: Any, work: Callable[[], Mapping[str, Any]]) -> dict[str, Any]:
        """What was kept of `made_of` (a JSON-able value), or what `work` gives now, which is then kept."""
        key = digest_value(made_of)
        found = self.get(key)
        if found is None:
            self.put(key, work())
            found = self.get(key)
            assert found is not None  # it was just written
        return found

    def _path(self, key: str) -> Path:
        return self.folder / f"{key}.json"


def default_cache() -> Cache:
    """This user's cache where no folder is asked for, among the system's temporary files."""
    return Cache(Path(tempfile.gettempdir()) / f"matinee-benchmarks-{os.getuid()}")
