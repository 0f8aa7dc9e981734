"""New captures held against their originals as they come, and reposts again when their original changes.

A repost that was captured is compared with its original as that was captured until then. An original that
was captured, or found edited, is what archived reposts of it are compared with. Each comparison is kept in
the archive as `harvester verify --save` keeps it, so that timelines tell of it. No fault in this harms a
capture or a run: it is said, and tried again by the next run.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final, NamedTuple

from archive import Archive
from harvester.clock import Clock
from harvester.discover.looked import Looked
from harvester.errors import HarvesterError
from harvester.library import Library, PageRow
from harvester.state import state_directory

if TYPE_CHECKING:
    from harvester.document import Document, PageState
    from harvester.finder import Finder
    from harvester.finder.takers import Takers
    from harvester.verify import Result
    from harvester.verifying import Verification
    from harvester.verifying.saving import Keeping

AT_ONCE: Final = 50
"""Reposts that are compared again for one capture of an original, at most: the newest."""
_MISSED_AT_ONCE: Final = 200
_MISSED: Final = timedelta(days=7)
"""How far back a run looks for captures that were made elsewhere, or that a crash came behind."""
_RULES: Final = "verify"


class Kept(NamedTuple):
    """A comparison that was kept: the capture that it is of, and its record."""

    row: PageRow
    record_id: str


class Reposts:
    """The comparisons of one archive that is open for writing. Close it; `on_fault` is told what failed."""

    def __init__(
        self, archive: Archive, library: Library, clock: Clock, on_fault: Callable[[str], None]
    ) -> None:
        self._archive = archive
        self._library = library
        self._clock = clock
        self._on_fault = on_fault
        self._looked: Looked | None = None
        self._finder: Finder | None = None
        self._takers: Takers | None = None

    def close(self) -> None:
        """Close what was opened."""
        for opened in (self._finder, self._takers, self._looked):
            if opened is not None:
                opened.close()
        self._finder = self._takers = self._looked = None

    def after(self, row: PageRow, made: Document | PageState | None = None) -> list[Kept]:
        """Compare what a good capture gives reason to compare; return what was kept anew.

        `made` is what this process has just read of records, perhaps of this capture.
        """
        kept: list[Kept] = []
        try:
            self._compare(row, made, kept)
            self._marks().add(row, _RULES, monthly=False)
        except HarvesterError as error:
            self._on_fault(f"{row.id} could not be verified: {error}")
        except Exception as error:  # noqa: BLE001 - the capture is safe, and no fault here may end a run
            self._on_fault(f"{row.id} could not be verified ({type(error).__name__}: {error})")
        return kept

    def missed(self) -> list[PageRow]:
        """Return good captures of the last week that were not looked at yet, oldest first, 200 at most."""
        from harvester.finder import finder, takers  # noqa: PLC0415 - as below

        sites = {*finder.SITES, *takers.SITES}
        try:
            pages, _ = self._library.since(self._clock.now() - _MISSED)
            marks = self._marks()
            good = (row for row in pages if row.state == "ok" and row.site in sites)
            return [row for row in good if not marks.has(row, _RULES, monthly=False)][:_MISSED_AT_ONCE]
        except HarvesterError as error:
            self._on_fault(f"what other commands captured could not be verified: {error}")
            return []

    def _compare(self, row: PageRow, made: Document | PageState | None, kept: list[Kept]) -> None:
        # Comparing loads much that a run without articles of these publishers does without.
        from harvester.finder import finder, takers  # noqa: PLC0415

        if row.site not in {*finder.SITES, *takers.SITES}:
            return
        # Both indexes are opened, and brought up to date, at the first capture.
        self._finder = self._finder or finder.Finder.open(self._archive, self._library)
        self._takers = self._takers or takers.Takers.open(self._archive, self._library)
        if row.site in finder.SITES:
            self._finder.take([row.id])
            self._with_original(row, kept)
        else:
            self._takers.take([row.id])
            self._find_original(row, made, kept)

    def _find_original(self, row: PageRow, made: Document | PageState | None, kept: list[Kept]) -> None:
        found = self._verification(row, made)
        if found is not None and found.original is not None:
            self._keep(row, found.result, kept)

    def _verification(
        self, row: PageRow, document: Document | PageState | None = None
    ) -> Verification | None:
        """Return what comes of seeking a capture's original; None where it is none, or cannot be told."""
        from harvester.verifying import verification  # noqa: PLC0415
        from harvester.verifying.bulk import names_a_source  # noqa: PLC0415
        from harvester.verifying.sides import side_of_row  # noqa: PLC0415

        if self._finder is None:
            return None
        side = side_of_row(self._archive, self._library, row, document)
        made = verification(self._archive, self._library, side, self._finder)
        if made.original is None or made.result.verdict == "cannot-verify":
            return None
        # An article that only links to a document is no repost of it.
        if made.result.verdict == "different" and not names_a_source(side.document):
            return None
        return made

    def _with_original(self, original: PageRow, kept: list[Kept]) -> None:
        """Compare archived reposts with a capture of their original that they were not compared with yet."""
        key = original.identity_key or ""
        versions = [one for one in self._library.captures_of(key) if one.state == "ok"] or [original]
        compared = self._library.comparisons.of(original=[one.record_id for one in versions])
        captures = {
            row.record_id: row for row in self._library.recorded(row.captured_record for row in compared)
        }
        reposts = self._newest(captures.values())
        same = {one.record_id for one in versions if one.text_sha256 == original.text_sha256}
        known = (captures.get(row.captured_record) for row in compared if row.original_record in same)
        done = {(_name(row), row.text_sha256) for row in known if row is not None}
        for row in reposts[:AT_ONCE]:
            if (_name(row), row.text_sha256) not in done:
                self._again(row, original, kept)
        self._likely(original, {_name(row) for row in reposts}, kept)

    def _again(self, row: PageRow, original: PageRow, kept: list[Kept]) -> None:
        from harvester.verify import compare  # noqa: PLC0415
        from harvester.verifying.sides import side_of_row  # noqa: PLC0415

        captured, other = (side_of_row(self._archive, self._library, one) for one in (row, original))
        self._keep(row, compare(captured, other), kept)

    def _likely(self, original: PageRow, known: set[str], kept: list[Kept]) -> None:
        """Compare articles that came before their original did."""
        if self._takers is None:
            return
        found = self._takers.of(self._library.document(original), AT_ONCE)
        for row in self._newest(found)[:AT_ONCE]:
            if _name(row) in known or not self._leads_to(row, original):
                continue
            made = self._verification(row)
            if made is None or not made.candidates or made.original is None:
                continue
            if made.candidates[0].identity_key == (original.identity_key or original.id):
                self._keep(row, made.result, kept)

    def _leads_to(self, row: PageRow, original: PageRow) -> bool:
        """Tell whether an article's likeliest original is this one: only then is it compared."""
        if self._finder is None:
            return False
        found = self._finder.search(self._library.document(row), 1).candidates
        return bool(found) and found[0].identity_key == (original.identity_key or original.id)

    def _newest(self, rows: Iterable[PageRow]) -> list[PageRow]:
        """Return the last good capture of each of these captures' articles, the newest first."""
        found: dict[str, PageRow] = {}
        for row in rows:
            if _name(row) not in found:
                others = self._library.captures_of(row.identity_key) if row.identity_key else [row]
                good = [one for one in others if one.state == "ok"]
                found[_name(row)] = good[-1] if good else row
        return sorted(found.values(), key=lambda row: (row.fetch_date, row.id), reverse=True)

    def _keep(self, row: PageRow, result: Result, kept: list[Kept]) -> None:
        from harvester.verifying.saving import Keeping  # noqa: PLC0415

        known = {one.record_id for one in self._library.comparisons.of(captured=[row.record_id])}
        keeping: Keeping = Keeping(self._archive, self._library)
        record_id = keeping.keep(result, self._now())
        if record_id not in known:
            kept.append(Kept(row, record_id))

    def _now(self) -> datetime:
        return self._clock.now()

    def _marks(self) -> Looked:
        if self._looked is None:
            self._looked = Looked(state_directory(), self._archive.path)
        return self._looked


def _name(row: PageRow) -> str:
    """Name the article of a capture."""
    return row.identity_key or row.id
