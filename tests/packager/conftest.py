"""Films encoded once for all tests of the packager."""

from __future__ import annotations

import pytest

from tests.packager.film import SHOTS, Film, make_coded_film, make_film
from tests.packager.rich import Rich, make_rich


@pytest.fixture(scope="session")
def film(tmp_path_factory: pytest.TempPathFactory) -> Film:
    return make_film(tmp_path_factory.mktemp("film"))


@pytest.fixture(scope="session")
def coded_film(tmp_path_factory: pytest.TempPathFactory) -> Film:
    return make_coded_film(tmp_path_factory.mktemp("coded"))


@pytest.fixture(scope="session")
def shot_film(tmp_path_factory: pytest.TempPathFactory) -> Film:
    """The same film with segments that follow its shots."""
    return make_film(tmp_path_factory.mktemp("shots"), SHOTS)


@pytest.fixture(scope="session")
def rich(tmp_path_factory: pytest.TempPathFactory) -> Rich:
    """A film with everything a title can have."""
    return make_rich(tmp_path_factory.mktemp("rich"))
