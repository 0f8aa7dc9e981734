"""Was the page cut off before its end? WeChat closes every page with `</html>` (2017-2026)."""

from __future__ import annotations

from typing import Final

from harvester.extraction.nodes import is_followed
from harvester.reading import Page
from harvester.sites.wechat.fields import Fields
from harvester.sites.wechat.source import Source

# Pages of 2017-2019 carry this in comments at both ends: it says nothing of where the page ends.
_TRAP_BEFORE: Final = b"<html>"
_MAX_TRIES: Final = 8
_TAIL_BYTES: Final = 4096
# What a whole page of any era states in its scripts.
_ALWAYS_STATED: Final = ("published", "biz", "mid")


def why_cut(page: Page, source: Source, fields: Fields) -> str | None:
    """Return why a page is known or must be feared to be cut, None for a whole one.

    A file without its end may be a saved part of a page. It passes if it never opened `<html>` and its last
    tag is whole; or if it is not known to have come over HTTP (savers may drop optional end tags), something
    follows the body's container, and it either has no script left (savers drop them) or states what a whole
    page's scripts state: else it may be a page cut between its body and its data.
    """
    if not page.complete:
        return "the transfer was cut"
    data = source.tree.data
    if has_end(data):
        return None
    lower_head = data[:4096].lower()
    whole_tag = data.rstrip().endswith(b">") and data.rfind(b"<script") <= data.rfind(b"</script")
    if b"<html" not in lower_head and b"<head" not in lower_head and whole_tag:
        return None
    stated = b"<script" not in data or all(fields.value(name) for name in _ALWAYS_STATED)
    text = "#js_content, #js_article"
    if page.status is None and whole_tag and stated and is_followed(source.element(text)):
        return None
    return "the page ends before </html>"


def has_end(data: bytes) -> bool:
    """Tell whether `</html` stands in a page's markup, outside of scripts and of the trap comments."""
    tail = max(0, len(data) - _TAIL_BYTES)  # nearly always there; a search of megabytes costs a parse's third
    return _has_end_after(data, tail) or _has_end_after(data, 0)


def _has_end_after(data: bytes, start: int) -> bool:
    at = len(data)
    for _ in range(_MAX_TRIES):
        at = max(data.rfind(b"</html", start, at), data.rfind(b"</HTML", start, at))
        if at < 0:
            return False
        in_script = data.rfind(b"<script", 0, at) > data.rfind(b"</script", 0, at)
        if not in_script and not data.endswith(_TRAP_BEFORE, 0, at):
            return True
    return False
