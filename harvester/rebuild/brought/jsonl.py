"""JSON lines (https://jsonlines.org), also packed: one object a line. A bad line costs only itself."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import TYPE_CHECKING, BinaryIO, Final

import msgspec

from harvester.rebuild.brought.kinds import position_of, unpacked

if TYPE_CHECKING:
    from archive.storage.places import Place

MAX_LINE_BYTES: Final = 256 << 20
_BOM: Final = b"\xef\xbb\xbf"
_LOOKED_AT: Final = 100


def names(path: Place) -> list[str]:
    """Return the keys of the first objects, in the order they are met. Raises as `rows`."""
    found: dict[str, None] = {}
    for _, item in islice(rows(path), _LOOKED_AT):
        if isinstance(item, dict):
            found.update(dict.fromkeys(item))
    return list(found)


def rows(path: Place) -> Iterator[tuple[int, dict[str, object] | str]]:
    """Yield each line's object, or in words why it is none, after the bytes of the file that are behind it.

    Blank lines are passed over.

    Raises `IntegrityError` where packed bytes are damaged, after the lines before, and `StorageError`.
    """
    with unpacked(path) as stream:
        first = True
        for line in _lines(stream):
            if isinstance(line, str):
                yield position_of(stream), line
                continue
            text = line.removeprefix(_BOM) if first else line
            first = False
            if text.strip():
                yield position_of(stream), _object(text)


def _lines(stream: BinaryIO) -> Iterator[bytes | str]:
    while line := stream.readline(MAX_LINE_BYTES):
        if len(line) < MAX_LINE_BYTES or line.endswith(b"\n"):
            yield line
            continue
        while line and not line.endswith(b"\n"):
            line = stream.readline(1 << 20)
        yield f"the line has more than {MAX_LINE_BYTES >> 20} MiB"


def _object(text: bytes) -> dict[str, object] | str:
    try:
        value = msgspec.json.decode(text)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        return f"the line is no JSON: {error}"
    return value if isinstance(value, dict) else "the line is no JSON object"
