"""Words for people: how many there are of a thing, in grammar; long ones in one line."""

from __future__ import annotations


def counted(count: int, one: str, many: str | None = None) -> str:
    """Return a count with its noun: `1 record`, `2 records`; `many` is given where it is not `one` and an s.

    Both may be longer than a noun, so that a verb agrees: `counted(n, "image is", "images are")`.
    """
    return f"{count} {one if count == 1 else many or one + 's'}"


def in_short(text: str, most: int) -> str:
    """Return text in one line, cut to so many characters, the last an ellipsis, where it is longer."""
    flat = " ".join(text.split())
    return flat if len(flat) <= most else flat[: most - 1] + "…"
