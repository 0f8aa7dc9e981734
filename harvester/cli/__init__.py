"""The command line. `main` answers `--version` before anything heavy is imported."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TextIO


def main() -> None:
    """Run the command line and exit with its code."""
    stdout: TextIO | None = sys.stdout
    if stdout is None:  # `>&-` closed it
        sys.stdout = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115 - it stays open to the end
    sys.exit(_run(sys.argv[1:]))


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
        sys.stderr.write(f"harvester: cannot write the output: {error.strerror}\n")
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 5
    return code
