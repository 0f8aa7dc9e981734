"""The page that leads to the reports of many reposts: those that are not the same first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote

from harvester.markup import Markup, element
from harvester.verify import EXIT_CODES, VERDICTS
from harvester.verify.words import name
from harvester.verify_report.frame import page_html
from harvester.verify_report.verdict import SIGNS
from harvester.verify_report.visible import inert
from harvester.verify_report.words import Words

_COLUMNS: Final = ("verdict", "title", "source", "date", "first", "original")
_MOST: Final = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One repost. `report` is the file name of its report, None where there is none.

    `first` is its first material edit: class, original words, captured words.
    """

    id: str
    verdict: str
    reason: str | None
    title: str | None
    source: str | None
    date: str | None
    original: str | None
    first: tuple[str, str, str] | None
    report: str | None
    rehearsal: bool


def overview_html(entries: Sequence[Entry], words: Words) -> bytes:
    """Return the page, UTF-8: entries by how much they ask for a look, else in their order."""
    ranked = sorted(entries, key=lambda entry: _RANK[EXIT_CODES[entry.verdict]])
    head = [element("th", words(f"overview.{key}"), scope="col", role="columnheader") for key in _COLUMNS]
    table = element(
        "table",
        element("thead", element("tr", *head, role="row"), role="rowgroup"),
        element("tbody", *(_row(entry, words) for entry in ranked), role="rowgroup"),
        role="table",
    )
    counts = Counter(entry.verdict for entry in entries)
    figures = [
        part
        for verdict in VERDICTS
        if counts[verdict]
        for part in (
            element("dt", f"{SIGNS[verdict]} {name('verdict', verdict, words.language)}"),
            element("dd", str(counts[verdict])),
        )
    ]
    main = element(
        "main",
        element("h1", words("overview.heading")),
        element("section", element("dl", *figures, cls="figures")),
        element("section", element("p", words("overview.note"), cls="quiet"), table, cls="overview"),
    )
    return page_html(words, words("overview.heading"), main)


_RANK: Final = {1: 0, 4: 1, 0: 2}


def _row(entry: Entry, words: Words) -> Markup:
    title = inert(" ".join((entry.title or words("page.untitled")).split()))
    link = element("a", title, href=quote(entry.report)) if entry.report else title
    verdict = [SIGNS[entry.verdict], " ", name("verdict", entry.verdict, words.language)]
    if entry.rehearsal:
        verdict += [element("b", f" {words('page.rehearsal')}")]
    values: dict[str, Sequence[str]] = {
        "verdict": verdict,
        "title": (link, element("br"), element("code", inert(entry.id))),
        "source": (inert(entry.source or words("facts.unknown")),),
        "date": (inert(entry.date or words("facts.unknown")),),
        "first": (_first(entry, words),),
        "original": (inert(entry.original or "–"),),
    }
    cells = [
        element("td", *values[key], data_label=words(f"overview.{key}"), role="cell") for key in _COLUMNS
    ]
    return element("tr", *cells, role="row")


def _first(entry: Entry, words: Words) -> Markup:
    if entry.first is None:
        said, language = words.said(entry.reason) if entry.reason else ("", None)
        return element("span", inert(said), lang=language)
    kind, original, captured = entry.first
    shown = (inert(_short(original, words)), " → ", inert(_short(captured, words)))
    return element("span", element("b", name("class", kind, words.language)), words("page.colon"), *shown)


def _short(text: str, words: Words) -> str:
    line = " ".join(text.split())
    return (line if len(line) <= _MOST else line[:_MOST] + "…") or words("edits.nothing")
