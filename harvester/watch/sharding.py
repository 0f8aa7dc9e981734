"""Which machine of several looks at what: one exact rule, a function of URLs and nothing else. Pure.

- What a source found is its source's: only the machine that asks the source learns of it. What an article
  leads to by rule goes with the article (harvester.discover.led).
- All else (configured or added URLs, and sources) is told by its URL: by the account that it names, else by
  the article that it names, else by its host, path and query.

So each item is of exactly one share, whatever else is watched; adding watches moves no other item.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from harvester.sites import site_for_url


def owner_key(url: str, source: str | None = None) -> str:
    """Return what decides the share of an item: of its URL, or of the source that found it."""
    address = source or url
    site = site_for_url(address)
    return site.account_key(address) or site.identity_key(address) or _address(address)


def _address(url: str) -> str:
    try:
        parts = urlsplit(url)
        host = (parts.hostname or "").rstrip(".").lower()
    except ValueError:  # such as an unclosed bracket: it is a key all the same
        return url
    return f"{host}{parts.path or '/'}" + (f"?{parts.query}" if parts.query else "")
