"""Lists of inputs, one a line, from a file, a URL or standard input; gzip undone (as of `warc.paths.gz`)."""

from __future__ import annotations

from typing import Final

from archive.storage import place
from harvester.errors import UsageError
from harvester.inputs import gunzipped, read_file, read_stdin

STDIN: Final = "-"
MAX_LIST_BYTES: Final = 256 << 20


def listed(source: str) -> list[str]:
    """Return the paths of a list; relative ones count from the working directory, as on the command line.

    Blank lines are passed over. Raises `UsageError` for a list that cannot be read, is no UTF-8 text, or
    names nothing, `StorageError` where permission is missing.
    """
    what = "a list of files"
    name = "standard input" if source == STDIN else source
    if source == STDIN:
        data = read_stdin(MAX_LIST_BYTES, what)
    else:
        data = read_file(place(source), MAX_LIST_BYTES, what)
    data = gunzipped(data, name, MAX_LIST_BYTES, what)
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UsageError(f"{name} is no list of files: byte {error.start} is not UTF-8") from error
    if "\0" in text:
        raise UsageError(f"{name} is no list of files: it holds NUL; write one path a line")
    paths = [line for line in map(str.strip, text.split("\n")) if line]
    if not paths:
        raise UsageError(f"{name} names no file: write one path a line")
    return paths
