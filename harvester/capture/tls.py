"""The secured connection: whom to trust, and what is recorded of it."""

from __future__ import annotations

import ssl
from collections.abc import Iterable
from pathlib import Path

from harvester.capture.exchange import Tls
from harvester.errors import UsageError
from harvester.urls import shown


def tls_of(sock: object) -> Tls | None:
    """Return version, cipher and certificates of a socket's connection; None for one without TLS."""
    if not isinstance(sock, ssl.SSLSocket):
        return None
    chain: Iterable[bytes] = ()
    if hasattr(sock, "get_unverified_chain"):  # Python 3.13
        chain = sock.get_unverified_chain()
    own = sock.getpeercert(binary_form=True)
    cipher = sock.cipher()
    return Tls(
        version=sock.version() or "unknown",
        cipher=cipher[0] if cipher else "unknown",
        chain=tuple(chain) or ((own,) if own else ()),
    )


def context_trusting(ca_file: Path) -> ssl.SSLContext:
    """Return a verifying context that trusts the authorities of a PEM file and no others.

    Raises `UsageError` for a file that cannot be used.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    try:
        context.load_verify_locations(cafile=ca_file)
    except OSError as error:  # ssl.SSLError is one
        raise UsageError(f"the CA file {shown(str(ca_file))} cannot be used: {error}") from error
    return context
