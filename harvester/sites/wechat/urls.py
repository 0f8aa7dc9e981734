"""WeChat's URL forms: the lasting form of an article's link, its identity, secrets, requisites."""

from __future__ import annotations

import hashlib
import re
from functools import lru_cache
from typing import Final
from urllib.parse import quote, unquote

from harvester import urls as common

ARTICLE_HOST: Final = "mp.weixin.qq.com"
PAGE_HOSTS: Final = (ARTICLE_HOST,)
ASSET_HOSTS: Final = (
    "mmbiz.qpic.cn",
    "mmecoa.qpic.cn",
    "mpcdn.qpic.cn",
    "mmbiz.qlogo.cn",
    "wx.qlogo.cn",
    "res.wx.qq.com",
    "mpcdn.weixin.qq.com",
    "mmbizurl.cn",
)
NOT_REQUISITES: Final = ("mmbizurl.cn/",)
"""Addresses of the asset hosts that no page needs: short links lead anywhere."""
SECRET_PARAMS: Final = frozenset(
    ["key", "uin", "pass_ticket", "exportkey", "poc_token", "wxtoken", "appmsg_token", "wap_sid2"]
)
_ALIASES: Final = {"appmsgid": "mid", "itemidx": "idx", "sign": "sn", "biz": "__biz"}
_IDENTITY: Final = ("__biz", "mid", "idx", "sn")
# Sogou's temporary links and the platform's previews: the article is named by nothing else.
_TEMPORARY: Final = ("src", "timestamp", "ver", "signature", "new", "tempkey", "is_temp_url")
_SHORT: Final = re.compile(r"/s/([A-Za-z0-9_-]{6,64})/?")
_ARTICLE_PATHS: Final = frozenset(["/s", "/mp/appmsg/show", "/mp/s"])
_ALBUM_PATH: Final = "/mp/appmsgalbum"
_CHALLENGE_PATH: Final = "/mp/wappoc_appmsgcaptcha"
_ENTITIES: Final = (
    ("&quot;", '"'),
    ("&#39;", "'"),
    ("&#x27;", "'"),
    ("&lt;", "<"),
    ("&gt;", ">"),
    ("&amp;", "&"),
)
_MAX_LAYERS: Final = 4


def decode_entities(url: str) -> str:
    """Decode the entities that WeChat writes into URLs, to a fixed point.

    Not a general unescape: that would turn `&timestamp=` into `×tamp=`.
    """
    for _ in range(_MAX_LAYERS):
        before = url
        for entity, plain in _ENTITIES:
            url = url.replace(entity, plain)
        if url == before:
            break
    return url


def _params(query: str) -> dict[str, str]:
    """Return a query's parameters as written, percent signs decoded, `+` kept; the first of each name."""
    out: dict[str, str] = {}
    for part in query.split("&"):
        name, _, value = part.partition("=")
        if name:
            out.setdefault(unquote(name), unquote(value))
    return out


@lru_cache(maxsize=128)
def _split(url: str) -> tuple[str, str, dict[str, str]] | None:
    """Return host, path and parameters (not to be changed) of an http(s) URL; None for anything else.

    Every question about a URL asks for these, so the last ones are kept.
    """
    parts = common.parts_of(url.strip())
    return (parts[0], parts[1], _params(parts[2])) if parts is not None else None


def identity_params(url: str) -> dict[str, str]:
    """Return `__biz`, `mid`, `idx`, `sn` of an article's long link, under these names; {} of others."""
    split = _split(url)
    if split is None or split[0] != ARTICLE_HOST:
        return {}
    named = {_ALIASES.get(name, name): value for name, value in reversed(split[2].items())}
    return {name: named[name] for name in _IDENTITY if named.get(name)}


def account_key(url: str) -> str | None:
    """Return a key of the account (`__biz`) that a URL of the article host names; None where it names none.

    The value is Base64; links are met with and without its padding.
    """
    biz = identity_params(url).get("__biz", "").rstrip("=")
    return f"wechat:{biz}" if biz else None


def short_id(url: str) -> str | None:
    """Return the identifier of a short link (`/s/<id>`), None for other URLs."""
    split = _split(url)
    if split is None or split[0] != ARTICLE_HOST:
        return None
    match = _SHORT.fullmatch(split[1])
    return match.group(1) if match else None


def long_url(biz: str, mid: str, idx: str, sn: str | None) -> str:
    """Return the canonical long link of an identity."""
    tail = f"&sn={sn}" if sn else ""
    return f"https://{ARTICLE_HOST}/s?__biz={biz}&mid={mid}&idx={idx}{tail}"


def canonical_url(url: str) -> str | None:
    """Return an article's link without noise; None if the URL is not an article's.

    Long links become `https://mp.weixin.qq.com/s?__biz=…&mid=…&idx=…&sn=…` (aliases renamed, idx 1 where
    it is missing), short ones lose query and fragment, temporary ones keep the parameters that make them.
    """
    short = short_id(url)
    if short is not None:
        return f"https://{ARTICLE_HOST}/s/{short}"
    split = _split(url)
    if split is None or split[0] != ARTICLE_HOST or split[1].rstrip("/") not in _ARTICLE_PATHS:
        return None
    identity = identity_params(url)
    if "__biz" in identity and "mid" in identity:
        return long_url(identity["__biz"], identity["mid"], identity.get("idx", "1"), identity.get("sn"))
    kept = [(name, split[2][name]) for name in (*_IDENTITY, *_TEMPORARY) if split[2].get(name)]
    if not any(name in {"signature", "tempkey"} for name, _ in kept):
        return None
    return f"https://{ARTICLE_HOST}/s?" + "&".join(f"{name}={value}" for name, value in kept)


def article_key(url: str) -> str | None:
    """Return the key of the article that a URL alone names (`Identity.key`); None if it names none."""
    lasting = canonical_url(url)
    if lasting is None:
        return None
    params = identity_params(url)
    short = lasting if short_id(url) else None
    return key_of(params.get("__biz"), params.get("mid"), params.get("idx", "1"), short, url)


def key_of(
    biz: str | None, mid: str | None, idx: str | None, short: str | None, url: str | None
) -> str | None:
    """Return the key that an article's numbers make, else its short address, else its address."""
    if biz and mid and idx:
        return f"wechat:{biz}:{mid}:{idx}"
    if short:
        return "wechat:s:" + (short_id(short) or "")
    if url:
        return "url:" + hashlib.sha256((canonical_url(url) or url).encode("utf-8", "replace")).hexdigest()
    return None


def is_album(url: str | None) -> bool:
    """Tell whether a URL is an album's, or a page of its list."""
    split = _split(url) if url else None
    return split is not None and split[0] == ARTICLE_HOST and split[1].rstrip("/") == _ALBUM_PATH


def album_params(url: str) -> dict[str, str]:
    """Return the parameters of an album's URL; {} of others."""
    split = _split(url)
    return dict(split[2]) if split is not None and is_album(url) else {}


def album_url(url: str) -> str | None:
    """Return an album's URL without noise, whichever page of its list is named; None for other URLs."""
    params = album_params(url)
    return album_of(params["__biz"], params["album_id"]) if {"__biz", "album_id"} <= params.keys() else None


def album_of(biz: str, album_id: str) -> str:
    """Return the URL of an account's album (form of the links in articles, 2022-2026)."""
    account, album = quote(biz, safe="="), quote(album_id)
    return f"https://{ARTICLE_HOST}{_ALBUM_PATH}?__biz={account}&action=getalbum&album_id={album}"


def cut_link_advice(url: str) -> str | None:
    """Return the cure for a long link that a shell cut at its first `&`, None for whole links."""
    split = _split(decode_entities(url))
    if split is None or split[0] != ARTICLE_HOST or split[1].rstrip("/") != "/s":
        return None
    names = set(split[2])
    cut_long = "__biz" in names and not names & {"mid", "appmsgid"}
    cut_temporary = bool(names & {"src", "timestamp"}) and "signature" not in names
    if not (cut_long or cut_temporary):
        return None
    return (
        f"the link ends after its first parameter ({url.strip()}): the shell cut it at the first '&'. "
        "Put the link in single quotes, or give it on standard input "
        "(`harvester fetch --from -`, `harvester add -`)"
    )


def strip_secrets(url: str) -> str:
    """Return a URL without the parameters that carry a person's session."""
    return common.strip_secrets(url, SECRET_PARAMS)[0]


def challenge(url: str) -> str | None:
    """Return the wanted article's URL if `url` is the verification page, '' if it names none, else None."""
    split = _split(url)
    if split is None or split[0] != ARTICLE_HOST or split[1].rstrip("/") != _CHALLENGE_PATH:
        return None
    target = decode_entities(split[2].get("target_url", ""))
    return strip_secrets(target) if _split(target) is not None else ""


def asset_url(raw: str) -> str | None:
    """Return an image's address as the page has it, https where no scheme is named; None for `data:`."""
    url = decode_entities(raw.strip())
    if url.startswith("//"):
        return "https:" + url
    return url if url.lower().startswith(("http://", "https://")) else None


def link_url(raw: str) -> str | None:
    """Return a link's address, WeChat's own in their lasting form; None for script and in-page links."""
    url = decode_entities(raw.strip())
    if url.startswith("//"):
        url = "https:" + url
    if not url.lower().startswith(("http://", "https://", "mailto:")):
        return None
    return canonical_url(url) or strip_secrets(url)


def asset_referer(url: str) -> str | None:
    """Return the Referer that the picture hosts accept, None for other hosts."""
    split = _split(url)
    if split is None:
        return None
    host = split[0]
    ours = any(host == name or host.endswith("." + name) for name in (*ASSET_HOSTS, "qpic.cn"))
    return f"https://{ARTICLE_HOST}/" if ours else None
