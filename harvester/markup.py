"""HTML from parts, escaped by default: only `Markup` goes in as it is."""

from __future__ import annotations

import html


class Markup(str):
    """HTML that is safe as it stands: made by `element` and the functions beside it."""

    __slots__ = ()


def escaped(value: str) -> Markup:
    """Return text as HTML; `Markup` is returned as it is. Characters no HTML can hold are replaced."""
    if isinstance(value, Markup):
        return value
    return Markup(html.escape(value.encode("utf-8", "replace").decode().replace("\0", "\ufffd")))


def element(name: str, *content: str | None, **attributes: str | None) -> Markup:
    """Return an element; an attribute or content of None is left out.

    In names of attributes `cls` stands for `class` and `_` for `-`.
    """
    named = ((key.replace("cls", "class").replace("_", "-"), value) for key, value in attributes.items())
    given = ((key, value) for key, value in named if value is not None)
    start = "".join(f' {key}="{escaped(value)}"' for key, value in given)
    inside = "".join(escaped(part) for part in content if part is not None)
    if name in _VOID and not inside:
        return Markup(f"<{name}{start}>")
    return Markup(f"<{name}{start}>{inside}</{name}>")


_VOID = frozenset({"br", "hr", "input", "wbr"})
"""Elements that have no end tag (HTML §13.1.2)."""


def image(url: str, alt: str | None) -> Markup:
    """Return an `img` element."""
    return Markup(f'<img src="{escaped(url)}" alt="{escaped(alt or "")}">')


def is_web(url: str) -> bool:
    """Tell whether a link may be followed: only http and https lead to a page."""
    return url.lower().startswith(("http://", "https://"))
