"""Shared by the tests of the finder: archives of made-up documents, and texts to be found again."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks.shelf import Shelf, originals, shelf
from harvester.document import Document


@pytest.fixture(scope="session")
def ministry() -> list[Document]:
    """Forty-five made-up originals, the same in every run."""
    return list(originals(45))


@pytest.fixture(scope="session")
def still(tmp_path_factory: pytest.TempPathFactory, ministry: list[Document]) -> Iterator[Shelf]:
    """An archive that holds them, for tests that only look."""
    with shelf(tmp_path_factory.mktemp("still") / "a") as made:
        made.put_many(iter(ministry))
        yield made


@pytest.fixture
def archive(tmp_path: Path, ministry: list[Document]) -> Iterator[Shelf]:
    """An archive that holds them, of a test's own."""
    with shelf(tmp_path / "a") as made:
        made.put_many(iter(ministry))
        yield made


@pytest.fixture
def chance() -> random.Random:
    return random.Random(11)
