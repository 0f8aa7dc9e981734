"""The cells of the quality tables: what kind of page it is, and of which era or layout.

The era of a WeChat page is told from its bytes by the carriers of its data (one rule for saved pages
and for ours); the layout of a ministry page is the one whose rules found its body or its list.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from harvester.document import Document, PageState

_DECODE_ERA: Final = "2025 (cgiDataNew, JsDecode)"
_LITERAL_ERA: Final = "2026 (cgiDataNew, bare literals)"
_METAS_ERA: Final = "2020-2024 (globals, og metas)"
_D_ERA: Final = "2018-2019 (d.* assignments)"
_OLDEST_ERA: Final = "2017-2019 (globals)"
_ANY: Final = ""
_PREVIEWS: Final = {"repost": "repost, note and preview card"}


@dataclass(frozen=True, slots=True, order=True)
class Cell:
    """One row of a table: `what` is the kind of an article, else the state; `era` may be empty."""

    site: str
    what: str
    era: str = _ANY

    @property
    def name(self) -> str:
        """The cell in words."""
        return " · ".join(part for part in (self.site, self.what, self.era) if part)


@dataclass(frozen=True, slots=True)
class Tally:
    """How many pages a cell has, and how many of them are read exactly."""

    pages: int
    exact: int


def cell_of(value: Document | PageState, body: bytes) -> Cell:
    """Return the cell of a page as it was read."""
    if isinstance(value, Document):
        previewed = _PREVIEWS.get(value.kind, f"{value.kind}, paid preview")
        return Cell(value.site, previewed if value.preview else value.kind, _era(value, body))
    return Cell(value.site, value.state, _layout(value.rule) if value.state == "listing" else _ANY)


def tally(rows: Iterable[tuple[Cell, bool]]) -> dict[Cell, Tally]:
    """Count pages and exact pages per cell, cells in order."""
    out: dict[Cell, Tally] = {}
    for cell, exact in rows:
        old = out.get(cell, Tally(0, 0))
        out[cell] = Tally(old.pages + 1, old.exact + exact)
    return dict(sorted(out.items()))


def _era(value: Document, body: bytes) -> str:
    if value.site == "wechat":
        return _wechat_era(body)
    where = value.provenance.fields.get("text")
    return (where.source or _ANY).partition(":")[0] if where and value.site == "mfa" else _ANY


def _wechat_era(body: bytes) -> str:
    if b"window.cgiDataNew" in body:
        return _DECODE_ERA if b"JsDecode(" in body else _LITERAL_ERA
    if b'property="og:title"' in body:
        return _METAS_ERA
    return _D_ERA if _assigns_d(body) else _OLDEST_ERA


def _assigns_d(body: bytes) -> bool:
    return any(line.lstrip().startswith(b"d.title") for line in body.splitlines())


def _layout(rule: str | None) -> str:
    return (rule or _ANY).partition(".")[2].removesuffix("-list")
