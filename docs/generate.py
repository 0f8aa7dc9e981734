"""Write the parts of the documentation that the code knows: `make docs`; a test keeps them true."""

from __future__ import annotations

import ast
import inspect
import json
from pathlib import Path
from typing import Any

import msgspec
import typer.main

from archive.check import CODES
from benchmarks import reach
from benchmarks.scale import tables as costs
from harvester import config, verify
from harvester.capture.options import CaptureOptions
from harvester.cli.app import app
from harvester.document import STATES, json_schema, state_json_schema
from harvester.log_options import Log
from harvester.tables import rows
from harvester.verifying.values import json_schema as verification_schema
from harvester.watch.config import Watch
from harvester.watch.notify.config import Notify
from harvester.watch.notify.notice import json_schema as event_schema

FOLDER = Path(__file__).parent
_FOUR_COLUMNS = "| --- | --- | --- | --- |\n"


def _schema(value: dict[str, Any]) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2, sort_keys=True) + "\n"


def configuration() -> str:
    """Return docs/configuration.md."""
    parts = [
        "# Configuration: `harvester.toml`",
        (
            "The nearest `harvester.toml` upwards from the working directory counts; everything in it is "
            "optional, and what the command line says wins. A key that is not listed here is an error. "
            "(Made from the code by `make docs`.)"
        ),
    ]
    sections: list[tuple[str, type[Any]]] = [
        ("(top level)", config.Config),
        ("[operator]", config.Operator),
        ("[fetch]", config.Fetch),
        ("[warc]", config.Warc),
        ("[inbox]", config.Inbox),
        ("[[watch]]", Watch),
        ("[[notify]]", Notify),
        ("[log]", Log),
    ]
    for title, struct in sections:
        parts += [f"## `{title}`", inspect.cleandoc(struct.__doc__ or ""), _table(struct)]
    return "\n\n".join(parts) + "\n"


def _table(struct: type[Any]) -> str:
    rows = ["| key | type | default |", "| --- | --- | --- |"]
    for field in msgspec.structs.fields(struct):
        if isinstance(field.default, config.Operator | config.Fetch | config.Warc | config.Inbox | Log) or (
            struct is config.Config and field.name in {"watch", "notify"}
        ):
            continue
        default = _default(struct, field.name, field.default)
        kind = field.type.__name__ if isinstance(field.type, type) else str(field.type)
        rows.append(f"| `{field.name}` | {kind.replace('|', 'or')} | {default} |")
    return "\n".join(rows)


def _default(struct: type[Any], name: str, value: object) -> str:
    if value is msgspec.NODEFAULT:
        return "(required)"
    if struct is config.Fetch and value is None:
        # What the file leaves out is as in the client's own options.
        value = CaptureOptions.__dataclass_fields__[name].default
    return "–" if value is None else f"`{value!r}`"


def command_line() -> str:
    """Return docs/cli.md."""
    group = typer.main.get_command(app)
    parts = [
        "# Command line",
        "Made from the code by `make docs`. Exit codes: `docs/exit-codes.md`.",
        "Before any command: `harvester --lock-timeout SECONDS …` (or `HARVESTER_LOCK_TIMEOUT`).",
    ]
    commands: dict[str, Any] = getattr(group, "commands", {})
    for name, command in commands.items():
        arguments = " ".join(
            str(param.metavar or param.name)
            for param in command.params
            if param.param_type_name == "argument"
        )
        parts += [
            f"## `harvester {name}{' ' + arguments if arguments else ''}`",
            _paragraphs(command.help or ""),
        ]
        options = [param for param in command.params if param.param_type_name == "option"]
        if options:
            parts.append("\n".join(_option(option) for option in options))
    return "\n\n".join(parts) + "\n"


def _option(option: Any) -> str:
    return f"- `{', '.join(option.opts)}`: {option.help}{' (required)' if option.required else ''}"


def _paragraphs(text: str) -> str:
    return "\n\n".join(" ".join(part.split()) for part in text.split("\n\n"))


def tables() -> str:
    """Return docs/tables.md, its columns made anew between the two marks."""
    before, mark, rest = (FOLDER / "tables.md").read_text(encoding="utf-8").partition("`make docs` -->\n")
    parts: list[str] = []
    for name, table in (("captures", rows.CaptureRow), ("documents", rows.DocumentRow)):
        head = [inspect.cleandoc(table.__doc__ or ""), "", "| column | type | null | meaning |"]
        lines = [
            f"| `{column}` | {kind} | {'may be' if null else 'never'} | {words} |"
            for column, kind, null, words in rows.columns(table)
        ]
        parts += [f"## `{name}`", "\n".join([*head, "| --- | --- | --- | --- |", *lines])]
    outcomes = [f"| `{name}` | {words} |" for name, words in rows.OUTCOMES.items()]
    parts.append("\n".join(["| outcome | meaning |", "| --- | --- |", *outcomes]))
    states = ", ".join(f"`{state}`" for state in STATES)
    parts.append(f"All others are states of pages: {states}.")
    return before + mark + "\n" + "\n\n".join(parts) + "\n\n" + rest[rest.index("<!-- end -->") :]


def check() -> str:
    """Return docs/check.md, its table of codes, which stands last, made anew."""
    before, mark, _ = (FOLDER / "check.md").read_text(encoding="utf-8").partition(_FOUR_COLUMNS)
    rows = (f"| {code.code} | {code.name} | {code.meaning} | {code.cure} |\n" for code in CODES.values())
    return before + mark + "".join(rows)


def scale() -> str:
    """Return docs/scale.md, the tables of what pace and plan allow made anew between the two marks."""
    before, mark, rest = (FOLDER / "scale.md").read_text(encoding="utf-8").partition("`make docs` -->\n")
    text = before + mark + "\n" + reach.tables() + "\n\n" + rest[rest.index("<!-- end -->") :]
    before, mark, rest = text.partition("costs, written by `make docs` -->\n")
    table = costs.tables(costs.kept())
    return before + mark + "\n" + table + "\n\n" + rest[rest.index("<!-- end of costs -->") :]


def rooms() -> str:
    """Return docs/rooms.md: every module with the first sentence of its own description."""
    parts = ["# Rooms", "What each file is for, in its own words. (Made from the code by `make docs`.)"]
    root = FOLDER.parent
    for package in ("archive", "harvester", "fixtures"):
        folders = sorted({path.parent for path in (root / package).rglob("*.py")})
        for folder in folders:
            lines = [f"| `{path.name}` | {_first_words(path)} |" for path in sorted(folder.glob("*.py"))]
            table = "\n".join(["| file | for |", "| --- | --- |", *lines])
            parts += [f"## `{folder.relative_to(root)}/`", table]
    return "\n\n".join(parts) + "\n"


def _first_words(path: Path) -> str:
    words = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""
    return " ".join(words.split("\n\n")[0].split()).replace("|", "\\|")


def generated() -> dict[str, str]:
    """Return every generated file by name."""
    return {
        "document.schema.json": _schema(json_schema()),
        "page-state.schema.json": _schema(state_json_schema()),
        "verify.schema.json": _schema(verify.json_schema()),
        "verification.schema.json": _schema(verification_schema()),
        "event.schema.json": _schema(event_schema()),
        "configuration.md": configuration(),
        "cli.md": command_line(),
        "rooms.md": rooms(),
        "tables.md": tables(),
        "check.md": check(),
        "scale.md": scale(),
    }


if __name__ == "__main__":
    for name, text in generated().items():
        (FOLDER / name).write_text(text, encoding="utf-8")
