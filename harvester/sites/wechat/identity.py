"""What names an article for good: from the page first, from its URL second."""

from __future__ import annotations

import hashlib

from harvester.document import Identity
from harvester.sites.wechat import urls
from harvester.sites.wechat.fields import Fields
from harvester.sites.wechat.source import Source


def identity_of(source: Source, fields: Fields) -> Identity | None:
    """Return a page's identity; None for a page that names no article and has no URL.

    The key is `wechat:<biz>:<mid>:<idx>` where these are known, else `wechat:s:<short id>`, else the
    digest of the URL.
    """
    biz, mid, idx, sn = (fields.value(name) for name in ("biz", "mid", "idx", "sn"))
    short = _short_url(source, fields)
    long = urls.long_url(biz, mid, idx, sn) if biz and mid and idx else None
    key = urls.key_of(biz, mid, idx, short, source.url)
    if key is None:
        return None
    return Identity(
        key=key,
        biz=biz,
        mid=mid,
        idx=idx,
        sn=sn,
        account_id=fields.value("user_name"),
        short_url=short,
        long_url=long,
    )


def identity_of_url(url: str) -> Identity | None:
    """Return what a URL alone says of an article's identity; None if it is not an article's."""
    key = urls.article_key(url)
    if key is None:
        return None
    params = urls.identity_params(url)
    biz, mid, idx = params.get("__biz"), params.get("mid"), params.get("idx", "1")
    short = urls.canonical_url(url) if urls.short_id(url) else None
    long = urls.long_url(biz, mid, idx, params.get("sn")) if biz and mid else None
    return Identity(
        key=key,
        biz=biz,
        mid=mid,
        idx=idx if mid else None,
        sn=params.get("sn"),
        short_url=short,
        long_url=long,
    )


def unnamed(data: bytes) -> Identity:
    """Return the identity of an article that neither its page nor a URL names: the page itself."""
    return Identity(key="page:" + hashlib.sha256(data).hexdigest())


def _short_url(source: Source, fields: Fields) -> str | None:
    for url in (fields.value("link"), source.url):
        if url and urls.short_id(url):
            return urls.canonical_url(url)
    return None


def canonical(source: Source, identity: Identity | None) -> str | None:
    """Return the article's lasting URL: the long one if whole, the page's link, the URL it was had from."""
    if identity is not None and identity.long_url and identity.sn:
        return identity.long_url
    if identity is not None and identity.short_url:
        return identity.short_url
    if identity is not None and identity.long_url:
        return identity.long_url
    return urls.canonical_url(source.url) if source.url else None
