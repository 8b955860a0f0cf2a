"""Settings that all tests share."""

from __future__ import annotations

from hypothesis import settings

# No deadlines: machines are shared, and nothing here is timed.
settings.register_profile("matinee", deadline=None, max_examples=60)
settings.load_profile("matinee")
