"""Whose turn it is: work queued by host, so that the pause owed to one host is spent on another."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class Turns(Generic[T]):
    """A queue for each host. One thing is done at a time: no host ever has more than one connection."""

    def __init__(self) -> None:
        self._queues: dict[str, deque[T]] = {}

    def add(self, host: str, item: T) -> None:
        """Put an item at the end of its host's queue."""
        self._queues.setdefault(host, deque()).append(item)

    def take(self, due_in_s: Callable[[T], float]) -> T | None:
        """Take the next item of the host that may be asked soonest; None when all is done.

        `due_in_s` gives the seconds until an item's host may be asked. Hosts that are due alike take turns.
        """
        if not self._queues:
            return None
        host = min(self._queues, key=lambda name: due_in_s(self._queues[name][0]))
        queue = self._queues.pop(host)
        item = queue.popleft()
        if queue:
            self._queues[host] = queue
        return item

    def drop(self, host: str) -> tuple[T, ...]:
        """Give up a host; return what had been queued for it."""
        return tuple(self._queues.pop(host, ()))
