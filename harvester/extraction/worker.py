"""A trial parse in a process that can be killed, for pages whose cheapness is not proved.

A tree cannot cross from one process to another, so what comes back is only a verdict: the page was
parsed within these limits and is not too deep. The caller then parses it again, knowing the price.
The limits are therefore well below half of what a reader may wait and hold. The processor's time is
what counts, so that a busy machine refuses no page that an idle one reads; the wall clock is a
second, wider limit.

This file runs as the child too (`python worker.py`), and then imports nothing but the parser.
"""

from __future__ import annotations

import signal
import subprocess
import sys
from typing import Final

CPU_LIMIT_S: Final = 0.8
"""Processor time of the parse itself."""
WALL_LIMIT_S: Final = 10.0
"""Wall time of the whole trial, start of the interpreter included."""
MEMORY_LIMIT_BYTES: Final = 320 << 20
"""Address space of the trial."""
MAX_DEPTH: Final = 512
"""The same as `guard.MAX_DEPTH`; the child does not import that module."""

MAX_NODES: Final = 300_000
"""Nodes of the tree. Reading costs about 5 µs for each; the largest article seen has 7 000."""

_CHEAP: Final = 0
_TOO_DEEP: Final = 3
_TOO_LARGE: Final = 4
_TOO_MANY: Final = 5


def try_parse(data: bytes, doubt: str) -> None:
    """Return if the page (UTF-8) was parsed elsewhere within the limits.

    `doubt` is what `guard` said. Raises `HostileInputError` otherwise, or if no process could be
    started to try it.
    """
    from harvester.errors import HostileInputError  # noqa: PLC0415 - the child must not import the package

    command = [sys.executable, "-P", "-X", "utf8", __file__, str(MEMORY_LIMIT_BYTES)]
    try:
        done = subprocess.run(  # noqa: S603 - our own interpreter and file
            command, input=data, capture_output=True, timeout=WALL_LIMIT_S, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise HostileInputError(
            f"The page is too expensive to read ({doubt}): a trial parse did not end in {WALL_LIMIT_S} s. "
            "The record in the archive is whole."
        ) from error
    except OSError as error:
        raise HostileInputError(
            f"The page may be expensive to read ({doubt}) and no process could be started to try: {error}."
        ) from error
    if done.returncode == _CHEAP:
        return
    why = {
        _TOO_DEEP: f"its elements are nested deeper than {MAX_DEPTH}",
        _TOO_MANY: f"its tree has more than {MAX_NODES} nodes",
        -signal.SIGPROF: f"a trial parse took more than {CPU_LIMIT_S} s of processor time",
        _TOO_LARGE: f"a trial parse needed more than {MEMORY_LIMIT_BYTES >> 20} MiB",
    }.get(done.returncode, f"a trial parse ended with code {done.returncode}")
    raise HostileInputError(
        f"The page is too expensive to read ({doubt}): {why}. The record in the archive is whole."
    )


def _child(memory_limit_bytes: int) -> int:
    """Parse standard input under the limits; return the exit code that is the verdict."""
    import resource  # noqa: PLC0415 - POSIX, and only the child needs it

    from selectolax.lexbor import LexborHTMLParser  # noqa: PLC0415 - before the limit is set

    resource.setrlimit(resource.RLIMIT_AS, (memory_limit_bytes, memory_limit_bytes))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    data = sys.stdin.buffer.read()
    signal.signal(signal.SIGPROF, signal.SIG_DFL)
    signal.setitimer(signal.ITIMER_PROF, CPU_LIMIT_S)
    try:
        root = LexborHTMLParser(data).root
    except (MemoryError, RuntimeError, ValueError):
        return _TOO_LARGE
    node, depth, count = root, 1, 0
    while node is not None:
        count += 1
        if count > MAX_NODES:
            return _TOO_MANY
        child = node.first_child
        if child is not None:
            node, depth = child, depth + 1
            if depth > MAX_DEPTH:
                return _TOO_DEEP
            continue
        while node is not None and node.next is None:
            node, depth = node.parent, depth - 1
            if depth <= 1:
                node = None
        if node is not None:
            node = node.next
    return _CHEAP


if __name__ == "__main__":
    sys.exit(_child(int(sys.argv[1])))
