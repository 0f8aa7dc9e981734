"""MinHash sketches (Broder 1997), by datasketch: how alike two large sets are, from 128 numbers each.

datasketch and the NumPy it stands on are in the extra `dedup`; they are imported when a sketch is made.
Its scheme `affine64`, seed and hash are named here, so that a sketch is the same on every machine; the
library keeps a named scheme bit for bit (it kept `legacy` when 2.0 brought new ones).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from harvester.errors import UsageError
from harvester.likeness.folding import folded
from harvester.likeness.shingles import hashes_of_folded

if TYPE_CHECKING:
    from datasketch import MinHash

PERMUTATIONS: Final = 128
SKETCH_SHINGLE: Final = 5
"""Folded characters of a shingle: two Chinese words and their neighbourhood."""
_BATCH: Final = 4096
"""Hashes at a time: the library's table of a batch takes 128 times 8 bytes for each."""
_SEED: Final = 1
_SCHEME: Final = "affine64"


def minhash(text: str) -> tuple[int, ...]:
    """Return the MinHash of a text: 128 numbers of 64 bits, of its shingles of 5 folded characters.

    The share of equal numbers of two texts estimates the Jaccard similarity of their shingles. A text of
    fewer than 5 folded characters has none. Raises `UsageError` where datasketch is not installed.
    """
    return minhash_of(hashes_of_folded(folded(text), SKETCH_SHINGLE))


def minhash_of(values: Sequence[int]) -> tuple[int, ...]:
    """Return the MinHash of hashed shingles."""
    if not values:
        return ()
    sketch = _empty().copy()
    for at in range(0, len(values), _BATCH):
        sketch.update_batch(values[at : at + _BATCH])
    return tuple(sketch.hashvalues.tolist())


def bands(sketch: Sequence[int], rows: int) -> Iterator[tuple[int, ...]]:
    """Yield the bands of a sketch, `rows` numbers each: locality-sensitive hashing.

    Texts of Jaccard similarity s agree in at least one of b bands of r rows by chance 1 - (1 - s^r)^b.
    """
    for at in range(0, len(sketch) - rows + 1, rows):
        yield tuple(sketch[at : at + rows])


def require_datasketch() -> None:
    """Raise `UsageError` where datasketch is not installed."""
    _empty()


@cache
def _empty() -> MinHash:
    try:
        from datasketch import MinHash  # noqa: PLC0415 - heavy, and in an extra
    except ImportError as error:
        raise UsageError(
            "near-same texts are found by datasketch, which is not installed: "
            "pip install 'wechat-harvester[dedup]'"
        ) from error
    return MinHash(PERMUTATIONS, seed=_SEED, hashfunc=_as_is, scheme=_SCHEME)


def _as_is(value: Any) -> Any:
    return value
