"""All commands, and the one place where errors become a line and an exit code."""

from __future__ import annotations

import errno
import inspect
import io
import os
import sys
import traceback
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

import typer

from harvester.cli import (
    adding,
    approving,
    check,
    compact,
    dedup,
    demo,
    discovering,
    export,
    extract,
    fetch,
    find,
    handing,
    importing,
    inboxing,
    index,
    library,
    listening,
    merge,
    notifying,
    noting,
    rebuild,
    running,
    scheduling,
    starting,
    status,
    sync,
    timeline,
    trace,
    verify,
    withdraw,
)
from harvester.cli.output import complain, silence
from harvester.errors import DefectError, HarvesterError, StorageError
from harvester.exits import Exit

# typer is built on click, from some version on on a copy of its own; what it exports leads to either.
_CommandLineError: Final[type[Any]] = typer.BadParameter.__mro__[2]

DEBUG_VARIABLE: Final = "HARVESTER_DEBUG"
LOCK_TIMEOUT_VARIABLE: Final = "HARVESTER_LOCK_TIMEOUT"

app = typer.Typer(
    name="harvester",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    help="Capture WeChat and Chinese Foreign Ministry pages as evidence, read them as clean text, "
    "check the text against the original.",
    epilog="Exit codes: 0 done · 1 a negative answer · 2 usage · 3 blocked by the publisher · "
    "4 cannot tell · 5 storage",
)


def _command(name: str, function: Callable[..., int]) -> None:
    """Make a function a command; its docstring's paragraphs run on at whatever width there is."""
    paragraphs = inspect.cleandoc(function.__doc__ or "").split("\n\n")
    app.command(name, help="\n\n".join(" ".join(one.split()) for one in paragraphs))(function)


_command("fetch", fetch.fetch)
_command("extract", extract.extract)
_command("import", importing.import_files)
_command("list", library.list_captures)
_command("show", library.show)
_command("reindex", library.reindex)
_command("trace", trace.trace)
_command("rebuild", rebuild.rebuild)
_command("dedup", dedup.dedup)
_command("find", find.find)
_command("verify", verify.verify)
_command("add", adding.add)
_command("inbox", inboxing.inbox)
_command("listen", listening.listen)
_command("handoff", handing.handoff)
_command("run", running.run)
_command("discover", discovering.discover)
_command("approve", approving.approve)
_command("schedule", scheduling.schedule)
_command("init", starting.init)
_command("status", status.status)
_command("breaker", status.breaker)
_command("note", noting.note)
_command("notify", notifying.notify)
_command("timeline", timeline.timeline)
_command("changes", timeline.changes)
_command("export", export.export)
_command("index", index.index)
_command("check", check.check)
_command("compact", compact.compact)
_command("expand", compact.expand)
_command("withdraw", withdraw.withdraw)
_command("sync", sync.sync)
_command("merge", merge.merge)
_command("demo", demo.demo)


@app.callback()
def _root(
    version: bool = typer.Option(False, "--version", help="Print the version and exit.", is_eager=True),
    lock_timeout: float | None = typer.Option(
        None,
        "--lock-timeout",
        metavar="SECONDS",
        envvar=LOCK_TIMEOUT_VARIABLE,
        min=0,
        max=86400,
        help="Before the command: how long to wait for an archive that another process holds (30).",
    ),
) -> None:
    if lock_timeout is not None:
        from archive.locks import wait_at_most

        wait_at_most(lock_timeout)
    if version:
        from harvester._version import __version__

        typer.echo(f"harvester {__version__}")
        raise typer.Exit


def run(arguments: Sequence[str]) -> int:  # noqa: PLR0911 - one return a kind of error
    """Run one command and return its exit code; no error leaves as a traceback."""
    as_json = "--json" in arguments
    _print_anything()
    try:
        code = app(list(arguments), standalone_mode=False)
        if code == Exit.STOPPED and not isinstance(code, Exit):  # typer's own answer
            raise KeyboardInterrupt  # noqa: TRY301 - as if it had let it through
    except _CommandLineError as error:
        words = error.format_message() or "no command given"
        where = error.ctx.info_name if error.ctx is not None and error.ctx.parent is not None else None
        command = " ".join(filter(None, ("harvester", where, "--help")))
        complain(f"{words} (see `{command}`)", kind="UsageError", as_json=as_json)
        return Exit.USAGE
    except HarvesterError as error:
        complain(str(error), kind=type(error).__name__, as_json=as_json)
        return error.exit_code
    except BrokenPipeError:
        silence(sys.stdout)  # its reader went away (`| head`): no fault
        return Exit.DONE
    except OSError as error:
        silence(sys.stdout)
        complain(_disk_words(error), kind=StorageError.__name__, as_json=as_json)
        return Exit.STORAGE
    except (KeyboardInterrupt, typer.Abort):
        complain("stopped; what was acknowledged is safe", kind="Interrupted", as_json=as_json)
        return Exit.STOPPED
    except Exception as error:  # noqa: BLE001 - the last net: a fault of ours is one line and its own code
        complain(_defect_words(error), kind=DefectError.__name__, as_json=as_json)
        return Exit.DEFECT
    return int(code or 0)


def _print_anything() -> None:
    """Let a terminal of any encoding show any page's words, escaped where it has no sign for them."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def _defect_words(error: Exception) -> str:
    if os.environ.get(DEBUG_VARIABLE):
        traceback.print_exception(error)
    places = traceback.extract_tb(error.__traceback__)
    place = f" at {Path(places[-1].filename).name}:{places[-1].lineno}" if places else ""
    return (
        f"a fault of this program: {type(error).__name__}: {error}{place}; nothing acknowledged is lost; "
        f"please report it ({DEBUG_VARIABLE}=1 prints the details)"
    )


def _disk_words(error: OSError) -> str:
    words: str | None = getattr(error, "words", None)  # of a store (`archive.storage.faults`)
    if words is not None:
        return f"{error.filename}: {words}"
    where = f" ({error.filename})" if error.filename else ""
    cure = {
        errno.ENOSPC: "make room on the disk",
        errno.EROFS: "name a directory that can be written",
        errno.EACCES: "mend its permissions or name another place",
    }.get(error.errno or 0, "see whether the path is right and the disk is well")
    return f"{error.strerror or error}{where}: {cure}"
