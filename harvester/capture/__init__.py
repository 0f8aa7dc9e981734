"""From a URL to recorded exchanges. Names load when used: reading an archive never loads httpx."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from harvester.capture.client import Client
    from harvester.capture.exchange import Exchange, FailedAttempt, Tls, Visit
    from harvester.capture.options import CaptureOptions, ConnectTo

__all__ = ["CaptureOptions", "Client", "ConnectTo", "Exchange", "FailedAttempt", "Tls", "Visit"]

_HOMES: Final = {
    "CaptureOptions": "options",
    "Client": "client",
    "ConnectTo": "options",
    "Exchange": "exchange",
    "FailedAttempt": "exchange",
    "Tls": "exchange",
    "Visit": "exchange",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
