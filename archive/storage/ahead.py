"""Calls that mostly wait for a store, made side by side; what they give comes in order."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Final, TypeVar

AT_ONCE: Final = 16
"""Requests under way at a time, of one process: each mostly waits."""
_A = TypeVar("_A")
_B = TypeVar("_B")


def ahead(call: Callable[[_A], _B], items: Iterable[_A]) -> Iterator[_B]:
    """Yield what a call gives for each item, in order; `AT_ONCE` calls are under way, and none beyond."""
    waiting: deque[Future[_B]] = deque()
    pool = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="store")
    try:
        for item in items:
            waiting.append(pool.submit(call, item))
            if len(waiting) >= AT_ONCE:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    finally:
        pool.shutdown(wait=True, cancel_futures=True)
