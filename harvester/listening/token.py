"""The token that guards the door: random, in a file that only its user can read."""

from __future__ import annotations

import hmac
import os
import secrets
import stat
from pathlib import Path
from typing import Final

from harvester.errors import StorageError, UsageError

NAME: Final = "listen.token"
_BYTES: Final = 32
_MAX_FILE_BYTES: Final = 1024
_LEAST_CHARS: Final = 32


def token_of(state: Path) -> str:
    """Return the token of a state directory, made at first need.

    Raises `UsageError` for a file that others can read or that holds no token, `StorageError`.
    """
    path = state / NAME
    try:
        state.mkdir(parents=True, exist_ok=True)
        try:
            descriptor = os.open(
                path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600
            )
        except FileExistsError:
            return _read(path)
        token = secrets.token_urlsafe(_BYTES)
        with os.fdopen(descriptor, "wb") as file:
            os.fchmod(file.fileno(), 0o600)
            file.write(token.encode())
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        raise StorageError(f"cannot keep the token in {path}: {error.strerror}") from error
    return token


def is_token(given: str, token: str) -> bool:
    """Tell whether a token was given, in a time that tells nothing of it."""
    return hmac.compare_digest(given.encode("utf-8", "replace"), token.encode())


def _read(path: Path) -> str:
    with os.fdopen(os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC), "rb") as file:
        found = os.fstat(file.fileno())
        data = file.read(_MAX_FILE_BYTES)
    if found.st_uid != os.getuid() or stat.S_IMODE(found.st_mode) & 0o077:
        raise UsageError(
            f"others can read {path}: delete it, and a new token is made (set your browsers up anew)"
        )
    token = data.decode("ascii", "replace").strip()
    if len(token) < _LEAST_CHARS or not token.isprintable() or " " in token:
        raise UsageError(f"{path} holds no token: delete it, and a new one is made")
    return token
