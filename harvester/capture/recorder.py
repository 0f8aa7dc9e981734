"""The exact bytes of one exchange as they pass, under caps on size and time.

Knows HTTP framing (archive.http1) and nothing of sockets or of an HTTP client: bytes, clock values
and limits in, bytes and verdicts out.
"""

from __future__ import annotations

from tempfile import SpooledTemporaryFile
from typing import BinaryIO, cast

from archive.http1 import Framer
from archive.record import Block
from harvester.capture.exchange import End, Tls
from harvester.clock import Clock
from harvester.errors import StorageError

_PEER_FAULTS = frozenset({"truncated", "empty"})  # the stream ended early; its grammar was sound


class CutError(Exception):
    """Reading must stop here; `end` says why. Never leaves this package."""

    def __init__(self, end: End) -> None:
        super().__init__(end)
        self.end = end


class _Spool(SpooledTemporaryFile[bytes]):
    """Closes its file when the last block that reads from it goes."""

    def __del__(self) -> None:
        self.close()


class Recorder:
    """Keeps what one exchange writes and reads. `framer` tells where the response ends."""

    def __init__(
        self, *, clock: Clock, method: str, max_bytes: int, memory_bytes: int, total_timeout_s: float
    ) -> None:
        self.request = bytearray()
        self.framer = Framer(method)
        self.received_bytes = 0
        self.surplus_bytes = 0
        self.cut: End | None = None
        self.at_eof = False
        self.peer: tuple[str, int] | None = None
        self.tls: Tls | None = None
        self.mapped = False
        self._clock = clock
        self._deadline_s = clock.monotonic_s() + total_timeout_s
        self._max_bytes = max_bytes
        self._memory_bytes = memory_bytes
        self._spool = _Spool(max_size=memory_bytes)

    def time_left_s(self, limit_s: float | None = None) -> float:
        """Return how long the next wait may be. Raises `CutError` once the whole time is spent."""
        left = self._deadline_s - self._clock.monotonic_s()
        if left <= 0:
            raise self._cut("time")
        return left if limit_s is None else min(left, limit_s)

    def shorten(self, seconds: float) -> None:
        """Leave at most so many seconds from now."""
        self._deadline_s = min(self._deadline_s, self._clock.monotonic_s() + seconds)

    def take(self, data: bytes) -> bytes:
        """Record received bytes; return those that belong to the message.

        Raises `CutError` when the cap is reached, the bytes below it being kept.
        """
        room = self._max_bytes - self.received_bytes
        used = self.framer.feed(data[:room])
        self._write(data[:used])
        if used == room < len(data) and not self.framer.complete:
            raise self._cut("length")
        self.surplus_bytes += len(data) - used
        return data[:used]

    def eof(self) -> None:
        """Note that the peer closed its side."""
        self.at_eof = True
        self.framer.eof()

    def disconnected(self) -> CutError:
        """Note that the connection broke; return the error to raise."""
        return self._cut("disconnect")

    def timed_out(self) -> CutError:
        """Note that a wait took too long; return the error to raise."""
        return self._cut("time")

    @property
    def finished(self) -> bool:
        """Whether nothing more is to be read."""
        return self.framer.complete or self.at_eof or self.cut is not None

    @property
    def end(self) -> End:
        """Why reading ended; meaningful once it has."""
        if self.framer.complete:
            return "complete"
        if self.cut == "length":
            return "length"
        if self.framer.problem is not None and self.framer.problem not in _PEER_FAULTS:
            return "protocol"
        return self.cut or "disconnect"

    def block(self) -> Block:
        """Return the response's bytes. Raises `StorageError` if the spool cannot be read."""
        if self.received_bytes > self._memory_bytes:
            return Block.from_file(cast("BinaryIO", self._spool), self.received_bytes)
        self._spool.seek(0)
        data = self._spool.read()
        self._spool.close()
        return Block.of(data)

    def discard(self) -> None:
        """Drop the spool of an exchange that came to nothing."""
        self._spool.close()

    def _write(self, data: bytes) -> None:
        try:
            self._spool.write(data)
        except OSError as error:
            raise StorageError(
                f"no room for a response in the temporary directory: {error.strerror}; "
                "free space or set TMPDIR to another place"
            ) from error
        self.received_bytes += len(data)

    def _cut(self, end: End) -> CutError:
        self.cut = self.cut or end
        return CutError(end)
