"""Work that kills the process which does it; how often is counted by marks in a folder that workers see."""

from __future__ import annotations

import os
import signal
from pathlib import Path


def die(marks: Path | str, times: int) -> None:
    """Kill this process without notice, unless that was done `times` times already (0: always)."""
    deaths = len(list(Path(marks).iterdir()))
    if times and deaths >= times:
        return
    (Path(marks) / str(deaths)).touch()
    os.kill(os.getpid(), signal.SIGKILL)
