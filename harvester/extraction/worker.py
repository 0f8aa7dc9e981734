"""A trial parse in a process that can be killed, for pages whose cheapness is not proved.

A tree cannot cross from one process to another, so what comes back is only a verdict: the page was
parsed within these limits and is not too deep. The caller then parses it again, knowing the price.

What refuses a page are counts (of nodes, levels, attributes: here, and in `counts` before), the same on any
machine, and what they let through is parsed in a small part of the time allowed. The limits of time stand
behind them; a page that meets one is refused in words that do not claim it of the page (`TooSlowError`).

This file runs as the child too (`python worker.py`), and then imports nothing but the parser.
"""

from __future__ import annotations

import signal
import subprocess
import sys
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from selectolax.lexbor import LexborNode

CPU_LIMIT_S: Final = 2.2
"""Processor time of the parse itself, seven times what the counts let through needs."""
WALL_LIMIT_S: Final = 10.0
"""Wall time of the whole trial, start of the interpreter included."""
MEMORY_LIMIT_BYTES: Final = 320 << 20
"""Address space of the trial."""
MAX_DEPTH: Final = 512
"""The same as `guard.MAX_DEPTH`; the child does not import that module."""

MAX_ATTRIBUTE_SQUARES: Final = 200_000_000
"""The same as `counts.MAX_ATTRIBUTE_SQUARES`, of the tree's elements."""

MAX_NODES: Final = 150_000
"""Nodes of the tree. Reading one costs 5 to 10 µs, by the machine; the largest article seen has 7 000."""

_CHEAP: Final = 0
_TOO_DEEP: Final = 3
_TOO_LARGE: Final = 4
_TOO_MANY: Final = 5
_TOO_MANY_ATTRIBUTES: Final = 6


def try_parse(data: bytes, doubt: str) -> None:
    """Return if the page (UTF-8) was parsed elsewhere within the limits.

    `doubt` is what `guard` said. Raises `HostileInputError` otherwise, or if no process could be
    started to try it.
    """
    from harvester.errors import (  # noqa: PLC0415 - the child must not import the package
        HostileInputError,
        TooSlowError,
    )

    command = [sys.executable, "-P", "-X", "utf8", __file__, str(MEMORY_LIMIT_BYTES)]
    try:
        done = subprocess.run(  # noqa: S603 - our own interpreter and file
            command, input=data, capture_output=True, timeout=WALL_LIMIT_S, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise TooSlowError(_too_slow(doubt, f"{WALL_LIMIT_S} s")) from error
    except OSError as error:
        raise TooSlowError(
            f"The page may be expensive to read ({doubt}) and no process could be started to try: {error}. "
            "That is no finding about the page: read it again."
        ) from error
    if done.returncode == -signal.SIGPROF:
        raise TooSlowError(_too_slow(doubt, f"{CPU_LIMIT_S} s of processor time"))
    if done.returncode == _CHEAP:
        return
    why = {
        _TOO_DEEP: f"its elements are nested deeper than {MAX_DEPTH}",
        _TOO_MANY: f"its tree has more than {MAX_NODES} nodes",
        _TOO_MANY_ATTRIBUTES: "it has elements with thousands of attributes",
        _TOO_LARGE: f"a trial parse needed more than {MEMORY_LIMIT_BYTES >> 20} MiB",
    }.get(done.returncode, f"a trial parse ended with code {done.returncode}")
    raise HostileInputError(
        f"The page is too expensive to read ({doubt}): {why}. The record in the archive is whole."
    )


def _too_slow(doubt: str, limit: str) -> str:
    return (
        f"The page was not read: a trial parse ({doubt}) did not end in {limit} on this machine. Another run "
        "may read it. The record in the archive is whole."
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
    signal.setitimer(signal.ITIMER_PROF, 0)  # the walk below is bounded by its own count
    return _judge(root)


def _judge(root: LexborNode | None) -> int:
    node, depth, count, squares = root, 1, 0, 0
    while node is not None:
        count += 1
        if node.is_element_node:
            squares += len(node.attributes) ** 2
            if squares > MAX_ATTRIBUTE_SQUARES:
                return _TOO_MANY_ATTRIBUTES
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
