"""Films encoded once for all tests of the packager."""

from __future__ import annotations

import pytest

from tests.packager.film import Film, make_coded_film, make_film


@pytest.fixture(scope="session")
def film(tmp_path_factory: pytest.TempPathFactory) -> Film:
    return make_film(tmp_path_factory.mktemp("film"))


@pytest.fixture(scope="session")
def coded_film(tmp_path_factory: pytest.TempPathFactory) -> Film:
    return make_coded_film(tmp_path_factory.mktemp("coded"))
