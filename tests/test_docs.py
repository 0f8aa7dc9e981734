"""The documentation says what the program does."""

from __future__ import annotations

import importlib.util
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer.main

from harvester.cli.app import app

ROOT = Path(__file__).parent.parent


def generated() -> dict[str, str]:
    spec = importlib.util.spec_from_file_location("docs_generate", ROOT / "docs/generate.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    made: dict[str, str] = module.generated()
    return made


def test_generated_pages_are_fresh() -> None:
    """What the documentation takes from the code is as the code says (else: `make docs`)."""
    for name, text in generated().items():
        assert (ROOT / "docs" / name).read_text(encoding="utf-8") == text, name


def test_every_command_and_option_has_help() -> None:
    """Nothing on the command line is left unexplained."""
    commands = getattr(typer.main.get_command(app), "commands")  # noqa: B009 - typer's type does not show it
    assert len(commands) >= 9
    for name, command in commands.items():
        assert command.help, name
        for param in command.params:
            assert getattr(param, "help", None), f"{name} {param.name}"


@pytest.mark.parametrize("page", [*ROOT.glob("*.md"), *ROOT.glob("docs/*.md")], ids=lambda page: page.name)
def test_links_between_pages_lead_somewhere(page: Path) -> None:
    """A relative link names a file that is there."""
    for target in re.findall(r"\]\(([^)#\s]+)", page.read_text(encoding="utf-8")):
        if "://" not in target:
            assert (page.parent / target).exists(), f"{page.name}: {target}"


def test_every_dependency_has_its_reason() -> None:
    """A package in pyproject.toml has a row in docs/dependencies.md."""
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    reasons = (ROOT / "docs/dependencies.md").read_text(encoding="utf-8").lower()
    block = text.split("dependencies = [", 1)[1].split("]", 1)[0]
    names = re.findall(r'"([A-Za-z0-9_]+)', block)
    assert len(names) > 5
    for name in names:
        assert name.lower() in reasons, name


def test_the_map_names_every_room() -> None:
    """docs/architecture.md mentions every package of the two."""
    text = (ROOT / "docs/architecture.md").read_text(encoding="utf-8")
    for init in [*ROOT.glob("archive/**/__init__.py"), *ROOT.glob("harvester/**/__init__.py")]:
        assert init.parent.relative_to(ROOT).as_posix() in text, init.parent


def command_lines(text: str) -> Iterator[tuple[str, str]]:
    """Yield each `harvester NAME …` of a page, in blocks and within sentences: the name, and what follows."""
    text = text.replace("\\\n", " ")
    blocks = re.findall(r"```\w*\n(.*?)```", text, re.DOTALL)
    spans = re.findall(r"`([^`]+)`", re.sub(r"```.*?```", "", text, flags=re.DOTALL))
    for line in [*(line for block in blocks for line in block.splitlines()), *spans]:
        yield from re.findall(r"(?:^|\s)harvester ([a-z]+)\b([^|#;&>]*)", line)


def test_command_lines_of_the_pages_are_known() -> None:
    """Each command that a page shows is there, and so is each option that it gives it."""
    commands = getattr(typer.main.get_command(app), "commands")  # noqa: B009 - typer's type does not show it
    seen = 0
    for page in [*ROOT.glob("*.md"), *ROOT.glob("docs/*.md")]:
        for name, rest in command_lines(page.read_text(encoding="utf-8")):
            assert name in commands, f"{page.name}: harvester {name}"
            known = {"--help"}.union(*(param.opts + param.secondary_opts for param in commands[name].params))
            unknown = set(re.findall(r"(?<![\w-])--[a-z][a-z-]*", rest)) - known
            assert not unknown, f"{page.name}: harvester {name} {sorted(unknown)}"
            seen += 1
    assert seen > 100
