"""A cheap proof that a page is harmless to parse; without the proof the page goes to `worker`.

Lexbor 2.x (measured: selectolax 1.0.2) is quadratic in the depth of nesting, in the attributes of
one tag, and in the formatting elements left open, which the HTML Standard makes it open again in
every block ("reconstruct the active formatting elements"). The proof is a model of the stack of
open elements that is never shallower than the real one: it tokenises as section 13.2.5 of the
Standard does (attribute values, comments, raw text), takes an element off at an end tag that fits the
top; where the tree builder of section 13.2.6 may do less than the model, the difference is counted as
levels that may still be there, and where the two could disagree about more it gives up and says why. Giving
up is not a verdict: it costs the page one trial in another process.

Scripts, the bulk of a page, are skipped with one search each.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from itertools import islice
from typing import Final

MAX_BYTES: Final = 16 << 20
"""Pages above this many bytes are refused unread. The largest seen has 4 MB."""

MAX_DEPTH: Final = 512
"""Depth of the deepest tree handed on, in elements; Chromium stops nesting at the same number."""

_MAX_MODEL_DEPTH: Final = 200
_MAX_TAGS: Final = 60_000
_MAX_REOPENED: Final = 400_000  # nodes; Lexbor needs about 0.4 kB for each
_MAX_ATTRIBUTE_COST: Final = 100_000_000  # squares; 2000 attributes on a tag cost 8 ms
_LONG_TAG_BYTES: Final = 200
_MAX_ATTRIBUTES: Final = 20_000  # counted no further: alone above the cost allowed
_VERY_LONG_TAG_BYTES: Final = 512

# Possessive are only single characters here and in the other patterns of this project: those of groups are
# wrong before Python 3.11.5 (python/cpython issue 106052). A group's repetition is followed by what matches
# anything, so nothing is ever tried twice; the bound caps what the matcher remembers of it.
_ATTRIBUTE: Final = (
    rb"[^\t\n\f\r />][^\t\n\f\r />=]*+"
    rb"(?:[\t\n\f\r ]*+=[\t\n\f\r ]*+(?:\"[^\"]*+\"|'[^']*+'|[^\t\n\f\r >\"'][^\t\n\f\r >]*+)?)?"
)
_TOKEN: Final = re.compile(
    rb"<(?:(/?+[a-zA-Z][^\t\n\f\r />]*+)(?:[\t\n\f\r /]++|"
    + _ATTRIBUTE
    + rb"){0,50000}(>?+)|(!--|[!?]|/(?!>)))"
)
ATTRIBUTES: Final = re.compile(_ATTRIBUTE)
_SCRIPT_PART: Final = re.compile(rb"<(?:(/[sS][cC][rR][iI][pP][tT][\t\n\f\r />])|!--)")
_COMMENT_END: Final = re.compile(rb"--!?>")
_RAW: Final = frozenset(
    (b"script", b"style", b"title", b"textarea", b"iframe", b"noembed", b"noframes", b"xmp")
)
VOID: Final = frozenset(
    b"area base basefont bgsound br col command embed frame hr image img input keygen link meta param source "
    b"track wbr".split()
)
NOT_STACKED: Final = frozenset((b"html", b"head", b"body"))
_FORMATTING: Final = frozenset(b"a b big code em font i nobr s small strike strong tt u".split())
_BLOCKS: Final = frozenset(
    b"address article aside blockquote button center details dialog dir div dl fieldset figcaption figure "
    b"footer h1 h2 h3 h4 h5 h6 header hgroup li dd dt listing main menu nav ol p pre search section "
    b"summary ul".split()
)
TABLE: Final = frozenset((b"table", b"tbody", b"thead", b"tfoot", b"tr", b"td", b"th", b"caption"))
_BARRIERS: Final = frozenset(
    (
        b"applet",
        b"caption",
        b"marquee",
        b"object",
        b"select",
        b"table",
        b"td",
        b"template",
        b"th",
        b"svg",
        b"math",
    )
)
SIBLINGS: Final = frozenset((b"p", b"li", b"dd", b"dt", b"option", b"td", b"th", b"tr"))
_CELLS: Final = frozenset((b"td", b"th"))
_ROW_PARTS: Final = frozenset((b"td", b"th", b"tr"))
_FOREIGN: Final = frozenset((b"svg", b"math"))
_AMBIGUOUS: Final = frozenset((b"plaintext", b"frameset"))
_TAG_NAME_ENDS: Final = frozenset((b"\t", b"\n", b"\f", b"\r", b" ", b"/", b">"))
_SLASH: Final = ord("/")
_BANG: Final = ord("!")

# What the loop over the tags may settle without a call, by tag name as it stands in the page.
_OPEN: Final = 1
_CLOSE: Final = 2
_VOID_ELEMENT: Final = 3
_PLAIN: Final = (_BLOCKS | TABLE | SIBLINGS | frozenset((b"span", b"label", b"form"))) - _FORMATTING
_KINDS: Final[dict[bytes | None, int]] = {
    **dict.fromkeys(_PLAIN - _ROW_PARTS, _OPEN),
    **{b"/" + name: _CLOSE for name in _PLAIN},
    **dict.fromkeys(VOID, _VOID_ELEMENT),
}


@dataclass(slots=True)
class _Model:
    """The stack of open elements as the proof keeps it, and what the page has spent."""

    stack: list[bytes] = field(default_factory=list)
    formatting: int = 0  # formatting elements on the stack
    lost: int = 0  # formatting elements that may stay active though they are off the stack
    unsure: int = 0  # levels by which the real stack may be deeper than the model
    foreign: int = 0  # open svg and math elements
    selects: int = 0
    tags: int = 0
    reopened: int = 0
    attribute_cost: int = 0
    scripts: list[tuple[int, int]] = field(default_factory=list)

    def push(self, name: bytes) -> None:
        stack = self.stack
        if self.foreign:
            pass  # none of the rules below hold inside svg and math
        elif stack and name in _ROW_PARTS:
            if stack[-1] in _CELLS and stack[-2:-1] == [b"tr"]:
                stack.pop()  # a new cell or row ends the cell before it
            if name == b"tr" and stack[-1] == name:
                return
        elif stack and stack[-1] == name and name in SIBLINGS:
            return  # the start tag closes its like before it
        stack.append(name)
        if name in _FORMATTING:
            self.formatting += 1
        elif name in _FOREIGN:
            self.foreign += 1
        elif name == b"select":
            self.selects += 1

    def pop(self) -> bytes:
        name = self.stack.pop()
        if name in _FORMATTING:
            self.formatting -= 1
        elif name in _FOREIGN:
            self.foreign -= 1
        elif name == b"select":
            self.selects -= 1
        return name

    def end(self, name: bytes) -> None:
        """An end tag: take off what stands on top; deeper, count what may in truth have stayed."""
        stack = self.stack
        if stack and stack[-1] == name:
            self.pop()
            return
        level = self._likely(name)
        if level is None:
            self.lost += name in _FORMATTING and name in stack
            return
        # The element may have been closed before by a rule that the model does not follow; then those
        # above it, opened later, stay.
        self.unsure += len(stack) - level
        while len(stack) > level:
            if self.pop() in _FORMATTING and len(stack) > level:
                self.lost += 1

    def _likely(self, name: bytes) -> int | None:
        """Return the height to which the end tag probably cuts the stack, None if it probably does not."""
        through_cells = name in TABLE
        if not through_cells and name not in _BLOCKS:
            return None
        stack = self.stack
        for level in range(len(stack) - 1, -1, -1):
            here = stack[level]
            if here == name:
                return level
            if here in _BARRIERS and not (through_cells and here in TABLE and here != b"table"):
                return None
        return None

    def spent(self) -> str | None:
        """Return what exceeds its limit, None while nothing does."""
        if self.tags > _MAX_TAGS:
            return f"more than {_MAX_TAGS} tags"
        if len(self.stack) + self.lost + self.unsure > _MAX_MODEL_DEPTH:
            return f"elements may be nested deeper than {_MAX_MODEL_DEPTH}"
        if self.reopened > _MAX_REOPENED:
            return "formatting elements left open would be opened again too often"
        if self.attribute_cost > _MAX_ATTRIBUTE_COST:
            return "too many attributes on single tags"
        return None


@dataclass(frozen=True, slots=True)
class Proof:
    """What a scan of a page found.

    `doubt` is None if the page is proved cheap and at most `MAX_DEPTH` deep; otherwise it says, in words,
    what stood in the way. `scripts` are the contents of its script elements as spans of its bytes, in
    order, those with nothing in them included; None where the scan did not reach the end of the page.
    """

    doubt: str | None
    scripts: tuple[tuple[int, int], ...] | None


def doubt(data: bytes) -> str | None:
    """Return `Proof.doubt` of a page."""
    return examine(data).doubt


def examine(data: bytes) -> Proof:
    """Scan a page (well-formed UTF-8) for what could make it expensive. Linear in its bytes."""
    model = _Model()
    found = _scan(model, data)
    return Proof(found, None if found else tuple(model.scripts))


def _scan(model: _Model, data: bytes) -> str | None:
    position: int | None = 0
    while position is not None:
        after = _scan_markup(model, data, position)
        if isinstance(after, str):
            return after
        position = after
    return model.spent()


def _scan_markup(model: _Model, data: bytes, position: int) -> int | str | None:
    """Account for tags up to the end of the next raw text; return where that is, None at the page's end.

    Returns the doubt that ends the proof, if one arises. (One function: it is half of the proof's time.)
    """
    stack = model.stack
    for match in _TOKEN.finditer(data, position):
        name, closed = match.group(1, 2)
        start, end = match.span()
        if end - start > _LONG_TAG_BYTES and name is not None:
            if not closed and end < len(data):
                return "a tag with tens of thousands of attributes"
            model.attribute_cost += _attribute_cost(data, start, end)
        model.tags += 1
        kind = _KINDS.get(name)
        if kind == _CLOSE and stack and stack[-1] == name[1:]:  # the three common cases, without a call
            stack.pop()
        elif kind == _OPEN and closed and not model.foreign:
            if not stack or stack[-1] != name or name not in SIBLINGS:
                stack.append(name)
            model.reopened += model.formatting + model.lost
        elif kind == _VOID_ELEMENT and closed and not model.foreign:
            model.reopened += model.formatting + model.lost
        else:
            after = _other(model, data, match)
            if after != end:
                return after
        if model.tags & 31 == 0 and (over := model.spent()):
            return over
    return None


def _other(model: _Model, data: bytes, match: re.Match[bytes]) -> int | str:
    """Account for a rarer token; return where to go on, or the doubt that ends the proof."""
    position = match.end()
    name = match[1]
    if name is None:
        return _after_declaration(data, position, match[3])
    name = name.lower()
    if name.startswith(b"/"):
        if name[1:] not in NOT_STACKED:
            model.end(name[1:])
    elif not match[2]:
        return len(data)  # the page ends inside a tag: no element comes of it
    elif name in _RAW:
        unsure = bool(model.foreign or (model.selects and name != b"script"))
        end = _after_raw(data, position, name, unsure=unsure)
        if name == b"script" and isinstance(end, int):
            model.scripts.append((position, end))
        return end
    elif name in _AMBIGUOUS:
        return f"a {name.decode()} element"
    else:
        _start(model, name, self_closing=data[position - 2] == ord("/"))
    return position


def _start(model: _Model, name: bytes, *, self_closing: bool) -> None:
    """A start tag."""
    model.reopened += model.formatting + model.lost
    if name in NOT_STACKED:
        return
    if not model.foreign:
        if name not in VOID:
            model.push(name)
    elif self_closing or name in VOID:
        model.unsure += name not in VOID or not self_closing
        model.lost += name in _FORMATTING
    else:
        model.push(name)


def _after_declaration(data: bytes, position: int, kind: bytes) -> int | str:
    """Return where a comment, doctype or bogus comment ends, or the doubt about a CDATA section."""
    if kind == b"!--":
        if data.startswith((b">", b"->"), position):
            return data.index(b">", position) + 1
        end = _COMMENT_END.search(data, position)
        return end.end() if end else len(data)
    close = data.find(b">", position)
    if close < 0:
        return len(data)
    if data.startswith(b"[CDATA[", position) and not data.endswith(b"]]", position, close):
        return "a CDATA section that can be read in two ways"
    return close + 1


def _after_raw(data: bytes, position: int, name: bytes, *, unsure: bool) -> int | str:
    """Return where the text of a raw-text element ends, or the doubt whether it is raw text here.

    Raw text ends at its end tag, but inside svg, math and select the same tags may be ordinary
    (`unsure`), and a script that opens `<!--` and then `<script` runs on past its end tag ("double
    escaped"). One look at each `<`, found at the speed of memory; in a script, where most of them are signs
    of comparison, only at those before `/script` and `!--`.
    """
    if name == b"script" and not unsure:
        found = _SCRIPT_PART.search(data, position)
        if found is None:
            return len(data)
        if found[1] is not None:
            return found.start()
    end_tag = b"/" + name
    comment = False
    find = data.find
    while (position := find(b"<", position)) >= 0:
        position += 1
        after = data[position] if position < len(data) else 0
        if after == _SLASH:
            if (
                data[position : position + len(end_tag)].lower() == end_tag
                and data[position + len(end_tag) : position + len(end_tag) + 1] in _TAG_NAME_ENDS
            ):
                return position - 1
        elif after == _BANG:
            comment = comment or data.startswith(b"!--", position)
        elif comment and name == b"script" and data[position : position + 6].lower() == b"script":
            return "a script inside a comment of a script"
        if unsure:
            return f"a {name.decode()} element whose end can be read in two ways"
    return len(data)


def _attribute_cost(data: bytes, start: int, stop: int) -> int:
    """Return the square of the attributes a tag can have; long tags are counted, others bounded."""
    count = (stop - start) // 2
    if count * 2 > _VERY_LONG_TAG_BYTES:
        count = sum(1 for _ in islice(ATTRIBUTES.finditer(data, start + 1, stop), _MAX_ATTRIBUTES))
    return count * count
