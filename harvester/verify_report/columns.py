"""Both texts side by side, whole, with every edit, move and frame line where it stands."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import Final

from harvester.markup import Markup, element
from harvester.verify_report.given import Given
from harvester.verify_report.listing import kind, sign
from harvester.verify_report.rows import Row, rows
from harvester.verify_report.segments import Line, Run, SideName, lines, marks
from harvester.verify_report.visible import inert, spaces_shown

_SIDES: Final[tuple[SideName, SideName]] = ("captured", "original")


def texts_html(given: Given) -> Markup:
    """Return the table of both texts."""
    words, texts = given.words, (given.captured.text, given.original.text)
    marked = (marks(given.result, "captured"), marks(given.result, "original"))
    cut = (lines(texts[0], marked[0]), lines(texts[1], marked[1]))
    column = _Column(given, "captured"), _Column(given, "original")
    body: list[Markup] = []
    for same, group in groupby(rows(given.result, cut[0], cut[1], texts, marked), key=lambda row: row.same):
        members = list(group)
        body += [_row(row, column) for row in members]
        if same:
            note = words("texts.same", count=sum(len(row.captured) for row in members))
            body.append(
                element("tr", element("td", note, colspan="2", role="cell"), cls="folded", role="row")
            )
    head = [element("th", words(f"page.{side}"), scope="col", role="columnheader") for side in _SIDES]
    table = element(
        "table",
        element("thead", element("tr", *head, role="row"), role="rowgroup"),
        element("tbody", *body, role="rowgroup"),
        cls="texts",
        role="table",
        aria_label=words("texts.heading"),
    )
    return element(
        "section",
        element("h2", words("texts.heading")),
        element("p", words("texts.hint"), cls="quiet"),
        table,
        id="texts",
    )


def _row(row: Row, column: tuple[_Column, _Column]) -> Markup:
    cells = (column[0].cell(row.captured, row.original), column[1].cell(row.original, row.captured))
    return element("tr", *cells, cls="same" if row.same else None, role="row")


class _Column:
    """One side of the table."""

    def __init__(self, given: Given, side: SideName) -> None:
        self._given = given
        self._side = side
        self._letter = side[0]
        shown = given.captured if side == "captured" else given.original
        self._language = shown.document.language if shown.document else None

    def cell(self, own: Sequence[Line], other: Sequence[Line]) -> Markup:
        words = self._given.words
        content = [self._paragraph(line) for line in own] or [self._absent(other)]
        label = words(f"page.{self._side}")
        plain = all(line.is_frame for line in other)
        kind_of = None if own else ("absent plain" if plain else "absent")
        return element("td", *content, data_label=label, cls=kind_of, role="cell")

    def _paragraph(self, line: Line) -> Markup:
        name = self._given.words("texts.paragraph")
        number = element(
            "span", str(line.number), cls="pn", title=f"{name} {line.number}", data_n=str(line.number)
        )
        inside = [
            self._moved(move, tuple(group)) for move, group in groupby(line.runs, key=lambda run: run.move)
        ]
        frame = next((run.frame for run in line.runs if run.frame is not None), None)
        role = self._frame_role(frame) if frame is not None and line.is_frame else None
        return element(
            "p", number, role, *inside, cls="frame" if role else None, lang=self._language, dir="auto"
        )

    def _frame_role(self, frame: int) -> Markup:
        words, part = self._given.words, self._given.result.frame[frame]
        return element(
            "small",
            f"{words('texts.frame')}{words('page.colon')}{words.named('frame', part.role)}",
            cls="role",
        )

    def _moved(self, move: int | None, runs: Iterable[Run]) -> Markup:
        content = [self._run(run) for run in runs]
        return element("span", *content) if move is None else self._in_move(move, content, tuple(runs))

    def _in_move(self, move: int, content: list[Markup], runs: tuple[Run, ...]) -> Markup:
        words, n = self._given.words, move + 1
        other = "o" if self._letter == "c" else "c"
        opens = any(run.opens_move for run in runs)
        where = words("texts.elsewhere_original" if self._letter == "c" else "texts.elsewhere_captured")
        link = element(
            "a",
            f"⇄M{n}",
            href=f"#m{other}{n}",
            cls="num",
            title=where,
            aria_label=f"{words('texts.moved')} {n}: {where}",
        )
        return element(
            "span", link if opens else None, *content, cls="move", id=f"m{self._letter}{n}" if opens else None
        )

    def _run(self, run: Run) -> Markup:
        if run.edit is None:
            return inert(run.text)
        edit, n = self._given.result.edits[run.edit], run.edit + 1
        weight = "m" if edit.material else "i"
        own = f"{self._letter}{n}" if run.first else None
        words = self._given.words
        label = f"{words('edits.to', number=n)} ({words('edits.' + kind(edit))})"
        link = element("a", f"{sign(edit)}{n}", href=f"#e{n}", cls="num", aria_label=label)
        if not run.text:
            return element("span", link, cls=f"gap {weight}", id=own)
        tag = "ins" if self._letter == "c" else "del"
        return element(
            tag, link if run.first else None, inert(spaces_shown(run.text)), cls=f"e {weight}", id=own
        )

    def _absent(self, other: Sequence[Line]) -> Markup:
        """Return what stands where the other side has lines of its own."""
        words = self._given.words
        if not other or self._given.result.level is None:
            return element("p", words("texts.no_text"), cls="quiet")
        runs = [run for line in other for run in line.runs]
        if all(line.is_frame for line in other):
            return element("p", "", cls="quiet")
        moves = dict.fromkeys(run.move for run in runs if run.move is not None)
        edits = dict.fromkeys(
            run.edit for run in runs if run.edit is not None and run.text and run.move is None
        )
        links = [
            element("a", f"{sign(self._given.result.edits[edit])}{edit + 1}", href=f"#e{edit + 1}", cls="num")
            for edit in edits
        ]
        if moves:
            where = "texts.elsewhere_captured" if self._letter == "c" else "texts.elsewhere_original"
            links += [
                element("a", f"⇄M{move + 1}", href=f"#m{self._letter}{move + 1}", cls="num") for move in moves
            ]
            return element("p", *links, " ", words(where))
        return element("p", *links, " ", words("texts.missing" if self._letter == "c" else "texts.added"))
