"""A page's data as it lies about in it: literals in scripts, metas, elements, URL parameters.

Only scripts that run are looked into (an article's own template is a script of type `text/html`), those
inside the body's container last, and an assignment counts only at the start of a line, where no string of an
author's can stand. Where the page does not state itself so, its scripts are read sign by sign instead
(`assignments.py`).
"""

from __future__ import annotations

import math
import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from functools import cached_property
from itertools import chain
from typing import Final

from selectolax.lexbor import LexborNode

from harvester.extraction.tree import Tree
from harvester.sites.wechat import assignments, urls
from harvester.sites.wechat.literal import Literal, LiteralError, Value, members, parse, skip_value

# The bundles of a page of 2025 have 1.4 MB of library in one script; the scripts with a page's variables
# had up to 62 kB in every page seen. Longer ones are searched for `cgiDataNew` only.
_MAX_VARIABLE_SCRIPT_BYTES: Final = 150_000
_MIN_LIBRARY_BYTES: Final = 1_000_000  # the script with `cgiDataNew` had up to 370 kB
_ASSIGNED: Final = (
    r"[ \t]*+(?:var[ \t]++|window\.|((?:d|_g|g)\.)|(?=PAGE_MID))"
    r"([A-Za-z_$][A-Za-z0-9_$]{0,60}+)[ \t]*+=(?![=>])"
)
# It begins with a character that the search can skip to; `^` would be tried at every character.
_ASSIGNMENT: Final = re.compile(r"\n" + _ASSIGNED)
_FIRST_ASSIGNMENT: Final = re.compile(_ASSIGNED)
_ASSIGNED_OBJECT: Final = re.compile(r"[ \t]*=[ \t]*(?=\{)")
# A bundle is one function, and what is assigned in it are the function's own variables.
_BUNDLE: Final = re.compile(rb"[ \t\r\n]*+var __INLINE_SCRIPT__ = \(function")
# What the value of `cgiDataNew` may begin with before its own literal.
_OBJECT: Final = re.compile(
    r"\s*+(?:(?:window\.)?cgiDataNew\s*+\|\|\s*+"
    r"|Object\.assign\(\s*+(?:\{\s*+\}|(?:window\.)?cgiDataNew(?:\s*+\|\|\s*+\{\s*+\})?)\s*+,\s*+)?(?=\{)"
)
_ALWAYS: Final = (("biz",), ("mid",), ("ct", "create_time"))  # what a page with variables always states
_DATA_NAME: Final = b"cgiDataNew"
_DATA_LITERAL: Final = re.compile(rb"cgiDataNew[ \t]*=[ \t]*\{")
_WRITES: Final = re.compile(r"document\.write(?:ln)?[ \t]*\(|\.inner(?:HTML|Text)[ \t]*=(?!=)")
# Parts of a title or byline that are no words of it: labels of what a reader paid for, undisplayed variants.
_BADGES: Final = ".pay__tag"
_APART: Final = f"{_BADGES}, [style], [hidden]"
_JAVASCRIPT_TYPES: Final = frozenset(
    ["", "text/javascript", "application/javascript", "module", "application/x-javascript", "text/ecmascript"]
)


class Script:
    """A script element whose text is decoded when asked for: most of a page is scripts nobody asks for."""

    def __init__(self, tree: Tree, node: LexborNode, span: tuple[int, int] | None) -> None:
        self._data = tree.data
        self.node = node
        self._span = span

    @cached_property
    def text(self) -> str:
        return self.node.text()

    @property
    def span(self) -> tuple[int, int] | None:
        """Where in the tree's `data` the script stands; None if that is not known."""
        return self._span

    @property
    def _bytes(self) -> tuple[bytes, int, int]:
        """Bytes that hold the script, and where in them it starts and ends."""
        if self._span is not None:
            return self._data, *self._span
        data = self.text.encode()
        return data, 0, len(data)

    @property
    def is_library(self) -> bool:
        """Tell whether the script is too long for a page's own: such are looked into last."""
        _, start, end = self._bytes
        return end - start > _MIN_LIBRARY_BYTES

    @property
    def may_hold_variables(self) -> bool:
        """Tell whether the script is short enough, and no bundle."""
        data, start, end = self._bytes
        return end - start <= _MAX_VARIABLE_SCRIPT_BYTES and _BUNDLE.match(data, start, end) is None

    @property
    def may_hold_data(self) -> bool:
        """Tell from its bytes whether the script may assign an object to `cgiDataNew`."""
        data, start, end = self._bytes
        while (start := data.find(_DATA_NAME, start, end)) >= 0:  # ten times as fast as the expression alone
            if _DATA_LITERAL.match(data, start, end):
                return True
            start += len(_DATA_NAME)
        return False


class Source:
    """The carriers of one page, each read when first asked for."""

    def __init__(self, tree: Tree, url: str | None) -> None:
        self.tree = tree
        self.url = url
        self._new: dict[str, Value] = {}
        self._kept: dict[Callable[[Source], str | None], str | None] = {}

    # -- scripts -------------------------------------------------------------------------------

    @cached_property
    def own_scripts(self) -> tuple[Script, ...]:
        """The page's own JavaScript, in order."""
        nodes = self.tree.root.css("script")
        spans: Sequence[tuple[int, int] | None] = self.tree.script_spans or ()
        if len(spans) != len(nodes):  # a script in a `template` element has a span and no node here
            spans = [None] * len(nodes)
        body = self.element("#js_content")
        inside = {node.mem_id for node in body.css("script")} if body is not None else set()
        pairs = [
            (node.mem_id in inside, Script(self.tree, node, span))
            for node, span in zip(nodes, spans, strict=True)
            if (node.attributes.get("type") or "").strip().lower() in _JAVASCRIPT_TYPES
        ]
        return tuple(script for _, script in sorted(pairs, key=lambda pair: pair[0]))

    @property
    def scripts(self) -> Iterator[str]:
        """Texts of the page's own JavaScript, in order."""
        return (script.text for script in self.own_scripts)

    @cached_property
    def _variables(self) -> dict[str, list[re.Match[str]]]:
        """Matches that end where `var x =`, `window.x =` (key `x`) and `d.x =` (key `d.x`) have values."""
        found: defaultdict[str, list[re.Match[str]]] = defaultdict(list)
        for script in self.own_scripts:
            if not script.may_hold_variables:
                continue
            text = script.text
            first = _FIRST_ASSIGNMENT.match(text)
            for match in chain([first] if first else [], _ASSIGNMENT.finditer(text)):
                found["d." + match[2] if match[1] else match[2]].append(match)
        found.default_factory = None
        return found

    def variable(self, name: str) -> list[Value]:
        """Return the values of every data literal assigned to a name, in order; others are passed over."""
        return [literal.value for _, literal in self.literals(name)]

    def literals(self, name: str) -> Iterator[tuple[str, Literal]]:
        """Yield the data literals assigned to a name, in order, each with the script's text it stands in."""
        places = [(match.string, match.end()) for match in self._variables.get(name, ())]
        for text, start in places or self._anywhere.get(name, []):
            try:
                yield text, parse(text, start)
            except LiteralError:
                continue

    def script_of(self, text: str) -> Script | None:
        """Return the script that a text, as `literals` and `member` give it, is of."""
        return next((script for script in self.own_scripts if script.text is text), None)

    def member(self, name: str, *, new: bool) -> tuple[str, tuple[int, int]] | None:
        """Return where a member of `cgiDataNew` (else of `cgiData`) stands: a script's text, and its span."""
        if new:
            text, spans = self._cgi_data_new or ("", {})
            return (text, spans[name]) if name in spans else None
        found = None
        for match in self._variables.get("cgiData", ()):
            span = _member_spans(match.string, match.end()).get(name)
            found = found if span is None else (match.string, span)
        return found

    @cached_property
    def _anywhere(self) -> dict[str, list[tuple[str, int]]]:
        """Texts and places of values assigned anywhere, of a page that does not state itself by lines."""
        found: defaultdict[str, list[tuple[str, int]]] = defaultdict(list)
        if self._states_itself:
            return found
        left = assignments.MAX_CHARS
        for script in self.own_scripts:
            if script.is_library or len(script.text) > left:
                continue
            left -= len(script.text)
            for name, starts in assignments.assignments(script.text).items():
                found[name].extend((script.text, start) for start in starts)
        found.default_factory = None
        return found

    @property
    def _states_itself(self) -> bool:
        """Tell whether a page's data stand where the platform writes them: at the starts of lines."""
        known = self._variables
        return self._literal_by_line is not None or all(
            any(f"{prefix}{name}" in known for prefix in ("", "d.") for name in names) for names in _ALWAYS
        )

    @property
    def _cgi_data_new(self) -> tuple[str, dict[str, tuple[int, int]]] | None:
        return self._literal_by_line or self._literal_anywhere

    @cached_property
    def _literal_anywhere(self) -> tuple[str, dict[str, tuple[int, int]]] | None:
        for text, start in self._anywhere.get("cgiDataNew", ()):
            match = _OBJECT.match(text, start)
            try:
                if match is not None:
                    return text, members(text, match.end())
            except LiteralError:
                continue
        return None

    @property
    def names_unread_literal(self) -> bool:
        """Tell whether a script assigns `cgiDataNew` in a form that could not be read."""
        return self._cgi_data_new is None and "cgiDataNew" in self._anywhere

    @cached_property
    def _literal_by_line(self) -> tuple[str, dict[str, tuple[int, int]]] | None:
        for script in sorted(self.own_scripts, key=lambda script: script.is_library):
            if not script.may_hold_data:
                continue
            text = script.text
            for start in _objects_assigned(text, "cgiDataNew"):
                try:
                    return text, members(text, start)
                except LiteralError:
                    continue
        return None

    @cached_property
    def _cgi_data(self) -> dict[str, Value]:
        merged: dict[str, Value] = {}
        for match in self._variables.get("cgiData", ()):
            merged.update(_known_members(match.string, match.end()))
        return merged

    @property
    def has_cgi_data_new(self) -> bool:
        """Tell whether the page carries the data literal of 2025 and later."""
        return self._cgi_data_new is not None

    def new(self, path: str) -> Value:
        """Return the member of `cgiDataNew` at a dotted path; None if there is none."""
        if self._cgi_data_new is None:
            return None
        text, spans = self._cgi_data_new
        first, _, rest = path.partition(".")
        if first not in self._new:
            self._new[first] = _parsed(text, spans.get(first))
        return walk(self._new[first], rest)

    def cgi(self, path: str) -> Value:
        """Return the member of `cgiData` at a dotted path; None if there is none."""
        first, _, rest = path.partition(".")
        return walk(self._cgi_data.get(first), rest)

    def once(self, asked: Callable[[Source], str | None]) -> str | None:
        """Return what `asked` says of this page, asking once: many rules look at the same words."""
        if asked not in self._kept:
            self._kept[asked] = asked(self)
        return self._kept[asked]

    # -- document ------------------------------------------------------------------------------

    @cached_property
    def metas(self) -> dict[str, str]:
        """Contents of the page's meta elements by name or property, the first of each."""
        out: dict[str, str] = {}
        for node in self.tree.root.css("meta[content]"):
            attrs = node.attributes
            name = attrs.get("property") or attrs.get("name")
            if name:
                out.setdefault(name, attrs.get("content") or "")
        return out

    def element(self, selector: str) -> LexborNode | None:
        """Return the first element that matches a selector."""
        return self.tree.root.css_first(selector)

    def text_of(self, selector: str) -> str | None:
        """Return an element's words in one line, without undisplayed parts and badges in it.

        Its own display is not looked at: scripts show it. None if there is no such element.
        """
        node = self.element(selector)
        return None if node is None else line_of(node)

    def written_by(self, node: LexborNode) -> str | None:
        """Return the markup that a script inside an element writes into it, from a string literal."""
        found = self.written_literal(node)
        return found[1].value if found and isinstance(found[1].value, str) else None

    def written_literal(self, node: LexborNode) -> tuple[LexborNode, Literal] | None:
        """Return that script and the literal in it."""
        for script in node.css("script"):
            text = script.text()
            for match in _WRITES.finditer(text):
                try:
                    literal = parse(text, match.end())
                except LiteralError:
                    continue
                if isinstance(literal.value, str) and literal.value.strip():
                    return script, literal
        return None

    @cached_property
    def url_params(self) -> dict[str, str]:
        """Identity parameters of the URL that the page was had from."""
        return urls.identity_params(self.url) if self.url else {}


def _objects_assigned(text: str, name: str) -> Iterator[int]:
    """Yield where the object literals begin that are assigned to a name at the start of a line."""
    at = text.find(name)
    while at >= 0:
        before = text[text.rfind("\n", 0, at) + 1 : at].strip()
        match = _ASSIGNED_OBJECT.match(text, at + len(name))
        if match is not None and before in {"", "window.", "var"}:
            yield match.end()
        at = text.find(name, at + 1)


def words_of(node: LexborNode) -> str:
    """Return the words of an element without those of scripts and styles in it."""
    if node.css_first("script, style") is None:
        return node.text(deep=True)
    return "".join(
        child.text_content or ""
        for child in node.traverse(include_text=True)
        if child.is_text_node and (child.parent is None or child.parent.tag not in {"script", "style"})
    )


def line_of(node: LexborNode) -> str:
    """Return an element's words in one line, as `Source.text_of` does."""
    return " ".join(_shown_words(node).split())


def _shown_words(node: LexborNode) -> str:
    """Return an element's words without those of undisplayed parts and badges in it."""
    apart = [part for part in node.css(_APART) if part.mem_id != node.mem_id]
    apart = [part for part in apart if part.css_matches(_BADGES) or _is_undisplayed(part)]
    if not apart:
        return words_of(node)
    hidden = {inner.mem_id for part in apart for inner in part.traverse(include_text=True)}
    return "".join(
        child.text_content or ""
        for child in node.traverse(include_text=True)
        if child.is_text_node
        and child.mem_id not in hidden
        and (child.parent is None or child.parent.tag not in {"script", "style"})
    )


def _is_undisplayed(node: LexborNode) -> bool:
    attrs = node.attributes
    return "hidden" in attrs or "display:none" in "".join((attrs.get("style") or "").split()).lower()


def _parsed(text: str, span: tuple[int, int] | None) -> Value:
    if span is None:
        return None
    try:
        return parse(text, *span).value
    except LiteralError:
        return None


def walk(value: Value, path: str) -> Value:
    """Return the member of a value at a dotted path; None if there is none."""
    for name in filter(None, path.split(".")):
        if not isinstance(value, dict):
            return None
        value = value.get(name)
    return None if isinstance(value, float) and math.isnan(value) else value


def _known_members(text: str, start: int) -> dict[str, Value]:
    """Return an object's members that are data; those that are code are left out."""
    out: dict[str, Value] = {}
    for name, span in _member_spans(text, start).items():
        try:
            out[name] = parse(text, *span).value
        except LiteralError:
            continue
    return out


def _member_spans(text: str, start: int) -> dict[str, tuple[int, int]]:
    try:
        return members(text, start, skip_value(text, start, len(text)))
    except LiteralError:
        return {}
