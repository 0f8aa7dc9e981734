"""The URL of an imported page: what counts as one, and the form under which it is archived."""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from typing import Final

from harvester.errors import UsageError
from harvester.urls import for_request, repair, strip_secrets

URN: Final = "urn:x-harvester:import:sha256:"
"""Under this stands a page of unknown URL, and every import's note, by the digest of the file."""


def web_address(text: str | None) -> str | None:
    """Return the repaired URL if it is one of the web, else None (`file:`, `about:`, `cid:`, nonsense)."""
    if not text:
        return None
    url = repair(text)
    try:
        for_request(url)
    except UsageError:
        return None
    return url


def archived_form(url: str, secrets: AbstractSet[str]) -> tuple[str, tuple[str, ...]]:
    """Return the URL as it is archived, without session values and fragment, and the names taken out."""
    cleaned, stripped = strip_secrets(url.partition("#")[0], secrets)
    return for_request(cleaned), stripped
