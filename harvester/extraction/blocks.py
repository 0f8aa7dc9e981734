"""From a container element to blocks: one walk, no recursion, nothing decided by what words say."""

from __future__ import annotations

from typing import Final, NamedTuple

from selectolax.lexbor import LexborNode

from harvester.document import HiddenText, Removal
from harvester.extraction import media, styles
from harvester.extraction.body import (
    BOLD,
    CODE,
    ITALIC,
    STRIKE,
    SUBSCRIPT,
    SUPERSCRIPT,
    Body,
    Break,
    Code,
    Formula,
    Inline,
    Picture,
    Rule,
    Text,
    Widget,
)
from harvester.extraction.code import code_text, is_code_block, language_of
from harvester.extraction.frames import Frame, close
from harvester.extraction.rules import BodyRules
from harvester.extraction.seen import State, styled
from harvester.extraction.space import paragraphs

__all__ = ["Body", "BodyRules", "read_body"]

# Elements that end the line before and after them (HTML Standard, section 15.3, flow content).
_BLOCKS: Final = frozenset(
    [
        "address", "article", "aside", "blockquote", "body", "caption", "center", "dd", "details", "dialog",
        "dir", "div", "dl", "dt", "fieldset", "figcaption", "figure", "footer", "foreignobject", "form", "h1",
        "h2", "h3", "h4", "h5", "h6", "header", "hgroup", "hr", "legend", "li", "main", "menu", "nav", "ol",
        "optgroup", "option", "p", "pre", "search", "section", "summary", "table", "tbody", "td", "tfoot",
        "th", "thead", "tr", "ul",
    ]
)  # fmt: skip
# Elements that show no words of their own (section 15.3.1, hidden elements; SVG's descriptive ones).
_SILENT: Final = frozenset(
    [
        "area", "audio", "base", "canvas", "datalist", "defs", "desc", "embed", "head", "input", "link",
        "meta", "metadata", "noembed", "noframes", "object", "param", "rp", "script", "select", "source",
        "style", "symbol", "template", "textarea", "title", "track", "video",
    ]
)  # fmt: skip
_MARKS: Final = {
    "b": BOLD, "strong": BOLD, "i": ITALIC, "em": ITALIC, "cite": ITALIC, "dfn": ITALIC, "code": CODE,
    "kbd": CODE, "samp": CODE, "tt": CODE, "s": STRIKE, "strike": STRIKE, "del": STRIKE,
    "sup": SUPERSCRIPT, "sub": SUBSCRIPT,
}  # fmt: skip
_FRAMES: Final = {
    "ul": "list", "ol": "list", "menu": "list", "dir": "list", "li": "item", "blockquote": "quote",
    "table": "table", "tr": "row", "td": "cell", "th": "cell", "figure": "figure",
    "h1": "heading", "h2": "heading", "h3": "heading", "h4": "heading", "h5": "heading", "h6": "heading",
}  # fmt: skip
_BREAK: Final = Break()
_UNDISPLAYED: Final = "display-none"
_BACKGROUNDS: Final = frozenset(["background", "background-image"])
_MAX_FRAMES: Final = 64  # deeper containers are read as part of the one around them
_MAX_WIDGET_CHARS: Final = 300
_MAX_SPAN: Final = 1000  # HTML Standard, section 4.9.11


class _Open(NamedTuple):
    """An element being walked: what to do at its end."""

    node: LexborNode
    outer: State
    is_block: bool
    frame: bool


def read_body(node: LexborNode, rules: BodyRules) -> Body:
    """Read the contents of `node` (its own visibility is not looked at) into blocks.

    Words under `display:none`, a zero font size, a fully transparent colour or `visibility:hidden`
    are kept apart in `hidden`; containers that `rules` drop are counted in `removed`.
    """
    return _Reader(node, rules).read()


class _Reader:
    def __init__(self, root: LexborNode, rules: BodyRules) -> None:
        self._root = root
        self._rules = rules
        self._frames = [Frame("body")]
        self._run: list[Inline] = []
        self._state = State(keep_lines=rules.keep_lines)
        self._open: list[_Open] = []
        self._hidden: list[tuple[str, list[str]]] = []
        self._removed: dict[str, int] = {}
        self._styles: dict[str, dict[str, str]] = {}
        self._inherited: dict[tuple[State, str | None], State] = {}
        self._dropped = {n.mem_id: selector for selector in rules.drop for n in root.css(selector)}
        self._widgets: dict[int, str] = {}
        for selector, word in rules.widgets:
            for found in root.css(selector):
                self._widgets.setdefault(found.mem_id, word)

    def read(self) -> Body:
        node = self._root.first_child
        while True:
            if node is None:
                if not self._open:
                    break
                node = self._leave()
            elif node.is_text_node:
                self._words(node.text_content or "")
                node = node.next
            elif node.is_element_node and self._enter(node):
                node = node.first_child
            else:
                node = node.next
        self._flush()
        while len(self._frames) > 1:
            frame = self._frames.pop()
            close(frame, self._frames[-1])
        hidden = tuple(HiddenText(text="".join(parts), reason=reason) for reason, parts in self._hidden)
        removed = tuple(Removal(container=key, characters=count) for key, count in self._removed.items())
        return Body(tuple(self._frames[0].blocks), hidden, removed)

    # -- words ---------------------------------------------------------------------------------

    def _words(self, value: str) -> None:
        state = self._state
        reason = state.hidden
        if reason is not None and value.strip():
            self._hide(reason, value.strip())
        elif not state.keep_lines or "\n" not in value:
            self._run.append(Text(value, state.marks, state.link))
        else:
            for number, line in enumerate(value.split("\n")):
                if number:
                    self._run.append(Break())
                self._run.append(Text(line.rstrip("\r"), state.marks, state.link))

    def _hide(self, reason: str, text: str) -> None:
        if self._hidden and self._hidden[-1][0] == reason:
            self._hidden[-1][1].append(text)
        else:
            self._hidden.append((reason, [text]))

    def _flush(self) -> None:
        if self._run:
            self._frames[-1].blocks.extend(paragraphs(self._run))
            self._run = []

    # -- elements ------------------------------------------------------------------------------

    def _enter(self, node: LexborNode) -> bool:
        """Take note of an element; tell whether its children are to be walked."""
        tag = (node.tag or "").lower()
        if tag == "br":
            self._run.append(_BREAK)
            return False
        key = node.mem_id if self._dropped or self._widgets else 0
        is_silent = tag in _SILENT
        if is_silent and key not in self._widgets:
            return False
        if key in self._dropped:
            self._remove(self._dropped[key], node)
            return False
        attrs = node.attributes
        style = attrs.get("style")
        declared = self._declared(style) if style else {}
        if "hidden" in attrs or declared.get("display") == "none":
            text = " ".join(node.text(deep=True).split())
            if text:
                self._hide(_UNDISPLAYED, text)
            return False
        if key in self._widgets and (self._widget(self._widgets[key], node, attrs) or is_silent):
            return False
        return self._contents(tag, node, attrs, declared)

    def _declared(self, style: str) -> dict[str, str]:
        """Return a style's declarations; editors repeat the same few styles hundreds of times."""
        known = self._styles.get(style)
        if known is None:
            known = self._styles[style] = styles.declarations(style)
        return known

    def _contents(
        self, tag: str, node: LexborNode, attrs: dict[str, str | None], declared: dict[str, str]
    ) -> bool:
        if tag in {"img", "image"}:
            self._picture(attrs)
            return False
        if tag in {"pre", "code"} and is_code_block(node):
            self._code(node, self._inherit(tag, attrs, declared, self._state))
            return False
        if tag == "hr":
            self._flush()
            self._frames[-1].blocks.append(Rule())
            return False
        self._descend(tag, node, attrs, declared)
        return True

    def _code(self, node: LexborNode, state: State) -> None:
        """Read a block of code; words in it that are not seen are kept apart, as everywhere."""
        self._flush()
        value = code_text(node, self._unseen(node, state))
        if value.strip():
            self._frames[-1].blocks.append(Code(value, language_of(node)))

    def _unseen(self, node: LexborNode, state: State) -> set[int]:
        """Keep the words in an element apart that are not seen; return the ids of such nodes."""
        unseen: set[int] = set()
        if state.hidden is None and node.css_first("[style], [hidden]") is None:
            return unseen
        waiting = [(node, state, state.hidden)]
        while waiting:
            part, around, reason = waiting.pop()
            if reason is not None:
                unseen.add(part.mem_id)
                if part.is_text_node and (words := (part.text_content or "").strip()):
                    self._hide(reason, words)
            inner = reversed(list(part.iter(include_text=True)))
            waiting.extend((child, *self._seen_as(child, around, reason)) for child in inner)
        return unseen

    def _seen_as(self, node: LexborNode, around: State, reason: str | None) -> tuple[State, str | None]:
        """Return a node's own state, and why it is not seen; what is not displayed stays so."""
        if reason == _UNDISPLAYED or not node.is_element_node:
            return around, reason
        attrs = node.attributes
        declared = self._declared(attrs.get("style") or "")
        if "hidden" in attrs or declared.get("display") == "none":
            return around, _UNDISPLAYED
        state = self._inherit(node.tag or "", attrs, declared, around)
        return state, state.hidden

    def _descend(
        self, tag: str, node: LexborNode, attrs: dict[str, str | None], declared: dict[str, str]
    ) -> None:
        is_block = tag in _BLOCKS
        if declared:
            display = declared.get("display", "")
            is_block = (is_block and display != "inline") or (display in {"block", "flex", "grid"})
        kind = _FRAMES.get(tag)
        framed = kind is not None and len(self._frames) < _MAX_FRAMES
        if is_block or framed:
            self._flush()
        if kind is not None and framed:
            self._frames.append(_frame(kind, tag, attrs))
        self._open.append(_Open(node, self._state, is_block or framed, framed))
        self._state = self._inherit(tag, attrs, declared, self._state)
        if attrs:
            self._formula(attrs)
            self._backgrounds(attrs, declared)

    def _leave(self) -> LexborNode | None:
        done = self._open.pop()
        if done.is_block:
            self._flush()
        if done.frame:
            frame = self._frames.pop()
            close(frame, self._frames[-1])
        self._state = done.outer
        return done.node.next

    def _inherit(
        self, tag: str, attrs: dict[str, str | None], declared: dict[str, str], state: State
    ) -> State:
        mark = _MARKS.get(tag, 0)
        if mark:
            state = state._replace(marks=state.marks | mark)
        if tag == "a":
            href = attrs.get("href")
            state = state._replace(link=self._rules.link_url(href) if href else None)
        if tag == "pre":
            state = state._replace(keep_lines=True)
        if not declared:
            return state
        key = (state, attrs.get("style"))
        known = self._inherited.get(key)
        if known is None:
            known = self._inherited[key] = styled(state, declared)
        return known

    # -- things that are not words -------------------------------------------------------------

    def _picture(self, attrs: dict[str, str | None]) -> None:
        if self._formula(attrs):
            return
        names = (*self._rules.image_attributes, "href", "xlink:href")
        url = next((value for name in names if (value := attrs.get(name))), None)
        if url:
            self._add_picture(url, attrs.get("alt") or None, "body")

    def _backgrounds(self, attrs: dict[str, str | None], declared: dict[str, str]) -> None:
        here = not _BACKGROUNDS.isdisjoint(declared)
        urls = styles.background_urls(attrs.get("style")) if here else []
        found = [self._add_picture(url, None, "background") for url in urls]
        lazy = next((value for name in self._rules.background_attributes if (value := attrs.get(name))), None)
        if lazy and not any(found):
            self._add_picture(lazy, None, "background")

    def _add_picture(self, raw: str, alt: str | None, role: str) -> bool:
        url = self._rules.image_url(raw)
        if url:
            self._run.append(Picture(url, alt, None, role, self._state.link))
        return bool(url)

    def _formula(self, attrs: dict[str, str | None]) -> bool:
        for name in self._rules.formula_attributes:
            tex = attrs.get(name)
            if tex:
                self._run.append(Formula(tex))
                return True
        return False

    def _widget(self, word: str, node: LexborNode, attrs: dict[str, str | None]) -> bool:
        """Put a placeholder; tell whether the element ends with it.

        One that was never closed in the markup holds what follows it: much text is read, not dropped.
        """
        label = next((value for name in self._rules.widget_labels if (value := attrs.get(name))), None)
        self._run.append(Widget(word, label, media.reference(node)))
        if len(node.text(deep=True)) > _MAX_WIDGET_CHARS:
            return False
        self._remove(node.tag or "", node)
        return True

    def _remove(self, container: str, node: LexborNode) -> None:
        count = len("".join(node.text(deep=True).split()))
        if count:
            self._removed[container] = self._removed.get(container, 0) + count


def _frame(kind: str, tag: str, attrs: dict[str, str | None]) -> Frame:
    frame = Frame(kind)
    if kind == "list":
        frame.ordered = tag == "ol"
        frame.start = _number(attrs.get("start"), 1)
    elif kind == "heading":
        frame.level = int(tag[1])
    elif kind == "cell":
        frame.header = tag == "th"
        frame.columns = max(1, min(_number(attrs.get("colspan"), 1), _MAX_SPAN))
        frame.row_span = max(1, min(_number(attrs.get("rowspan"), 1), _MAX_SPAN))
    return frame


def _number(value: str | None, default: int) -> int:
    text = (value or "").strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) < 9 else default  # noqa: PLR2004 - a sane count
