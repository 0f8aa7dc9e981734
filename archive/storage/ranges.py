"""A remote file read by ranges: each read is whole or an error, and reading on asks for larger pieces."""

from __future__ import annotations

import errno
import hashlib
import io
import threading
from collections import OrderedDict
from typing import TYPE_CHECKING, Any, Final, cast

from archive.storage.faults import StoreError, patient
from archive.words import counted

if TYPE_CHECKING:
    from archive.storage.remote import RemotePath

FIRST_BYTES: Final = 64 << 10
"""The first request of a file: what tells its form."""
JUMP_BYTES: Final = 512 << 10
"""The first request at another place: a page's record, most often whole."""
READ_AHEAD_BYTES: Final = 4 << 20
"""The largest request, reached by reading on; what one open file holds."""
_GROWTH: Final = 4
_MAX_KNOWN: Final = 10_000

Identity = tuple[str, int, str]
"""A file as it was: its URL, its size, and the version that its store tells."""

_known: OrderedDict[str, tuple[Identity, str]] = OrderedDict()
_lock = threading.Lock()


def known_sha256(url: str) -> tuple[Identity, str] | None:
    """Return what a file was when this process read it from its first to its last byte, and its SHA-256."""
    with _lock:
        return _known.get(url)


class Ranges(io.RawIOBase):
    """A remote file; `identity` is None where its store tells no version."""

    def __init__(self, path: RemotePath) -> None:
        self._path = path
        self._file, self._size, self._version = path.opened()
        self._at = 0
        self._window, self._window_at = b"", 0
        self._head = b""
        self._ahead = FIRST_BYTES
        self._sha256 = hashlib.sha256()
        self._hashed = 0

    @property
    def url(self) -> str:
        """What it is called in messages."""
        return self._path.url

    @property
    def identity(self) -> Identity | None:
        """What tells it from every other state of it."""
        return (self.url, self._size, self._version) if self._version is not None else None

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        place = offset + {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size}[whence]
        if place < 0:
            raise OSError(errno.EINVAL, "a place before the file's start")
        self._at = place
        return place

    def readinto(self, buffer: Any) -> int:  # its type, Buffer, has a name from Python 3.12 on
        if self._at >= self._size or not len(buffer):
            return 0
        data = self._here(len(buffer))
        buffer[: len(data)] = data
        self._at += len(data)
        return len(data)

    def _here(self, size: int) -> memoryview:
        """Return some bytes from where reading stands; the file's head, which tells its form, is kept."""
        if self._at < len(self._head):
            return memoryview(self._head)[self._at : self._at + size]
        start = self._at - self._window_at
        if not 0 <= start < len(self._window):
            self._next_window()
            start = 0
        return memoryview(self._window)[start : start + size]

    def _next_window(self) -> None:
        end = self._window_at + len(self._window)
        # A little further on is reading on: what is between was not wanted.
        if self._window and not end <= self._at <= end + JUMP_BYTES:
            self._ahead = JUMP_BYTES
        wanted = min(self._ahead, self._size - self._at)
        self._window = b""  # not held beside the next one
        self._window, self._window_at = self._fetch(self._at, wanted), self._at
        self._ahead = min(self._ahead * _GROWTH, READ_AHEAD_BYTES)
        self._digest(self._window_at, self._window)
        if self._at == 0:
            self._head = self._window[:FIRST_BYTES]

    def _digest(self, at: int, data: bytes) -> None:
        """Digest what follows on what was digested; a file that was read whole is known by it."""
        if not at <= self._hashed < at + len(data):
            return
        self._sha256.update(memoryview(data)[self._hashed - at :])
        self._hashed = at + len(data)
        if self._hashed == self._size and self.identity is not None:
            with _lock:
                _known[self.url] = (self.identity, self._sha256.hexdigest())
                while len(_known) > _MAX_KNOWN:
                    _known.popitem(last=False)

    @patient
    def _fetch(self, at: int, wanted: int) -> bytes:
        if self._file is None:
            self._file, size, version = self._path.opened()
            if (size, version) != (self._size, self._version):
                self._drop()
                raise StoreError(errno.EIO, "it changed while it was read: run it again", lasting=True)
        try:
            self._file.seek(at)
            data = cast(bytes, self._file.read(wanted))
        except Exception:
            self._drop()
            raise
        if len(data) != wanted:
            self._drop()
            raise StoreError(
                errno.EIO,
                f"{counted(wanted, 'byte was', 'bytes were')} asked for, {len(data)} came",
                lasting=False,
            )
        return data

    def _drop(self) -> None:
        """Let go of the client's file: the next request asks for a new one."""
        file, self._file = self._file, None
        if file is not None:
            file.close()

    def close(self) -> None:
        if not self.closed:
            self._drop()
            self._window = b""
        super().close()
