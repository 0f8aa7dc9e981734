"""The command line as a user has it: commands run in this process, an origin on loopback."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from fixtures import Origin, Site, demo_world
from fixtures.exchange import Behaviour
from harvester.cli.app import run

SCRIPT_BYTES = 20_000
"""Of program in a fixture page: real ones have 2-4 MB, which would only make the tests slow."""


@dataclass(frozen=True)
class Answer:
    """What a command printed and returned."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


Harvester = Callable[..., Answer]


@pytest.fixture
def harvester(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> Harvester:
    """Run a command in a folder of its own with fresh operational state."""
    monkeypatch.setenv("HARVESTER_STATE", str(tmp_path / "state"))
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.delenv("HARVESTER_ARCHIVE", raising=False)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "harvester.toml").write_text("[fetch]\nretry_first_wait_s = 0.01\n", encoding="utf-8")

    def command(*arguments: object) -> Answer:
        capfd.readouterr()
        code = run([str(argument) for argument in arguments])
        out, err = capfd.readouterr()
        assert "Traceback" not in err
        return Answer(code, out, err)

    return command


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
