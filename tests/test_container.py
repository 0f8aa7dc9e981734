"""The Dockerfile: what it copies is there and let through, what it calls exists, and nothing runs as root."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parent.parent
LINES = re.sub(r"\\\n\s*", " ", (ROOT / "Dockerfile").read_text(encoding="utf-8")).splitlines()


def words_of(instruction: str) -> list[str]:
    """Return the list that ends an instruction in its exec form."""
    (line,) = [line for line in LINES if line.startswith(instruction)]
    found: list[str] = json.loads(line[line.index("[") :])
    return found


def test_what_is_copied_is_there_and_let_through() -> None:
    """Each source of COPY exists, and .dockerignore lets through those and no more."""
    copies = [line.split()[1:-1] for line in LINES if line.startswith("COPY ") and "--from" not in line]
    copied = {name for names in copies for name in names}
    assert all((ROOT / name).exists() for name in copied)
    let_through = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    assert {line[1:] for line in let_through if line.startswith("!")} == copied
    project = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    for name in re.findall(r'(?:license-files = \[|readme = )"([^"]+)"', project):
        assert name in copied


def test_what_it_calls(harvester: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The default command and the health check are commands of ours; the last user is not root."""
    assert words_of("ENTRYPOINT") == ["harvester"]
    monkeypatch.setenv("HARVESTER_ARCHIVE", str(tmp_path / "a"))
    refused = harvester(*words_of("CMD"))
    assert refused.code == 2
    assert "watches nothing" in refused.err
    program, *rest = words_of("HEALTHCHECK")
    assert program == "harvester"
    assert harvester(*rest).code == 1
    users = [line.split()[1] for line in LINES if line.startswith("USER ")]
    assert users[-1].split(":")[0].isdecimal()
    assert int(users[-1].split(":")[0]) > 0
    extras = next(line.partition("=")[2] for line in LINES if line.startswith("ARG EXTRAS="))
    project = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    assert all(f"\n{extra} = [" in project for extra in extras.split(","))
