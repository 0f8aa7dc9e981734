"""Withdrawing, purging and restoring one capture of an open archive: evidence first, then what is derived."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec

from archive import Archive
from archive.purge import Purge, dangling, purge
from archive.words import counted
from harvester.errors import UsageError
from harvester.library import Library, PageRow
from harvester.times import utc_text
from harvester.toolchain import software_name
from harvester.verifying.saving import quoting
from harvester.withdrawal import Withdrawal, checked_reason, decision, tombstone, visible, withdrawals


class TakingDown:
    """Decisions on captures of one archive, each durable before anything follows from it."""

    def __init__(self, archive: Archive, library: Library, operator: str | None) -> None:
        self._archive = archive
        self._library = library
        self._operator = operator

    def withdraw(self, name: str, reason: str, when: datetime) -> Withdrawal:
        """Hide a capture. One that is withdrawn already stays so, as it was. Raises `UsageError`."""
        reason = checked_reason(reason)
        row = visible(self._archive, self._library, name)
        if isinstance(row, Withdrawal):
            return row
        made = Withdrawal(
            action="withdrawn", document=row.id, record=row.record_id, reason=reason, when=utc_text(when),
            url=row.requested_url or row.url, operator=self._operator,
        )  # fmt: skip
        self._keep(made, when)
        self._library.hide({made.record})
        return made

    def restore(self, name: str, reason: str, when: datetime) -> PageRow:
        """Show a capture again. Raises `UsageError` for one that is not withdrawn, or is gone."""
        reason = checked_reason(reason)
        earlier = withdrawals(self._archive).named(name)
        if earlier is None:
            raise UsageError(f"{name!r} is not withdrawn")
        if self._archive.entry(earlier.record) is None:
            raise UsageError(f"{earlier.document} was purged from the WARC files: it cannot be restored")
        self._keep(decision("restored", earlier, reason, when, self._operator), when)
        self._library.catch_up()
        return self._library.find(earlier.document)

    def purge(self, withdrawn: Withdrawal, reason: str, when: datetime) -> list[Purge]:
        """Take a withdrawn capture out of the WARC files, every copy, and kept comparisons that quote it.

        Each file's tombstone, with the digests before and after, is durable before the file is replaced.
        Raises `UsageError` where a revisit would lose its payload, or a file is still being written,
        IntegrityError for a damaged file; nothing is purged then.
        """

        def announce(what: Purge) -> None:
            made = decision("purged", withdrawn, reason, when, self._operator)
            self._keep(msgspec.structs.replace(made, purge=purge_facts(what)), when)

        done = []
        with self._archive.rewriting() as right:
            self._refuse_dangling(withdrawn)
            for record_id in (*quoting(self._archive, withdrawn.record), withdrawn.record):
                while (entry := self._archive.entry(record_id)) is not None:
                    done.append(purge(right, entry, announce))
        return done

    def _refuse_dangling(self, withdrawn: Withdrawal) -> None:
        entry = self._archive.entry(withdrawn.record)
        lost = dangling(self._archive.entries(type="revisit"), entry) if entry else []
        if lost:
            raise UsageError(
                f"{withdrawn.document} stays withdrawn but is not purged: it alone holds the payload of "
                f"{counted(len(lost), 'later capture')} ({', '.join(lost[:3])}); withdraw and purge "
                "these first"
            )

    def _keep(self, made: Withdrawal, when: datetime) -> None:
        self._archive.append([tombstone(made, when, software_name())])


def purge_facts(what: Purge) -> dict[str, Any]:
    """Return what a tombstone says of a rewritten file."""
    old, new = what.old, what.new
    return {
        "file": old.name,
        "sha256": old.sha256,
        "records": old.records,
        "new_file": new.name if new else None,
        "new_sha256": new.sha256 if new else None,
        "new_records": new.records if new else 0,
        "gone": [msgspec.to_builtins(item) for item in what.gone],
    }
