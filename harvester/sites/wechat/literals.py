"""Data literals of a page by their bytes: spans in the decoded body, and values read from these alone."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator

import msgspec
from selectolax.lexbor import LexborNode

from harvester.extraction.body import Body
from harvester.extraction.nodes import element_place
from harvester.extraction.spans import BodySpans, as_parsed, before_parsing
from harvester.places import SHOWN_CHARS, Place
from harvester.sites.wechat import bodies
from harvester.sites.wechat.literal import LiteralError, Value, members, parse
from harvester.sites.wechat.source import Script, Source, walk


@dataclasses.dataclass(frozen=True, slots=True)
class _Member:
    """A value's characters in a script, and the path inside of it that is not taken apart."""

    text: str
    start: int
    end: int
    rest: str


class Literals:
    """The literals of one page."""

    def __init__(self, source: Source, spans: BodySpans) -> None:
        self._source = source
        self._spans = spans

    def of_carrier(self, carrier: str) -> Iterator[tuple[tuple[Place, ...], Value]]:
        """Yield the places of a carrier in scripts, in order, and the value that is read from each."""
        head, _, path = carrier.partition(".")
        if head in {"cgiDataNew", "cgiData"}:
            first, _, rest = path.partition(".")
            found = self._source.member(first, new=head == "cgiDataNew")
            wanted = iter(()) if found is None else iter([_innermost(found[0], *found[1], rest)])
        else:
            name = carrier.removeprefix("var ")
            wanted = (_Member(text, one.start, one.end, "") for text, one in self._source.literals(name))
        for member in wanted:
            script = self._source.script_of(member.text)
            place = self._place(carrier, member, script.node, script) if script else None
            if place is not None:
                yield (place,), walk(self._value(place, member), member.rest)

    def written_in(self, node: LexborNode) -> tuple[tuple[Place, ...], Body] | None:
        """Return the body that a script inside an element writes into it, and where it stands."""
        found = self._source.written_literal(node)
        if found is None:
            return None
        script, literal = found
        own = next((one for one in self._source.own_scripts if one.node.mem_id == script.mem_id), None)
        member = _Member(script.text(), literal.start, literal.end, "")
        place = self._place("document.write", member, script, own)
        return (place,), bodies.markup_body(self._value(place, member), keeps_lines=True)

    def _place(self, name: str, member: _Member, node: LexborNode, script: Script | None) -> Place:
        """Return a literal's bytes as a place; its script's element where they cannot be told."""
        span = self._span(member, script) if script is not None else None
        if span is not None:
            whole = f"{name} (its member {member.rest})" if member.rest else name
            return self._spans.place("literal", whole, span)
        inside = element_place(self._source.tree.root, node)
        shown = member.text[member.start : member.end][:SHOWN_CHARS]
        return msgspec.structs.replace(inside, kind="literal", name=name, shown=shown)

    def _span(self, member: _Member, script: Script) -> tuple[int, int] | None:
        if script.span is None:
            return None
        start, end = script.span
        raw = self._source.tree.data[start:end].decode("utf-8", "replace")
        if as_parsed(raw) != member.text:
            return None
        first, last = (before_parsing(raw, at) for at in (member.start, member.end))
        begin = start + len(raw[:first].encode())
        return self._spans.in_body(begin, begin + len(raw[first:last].encode()))

    def _value(self, place: Place, member: _Member) -> Value:
        """Read a literal from its bytes alone."""
        text = member.text[member.start : member.end]
        if place.start is not None and place.end is not None:
            text = as_parsed(self._spans.text(place.start, place.end))
        try:
            return parse(text).value
        except LiteralError:
            return None


def _innermost(text: str, start: int, end: int, rest: str) -> _Member:
    """Return the smallest span that holds the member of a literal at a dotted path."""
    try:
        outer = parse(text, start, end)
    except LiteralError:
        return _Member(text, start, end, rest)
    found = _Member(text, outer.start, outer.end, rest)
    whole = walk(outer.value, rest)
    while found.rest:
        name, _, left = found.rest.partition(".")
        try:
            span = members(text, found.start, found.end).get(name)
            inner = parse(text, *span) if span else None
        except LiteralError:
            break
        if inner is None or walk(inner.value, left) != whole:
            break
        found = _Member(text, inner.start, inner.end, left)
    return found
