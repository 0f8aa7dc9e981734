"""A comparison as one page to look at: no script, no network, all of it in one file."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from importlib import resources
from typing import Final

from harvester.comparing.fields import EVIDENCE, SOURCES
from harvester.comparing.result import Comparison, Piece, Sample, SideFacts, Turned
from harvester.markup import Markup, element, is_web
from harvester.verify_report.visible import inert, spaces_shown

_POLICY: Final = "default-src 'none'; style-src 'unsafe-inline'"
_PROSE: Final = frozenset({"title", "text", "markdown", "note", "subtitle", "source", "author", "notice"})
_HOW: Final = {"filled": "was empty", "emptied": "is empty now", "rewritten": "another value"}
_KINDS: Final = {
    "archive": "an archive",
    "json": "a rebuild's documents",
    "jsonl": "a rebuild's tables (JSON lines)",
    "parquet": "a rebuild's tables (Parquet)",
    "lines": "JSON lines",
}


def html_page(found: Comparison) -> bytes:
    """Return the page."""
    style = resources.files("harvester.comparing").joinpath("compare.css").read_text("utf-8")
    head = element(
        "head",
        Markup('<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">'),
        Markup(f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">'),
        Markup('<meta name="generator" content="harvester">'),
        element("title", f"What changed between {found.old.name} and {found.new.name}"),
        Markup(f"<style>\n{style}</style>"),
    )
    body = element("body", element("main", _joined(_parts(found))))
    return f'<!DOCTYPE html>\n<html lang="en">\n{head}\n{body}\n</html>\n'.encode()


def _joined(parts: Iterable[Markup | None]) -> Markup:
    return Markup("\n".join(part for part in parts if part is not None))


def _parts(found: Comparison) -> Iterator[Markup | None]:
    yield element("h1", "The same records, read by two versions")
    yield element("p", f"Old: {found.old.name}. New: {found.new.name}.", cls="quiet")
    yield _notice(found)
    yield _figures(found)
    yield element("h2", "Who read them")
    yield _versions(found)
    yield element("h2", "Fields that differ", id="fields")
    yield _fields(found)
    yield from _turned("Articles now, that were none", found.appeared, found.appeared_samples)
    yield from _turned("No articles any more", found.vanished, found.vanished_samples)
    yield _states(found)
    yield _legend() if found.samples else None
    for name, samples in found.samples.items():
        yield _section(found, name, samples)


def _notice(found: Comparison) -> Markup:
    if EVIDENCE & set(found.fields):
        words = (
            "Some documents were read from other bytes than before: there the records differ, not the rules."
        )
        return element("p", words, cls="note")
    if found.is_same_version and (found.changed or found.appeared or found.vanished):
        words = (
            "Both sides name the same versions, so no difference here comes from an extractor: one of the "
            "two was altered, or made with other options."
        )
        return element("p", words, cls="note")
    words = (
        "Every pair was read from the same stored bytes. What differs here was changed by the extractor and "
        "its rules; no page changed."
    )
    return element("p", words)


def _figures(found: Comparison) -> Markup:
    figures = (
        (found.equal, "documents are equal"),
        (found.changed, "documents differ"),
        (found.appeared, "became articles"),
        (found.vanished, "are none any more"),
        (found.only_old, "only the old side looked at"),
        (found.only_new, "only the new side looked at"),
    )
    items = (element("li", element("b", f"{number:,}"), element("span", words)) for number, words in figures)
    return element("ul", _joined(items), cls="figures")


def _versions(found: Comparison) -> Markup:
    head = _row("th", "", "documents", "made by")
    rows = [row for name, side in (("old", found.old), ("new", found.new)) for row in _side_rows(name, side)]
    return element("table", element("thead", head), element("tbody", _joined(rows)))


def _side_rows(name: str, side: SideFacts) -> Iterator[Markup]:
    what = f"{name}: {_KINDS.get(side.kind, side.kind)}"
    for made_by, count in side.versions.items() or (("nothing", 0),):
        yield _row("td", what, f"{count:,}", made_by)
        what = ""


def _row(tag: str, first: str | Markup, number: str, *more: str | Markup) -> Markup:
    cells = (element(tag, cell) for cell in more)
    return element("tr", element(tag, first), element(tag, number, cls="number"), _joined(cells))


def _fields(found: Comparison) -> Markup:
    if not found.fields:
        return element("p", "None.")
    compared = max(1, found.equal + found.changed)
    head = element(
        "tr",
        element("th", "field"),
        element("th", "documents", cls="number"),
        element("th", "of those compared"),
        *(element("th", words, cls="number kinds") for words in _HOW.values()),
    )
    rows = []
    for name, count in found.fields.items():
        width = f"width: {max(0.5, 100 * count.changed / compared):.1f}%"
        share = f"{100 * count.changed / compared:.1f} %"
        kinds = (count.filled, count.emptied, count.rewritten)
        rows.append(
            element(
                "tr",
                element("td", element("a", _named(name), href=f"#{_anchor(name)}")),
                element("td", f"{count.changed:,}", cls="number"),
                element("td", share, element("span", cls="bar", style=width)),
                *(element("td", f"{one:,}", cls="number kinds") for one in kinds),
            )
        )
    return element("table", element("thead", head), element("tbody", _joined(rows)))


def _named(name: str) -> str:
    """Return a field's name for a reader: the place that a field came from is told as that."""
    return f"source of {name.removeprefix(SOURCES)}" if name.startswith(SOURCES) else name


def _anchor(name: str) -> str:
    return "field-" + "".join(char if char.isalnum() else "-" for char in name)


def _turned(title: str, count: int, samples: tuple[Turned, ...]) -> Iterator[Markup]:
    if not count:
        return
    yield element("h2", f"{title}: {count:,}")
    head = element("tr", *(element("th", words) for words in ("page", "was", "is")))
    rows = (
        element(
            "tr",
            element(
                "td",
                element("div", inert(one.title or "(no title)")),
                element("div", _link(one.url, one.id), cls="quiet"),
            ),
            element("td", one.was),
            element("td", one.now),
        )
        for one in samples
    )
    yield element("table", element("thead", head), element("tbody", _joined(rows)))
    yield from _more(count, len(samples))


def _more(count: int, shown: int) -> Iterator[Markup]:
    if count > shown:
        yield element("p", f"{shown} of {count:,} are shown, chosen by a digest.", cls="quiet")


def _link(url: str | None, words: str) -> Markup:
    named = element("code", words)
    return element("a", named, href=url, rel="noreferrer") if url and is_web(url) else named


def _states(found: Comparison) -> Markup | None:
    if not found.states:
        return None
    rows = (_row("td", one.was, f"{one.records:,}", one.now) for one in found.states)
    head = _row("th", "was", "records", "is")
    table = element("table", element("thead", head), element("tbody", _joined(rows)))
    return _joined([element("h2", "Pages that are articles on neither side"), table])


def _legend() -> Markup:
    return _joined(
        [
            element("h2", "The differences"),
            element(
                "p",
                element("del", "struck out"),
                " the old side has, ",
                element("ins", "underlined"),
                " the new.",
                cls="legend",
            ),
        ]
    )


def _section(found: Comparison, name: str, samples: tuple[Sample, ...]) -> Markup:
    count = found.fields[name].changed
    return element(
        "section",
        element("h2", f"{_named(name)}: {count:,}", id=_anchor(name)),
        _joined(_sample(name, sample) for sample in samples),
        _joined(_more(count, len(samples))),
    )


def _sample(name: str, sample: Sample) -> Markup:
    about = f"{sample.site or 'unknown'} · {_HOW[sample.how]} · "
    header = element(
        "header",
        element("h3", inert(sample.title or "(no title)"), lang="zh"),
        element("p", about, _link(sample.url, sample.id), cls="quiet"),
    )
    is_prose = name in _PROSE
    text = element(
        "div",
        Markup("".join(map(_piece, sample.pieces))),
        cls="text" if is_prose else "text code",
        lang="zh" if is_prose else None,
    )
    return element("article", header, text)


def _piece(piece: Piece) -> Markup:
    if piece.op == "…":
        return element("span", f" ⋯ {piece.characters:,} characters alike ⋯ ", cls="cut")
    tag = {"-": "del", "+": "ins"}.get(piece.op)
    return element(tag, inert(spaces_shown(piece.text))) if tag else inert(piece.text)
