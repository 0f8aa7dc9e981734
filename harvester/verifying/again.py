"""A kept comparison made again from the WARC records of both sides: is the result still the same?"""

from __future__ import annotations

from typing import Literal

import msgspec

from archive import Archive
from harvester.errors import IntegrityError, StorageError
from harvester.verify import Options, Result, Side, compare
from harvester.verify.result import LEVELS
from harvester.verifying.originals import UNLIKE, with_care
from harvester.verifying.sides import side_of_record
from harvester.withdrawal import Withdrawals

Status = Literal["equal", "other-versions", "differs", "cannot-tell"]


class Again(msgspec.Struct, frozen=True, kw_only=True):
    """What came of making a comparison again.

    `status`: `equal` (byte for byte the same result), `other-versions` (made by other versions, whose
    results may differ; `words` says which, and `verdict` what it is now), `differs` (the same versions, and
    another result: a side or the result was changed), `cannot-tell` (a side is not there, or is damaged).
    `then` is the verdict that is kept.
    """

    status: Status
    words: str
    then: str
    verdict: str | None = None

    @property
    def code(self) -> int:
        """0: the same verdict; 1: another, or another result by the same versions; 4: cannot tell."""
        if self.status == "cannot-tell":
            return 4
        return 0 if self.status != "differs" and self.verdict == self.then else 1


def again(archive: Archive, result: Result, taken_down: Withdrawals) -> tuple[Again, Result | None]:
    """Make a comparison again; return what came of it, and the result, None where it cannot be told.

    Nothing is read but the two records, their notes and what they refer to.
    """
    try:
        sides = [
            _side(archive, side.record_id, taken_down)
            for side in (result.sides.captured, result.sides.original)
        ]
    except (IntegrityError, StorageError) as error:
        return Again(status="cannot-tell", words=f"a side is damaged: {error}", then=result.verdict), None
    lost = [name for name, side in zip(("captured", "original"), sides, strict=True) if side is None]
    captured, original = sides
    if captured is None or original is None:
        words = f"the record of the {' and the '.join(lost)} side is not in this archive, or was withdrawn"
        if None in (result.sides.captured.record_id, result.sides.original.record_id):
            words = "a side came from a file and not from an archive: compare the files again"
        return Again(status="cannot-tell", words=words, then=result.verdict), None
    level = result.required if result.required in LEVELS[:-1] else Options().level
    now = compare(captured, original, Options(level=level))
    now = with_care(now) if result.reason == UNLIKE else now
    return judged(result, now), now


def judged(then: Result, now: Result) -> Again:
    """Compare a kept result with one made again."""
    if then == now:
        return Again(
            status="equal", words="the same result, byte for byte", then=then.verdict, verdict=now.verdict
        )
    versions = _changed_versions(then, now)
    if versions:
        same = "the same verdict" if then.verdict == now.verdict else f"now {now.verdict}"
        return Again(
            status="other-versions",
            words=f"{same}; other versions: {versions}",
            then=then.verdict,
            verdict=now.verdict,
        )
    parts = [name for name in then.__struct_fields__ if getattr(then, name) != getattr(now, name)]
    return Again(
        status="differs",
        words=f"another result by the same versions: {', '.join(parts)}",
        then=then.verdict,
        verdict=now.verdict,
    )


def _changed_versions(then: Result, now: Result) -> str:
    one, two = then.sides, now.sides
    pairs = (
        ("", then.versions, now.versions),
        ("captured side's ", one.captured.software, two.captured.software),
        ("original side's ", one.original.software, two.original.software),
    )
    return ", ".join(
        f"{whose}{key} {old.get(key, '–')} → {new.get(key, '–')}"
        for whose, old, new in pairs
        for key in sorted({*old, *new})
        if old.get(key) != new.get(key)
    )


def _side(archive: Archive, record_id: str | None, taken_down: Withdrawals) -> Side | None:
    if record_id is None or taken_down.hides(record_id) or archive.entry(record_id) is None:
        return None
    return side_of_record(archive, record_id)
