"""A comparison within an archive as a report: places looked up, versions told."""

from __future__ import annotations

from archive import Archive
from harvester.verify import Result, Side
from harvester.verify_report import Entry, Given, Language, Version, Words, report_html
from harvester.verifying.bulk import Repost
from harvester.verifying.sides import place_of
from harvester.verifying.values import Verification


def report_of(
    result: Result,
    captured: Side,
    original: Side,
    language: Language,
    *,
    archive: Archive | None = None,
    found: Verification | None = None,
    saved: str | None = None,
) -> bytes:
    """Return the report. `archive` is where records are looked up, None where no side is from one."""
    places = [place_of(archive, side) if archive else None for side in (captured, original)]
    best = found.candidates[0] if found and found.candidates else None
    return report_html(
        Given(
            result=result,
            captured=captured,
            original=original,
            words=Words(language),
            places=(places[0], places[1]),
            saved=saved,
            found_by=tuple(reason.rule for reason in best.reasons) if best else (),
            versions=_versions(found) if found else (),
        )
    )


def entry_of(repost: Repost, report: str | None) -> Entry:
    """Return a repost's line of the overview; `report` is the file name of its report."""
    telling = (repost.first_class, repost.first_original or "", repost.first_captured or "")
    return Entry(
        id=repost.captured,
        verdict=repost.verdict,
        reason=repost.reason,
        title=repost.title,
        source=repost.source,
        date=repost.date,
        original=repost.original_title,
        first=(telling[0], telling[1], telling[2]) if telling[0] else None,
        report=report,
        rehearsal=repost.rehearsal,
    )


def _versions(found: Verification) -> tuple[Version, ...]:
    return tuple(
        Version(
            id=version.id,
            when=version.fetch_dates[0],
            captures=len(version.captures),
            verdict=version.verdict,
            edits=version.edits,
            material=version.material,
            nearest=version.nearest,
        )
        for version in found.versions
    )
