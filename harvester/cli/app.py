"""All commands, and the one place where errors become a line and an exit code."""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Sequence
from typing import Any, Final

import typer

from harvester.cli import demo, extract, fetch, library, rebuild, run_list, verify
from harvester.cli.output import complain
from harvester.errors import HarvesterError, StorageError
from harvester.exits import Exit

# typer is built on click, from some version on on a copy of its own; what it exports leads to either.
_CommandLineError: Final[type[Any]] = typer.BadParameter.__mro__[2]

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
app.command("fetch")(fetch.fetch)
app.command("extract")(extract.extract)
app.command("list")(library.list_captures)
app.command("show")(library.show)
app.command("reindex")(library.reindex)
app.command("rebuild")(rebuild.rebuild)
app.command("verify")(verify.verify)
app.command("run")(run_list.run_list)
app.command("demo")(demo.demo)


@app.callback()
def _root(
    version: bool = typer.Option(False, "--version", help="Print the version and exit.", is_eager=True),
) -> None:
    if version:
        from harvester._version import __version__

        typer.echo(f"harvester {__version__}")
        raise typer.Exit


def run(arguments: Sequence[str]) -> int:  # noqa: PLR0911 - one return a kind of error
    """Run one command and return its exit code; no error leaves as a traceback."""
    as_json = "--json" in arguments
    try:
        code = app(list(arguments), standalone_mode=False)
    except typer.Abort:
        complain("stopped", kind="Interrupted", as_json=as_json)
        return 130
    except _CommandLineError as error:
        words = error.format_message() or "no command given"
        complain(f"{words} (see `harvester --help`)", kind="UsageError", as_json=as_json)
        return Exit.USAGE
    except HarvesterError as error:
        complain(str(error), kind=type(error).__name__, as_json=as_json)
        return error.exit_code
    except BrokenPipeError:
        # The reader of our output went away (`| head`): no fault; keep the interpreter from flushing again.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return Exit.DONE
    except OSError as error:
        complain(_disk_words(error), kind=StorageError.__name__, as_json=as_json)
        return Exit.STORAGE
    except KeyboardInterrupt:
        complain("stopped", kind="Interrupted", as_json=as_json)
        return 130
    return int(code or 0)


def _disk_words(error: OSError) -> str:
    where = f" ({error.filename})" if error.filename else ""
    cure = {
        errno.ENOSPC: "make room on the disk",
        errno.EROFS: "name a directory that can be written",
        errno.EACCES: "mend its permissions or name another place",
    }.get(error.errno or 0, "see whether the path is right and the disk is well")
    return f"{error.strerror or error}{where}: {cure}"
