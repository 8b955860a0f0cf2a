"""Settings and fixtures that all tests share."""

from __future__ import annotations

from hypothesis import settings

from tests.feature import feature
from tests.servers import moto_server, s3_keys, swift_server

__all__ = ["feature", "moto_server", "s3_keys", "swift_server"]

# No deadlines: machines are shared, and nothing here is timed.
settings.register_profile("matinee", deadline=None, max_examples=60)
settings.load_profile("matinee")
