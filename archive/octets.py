"""A source of octets with look-ahead, bounded by the chunk: what the scans of WARC and ARC stand on."""

from __future__ import annotations

from collections.abc import Iterator

from archive.members import INFLATED_BYTES, Source


class Octets:
    """The octets of one member or plain file. `position` counts those taken, from `base` on."""

    def __init__(self, source: Source, base: int = 0) -> None:
        self.position = base
        self._source = source
        self._kept = b""
        self._at = 0  # in what is kept
        self._ended = False

    def peek(self, size: int) -> bytes:
        """Return the next `size` octets, fewer only at the end, without taking them."""
        while len(self._kept) - self._at < size and not self._ended:
            self._fill()
        return self._kept[self._at : self._at + size]

    def take(self, size: int) -> bytes:
        """Take up to `size` octets: at least one unless the end is reached."""
        if self._at == len(self._kept) and not self._ended:
            self._fill()
        data = self._kept[self._at : self._at + size]
        self._at += len(data)
        self.position += len(data)
        return data

    def chunks(self, size: int) -> Iterator[bytes]:
        """Take exactly `size` octets in pieces; fewer only if the end comes first."""
        while size and (data := self.take(min(size, INFLATED_BYTES))):
            size -= len(data)
            yield data

    def until(self, marks: tuple[bytes, ...], limit: int) -> bytes | None:
        """Take through the first of `marks` within `limit` octets; None, nothing taken, if none is there."""
        longest = max(map(len, marks))
        searched = 0
        while True:
            found = [(self._kept.find(mark, self._at + searched), len(mark)) for mark in marks]
            ends = [at + length - self._at for at, length in found if at >= 0]
            if ends:
                return self.take(min(ends)) if min(ends) <= limit else None
            size = len(self._kept) - self._at
            if self._ended or size >= limit:
                return None
            searched = max(0, size - longest + 1)
            self._fill()

    def skip_any(self, octets: bytes) -> int:
        """Take the longest run of the given octets; return its length."""
        count = 0
        while data := self.peek(1024):
            rest = data.lstrip(octets)
            self.take(len(data) - len(rest))
            count += len(data) - len(rest)
            if rest:
                break
        return count

    def drain(self) -> int:
        """Take all there is; return how many octets that were."""
        count = 0
        while data := self.take(INFLATED_BYTES):
            count += len(data)
        return count

    def _fill(self) -> None:
        data = self._source.read(INFLATED_BYTES)
        self._ended = not data
        self._kept, self._at = self._kept[self._at :] + data, 0
