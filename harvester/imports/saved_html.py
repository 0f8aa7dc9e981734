"""Saved HTML: a browser's "save as", SingleFile, or a page's bytes as they came."""

from __future__ import annotations

import re
from typing import Final

from harvester.errors import HostileInputError
from harvester.extraction.metas import read_metas
from harvester.extraction.tree import parse_html
from harvester.imports.addresses import web_address
from harvester.imports.item import Item, Opened
from harvester.imports.times import script_time

METHOD: Final = "browser-html"
_HEAD_BYTES: Final = 16_384
# "Mark of the web": Windows' browsers and Chromium's "save as" write it; the number counts the URL's bytes.
_MARK: Final = re.compile(rb"<!--\s{0,9}saved from url=\(\d{1,6}\)([^\s<>]{1,8192})")
_SINGLEFILE: Final = re.compile(rb"<!--\s{0,9}Page saved with SingleFile([^>]{1,20000}?)-->")
_SINGLEFILE_URL: Final = re.compile(rb"(?:^|\s)url:[ \t]{0,9}(\S{1,8192})")
_SINGLEFILE_DATE: Final = re.compile(rb"saved date:[ \t]{0,9}([^\r\n]{1,120})")


def open_html(data: bytes, url: str | None, url_source: str) -> Opened:
    """Return the one page of a saved HTML file. `url` is what the user says it is; else the file is asked:
    the saver's comment first, then the page's canonical link and `og:url`.
    """
    head = data[:_HEAD_BYTES]
    single = _SINGLEFILE.search(head)
    fetched = _single_file_time(single[1]) if single else None
    if url is None:
        url, url_source = _url_of(data, head, single[1] if single else None)
    return Opened(
        items=(
            Item(
                method=METHOD,
                body=data,
                content_type="text/html",
                url=url,
                url_source=url_source if url else None,
                fetched=fetched,
                fetched_source="singlefile.saved-date" if fetched else None,
            ),
        )
    )


def address_of(data: bytes) -> str | None:
    """Return the URL that a saved page says it has, None where it says none."""
    head = data[:_HEAD_BYTES]
    single = _SINGLEFILE.search(head)
    return _url_of(data, head, single[1] if single else None)[0]


def _single_file_time(comment: bytes) -> str | None:
    date = _SINGLEFILE_DATE.search(comment)
    return script_time(date[1].decode("utf-8", "replace")) if date else None


def _url_of(data: bytes, head: bytes, single: bytes | None) -> tuple[str | None, str]:
    mark = _MARK.search(head)
    named = _SINGLEFILE_URL.search(single) if single else None
    for found, source in ((mark, "saved-from comment"), (named, "singlefile comment")):
        url = web_address(found[1].decode("utf-8", "replace").removesuffix("--")) if found else None
        if url:
            return url, source
    return _declared(data)


def _declared(data: bytes) -> tuple[str | None, str]:
    """Return the URL that the page gives itself."""
    try:
        root = parse_html(data).root
    except HostileInputError:
        return None, ""  # the reader will say why the page cannot be read
    link = root.css_first('link[rel="canonical"][href]')
    canonical = web_address(link.attributes.get("href")) if link else None
    if canonical:
        return canonical, "link[rel=canonical]"
    declared = read_metas(root).first("og:url")
    url = web_address(declared[1]) if declared else None
    return url, "meta[property=og:url]"
