"""`harvester demo`: the whole chain on an origin of our own, without internet."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def demo(
    output: Annotated[
        Path, typer.Option("--output", metavar="DIR", help="Where to put the demonstration's archive.")
    ] = Path("demo-output"),
) -> int:
    """Capture a repost, its original and a deleted page from an embedded origin, and check the repost.

    The publishers' servers are not touched: a loopback origin answers under their names, with its own
    throw-away certificates, and every capture is marked as a rehearsal.
    """
    from harvester.demo import run

    return run(output)
