"""What is set about the clients below fsspec, where their own ways would let us wait for ever."""

from __future__ import annotations

from typing import Any, Final

TRIES: Final = 2
"""Tries of a request that the S3 client itself makes; `archive.storage.faults` waits, and tries again."""


def tamed(system: Any) -> Any:
    """Return a client with limits to its patience."""
    if "s3" in _protocols(system) and system.session is None:
        _tame_s3(system)
    return system


def _protocols(system: Any) -> tuple[str, ...]:
    found = system.protocol
    return (found,) if isinstance(found, str) else tuple(found)


def _tame_s3(system: Any) -> None:
    """Have bodies sent without asking first, and requests not tried over by three layers at once.

    For `Expect: 100-continue` aiohttp waits without any limit: a store, or a broken connection, that does not
    say "continue" would end a run without a word.
    """
    from aiobotocore.session import AioSession  # noqa: PLC0415 - heavy; s3fs has it already
    from botocore.handlers import add_expect_header  # noqa: PLC0415

    session = AioSession()
    session.unregister("before-call.s3", add_expect_header)
    system.session = session
    system.config_kwargs = {"retries": {"total_max_attempts": 1}, **system.config_kwargs}
    system.retries = TRIES
