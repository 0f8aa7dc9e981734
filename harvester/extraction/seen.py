"""What an element inherits from those around it, and whether words are seen under it."""

from __future__ import annotations

from typing import Final, NamedTuple

from harvester.extraction import styles
from harvester.extraction.body import BOLD, ITALIC

# Values that leave an inherited property as it is (CSS Cascading, section 7.3); of `color` one more.
_SAME: Final = frozenset(["inherit", "unset", "revert", "revert-layer"])
_SAME_COLOR: Final = _SAME | {"currentcolor"}


class State(NamedTuple):
    """What an element inherits from those around it."""

    marks: int = 0
    link: str | None = None
    keep_lines: bool = False
    font_zero: bool = False
    color_clear: bool = False
    invisible: bool = False
    clip_text: bool = False
    fill_clear: bool | None = None  # `-webkit-text-fill-color`; None: the fill is the colour's
    outlined: bool = False
    shadowed: bool = False

    @property
    def hidden(self) -> str | None:
        """Why words here are not seen, or None."""
        if self.invisible:
            return "visibility-hidden"
        if self.font_zero:
            return "font-size-0"
        clear = self.color_clear if self.fill_clear is None else self.fill_clear
        drawn = self.clip_text or self.outlined or self.shadowed
        return "alpha-0" if clear and not drawn else None


def styled(state: State, declared: dict[str, str]) -> State:
    """Apply an element's own declarations to what it inherits."""
    changes: dict[str, bool | int | None] = {}
    if size := declared.get("font-size"):
        zero = styles.font_size_is_zero(size)
        if zero is not None:
            changes["font_zero"] = zero
    if (color := declared.get("color")) and color not in _SAME_COLOR:
        changes["color_clear"] = styles.is_transparent(color)
    if (visibility := declared.get("visibility")) and visibility not in _SAME:
        changes["invisible"] = visibility in {"hidden", "collapse"}
    _paint(changes, declared)
    if (white := declared.get("white-space")) and white not in _SAME:
        changes["keep_lines"] = white.startswith(("pre", "break-spaces"))
    marks = _style_marks(state.marks, declared)
    if marks != state.marks:
        changes["marks"] = marks
    return state._replace(**changes) if changes else state  # type: ignore[arg-type] # keys are field names


def _paint(changes: dict[str, bool | int | None], declared: dict[str, str]) -> None:
    """Add what draws letters beside their colour: fill, outline, shadow, a background cut to their shape."""
    fill = declared.get("-webkit-text-fill-color") or declared.get("text-fill-color")
    if fill and fill not in _SAME:
        changes["fill_clear"] = None if fill == "currentcolor" else styles.is_transparent(fill)
    if (shadow := declared.get("text-shadow")) and shadow not in _SAME:
        changes["shadowed"] = styles.shows_shadow(shadow)
    stroke = declared.get("-webkit-text-stroke") or declared.get("-webkit-text-stroke-width")
    if stroke and stroke not in _SAME:
        changes["outlined"] = styles.shows_stroke(stroke)
    clips = (declared.get(name, "") for name in ("background-clip", "-webkit-background-clip", "background"))
    if any("text" in clip.split() for clip in clips):
        changes["clip_text"] = True


def _style_marks(marks: int, declared: dict[str, str]) -> int:
    bold = styles.is_bold(declared.get("font-weight", ""))
    if bold is not None:
        marks = marks | BOLD if bold else marks & ~BOLD
    slant = declared.get("font-style")
    if slant in {"italic", "oblique"}:
        return marks | ITALIC
    return marks & ~ITALIC if slant == "normal" else marks
