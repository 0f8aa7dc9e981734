"""What a user names: a path of this machine or a URL, read alike; nothing heavy before a URL comes."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterator
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeGuard
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from typing import TypeAlias

    from archive.storage.remote import RemotePath

    Place: TypeAlias = Path | RemotePath
    """What readers ask of either: open("rb"), stat, exists, is_file, is_dir, iterdir, parent, name, /."""

_URL: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+://")


def is_url(text: str) -> bool:
    """Tell whether a user named a URL and not a path of this machine."""
    return _URL.match(text) is not None


def is_remote(path: Place) -> TypeGuard[RemotePath]:
    """Tell whether a place is at a store: no locks, no appending, no SQLite there."""
    return not isinstance(path, Path)


def is_web(path: Place) -> bool:
    """Tell whether a place is at a web server, which knows files only."""
    return str(path).startswith(("http://", "https://"))


def place(text: str | Place) -> Place:
    """Return what a user named. Raises `UsageError` for a URL that cannot be used."""
    if not isinstance(text, str):
        return text
    if not is_url(text):
        return Path(text)
    if text.startswith("file://"):
        from urllib.request import url2pathname  # noqa: PLC0415 - for who writes such URLs

        return Path(url2pathname(urlsplit(text).path))
    from archive.storage.remote import RemotePath  # noqa: PLC0415 - heavy, and only needed for URLs

    return RemotePath.of(text)


def real(path: Place) -> str:
    """Return what tells two names of one file for the same."""
    return os.path.realpath(path) if isinstance(path, Path) else str(path)


def walk(folder: Place) -> Iterator[tuple[Place, list[str], list[str]]]:
    """Yield each folder with the names of its folders and of its files, from the top, as `os.walk` does.

    Folders that are taken out of a list are not gone into. Raises OSError.
    """
    if not isinstance(folder, Path):
        yield from folder.walk()
        return
    for found, folders, names in os.walk(folder, onerror=_raised):
        yield Path(found), folders, names


def children(folder: Place, pattern: str = "*") -> list[Place]:
    """Return what is right below a folder and has a name that fits, sorted; nothing where no folder is."""
    try:
        return sorted((path for path in folder.iterdir() if fnmatchcase(path.name, pattern)), key=str)
    except FileNotFoundError:
        return []


def relative(path: Place, root: Place) -> str:
    """Return a path below a root as it is named from there, with `/`."""
    if isinstance(path, Path) and isinstance(root, Path):
        return path.relative_to(root).as_posix()
    return str(path).removeprefix(f"{root}/")


def absence(path: Place) -> str:
    """Say of a place that is not there what is missing: of a URL perhaps its bucket. Raises OSError."""
    if not isinstance(path, Path) and not path.bucket.exists():
        return f"there is no {path.bucket}: check its name, and whether the credentials may list it"
    return f"{path} does not exist"


def sha256_of(path: Place) -> str:
    """Return a file's SHA-256 in hexadecimal; of a remote file that this process has just read, without
    reading it again. Raises OSError.
    """
    known = path.known_sha256() if is_remote(path) else None
    if known is not None:
        return known
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _raised(error: OSError) -> None:
    raise error
