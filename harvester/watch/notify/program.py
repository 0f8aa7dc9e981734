"""Events handed to a program on its standard input: no shell, a limit of time, its words cut."""

from __future__ import annotations

import contextlib
import os
import selectors
import signal
import subprocess
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from harvester.watch.notify.webhook import Answer

_MAX_KEPT_BYTES: Final = 4096
_MAX_SHOWN: Final = 200
_TICK_S: Final = 0.1


def run_program(command: Sequence[str], data: bytes, *, folder: Path, timeout_s: float) -> Answer:
    """Run a program with `data` on its standard input; success is an exit status of 0 within the time.

    What it prints is read and thrown away, but for the end of it, which stands in the error. After the time
    it is killed with all that it started.
    """
    with tempfile.TemporaryFile() as given:  # a pipe would block where nobody reads it
        given.write(data)
        given.seek(0)
        try:
            process = subprocess.Popen(  # noqa: S603 - the operator's own command
                list(command),
                stdin=given,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                cwd=folder,
                start_new_session=True,
            )
        except (OSError, ValueError) as error:
            why = error.strerror if isinstance(error, OSError) else str(error)
            return Answer(error=f"the command cannot be started: {why}")
    with process:
        said = _heard(process, time.monotonic() + timeout_s)
    if said is None:
        return Answer(error=f"the command did not end within {timeout_s:g} s and was killed")
    if process.returncode == 0:
        return Answer()
    words = " ".join(said.decode("utf-8", "replace").split())[-_MAX_SHOWN:]
    return Answer(error=f"the command ended with {process.returncode}" + (f": {words}" if words else ""))


def _heard(process: subprocess.Popen[bytes], end_s: float) -> bytes | None:
    """Return the end of what a process printed when it has ended; None if it had to be killed."""
    stream = process.stdout
    if stream is None:
        return b""
    kept, open_ = b"", True
    with selectors.DefaultSelector() as selector:
        selector.register(stream, selectors.EVENT_READ)
        while time.monotonic() < end_s:
            if open_ and selector.select(_TICK_S):
                part = os.read(stream.fileno(), 1 << 16)
                kept = (kept + part)[-_MAX_KEPT_BYTES:]
                if not part:
                    selector.unregister(stream)
                    open_ = False
                continue
            # It has ended, or it has only closed its output, or something that it started holds that open.
            if process.poll() is not None:
                return kept
            if not open_:
                with contextlib.suppress(subprocess.TimeoutExpired):
                    process.wait(min(_TICK_S, max(0.0, end_s - time.monotonic())))
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    return None
