"""The command line. `main` answers `--version` before anything heavy is imported."""

from __future__ import annotations

import sys


def main() -> None:
    """Run the command line and exit with its code."""
    if sys.argv[1:] == ["--version"]:
        from harvester._version import __version__

        sys.stdout.write(f"harvester {__version__}\n")
        return
    from harvester.cli.app import run

    sys.exit(run(sys.argv[1:]))
