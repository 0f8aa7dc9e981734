"""From what a visit left to records in the archive: notes made, certificates once, groups appended."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from archive import Archive, Record, StoredRecord
from harvester.capture import Exchange, FailedAttempt, Visit
from harvester.capture.note import CaptureNote, Tls
from harvester.capture.records import (
    certificate_record,
    certificate_uri,
    exchange_records,
    failure_records,
)
from harvester.revisits import Revisits
from harvester.times import utc_text
from harvester.toolchain import software_name


class Circumstances(msgspec.Struct, frozen=True, kw_only=True):
    """What is recorded of every capture of a run: place, purpose, departures from plain fetching."""

    vantage: dict[str, str] | None = None
    rehearsal: dict[str, Any] | None = None
    discovered_via: str | None = None


class Recorder:
    """Appends exchanges and failed attempts to one archive, each with the note that explains it."""

    def __init__(self, archive: Archive, circumstances: Circumstances, revisits: Revisits) -> None:
        self._archive = archive
        self.circumstances = circumstances
        self._revisits = revisits

    def keep(self, exchange: Exchange, note: CaptureNote) -> tuple[StoredRecord, StoredRecord]:
        """Append one exchange; return its response and its note as they were read back.

        What the archive holds already is stored as a revisit, and the response returned is made of both.
        """
        *beside, response_record = exchange_records(exchange, note)
        stored = self._revisits.stored(response_record, exchange)
        records = [*self._new_certificates(exchange), *beside, stored]
        note_at, _request_at, response_at = self._archive.append(records)[-3:]
        metadata, response = self._archive.read(note_at), self._archive.read(response_at)
        return self._archive.resolved(response), metadata

    def _new_certificates(self, exchange: Exchange) -> Iterator[Record]:
        for der in exchange.tls.chain if exchange.tls else ():
            if not self._archive.find(certificate_uri(der)):
                yield certificate_record(der, exchange.started)

    def keep_failure(
        self, attempt: FailedAttempt, role: str, via: str | None, visit: str | None = None
    ) -> tuple[StoredRecord, CaptureNote]:
        """Append the note of an attempt that brought no response; return its record and what it says."""
        note = self._failure_note(attempt, role, via, visit)
        location, *_ = self._archive.append(failure_records(attempt, note))
        return self._archive.read(location), note

    def note(self, exchange: Exchange, **more: Any) -> CaptureNote:
        """Return the note of an exchange: what the run and the connection say, and `more`."""
        return CaptureNote(
            software=software_name(),
            end=exchange.end,
            started=utc_text(exchange.started),
            ended=utc_text(exchange.ended),
            fetch_time_ms=round((exchange.ended - exchange.started).total_seconds() * 1000),
            surplus_bytes=exchange.surplus_bytes,
            problems=exchange.problems,
            peer=f"{exchange.peer_ip} {exchange.peer_port}" if exchange.peer_ip else None,
            tls=_tls_note(exchange),
            **msgspec.structs.asdict(self.circumstances),
            **more,
        )

    def _failure_note(
        self, attempt: FailedAttempt, role: str, via: str | None, visit: str | None
    ) -> CaptureNote:
        return CaptureNote(
            software=software_name(),
            role=role,
            end="failed",
            started=utc_text(attempt.started),
            ended=utc_text(attempt.ended),
            via=via,
            chain=attempt.redirected_from,
            visit=visit,
            failure=attempt.reason,
            message=attempt.message,
            **msgspec.structs.asdict(self.circumstances),
        )


def name_of(visit: Visit) -> str | None:
    """Return the name that joins all attempts of a visit in the archive: when the first of them began."""
    first = next(iter(in_order(visit)), None)
    return utc_text(first.started) if first else None


def in_order(visit: Visit) -> list[Exchange | FailedAttempt]:
    """Return all that happened in a visit, in order of time."""
    attempts: list[Exchange | FailedAttempt] = [*visit.exchanges, *visit.failures]
    return sorted(attempts, key=lambda attempt: attempt.started)


def _tls_note(exchange: Exchange) -> Tls | None:
    if exchange.tls is None:
        return None
    digests = tuple(certificate_uri(der).rpartition(":")[2] for der in exchange.tls.chain)
    return Tls(version=exchange.tls.version, cipher=exchange.tls.cipher, certificates_sha256=digests)
