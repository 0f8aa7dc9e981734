"""The list of differences, those that can carry meaning on top, and of what was moved."""

from __future__ import annotations

from typing import Final

from harvester.markup import Markup, element
from harvester.verify import Edit, Span
from harvester.verify.words import name, why
from harvester.verify_report.given import Given
from harvester.verify_report.visible import inert, shortened, spaces_shown
from harvester.verify_report.words import Words

_CONTEXT: Final = 24
_MOST: Final = 240
"""Characters of an edit that its entry shows; the whole stands in the texts."""
_MOVED_SHOWN: Final = 60


def sign(edit: Edit) -> str:
    """Return what an edit is to the captured text, as one sign."""
    if edit.captured.text and edit.original.text:
        return "≠"
    return "＋" if edit.captured.text else "－"


def kind(edit: Edit) -> str:
    """Return the same as a word: `change`, `addition`, `omission`."""
    return {"≠": "change", "＋": "addition", "－": "omission"}[sign(edit)]


def listing_html(given: Given) -> Markup:
    """Return the list. Entry `eN` leads to the places `cN` and `oN` in the texts, and they lead back."""
    words, edits = given.words, list(enumerate(given.result.edits))
    groups = [
        (words("edits.material"), [(n, edit) for n, edit in edits if edit.material]),
        (words("edits.immaterial"), [(n, edit) for n, edit in edits if not edit.material]),
    ]
    parts: list[Markup] = []
    for heading, group in groups:
        if group:
            parts.append(element("h3", f"{heading} ({len(group)})"))
            parts.append(element("ol", *(_entry(number, edit, given) for number, edit in group), cls="edits"))
    if not edits:
        parts.append(element("p", words("edits.none" if given.result.level else "edits.uncompared")))
    heading = element("h2", words("edits.heading"))
    return element("section", heading, *parts, _moves(given), id="edits")


def _entry(number: int, edit: Edit, given: Given) -> Markup:
    words, n = given.words, number + 1
    head = element(
        "p",
        element("span", f"{sign(edit)}{n}", cls="num"),
        element("b", name("class", edit.class_, words.language)),
        " · ",
        words(f"edits.{kind(edit)}"),
        *(
            (" · ", element("span", words("edits.values"), words("page.colon"), inert(edit.note)))
            if edit.note
            else ()
        ),
        cls="what",
    )
    facts = element(
        "p",
        f"{words('edits.rule')} ",
        element("code", edit.rule),
        f" · {words('edits.at')} {_range(edit.captured)} / {_range(edit.original)}",
        cls="quiet",
    )
    reason = why(edit.why, words.language) if edit.why else ""
    return element(
        "li",
        head,
        _quote("c", n, given.captured.text, edit.captured, words),
        _quote("o", n, given.original.text, edit.original, words),
        element("p", reason, cls="why") if reason else None,
        facts,
        id=f"e{n}",
        cls="m" if edit.material else "i",
        value=str(n),
    )


def _range(span: Span) -> str:
    return f"{span.start}–{span.end}"


def _quote(side: str, n: int, text: str, span: Span, words: Words) -> Markup:
    """Return an edit's words between a few characters of what stands around them."""
    label = words("page.captured" if side == "c" else "page.original")
    before = _one_line(text[max(0, span.start - _CONTEXT) : span.start])
    after = _one_line(text[span.end : span.end + _CONTEXT])
    head, tail = shortened(span.text, _MOST)
    inside = [inert(_one_line(spaces_shown(head)))] if span.text else [words("edits.nothing")]
    if tail:
        left_out = words("edits.left_out", count=len(span.text) - len(head) - len(tail))
        inside += [element("span", left_out, cls="quiet"), inert(_one_line(tail))]
    tag = ("ins" if side == "c" else "del") if span.text else "span"
    return element(
        "p",
        element("a", label, href=f"#{side}{n}", title=words("edits.show"), cls="side"),
        element(
            "span",
            inert("…" + before if span.start > _CONTEXT else before),
            element(tag, *inside, cls="e" if span.text else "gap"),
            inert(after + "…" if span.end + _CONTEXT < len(text) else after),
            cls="words",
        ),
        cls="quote",
    )


def _one_line(text: str) -> str:
    return text.replace("\n", "¶")


def _moves(given: Given) -> Markup | None:
    words, moves = given.words, given.result.moves
    if not moves:
        return None
    entries = [
        element(
            "li",
            element("span", f"⇄M{n}", cls="num"),
            element("a", words("page.captured"), href=f"#mc{n}", cls="side"),
            element("a", words("page.original"), href=f"#mo{n}", cls="side"),
            element("span", inert(_first(move.captured.text)), cls="words"),
            id=f"m{n}",
        )
        for n, move in enumerate(moves, 1)
    ]
    return element(
        "div",
        element("h3", f"{words('edits.moves')} ({len(moves)})"),
        element("p", words("edits.moves_why"), cls="why"),
        element("ol", *entries, cls="edits moves"),
    )


def _first(text: str) -> str:
    line = _one_line(text.strip())
    return line if len(line) <= _MOVED_SHOWN else line[:_MOVED_SHOWN] + "…"
