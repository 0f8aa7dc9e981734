"""`harvester demo`: the whole chain on an origin of our own, without internet."""

from __future__ import annotations

import contextlib
import sys
from pathlib import Path
from typing import Annotated

import typer

from harvester.cli.common import JsonOption


def demo(
    output: Annotated[
        Path, typer.Option("--output", metavar="DIR", help="Where to put the demonstration's archive.")
    ] = Path("demo-output"),
    as_json: JsonOption = False,
) -> int:
    """Capture a repost, its original and a deleted page from an embedded origin, and check the repost.

    The publishers' servers are not touched: a loopback origin answers under their names, with its own
    throw-away certificates, and every capture is marked as a rehearsal.
    """
    from harvester.cli.output import print_json
    from harvester.demo import run

    if not as_json:
        return run(output)
    with contextlib.redirect_stdout(sys.stderr):
        code = run(output)
    print_json({"output": str(output), "archive": str(output / "archive"), "exit_code": code})
    return code
