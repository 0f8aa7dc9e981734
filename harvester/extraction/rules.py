"""What a publisher tells the block reader about its bodies."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


def _same(url: str) -> str | None:
    return url.strip() or None


@dataclass(frozen=True, slots=True, kw_only=True)
class BodyRules:
    """A publisher's body, described by containers and attributes, never by phrases.

    `drop`: CSS selectors of user interface inside the body; removed, and logged with the number of
    characters they held. `widgets`: pairs of CSS selector and word; the first selector that matches an
    element makes it a placeholder with that word, its contents logged as removed. `widget_labels`:
    attributes that say what a widget shows, in order. `image_attributes`: where an `<img>` keeps its
    address, in order. `background_attributes`: where any element keeps that of a background that its
    `style` does not hold yet. `image_url` and `link_url` turn an attribute's value into the address to
    record, None for none. `keep_lines`: line ends in the markup are line ends for the reader
    (`white-space: pre-wrap` on the container). `formula_attributes`: attributes with the
    TeX source of a formula drawn as a picture.
    """

    drop: tuple[str, ...] = ()
    widgets: tuple[tuple[str, str], ...] = ()
    widget_labels: tuple[str, ...] = ("data-title", "data-name", "data-nickname", "title", "name")
    image_attributes: tuple[str, ...] = ("src",)
    background_attributes: tuple[str, ...] = ()
    image_url: Callable[[str], str | None] = _same
    link_url: Callable[[str], str | None] = _same
    keep_lines: bool = False
    formula_attributes: tuple[str, ...] = ("data-formula",)
