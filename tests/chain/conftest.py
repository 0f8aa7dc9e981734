"""The command line as a user has it: commands run in this process, an origin on loopback."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from fixtures import Origin, Site, demo_world
from fixtures.exchange import Behaviour

SCRIPT_BYTES = 20_000
"""Of program in a fixture page: real ones have 2-4 MB, which would only make the tests slow."""


@pytest.fixture
def serve() -> Iterator[Callable[..., Origin]]:
    """Start an origin for a map of URLs to behaviours; it stops with the test."""
    running: list[Origin] = []

    def start(pages: dict[str, Behaviour], **options: Any) -> Origin:
        origin = Origin(Site.of(pages, **options)).__enter__()
        running.append(origin)
        return origin

    yield start
    for origin in running:
        origin.close()


@pytest.fixture
def world() -> Iterator[tuple[Any, Origin]]:
    """The demonstration's world, with small scripts."""
    pages = demo_world(script_bytes=SCRIPT_BYTES)
    with Origin(pages) as origin:
        yield pages, origin
