"""Which dictionary serves a run of records: the octets of records that shrink the others most.

Nothing is known of publishers. Records of one layout share most of their octets, so one of them is the best
dictionary of the rest; which one, and whether a second pays, is found by compressing a sample.
"""

from __future__ import annotations

import random
import struct
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import zstandard

LEVEL: Final = 9
"""The level of records: 5 to 8 lose up to a sixth in size, 11 takes twice the time for a twentieth."""
WINDOW_LOG: Final = 23
"""8 MiB, so that frames of records up to that size reach their whole dictionary (RFC 8878 §5)."""
MAX_CONTENT_BYTES: Final = 12 * 1024 * 1024
SKIPPABLE_MAGIC: Final = 0x184D2A5D
"""The frame that holds a file's dictionary (IIPC, "Zstandard Compression for WARC Files 1.0", §3)."""

_PROBE_LEVEL: Final = 5
_DICTIONARY_LEVEL: Final = 16  # once in a file; 19 takes twice the memory for a hundredth
_CANDIDATES: Final = 8
_PARTS: Final = 3
_ENTROPY_BYTES: Final = 64 * 1024
_HEADER_ROOM: Final = 4 * 1024
_WORTH_A_PART: Final = 0.97  # a further part must make the whole a thirtieth smaller


@dataclass(frozen=True, slots=True)
class Choice:
    """A dictionary's content; estimates for all records `with_it` (itself counted) and `without`."""

    content: bytes
    with_it: float
    without: float


def choose(samples: Sequence[bytes], total_bytes: int) -> Choice | None:
    """Return the best dictionary for records like these, None if none pays for itself.

    `total_bytes` is the size of all the records that the sample stands for. Deterministic.
    """
    if not samples or total_bytes <= 0:
        return None
    scale = max(1.0, total_bytes / sum(map(len, samples)))
    plain = probe_size(samples)
    best: tuple[float, bytes] = (plain * scale, b"")
    for _ in range(_PARTS):
        found = _best_addition(samples, best[1], scale)
        if found is None or found[0] > best[0] * _WORTH_A_PART:
            break
        best = found
    return Choice(best[1], best[0], plain * scale) if best[1] else None


def _best_addition(samples: Sequence[bytes], base: bytes, scale: float) -> tuple[float, bytes] | None:
    """Return the estimated size with the best one of some samples put before `base`, and that content."""
    best: tuple[float, bytes] | None = None
    for candidate in _candidates(samples):
        content = candidate + base
        if len(content) > MAX_CONTENT_BYTES or candidate in base:
            continue
        # What is itself in the dictionary would flatter it: the others stand for all.
        others = [sample for sample in samples if sample not in content]
        if not others:
            continue
        share = sum(map(len, samples)) / sum(map(len, others))
        estimate = probe_size(others, content) * share * scale + probe_size([content])
        if best is None or estimate < best[0]:
            best = (estimate, content)
    return best


def _candidates(samples: Sequence[bytes]) -> list[bytes]:
    if len(samples) <= _CANDIDATES:
        return list(samples)
    largest = sorted(samples, key=len, reverse=True)[: _CANDIDATES // 2]
    others = [sample for sample in samples if sample not in largest]
    return largest + random.Random(0).sample(others, min(len(others), _CANDIDATES // 2))  # noqa: S311  # no secret


def probe_size(samples: Sequence[bytes], dictionary: bytes | None = None) -> int:
    """Return about what the samples take, with a raw dictionary if one is given."""
    raw = None
    if dictionary:
        raw = zstandard.ZstdCompressionDict(dictionary, dict_type=zstandard.DICT_TYPE_RAWCONTENT)
    compressor = _compressor(raw, _PROBE_LEVEL)
    return sum(len(compressor.compress(sample)) for sample in samples)


def _compressor(dictionary: zstandard.ZstdCompressionDict | None, level: int) -> zstandard.ZstdCompressor:
    parameters = zstandard.ZstdCompressionParameters.from_level(
        level, window_log=WINDOW_LOG, write_checksum=True, write_content_size=True, write_dict_id=True
    )
    if dictionary is None:
        return zstandard.ZstdCompressor(compression_params=parameters)
    dictionary.precompute_compress(compression_params=parameters)  # once, not for each record
    return zstandard.ZstdCompressor(compression_params=parameters, dict_data=dictionary)


class RecordCompressor:
    """Compresses each record into one frame with its size and checksum, with a dictionary or without."""

    def __init__(self, content: bytes | None, samples: Sequence[bytes] = ()) -> None:
        """`content` is what the dictionary is to hold; `samples` are like what it will be used for."""
        self._standard = _finalised(content, samples) if content else None
        dictionary = None
        if self._standard is not None:
            dictionary = zstandard.ZstdCompressionDict(self._standard, dict_type=zstandard.DICT_TYPE_FULLDICT)
        self._compressor = _compressor(dictionary, LEVEL)

    def head(self) -> bytes:
        """Return the skippable frame that a file with this dictionary begins with, b"" without one."""
        if self._standard is None:
            return b""
        parameters = zstandard.ZstdCompressionParameters.from_level(
            _DICTIONARY_LEVEL, window_log=WINDOW_LOG, write_checksum=True
        )
        packed = zstandard.ZstdCompressor(compression_params=parameters).compress(self._standard)
        return struct.pack("<II", SKIPPABLE_MAGIC, len(packed)) + packed

    def frame(self, octets: bytes) -> bytes:
        """Return one record as a frame."""
        return self._compressor.compress(octets)


def _finalised(content: bytes, samples: Sequence[bytes]) -> bytes:
    """Return a dictionary in the standard format (RFC 8878 §5): magic, id, entropy tables, content."""
    # Imported here: only who compacts pays for it. The other binding does not reach this function.
    if sys.version_info >= (3, 14):
        from compression.zstd import ZstdDict, finalize_dict  # noqa: PLC0415
    else:
        from backports.zstd import ZstdDict, finalize_dict  # noqa: PLC0415

    pieces = [sample[:_ENTROPY_BYTES] for sample in samples] or [content[:_ENTROPY_BYTES]]
    raw = ZstdDict(content, is_raw=True)
    return bytes(finalize_dict(raw, pieces, len(content) + _HEADER_ROOM, LEVEL).dict_content)
