"""Something that is done every while beside the work: saying that a run lives, and how far it is."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator

from harvester.errors import StorageError


@contextlib.contextmanager
def every(seconds: float, call: Callable[[], None]) -> Iterator[None]:
    """Call something again and again beside what is done; after a fault the next call may do better."""
    ended = threading.Event()

    def repeat() -> None:
        while not ended.wait(seconds):
            with contextlib.suppress(OSError, StorageError):
                call()

    thread = threading.Thread(target=repeat, daemon=True, name="harvester-every")
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()
