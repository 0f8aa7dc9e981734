"""From what a person pasted to a URL that may be sent: repaired, cut links recognised, secrets out."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from harvester.errors import UsageError
from harvester.sites import all_sites, site_for_url
from harvester.urls import for_request, host_of, repair, shown, strip_secrets, wire_form


@dataclass(frozen=True, slots=True)
class Wanted:
    """A URL ready to fetch, and what was done to it on the way."""

    url: str
    warnings: tuple[str, ...] = ()


@cache
def secret_params() -> frozenset[str]:
    """Return the query parameters of all publishers that carry a person's session."""
    return frozenset().union(*(site.secret_params for site in all_sites()))


def prepare(text: str) -> Wanted:
    """Return the URL that `text` means. Raises `UsageError` with the cure where it means none."""
    url, stripped = strip_secrets(repair(text).partition("#")[0], secret_params())
    if not _is_web_address(url):
        raise UsageError(f"{displayed(text)!r} is not a web address: give an http(s) URL")
    advice = site_for_url(url).cut_link_advice(url)
    if advice:
        raise UsageError(advice)
    for_request(url)  # says what is wrong with a URL that cannot be sent
    warnings = []
    if stripped:
        warnings.append(f"session values left out of the URL: {', '.join(sorted(set(stripped)))}")
    wanted = site_for_url(url).challenge(url)
    if wanted:
        warnings.append("the link was a verification page's; its article is fetched instead")
        inner = prepare(wanted)
        return Wanted(inner.url, (*warnings, *inner.warnings))
    return Wanted(url, tuple(warnings))


def displayed(text: str) -> str:
    """Return what a person gave as a URL in a form that may be shown: short, without secrets."""
    return shown(strip_secrets(text.strip(), secret_params())[0])


def asset_url(url: str) -> str:
    """Return an image's URL as it is sent and stored: what a page's own form of it is looked up by."""
    return wire_form(strip_secrets(url, secret_params())[0])


def known_url(text: str) -> str:
    """Return the URL that a person says a page has, repaired and without session values.

    Raises `UsageError` where it is none.
    """
    url, _ = strip_secrets(repair(text), secret_params())
    if not _is_web_address(url):
        raise UsageError(f"{displayed(text)!r} is not a web address: give an http(s) URL")
    return url


def _is_web_address(url: str) -> bool:
    return url.lower().startswith(("http://", "https://")) and host_of(url) != ""
