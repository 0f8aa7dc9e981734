"""Findings as values, and the report that gathers them without growing with the damage."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from archive.check.codes import CODES, Severity

MAX_PER_CODE = 100
"""Findings of one code and file that are kept; further ones are counted."""
_MAX_DETAIL = 300


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing found. `offset` counts bytes from the file's start; `detail` says what, in this place."""

    code: str
    file: str
    offset: int | None
    record_id: str | None
    detail: str

    @property
    def severity(self) -> Severity:
        """Return how grave it is."""
        return CODES[self.code].severity

    @property
    def cure(self) -> str:
        """Return what to do."""
        return CODES[self.code].cure

    def as_dict(self) -> dict[str, object]:
        """Return the finding as JSON has it."""
        return {
            "code": self.code,
            "name": CODES[self.code].name,
            "severity": self.severity.value,
            "file": self.file,
            "offset": self.offset,
            "record_id": self.record_id,
            "detail": self.detail,
            "cure": self.cure,
        }


class Tell(Protocol):
    """Takes what is found in one file."""

    def __call__(
        self, code: str, detail: str, *, offset: int | None = None, record_id: str | None = None
    ) -> None: ...


@dataclass(slots=True)
class Report:
    """What a check found: files and records looked at, findings in order, and how many of each code.

    `unreadable` says that some input could not be read at all, which is no statement about its content.
    """

    files: int = 0
    records: int = 0
    findings: list[Finding] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    _per_file: Counter[tuple[str, str]] = field(default_factory=Counter)

    def add(self, finding: Finding) -> None:
        """Count a finding, and keep it unless its file has had enough of the kind."""
        self.counts[finding.code] += 1
        key = (finding.file, finding.code)
        self._per_file[key] += 1
        if self._per_file[key] <= MAX_PER_CODE:
            self.findings.append(finding)

    def merge(self, other: Report, drop: Callable[[str, str], bool] = lambda _file, _code: False) -> None:
        """Take what another report holds, behind what is here, as if all had been added to this one.

        `drop` is asked, by file and code, for what is left out.
        """
        self.files += other.files
        self.records += other.records
        before: Counter[tuple[str, str]] = Counter()
        for finding in other.findings:
            key = (finding.file, finding.code)
            before[key] += 1
            if not drop(*key) and self._per_file[key] + before[key] <= MAX_PER_CODE:
                self.findings.append(finding)
        for key, count in other._per_file.items():
            if not drop(*key):
                self._per_file[key] += count
                self.counts[key[1]] += count

    def teller(self, file: str) -> Tell:
        """Return the function that adds findings of one file."""

        def tell(code: str, detail: str, *, offset: int | None = None, record_id: str | None = None) -> None:
            said = detail[:_MAX_DETAIL].encode("utf-8", "backslashreplace").decode()
            self.add(Finding(code, file, offset, record_id[:200] if record_id else None, said))

        return tell

    def count(self, severity: Severity) -> int:
        """Return how many findings are of a severity, kept or only counted."""
        return sum(count for code, count in self.counts.items() if CODES[code].severity is severity)

    @property
    def omitted(self) -> int:
        """Return how many findings were counted but not kept."""
        return self.counts.total() - len(self.findings)

    @property
    def unreadable(self) -> bool:
        """Tell whether something could not be read, or not to its end."""
        return self._unread > 0

    @property
    def damaged(self) -> bool:
        """Tell whether an error other than "cannot be read" was found."""
        return self.count(Severity.ERROR) > self._unread

    @property
    def _unread(self) -> int:
        return self.counts["E098"] + self.counts["E099"]
