"""The one tree of errors, split by what the person who meets one should do.

The root lives here, in the lower of the two packages, because both raise from it; the branches
that belong to fetching and understanding pages are in `harvester.errors`::

    HarvesterError
    ├── UsageError            correct the command, the input or the configuration        exit 2
    ├── RetryError            nothing is wrong for good: try again later                 exit 1
    │   └── FetchError            (harvester) the exchange did not come about or was cut
    ├── GiveUpError           trying again gives the same answer                         exit 1
    │   ├── RefusedError          (harvester) our own guard forbids this request
    │   └── HostileInputError     (harvester) a page too expensive to read safely
    │       └── TooSlowError          (harvester) it was not read in time: another run may do better
    ├── BlockedError          (harvester) the publisher demands verification: stop       exit 3
    ├── StorageError          make room, mend permissions, name another place            exit 5
    │   ├── NotAnArchiveError     the directory is not an archive of ours
    │   ├── NewerFormatError      it is, but of a later format version
    │   └── LockedError           another process is using it
    ├── IntegrityError        distrust the data: it is damaged or does not conform       exit 1
    │   ├── WarcError             a WARC file or record
    │   │   └── UnresolvedRevisitError    a revisit whose payload is not to be had
    │   ├── HttpMessageError      the bytes of an HTTP message
    │   └── CodingError           a content-coding or transfer-coding
    └── DefectError           a fault in this program: report it                         exit 70

Messages say what happened, where, and what to do. Facts are attributes, so that nobody parses a
message.
"""

from __future__ import annotations

from typing import ClassVar


class HarvesterError(Exception):
    """Root of all errors raised on purpose by `archive` and `harvester`."""

    exit_code: ClassVar[int] = 1


class UsageError(HarvesterError):
    """The request cannot be carried out as it was put; the caller can put it right."""

    exit_code = 2


class RetryError(HarvesterError):
    """A passing fault; the same call may succeed later."""


class GiveUpError(HarvesterError):
    """A lasting answer; the same call will fail again."""


class StorageError(HarvesterError):
    """The disk or the archive directory does not serve (full, read-only, missing, locked)."""

    exit_code = 5


class NotAnArchiveError(StorageError):
    """The directory is not an archive of ours."""


class NewerFormatError(StorageError):
    """The archive was written by a later version, in a format this one must not touch."""


class LockedError(StorageError):
    """Another process holds what this one needs."""


class IntegrityError(HarvesterError):
    """Stored or received bytes are damaged or break their format.

    `path`, `offset` (bytes from the start of the file) and `record_id` say where, where known;
    `expected` and `actual` say what was compared, where something was.
    """

    def __init__(
        self,
        message: str,
        *,
        path: str | None = None,
        offset: int | None = None,
        record_id: str | None = None,
        expected: str | None = None,
        actual: str | None = None,
    ) -> None:
        super().__init__(message)
        self.path = path
        self.offset = offset
        self.record_id = record_id
        self.expected = expected
        self.actual = actual


class WarcError(IntegrityError):
    """A WARC file or record that breaks the format or does not match its digests."""


class UnresolvedRevisitError(WarcError):
    """A revisit record whose referred record is missing, damaged, or not what the revisit says."""


class HttpMessageError(IntegrityError):
    """Bytes that are not a well-formed, complete HTTP/1.1 message."""


class CodingError(IntegrityError):
    """A body that does not decode strictly under the codings it declares, or exceeds a cap."""


class DefectError(HarvesterError):
    """Something that cannot happen did: a fault of this program."""

    exit_code = 70
