"""The queue: choosing the next of 100 000 items, of one host and of many."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

import msgspec

from harvester.watch.queue import Item, Queue
from harvester.watch.wanted import item_of

ITEMS = 100_000
_ROUNDS = 200


def _filled(path: Path, hosts: int) -> Queue:
    queue = Queue(path)
    with queue.transaction():
        for number in range(ITEMS):
            url = f"https://host{number % hosts}.example/{number}"
            made = item_of(url, "page", "w", "watch list", 0.0)
            queue.put(msgspec.structs.replace(made, due_s=float((number * 7919) % ITEMS)))
    return queue


def _choose(queue: Queue) -> Item | None:
    """As the runner does: the hosts with what is due, and the first of each."""
    found = [queue.first_of(host) for host in queue.due_hosts()]
    item = min((one for one in found if one is not None), key=lambda one: one.due_s or 0.0, default=None)
    if item is not None:
        queue.lease(item, 1e9)
    return item


def main() -> None:
    """Print milliseconds for one choice, its lease written."""
    print(f"QUEUE  {ITEMS} items\n\n   hosts   choose and lease, ms (median, worst)")
    for hosts in (1, 10, 100):
        with tempfile.TemporaryDirectory() as folder:
            queue = _filled(Path(folder) / "q.sqlite3", hosts)
            took = []
            for _ in range(_ROUNDS):
                began = time.perf_counter()
                _choose(queue)
                took.append(1000 * (time.perf_counter() - began))
            queue.close()
        took.sort()
        print(f"{hosts:8d}   {took[len(took) // 2]:.3f}, {took[-1]:.3f}")


if __name__ == "__main__":
    main()
