"""The command line. `main` answers `--version` before anything heavy is imported."""

from __future__ import annotations

import contextlib
import os
import sys


def main() -> None:
    """Run the command line and exit with its code."""
    _open_standard_streams()
    code = _run(sys.argv[1:])
    try:
        sys.stderr.flush()
    except OSError:
        _send_nowhere(2)  # messages are lost, the work is done: its code stands
    sys.exit(code)


def _open_standard_streams() -> None:
    """Put the null device in the place of standard streams that are closed (`2>&-`).

    Else the next file that is opened, a WARC perhaps, would get the number, and messages would go there.
    """
    for number, (name, mode) in enumerate((("stdin", "r"), ("stdout", "w"), ("stderr", "w"))):
        try:
            os.fstat(number)
        except OSError:
            opened = os.open(os.devnull, os.O_RDWR)  # the lowest free number: this one
            os.set_inheritable(opened, True)
        if getattr(sys, name) is None:
            setattr(sys, name, open(number, mode, encoding="utf-8", closefd=False))  # noqa: SIM115


def _send_nowhere(number: int) -> None:
    with contextlib.suppress(OSError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), number)


def _run(arguments: list[str]) -> int:
    try:
        if arguments == ["--version"]:
            from harvester._version import __version__

            sys.stdout.write(f"harvester {__version__}\n")
            code = 0
        else:
            from harvester.cli.app import run

            code = run(arguments)
        sys.stdout.flush()
    except OSError as error:
        with contextlib.suppress(OSError):
            sys.stderr.write(f"harvester: cannot write the output: {error.strerror}\n")
        _send_nowhere(1)
        return 5
    return code
