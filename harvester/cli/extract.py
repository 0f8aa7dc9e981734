"""`harvester extract`: bring your own HTML."""

from __future__ import annotations

import gzip
import sys
import zlib
from pathlib import Path
from typing import Annotated, Final

import typer

from harvester.cli.common import Format
from harvester.errors import UsageError

_MAX_BYTES: Final = 64 << 20


def extract(
    file: Annotated[
        str, typer.Argument(metavar="FILE|-", help="A saved page (gzip accepted), or - for stdin.")
    ],
    url: Annotated[str | None, typer.Option("--url", help="The page's final URL, if known.")] = None,
    output: Annotated[Format, typer.Option("--format", help="What to print: json, md or txt.")] = Format.JSON,
    as_json: Annotated[bool, typer.Option("--json", help="The same as --format json.")] = False,
) -> int:
    """Read one saved page and print its document, or what the page is if it is not an article.

    Exit 0: an article. 1: a page that is not one (its state is printed). 4: a page we do not know.
    """
    from harvester import pipeline
    from harvester.cli.output import as_format, say, write_bytes
    from harvester.document import Document, to_bytes
    from harvester.exits import Exit, of_state
    from harvester.intake import known_url

    found = pipeline.extract(read_page(file), known_url(url) if url else None)
    if as_json or output is Format.JSON:
        write_bytes(to_bytes(found))
    elif not isinstance(found, Document):
        why = found.notice or next(iter(found.evidence), None)
        say(f"not an article: {found.state}" + (f": {why}" if why else ""), style="yellow")
    else:
        write_bytes(as_format(found, output))
    code = of_state(found.state)
    return Exit.NEGATIVE if code == Exit.BLOCKED else code  # nobody was asked, so nobody blocked


def read_page(file: str) -> bytes:
    """Return a page's bytes from a file or stdin, gunzipped if they are gzip; raises `UsageError`."""
    try:
        data = sys.stdin.buffer.read(_MAX_BYTES + 1) if file == "-" else _read_file(Path(file))
        if data.startswith(b"\x1f\x8b"):
            data = _gunzip(data, file)
    except OSError as error:
        raise UsageError(f"cannot read {file}: {error.strerror or error}") from error
    if len(data) > _MAX_BYTES:
        raise UsageError(f"{file} is larger than {_MAX_BYTES >> 20} MiB: not a page")
    if not data.strip():
        raise UsageError(f"{file} is empty: nothing to read")
    return data


def _read_file(path: Path) -> bytes:
    with path.open("rb") as stream:
        return stream.read(_MAX_BYTES + 1)


def _gunzip(data: bytes, file: str) -> bytes:
    import io

    try:
        with gzip.GzipFile(fileobj=io.BytesIO(data)) as stream:
            return stream.read(_MAX_BYTES + 1)
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise UsageError(f"{file} is damaged gzip: {error}") from error
