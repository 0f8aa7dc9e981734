"""Links of any page, by a CSS selector."""

from __future__ import annotations

from selectolax.lexbor import LexborHTMLParser, SelectolaxError

from harvester.errors import UsageError
from harvester.watch.sources.found import MAX_LINKS, Link, absolute


def page_links(html: bytes, base: str, selector: str) -> list[Link]:
    """Return the links that a selector finds, in the order of the page.

    An element found counts with its own `href`, else with those of the links inside it. Raises `UsageError`
    for a selector that cannot be read.
    """
    tree = LexborHTMLParser(html)
    try:
        nodes = tree.css(selector)
    except (SelectolaxError, ValueError) as error:
        raise UsageError(f"links: {selector!r} is not a CSS selector: {error}") from error
    found = []
    for node in nodes[:MAX_LINKS]:
        for anchor in [node] if node.attributes.get("href") else node.css("a[href]"):
            url = absolute(base, anchor.attributes.get("href"))
            if url:
                found.append(Link(url, " ".join(anchor.text().split()) or None))
    return found
