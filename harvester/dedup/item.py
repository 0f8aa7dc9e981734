"""What deduplication knows of a document."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from harvester.sites import site_for_url


class Ids(msgspec.Struct, frozen=True):
    """The fields of `Identity` and `OriginalAccount` that name an article."""

    key: str | None = None
    biz: str | None = None
    mid: str | None = None
    idx: str | None = None
    short_url: str | None = None
    long_url: str | None = None
    url: str | None = None

    def keys(self) -> list[str]:
        """Return every name of the article: equal names are of one article."""
        found = [self.key] if self.key else []
        if self.biz and self.mid:
            found.append(f"id:{self.biz}:{self.mid}:{self.idx or '1'}")
        for url in (self.short_url, self.long_url, self.url):
            found += url_keys(url)
        return list(dict.fromkeys(found))


class Item(msgspec.Struct, frozen=True):
    """A document's fields, as they stand in its JSON; of a table's row, nested ones are JSON text."""

    id: str
    site: str
    text: str
    text_sha256: str
    title: str | None = None
    url: str | None = None
    date: str | None = None
    published_at: str | None = None
    fetch_date: str | None = None
    source: str | None = None
    original_source: str | None = None
    source_url: str | None = None
    identity: Ids = Ids()
    original_account: Ids | None = None

    def keys(self) -> list[str]:
        """Return every name of the article."""
        return list(dict.fromkeys([*self.identity.keys(), *url_keys(self.url)]))


def url_keys(url: str | None) -> list[str]:
    """Return what an address says of the article: its identity key, and the address in its lasting form."""
    if not url:
        return []
    site = site_for_url(url)
    key = site.identity_key(url)
    return [*([key] if key else []), f"url:{site.canonical_url(url) or url}"]


def item_from_row(row: Mapping[str, Any]) -> Item:
    """Return the item of a table's row. Raises `msgspec.DecodeError` where it is none."""
    nested = {
        name: msgspec.json.decode(row[name]) for name in ("identity", "original_account") if row.get(name)
    }
    plain = {
        name: row.get(name) for name in Item.__struct_fields__ if name not in ("identity", "original_account")
    }
    return msgspec.convert({**plain, **nested}, Item)


def item_from_json(data: bytes | str) -> Item:
    """Return the item of a document's JSON or of a line of a table. Raises `msgspec.DecodeError`."""
    value = msgspec.json.decode(data)
    if isinstance(value, dict) and isinstance(value.get("identity"), str):
        return item_from_row(value)
    return msgspec.convert(value, Item)
