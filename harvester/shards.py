"""A share of the work, I of N, for machines that do not talk to each other: told by a digest alone."""

from __future__ import annotations

import hashlib
from typing import Self

import msgspec

from harvester.errors import UsageError


class Shard(msgspec.Struct, frozen=True):
    """Share `number` (from 1) of `count`."""

    number: int
    count: int

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read `I/N`. Raises `UsageError`."""
        number, slash, count = text.partition("/")
        if not (slash and number.isdecimal() and count.isdecimal() and 1 <= int(number) <= int(count)):
            raise UsageError(f"{text!r} is no share: say I/N, such as 3/8 for the third of eight")
        return cls(int(number), int(count))

    def has_digest(self, digest: str) -> bool:
        """Tell whether what has this digest (in hex) is of this share."""
        return int(digest, 16) % self.count == self.number - 1

    def has_key(self, key: str) -> bool:
        """Tell whether what is known by this key is of this share: by the key's SHA-256."""
        return self.has_digest(hashlib.sha256(key.encode("utf-8", "surrogateescape")).hexdigest())

    def owner_of(self, key: str) -> Shard:
        """Return the share, of as many, that what is known by this key is of."""
        return next(one for n in range(self.count) if (one := Shard(n + 1, self.count)).has_key(key))

    def __str__(self) -> str:
        return f"{self.number}/{self.count}"
