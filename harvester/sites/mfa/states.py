"""Pages that are neither article nor listing: missing ones, the firewall's, redirects in the page, the rest.

Decided by addresses, statuses and structure, never by what words say: an article may speak of any of these.
"""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import urlsplit

from selectolax.lexbor import LexborNode

from harvester.extraction.metas import folded
from harvester.reading import NotArticle
from harvester.sites.mfa import address, fields
from harvester.sites.mfa.address import Address
from harvester.sites.mfa.rules import Rules
from harvester.sites.mfa.view import View, declared_addresses, words

_UNKNOWN: Final = "a page of a kind that is not known; please report it, with its address"
_SITE: Final = "mfa"
_REFRESH: Final = re.compile(
    r"\s{0,9}\d{0,6}(?:\.\d{0,3})?\s{0,9}[;,]\s{0,9}url\s{0,9}=\s{0,9}['\"]?([^'\"\s]{1,2000})", re.IGNORECASE
)
_MAX_FIREWALL_LINKS: Final = 3


def missing_by_address(view: View, rules: Rules) -> NotArticle | None:
    """The page that addresses which do not exist are redirected to; it answers 200, in an article's frame.

    A page of unknown URL may say of itself that it is that page.
    """
    urls = [("path", view.page.url)] if view.page.url else declared_addresses(view)
    for source, url in urls:
        if url and _is_system(url, rules):
            return _missing(view, "mfa.system-path", f"{source} {urlsplit(url).path}")
    return None


def neither(view: View, rules: Rules) -> NotArticle:
    """A page without article and listing."""
    notice = fields.notice(view)
    if view.page.status in rules.states.missing_statuses:
        return _missing(view, "mfa.status", f"HTTP status {view.page.status}")
    marks = _firewall_marks(view, rules)
    if marks and _is_bare(view, rules):
        return _not(view, "verification", "mfa.firewall-script", notice, evidence=marks)
    wanted = _wanted(view)
    if wanted is not None and view.address is None:
        evidence = f"redirected from the article {wanted.url} to {view.page.url}"
        return _missing(view, "mfa.redirected-away", evidence)
    target = _refresh(view)
    if target is not None:
        if _is_system(target, rules):
            return _missing(view, "mfa.refresh-to-system-path", f"meta refresh to {target}")
        evidence = f"meta refresh to {target}"
        return _not(view, "redirect", "mfa.meta-refresh", notice, evidence=(evidence,), target_url=target)
    return _not(view, "unknown", None, notice, evidence=(_UNKNOWN, "none of the known layouts"))


def _is_system(url: str, rules: Rules) -> bool:
    return address.is_ours(url) and re.search(rules.states.system_path, urlsplit(url).path) is not None


def _wanted(view: View) -> Address | None:
    """The article that was asked for, before redirects."""
    return next((found for url in view.page.redirected_from if (found := address.parse(url))), None)


def _missing(view: View, rule: str, evidence: str) -> NotArticle:
    wanted = _wanted(view)
    known = wanted or view.address
    return NotArticle(
        site=_SITE,
        state="not_found",
        rule=rule,
        notice=fields.notice(view),
        evidence=(evidence, *(f"redirected from {url}" for url in view.page.redirected_from)),
        details={"target_url": wanted.url} if wanted else {},
        identity=known.identity if known else None,
    )


def _not(
    view: View, state: str, rule: str | None, notice: str | None, *, evidence: tuple[str, ...], **details: str
) -> NotArticle:
    return NotArticle(
        site=_SITE,
        state=state,
        rule=rule,
        notice=notice,
        evidence=evidence,
        details=details,
        identity=view.address.identity if view.address else None,
        canonical_url=address.canonical_url(view.page.url) if view.page.url else None,
    )


def _firewall_marks(view: View, rules: Rules) -> tuple[str, ...]:
    cookies = " ".join(value for name, value in view.page.headers if name.lower() == "set-cookie")
    inside = [f"script {mark}" for mark in rules.states.firewall_marks if mark.encode() in view.tree.data]
    set_ = [f"cookie {mark}" for mark in rules.states.firewall_marks if f"{mark}=" in cookies]
    return (*inside, *set_)


def _is_bare(view: View, rules: Rules) -> bool:
    """Tell whether a page is the firewall's own: scripts and nothing to read.

    The same script stands in ordinary pages, missing ones among them; those show words. With one of the
    firewall's statuses, a page of words without the site's links is its message.
    """
    body = view.root.css_first("body")
    if body is None or not _shown(body):
        return True
    few_links = len(body.css("a[href]")) <= _MAX_FIREWALL_LINKS
    return view.page.status in rules.states.firewall_statuses and few_links


def _shown(body: LexborNode) -> bool:
    """Tell whether a body shows words; those for readers without scripts are not shown."""
    silent = "".join(words(node) or "" for node in body.css("noscript"))
    text = "".join((words(body) or "").split())
    return text != "".join(silent.split())


def _refresh(view: View) -> str | None:
    """The address that the page sends its reader to, None if it sends nowhere."""
    match = _REFRESH.match(view.metas.values.get("refresh", ""))
    target = view.absolute(match[1]) if match else None
    return folded(target)
