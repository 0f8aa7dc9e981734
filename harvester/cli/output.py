"""What commands print: JSON and results on stdout, messages for people on stderr."""

from __future__ import annotations

import contextlib
import json
import os
import sys
import unicodedata
from collections.abc import Callable, Iterator
from functools import cache
from typing import TYPE_CHECKING, Any, TextIO

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

    from harvester.cli.common import Format
    from harvester.document import Document

_STEERING = {"Cc", "Cf", "Zl", "Zp"}
"""Unicode categories of control and formatting characters (escape sequences, direction marks)."""


@cache
def console() -> Console:
    """Return the console for results (stdout)."""
    return _console(stderr=False)


@cache
def messages() -> Console:
    """Return the console for messages (stderr)."""
    return _console(stderr=True)


def _console(*, stderr: bool) -> Console:
    from rich.console import Console

    class Lasting(Console):
        """Goes on in silence when its reader goes away (`| head`): the command's work must not stop.

        Messages that cannot be written (a full disk) are lost in silence too; results are not.
        """

        def print(self, *objects: Any, **options: Any) -> None:
            try:
                super().print(*objects, **options)
            except OSError:
                if not stderr:
                    raise
                self.on_broken_pipe()

        def on_broken_pipe(self) -> None:
            self.quiet = True
            silence(sys.stderr if stderr else sys.stdout)

    return Lasting(stderr=stderr, highlight=False)


def silence(stream: TextIO) -> None:
    """Send what is left for a stream nowhere, so that flushing it at the end does not fail again."""
    with contextlib.suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def visible(text: str) -> str:
    """Return text with what would steer a terminal escaped: a page's title must not draw on the screen."""
    if text.isprintable():
        return text
    return "".join(
        c if c in "\n\t" or unicodedata.category(c) not in _STEERING else c.encode("unicode_escape").decode()
        for c in text
    )


def say(message: str, *, style: str | None = None) -> None:
    """Print a message for a person, as text: page words are never markup."""
    messages().print(visible(message), style=style, markup=False, soft_wrap=True)


def answer(message: str, *, style: str | None = None) -> None:
    """Print a part of a command's result for a person (stdout)."""
    console().print(visible(message), style=style, markup=False, soft_wrap=True)


def entry(head: str, *parts: str, style: str | None = None) -> None:
    """Print one of a list of results: its head, and below it what no table's column would hold."""
    answer(head, style=style)
    for line in "\n".join(parts).splitlines():
        answer(f"    {line}", style=style)


def complain(message: str, *, kind: str, as_json: bool) -> None:
    """Print an error as one line, and as JSON on stdout where that was asked for."""
    say(f"harvester: {message}", style="red")
    if as_json:
        with contextlib.suppress(OSError):  # where stdout is what failed
            print_json({"error": {"kind": kind, "message": message}})


def print_json(value: Any) -> None:
    """Print one JSON value, for programs."""
    write_bytes(json.dumps(value, ensure_ascii=False, indent=2).encode("utf-8", "backslashreplace") + b"\n")


def write_bytes(data: bytes) -> None:
    """Write a document's own bytes to stdout, whatever the terminal's encoding."""
    sys.stdout.flush()
    sys.stdout.buffer.write(data)
    sys.stdout.buffer.flush()


def as_format(document: Document, output: Format) -> bytes:
    """Return a document in one of the forms that a person reads: its Markdown file, or its text."""
    from harvester.cli.common import Format
    from harvester.markdown import markdown_bytes

    if output is Format.MD:
        return markdown_bytes(document)
    return document.text.encode("utf-8", "replace") + b"\n"


@contextlib.contextmanager
def counting(total: int) -> Iterator[Callable[[str], None]]:
    """Show how far many items are, at a terminal; call what is given with the name of each item."""
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    columns = (BarColumn(), MofNCompleteColumn(), TextColumn("{task.description}", markup=False))
    with Progress(*columns, console=messages(), transient=True, disable=not messages().is_terminal) as bar:
        task = bar.add_task("", total=total)
        yield lambda what: bar.update(task, description=visible(what)[:40], advance=1)


def table(title: str | None, *columns: str) -> Table:
    """Return an empty table in the house style."""
    from rich import box
    from rich.table import Table

    made = Table(title=title, box=box.SIMPLE_HEAD, title_justify="left", pad_edge=False)
    for column in columns:
        made.add_column(column, overflow="fold")
    return made


def cell(value: object) -> Any:
    """Return a table cell of plain text; an unknown value is a dash."""
    from rich.text import Text

    return Text("–" if value is None else visible(str(value)))
