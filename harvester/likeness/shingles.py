"""Character shingles: every stretch of so many characters of the folded text, and their hashes."""

from __future__ import annotations

from typing import Final

import xxhash

from harvester.likeness.folding import folded

_WIDTH: Final = 4  # bytes a character in UTF-32


def shingles(text: str, size: int) -> frozenset[str]:
    """Return the distinct stretches of `size` folded characters; of a shorter text, the whole as one."""
    plain = folded(text)
    if len(plain) <= size:
        return frozenset((plain,)) if plain else frozenset()
    return frozenset(plain[at : at + size] for at in range(len(plain) - size + 1))


def hashes(text: str, size: int) -> list[int]:
    """Return the 64-bit hash (XXH3 of UTF-32-LE) of the stretch at each place, in order of place.

    A text of fewer than `size` folded characters has none.
    """
    return hashes_of_folded(folded(text), size)


def hashes_of_folded(plain: str, size: int) -> list[int]:
    """Return the same for a text that is folded already."""
    octets, length = plain.encode("utf-32-le"), _WIDTH * size
    digest = xxhash.xxh3_64_intdigest
    return [digest(octets[at : at + length]) for at in range(0, len(octets) - length + 1, _WIDTH)]
