"""Which files to import, what kind each is, and its bytes: read whole, within a cap, gzip undone."""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Final

from archive.layout import MARKER
from harvester.errors import UsageError
from harvester.imports.addresses import web_address
from harvester.imports.front_matter import read_markdown_file
from harvester.imports.har import open_har
from harvester.imports.item import MAX_FILE_BYTES, Item, Opened
from harvester.imports.mhtml import open_mhtml
from harvester.imports.saved_html import open_html
from harvester.imports.times import claimed_time
from harvester.inputs import gunzipped

_HEAD_BYTES: Final = 65_536
_TAG: Final = re.compile(
    rb"<(?:!doctype\s{1,9}html|html|head|body|meta|title|script|div|p)[\s>]", re.IGNORECASE
)
_MIME_HEADER: Final = re.compile(rb"(?:\A|\n)(?:MIME-Version|Content-Type):[^\n]{0,200}", re.IGNORECASE)
_HTML_SUFFIXES: Final = (".html", ".htm", ".xhtml", ".shtml")
_BESIDE: Final = ("_files", ".files", "_文件")
_MARKDOWN_TYPE: Final = "text/markdown; charset="


def files_of(paths: Sequence[Path]) -> Iterator[tuple[Path, bool]]:
    """Yield the files that names and folders stand for, in order of name, and whether each was named itself.

    Folders are walked without following links, hidden names are passed over, and so are archives of ours
    and the folders that browsers put beside a saved page (`page_files`). Raises `UsageError` for a path
    that is not there.
    """
    for path in paths:
        if path.is_dir():
            yield from ((found, False) for found in _walk(path))
        elif path.exists():
            yield path, True
        else:
            raise UsageError(f"{path} does not exist: name files or folders to import")


def _walk(root: Path) -> Iterator[Path]:
    for folder, folders, names in os.walk(root, onerror=partial(_refused, root)):
        if MARKER in names:
            folders.clear()
            continue
        beside = companions(names, set(folders))
        folders[:] = sorted(n for n in folders if not n.startswith(".") and n not in beside)
        for name in sorted(names):
            path = Path(folder, name)
            if not name.startswith(".") and path.is_file() and not path.is_symlink():
                yield path


def _refused(root: Path, error: OSError) -> None:
    """What was named must be readable; a folder somewhere below it that is not is passed over."""
    if error.filename == str(root):
        raise error


def companions(files: Iterable[str], folders: Collection[str]) -> dict[str, str]:
    """Return the folders that a browser put beside a saved page of the same place, with that page's name."""
    pages = (name for name in files if name.lower().endswith(_HTML_SUFFIXES))
    pairs = ((f"{Path(name).stem}{end}", name) for name in pages for end in _BESIDE)
    return {folder: name for folder, name in pairs if folder in folders}


def read_file(path: Path) -> bytes:
    """Return a file's bytes. Raises `UsageError` for one that cannot be read, is empty or too large."""
    try:
        with path.open("rb") as stream:
            data = stream.read(MAX_FILE_BYTES + 1)
    except OSError as error:
        raise UsageError(f"cannot read {path}: {error.strerror or error}") from error
    if len(data) > MAX_FILE_BYTES:
        raise UsageError(f"{path} is larger than {MAX_FILE_BYTES >> 20} MiB: too large to import")
    if not data.strip():
        raise UsageError(f"{path} is empty: nothing to import")
    return data


def open_file(data: bytes, name: str, url: str | None) -> Opened | None:
    """Read a file of whatever kind its bytes are; None for one of no kind we know.

    `url` is what the user says the page's URL is; it wins over what the file says. Raises `UsageError` for
    a file of a known kind that cannot be used.
    """
    data = _gunzipped(data, name)
    source = "--url" if url else ""
    markdown = read_markdown_file(data)
    if markdown is not None:
        return _open_markdown(data, url)
    start = data[:_HEAD_BYTES].lstrip(b"\xef\xbb\xbf \t\r\n")
    if start.startswith(b"{") and b'"log"' in start:
        return open_har(data, name, url)
    if _is_mime(start):
        return open_mhtml(data, name, url, source)
    if _is_html(start, name):
        return open_html(data, url, source)
    return None


def _gunzipped(data: bytes, name: str) -> bytes:
    plain = gunzipped(data, name, MAX_FILE_BYTES, "an import")
    if not plain.strip():
        raise UsageError(f"{name} unpacks to nothing: nothing to import")
    return plain


def _is_mime(start: bytes) -> bool:
    """Tell whether a file begins with a mail header that announces MIME, as MHTML does."""
    head = start[:8192].replace(b"\r\n", b"\n").partition(b"\n\n")[0]
    return b"<" not in head[:1] and len(_MIME_HEADER.findall(head)) >= 2  # noqa: PLR2004 - both headers


def _is_html(start: bytes, name: str) -> bool:
    if start.startswith((b"\xff\xfe", b"\xfe\xff")):  # UTF-16: every other byte of a tag is zero
        start = start.replace(b"\x00", b"")
    named = name.lower().removesuffix(".gz").endswith(_HTML_SUFFIXES)
    return _TAG.search(start) is not None if start.lstrip().startswith(b"<") or named else False


def _open_markdown(data: bytes, url: str | None) -> Opened:
    file = read_markdown_file(data)
    if file is None or not (file.get("title") or file.get("url")):
        raise UsageError("its front matter names neither a title nor a url: not a capture of a page")
    named = web_address(file.get("url"))
    warnings = ["the front matter's url is not a web address"] if file.get("url") and not named else []
    fetched, warning = claimed_time(file.get("fetch_date"))
    source = "--url" if url else "front-matter.url" if named else None
    return Opened(
        items=(
            Item(
                method="markdown",
                body=data,
                content_type=_MARKDOWN_TYPE + file.encoding,
                url=url or named,
                url_source=source,
                fetched=fetched,
                fetched_source="front-matter.fetch_date" if fetched else None,
                warnings=(*warnings, *([warning] if warning else [])),
            ),
        )
    )
