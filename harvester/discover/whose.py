"""Whose an article is: the accounts that an archive knows, by key, names and ids."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Self

import msgspec

from harvester.document import Account
from harvester.errors import GiveUpError
from harvester.library import ArticleRow, Library
from harvester.sites import site_for_url
from harvester.urls import host_of


class Known(msgspec.Struct, kw_only=True):
    """One account: its key (`Site.account_key`), its names, newest last, and its ids (`gh_…`, alias)."""

    key: str
    names: list[str] = msgspec.field(default_factory=list)
    ids: list[str] = msgspec.field(default_factory=list)

    def learn(self, name: str | None, ids: Iterable[str | None] = ()) -> None:
        """Add a name, as the newest, and ids."""
        if name:
            self.names = [*(one for one in self.names if one != name), name]
        self.ids += [one for one in dict.fromkeys(ids) if one and one not in self.ids]


class Whose:
    """The accounts of one archive."""

    def __init__(self) -> None:
        self._known: dict[str, Known] = {}

    @classmethod
    def of(cls, library: Library, articles: Iterable[ArticleRow]) -> Self:
        """Return the accounts of these articles; of each, one document is read for its ids."""
        found = cls()
        last: dict[str, ArticleRow] = {}
        for row in articles:
            key = key_of_url(row.url) if row.url else None
            if key is not None:
                found.learn(key, row.source)
                last[key] = row
        rows = library.named(row.id for row in last.values())
        for key, article in last.items():
            try:
                account = library.document(rows[article.id]).account
            except (GiveUpError, KeyError):
                continue
            found.learn_account(key, account)
        return found

    def learn(self, key: str, name: str | None) -> None:
        """Note an account under a name."""
        self._known.setdefault(key, Known(key=key)).learn(name)

    def learn_account(self, key: str, account: Account | None) -> None:
        """Note an account as an article states it."""
        if account is not None:
            known = self._known.setdefault(key, Known(key=key))
            known.learn(account.name, (account.id, account.alias))

    def key_of(self, url: str, name: str | None = None, account_id: str | None = None) -> str | None:
        """Return the key of the account of a URL: by itself, else by an id or a name that one account has."""
        key = key_of_url(url)
        if key is not None:
            return key
        for text in filter(None, (account_id, name)):
            keys = [one.key for one in self._known.values() if text in one.names or text in one.ids]
            if len(keys) == 1:
                return keys[0]
        return None

    def label(self, url: str, name: str | None = None, account_id: str | None = None) -> str:
        """Return what to call the account of a URL: its name, else its id, else the host."""
        key = self.key_of(url, name, account_id)
        known = self._known.get(key) if key else None
        newest = known.names[-1] if known and known.names else None
        return newest or name or account_id or (key and key.partition(":")[2]) or host_of(url)

    def fits(self, wanted: str, url: str, name: str | None = None, account_id: str | None = None) -> bool:
        """Tell whether a URL is of the account that a person means: by name, id, `__biz`, or by host."""
        wanted = wanted.strip()
        if wanted in {name, account_id, host_of(url)}:
            return True
        key = self.key_of(url, name, account_id)
        return key is not None and self.means(wanted, key)

    def means(self, wanted: str, key: str) -> bool:
        """Tell whether a person means the account of a key."""
        known = self._known.get(key)
        if wanted in {key, key.partition(":")[2]} or wanted.rstrip("=") == key.partition(":")[2]:
            return True
        return known is not None and (wanted in known.names or wanted in known.ids)

    def get(self, key: str) -> Known | None:
        """Return what is known of an account."""
        return self._known.get(key)


def key_of_url(url: str) -> str | None:
    """Return the key of the account that a URL itself names, None where it names none."""
    return site_for_url(url).account_key(url)
