"""Documents taken down: the tombstone in the WARC, and what follows from it everywhere.

A tombstone is a `metadata` record that names the capture in WARC-Refers-To and says why; the newest one
counts. So a reindex, or a rebuild from WARC files alone, hides what was withdrawn.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

import msgspec

from archive import Archive, Block, Record, StoredRecord, new_record_id
from archive.fields import is_clean
from archive.layout import is_own_name
from archive.recovery import Walk
from harvester.errors import UsageError
from harvester.times import utc_text

if TYPE_CHECKING:
    from archive.check.scan import Scanned
    from archive.storage.places import Place
    from harvester.library import Library, PageRow

WITHDRAWAL_URN: Final = "urn:x-harvester:withdrawal"
_TYPE: Final = "application/warc-fields"
_FIELD: Final = "harvester-withdrawal"
_MAX_REASON: Final = 2000
_MAX_BYTES: Final = 1 << 20


class Withdrawal(msgspec.Struct, frozen=True, kw_only=True):
    """One decision on a capture. `action` is `withdrawn`, `restored` or `purged`; `when` is RFC 3339, UTC.

    `document` is the id under which the capture was listed; `record` the WARC-Record-ID of it. `purge` says
    which files were rewritten and what went out of them, with digests.
    """

    action: str
    document: str
    record: str
    reason: str
    when: str
    url: str | None = None
    operator: str | None = None
    purge: dict[str, Any] | None = None

    @property
    def hides(self) -> bool:
        """Whether the capture is not to be shown."""
        return self.action != "restored"


def checked_reason(text: str) -> str:
    """Return a reason as it is kept. Raises `UsageError` for none, or one that cannot stand in a record."""
    reason = " ".join(text.split())
    if not reason or not is_clean(reason) or len(reason) > _MAX_REASON:
        raise UsageError(f"a reason is one line of 1 to {_MAX_REASON} characters")
    return reason


def tombstone(withdrawal: Withdrawal, when: datetime, software: str) -> Record:
    """Return the record that keeps a decision."""
    value = msgspec.json.encode(withdrawal).decode()
    block = f"software: {software}\r\n{_FIELD}: {value}\r\n".encode()
    refers = (("WARC-Refers-To", withdrawal.record),)
    return Record("metadata", new_record_id(), when, Block.of(block), _TYPE, WITHDRAWAL_URN, refers)


def decision(
    action: str, earlier: Withdrawal, reason: str, when: datetime, operator: str | None
) -> Withdrawal:
    """Return a further decision on a capture that is withdrawn."""
    return msgspec.structs.replace(
        earlier, action=action, reason=reason, when=utc_text(when), operator=operator, purge=None
    )


def withdrawal_of(record: StoredRecord) -> Withdrawal | None:
    """Return the decision that a record keeps, None for any other record or one that cannot be read."""
    if record.type != "metadata" or record.target_uri != WITHDRAWAL_URN or len(record.block) > _MAX_BYTES:
        return None
    return _kept(record.block, record.get("WARC-Refers-To"))


def purged(record: Scanned) -> str | None:
    """Return which record a tombstone says was purged, None if it does not: for `archive.check.Check`."""
    if record.type != "metadata" or record.first("WARC-Target-URI") != WITHDRAWAL_URN or not record.whole:
        return None
    found = _kept(record.head, record.first("WARC-Refers-To"))
    return found.record if found is not None and found.action == "purged" else None


def _kept(block: bytes, refers_to: str | None) -> Withdrawal | None:
    for line in block.split(b"\r\n"):
        name, _, value = line.partition(b": ")
        if name == _FIELD.encode():
            try:
                found = msgspec.json.decode(value, type=Withdrawal)
            except (msgspec.DecodeError, UnicodeDecodeError):
                return None
            return found if found.record == refers_to else None
    return None


class Withdrawals:
    """The decisions that count, by WARC-Record-ID: the newest of each capture."""

    def __init__(self, decisions: Iterable[tuple[Withdrawal, datetime]]) -> None:
        self._newest: dict[str, tuple[datetime, Withdrawal]] = {}
        for found, when in decisions:
            known = self._newest.get(found.record)
            if known is None or known[0] <= when:
                self._newest[found.record] = (when, found)

    def hides(self, record_id: str) -> bool:
        """Tell whether a capture is withdrawn."""
        known = self._newest.get(record_id)
        return known is not None and known[1].hides

    def hidden(self) -> set[str]:
        """Return the captures that are withdrawn."""
        return {record_id for record_id, (_, found) in self._newest.items() if found.hides}

    def restored(self) -> set[str]:
        """Return the captures that were withdrawn and are shown again."""
        return self._newest.keys() - self.hidden()

    def named(self, name: str) -> Withdrawal | None:
        """Return the decision that hides the capture of an id (or its only beginning) or a URL, or None."""
        hiding = [found for _, found in self._newest.values() if found.hides]
        for fits in (
            [found for found in hiding if name in {found.document, found.record}],
            [found for found in hiding if found.document.startswith(name)] if name else [],
            [found for found in hiding if name == found.url][-1:],
        ):
            if len(fits) == 1:
                return fits[0]
        return None


def withdrawals(archive: Archive) -> Withdrawals:
    """Return the decisions in an archive: our own, and those taken in on captures that came with them."""
    return Withdrawals(_decisions(archive))


def purged_records(archive: Archive) -> frozenset[str]:
    """Return the records that were taken out for good, here or in an archive that came by a merge."""
    found: set[str] = set()
    for decided, _ in _decisions(archive):
        if decided.action == "purged":
            gone = (decided.purge or {}).get("gone", ())
            found.update([decided.record, *(item["record_id"] for item in gone)])
    return frozenset(found)


class Passing:
    """Takes the decisions from the records of an archive's files as they pass, where no index has them."""

    def __init__(self) -> None:
        self._decisions: list[tuple[Withdrawal, datetime]] = []

    def records(self, file: str, records: Iterable[StoredRecord]) -> Iterator[StoredRecord]:
        """Yield the records of one WARC file, by its name."""
        own = is_own_name(file)
        here: set[str] = set()
        found: list[tuple[Withdrawal, datetime]] = []
        for record in records:
            decided = withdrawal_of(record)
            if decided is not None:
                found.append((decided, record.date))
            elif not own:
                here.add(record.record_id)
            yield record
        # As of an archive with an index: nobody else's file may hide what we captured.
        self._decisions += [(one, when) for one, when in found if own or one.record in here]

    def withdrawals(self) -> Withdrawals:
        """Return the decisions that count among all that passed."""
        return Withdrawals(sorted(self._decisions, key=lambda one: one[1]))


def withdrawals_in(files: Iterable[Place]) -> Withdrawals:
    """Return the decisions in an archive's WARC files, which are read for it. Raises `StorageError`."""
    passing = Passing()
    for path in files:
        for _ in passing.records(path.name, Walk(path, salvage=True).whole_records()):
            pass
    return passing.withdrawals()


def visible(archive: Archive, library: Library, name: str) -> PageRow | Withdrawal:
    """Return the capture of that name, or the decision that hides it. Raises `UsageError` for neither."""
    taken_down = withdrawals(archive)
    try:
        row = library.find(name)
    except UsageError:
        hidden = taken_down.named(name)
        if hidden is None:
            raise
        return hidden
    # A row that a crash left behind its tombstone counts no more.
    return (taken_down.named(row.id) or row) if taken_down.hides(row.record_id) else row


def _decisions(archive: Archive) -> Iterable[tuple[Withdrawal, datetime]]:
    for entry in archive.find(WITHDRAWAL_URN, type="metadata"):
        found = withdrawal_of(archive.read(entry.location))
        if found is None:
            continue
        target = archive.entry(found.record)
        beside = target is not None and target.location.file == entry.location.file
        if is_own_name(entry.location.file) or beside:
            yield found, entry.date
