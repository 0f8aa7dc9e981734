"""What an element's `style` attribute says that matters here: is it hidden, bold, a line of its own?"""

from __future__ import annotations

import re
from typing import Final

_INTERESTING: Final = (
    "display",
    "visib",
    "size",
    "font:",
    "color",
    "url(",
    "weight",
    "font-style",
    "white",
    "clip",
    "text-sh",
    "stroke",
)
# An address in quotes ends at its own quote, one without at the parenthesis (CSS Values, section 4.5).
_BACKGROUND_URL: Final = re.compile(
    r"""url\(\s{0,9}(?:"([^"]{1,4096})"|'([^']{1,4096})'|([^"')\s][^"')]{0,4095}))""", re.IGNORECASE
)
# The size in the shorthand `font`, which stands before a line height and the names of the family.
_FONT_SIZE: Final = re.compile(
    r"(?<![\w.])(?:\d{0,6}\.?\d{1,6}(?:px|pt|pc|cm|mm|in|q|r?em|ex|ch|vw|vh|%)|0(?![\w.%]))"
)
_MAX_BACKGROUNDS: Final = 20
_ALPHA_ARGUMENTS: Final = 4
_MAX_STYLE_CHARS: Final = 20_000
_BOLD_FROM: Final = 600


def declarations(style: str | None) -> dict[str, str]:
    """Return a style's declarations, names and values in lower case; {} where none of them matters.

    The size of the shorthand `font` is given as `font-size`, too.

    A style longer than 20 000 characters is not looked into.
    """
    if not style or len(style) > _MAX_STYLE_CHARS:
        return {}
    lower = style.lower()
    if not any(word in lower for word in _INTERESTING):
        return {}
    out: dict[str, str] = {}
    for part in lower.split(";"):
        name, colon, value = part.partition(":")
        if colon:
            out[name.strip()] = value = value.replace("!important", "").strip()
            if name.strip() == "font" and (size := _FONT_SIZE.search(value)):
                out["font-size"] = size[0]
    return out


def is_transparent(color: str) -> bool:
    """Tell whether a CSS colour has alpha 0 (`transparent`, `rgba(…, 0)`, `#rrggbb00`)."""
    if color == "transparent":
        return True
    if color.startswith("#"):
        digits = color[1:]
        return (len(digits) == 8 and digits.endswith("00")) or (len(digits) == 4 and digits.endswith("0"))  # noqa: PLR2004 - lengths of the CSS hex forms with alpha
    name, paren, rest = color.partition("(")
    if not paren or name not in {"rgba", "hsla", "rgb", "hsl"}:
        return False
    parts = rest.rstrip(") ").replace("/", ",").replace(",", " ").split()
    return len(parts) == _ALPHA_ARGUMENTS and _is_zero(parts[3].rstrip("%"))


def shows_shadow(shadow: str) -> bool:
    """Tell whether a `text-shadow` draws something."""
    return shadow not in {"none", "initial", "unset", ""} and "transparent" not in shadow


def shows_stroke(stroke: str) -> bool:
    """Tell whether a `-webkit-text-stroke` (or its width alone) draws an outline."""
    parts = stroke.split()
    width = next((part for part in parts if part[:1] in "0123456789."), parts[0] if parts else "0")
    zero = _is_zero(width.rstrip("abcdefghijklmnopqrstuvwxyz%") or "1")
    return not zero and not any(is_transparent(part) for part in parts)


def _is_zero(number: str) -> bool:
    try:
        return float(number) == 0
    except ValueError:
        return False


def font_size_is_zero(value: str) -> bool | None:
    """Tell whether a font size is 0; None for a size relative to the parent's, which keeps a 0."""
    unit = value.lstrip("+-.0123456789")
    if _is_zero(value[: len(value) - len(unit)] or "?"):
        return True
    return None if unit in {"em", "%", "ex", "ch", "inherit", "larger", "smaller", "unset"} else False


def is_bold(weight: str) -> bool | None:
    """Tell whether a font weight is bold; None where it says nothing of its own."""
    if weight in {"bold", "bolder"}:
        return True
    if weight.isdigit() and len(weight) <= 4:  # noqa: PLR2004 - CSS weights end at 1000
        return int(weight) >= _BOLD_FROM
    return False if weight in {"normal", "lighter"} else None


def background_urls(style: str | None) -> list[str]:
    """Return the addresses of the background images in a `style` attribute, case kept, each once."""
    if not style or "url(" not in style.lower() or len(style) > _MAX_STYLE_CHARS:
        return []
    found: dict[str, None] = {}
    for part in _split_declarations(style):
        name, _, value = part.partition(":")
        if name.strip().lower() in {"background", "background-image"}:
            urls = (match[match.lastindex or 0].strip() for match in _BACKGROUND_URL.finditer(value))
            found.update(dict.fromkeys(filter(None, urls)))
    return list(found)[:_MAX_BACKGROUNDS]


def _split_declarations(style: str) -> list[str]:
    """Split at the semicolons that stand outside parentheses and quotes (data: addresses hold some)."""
    out: list[str] = []
    start = depth = 0
    for match in re.finditer(r"""[;()]|"[^"]*"|'[^']*'""", style):
        char = match.group()
        if char == ";" and depth == 0:
            out.append(style[start : match.start()])
            start = match.end()
        elif char == "(":
            depth += 1
        elif char == ")" and depth:
            depth -= 1
    out.append(style[start:])
    return out
