"""All reposts of an archive against their originals, one after the other, always in the same order."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Final, Literal

import msgspec

from archive import Archive
from archive.disk import storage_errors
from harvester.document import Document
from harvester.errors import HarvesterError, IntegrityError, StorageError
from harvester.finder import Finder
from harvester.library import Library, PageRow
from harvester.verify import Options, Side
from harvester.verify.compare import DEFAULT
from harvester.verifying.originals import verification
from harvester.verifying.sides import side_of_row
from harvester.verifying.values import Verification

SITES: Final = ("wechat",)
"""Publishers whose articles can be reposts."""


class Repost(msgspec.Struct, frozen=True, kw_only=True):
    """One repost's answer in short. `captures` counts the captures that hold this very text.

    `first` is the first material edit: class, captured words, original words. `versions` counts the versions
    of the original that were captured, `of_version` the time at which the nearest one was. `rehearsal` tells
    that a side was captured with hosts mapped or added: no evidence.
    """

    captured: str
    captures: int
    title: str | None
    source: str | None
    date: str | None
    url: str | None
    verdict: str
    reason: str | None
    level: str | None
    original: str | None
    original_title: str | None
    original_url: str | None
    original_date: str | None
    versions: int
    of_version: str | None
    edits: int
    material: int
    moves: int
    share_captured: float
    share_original: float
    first_class: str | None
    first_captured: str | None
    first_original: str | None
    suggested: tuple[str, ...]
    rehearsal: bool


class Checked(msgspec.Struct, frozen=True, kw_only=True):
    """A repost, whole: `captured` and `original` are the sides that were compared last."""

    repost: Repost
    verification: Verification
    side: Side


class Damaged(msgspec.Struct, frozen=True, kw_only=True):
    """A capture that could not be verified, and why.

    `kind`: `unreadable`, it or what it is compared with; `changed`, a side is not what its record gives;
    `lost`, the processes that verified it died; `fault`, one of this program.
    """

    captured: str
    problem: str
    kind: Literal["unreadable", "changed", "lost", "fault"] = "unreadable"


def articles(library: Library, since: datetime | None = None) -> list[list[PageRow]]:
    """Return articles that could be reposts: captures of one text together, in order of the first's time."""
    by_text: dict[tuple[str | None, str | None], list[PageRow]] = {}
    for site in SITES:
        for row in library.pages(state="ok", site=site):
            if since is None or datetime.fromisoformat(row.fetch_date) >= since:
                by_text.setdefault((row.identity_key, row.text_sha256), []).append(row)
    return sorted(by_text.values(), key=lambda rows: (rows[0].fetch_date, rows[0].id))


def reposts(
    archive: Archive,
    library: Library,
    finder: Finder,
    found: list[list[PageRow]],
    options: Options = DEFAULT,
    progress: Callable[[str], None] = lambda _: None,
) -> Iterator[Checked | Damaged]:
    """Verify each article that names a source or is like an archived original; yield nothing for others."""
    for rows in found:
        progress(rows[0].title or rows[0].id)
        one = verified(archive, library, finder, rows, options)
        if one is not None:
            yield one


def verified(
    archive: Archive, library: Library, finder: Finder, rows: list[PageRow], options: Options
) -> Checked | Damaged | None:
    """Verify one article by its captures; None where it names no source and is like no original.

    What is wrong with it, or with an original, is in what is returned: the others can be verified. Raises
    `StorageError`.
    """
    try:
        with storage_errors("cannot read", archive.path):
            side = side_of_row(archive, library, rows[0])
            made = verification(archive, library, side, finder, options)
    except StorageError:
        raise
    except IntegrityError as error:
        return Damaged(captured=rows[0].id, problem=str(error), kind="changed")
    except HarvesterError as error:
        return Damaged(captured=rows[0].id, problem=str(error))
    except Exception as error:  # noqa: BLE001 - a fault met in one article must not end the others
        why = f"{rows[0].id}: a fault of this program: {type(error).__name__}: {error}; please report it"
        return Damaged(captured=rows[0].id, problem=why, kind="fault")
    if made.original is None and not made.suggested and not names_a_source(side.document):
        return None
    return Checked(repost=in_short(made, rows, side), verification=made, side=side)


def names_a_source(document: Document | None) -> bool:
    """Tell whether an article says of itself that its text comes from elsewhere."""
    if document is None:
        return False
    reprint = document.declared is not None and document.declared.copyright == "reprint"
    return bool(document.original_source or document.original_account or document.source_url or reprint)


def in_short(made: Verification, rows: list[PageRow], side: Side) -> Repost:
    """Return one line's worth of a verification."""
    result, first = made.result, rows[0]
    best = made.candidates[0] if made.candidates else None
    nearest = next((version for version in made.versions if version.id == made.original), None)
    material = [edit for edit in result.edits if edit.material]
    telling = material[0] if material else None
    return Repost(
        captured=first.id,
        captures=len(rows),
        title=first.title,
        source=first.source,
        date=first.date,
        url=side.document.url if side.document else first.url,
        verdict=result.verdict,
        reason=result.reason,
        level=result.level,
        original=made.original,
        original_title=best.title if best else None,
        original_url=nearest.url if nearest else None,
        original_date=best.date if best else None,
        versions=len(made.versions),
        of_version=nearest.fetch_dates[0] if nearest else None,
        edits=len(result.edits),
        material=len(material),
        moves=len(result.moves),
        share_captured=result.coverage.captured,
        share_original=result.coverage.original,
        first_class=telling.class_ if telling else None,
        first_captured=telling.captured.text if telling else None,
        first_original=telling.original.text if telling else None,
        suggested=tuple(one.url for one in made.suggested),
        rehearsal=any(
            facts.rehearsal is not None for facts in (result.sides.captured, result.sides.original)
        ),
    )
