"""The stores that the contract suite runs over."""

from __future__ import annotations

import pytest

from storage import Store
from tests.storage.stores import ALL, make_store


@pytest.fixture(params=ALL)
def store(request: pytest.FixtureRequest) -> Store:
    """An empty store of each kind, or of those that a test names by parametrizing `store` indirectly."""
    return make_store(request, request.param)
