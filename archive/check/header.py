"""A record's header, read tolerantly and judged strictly by the table in `archive.fields`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from archive.check.findings import Tell
from archive.digests import is_http, is_well_formed
from archive.fields import RECORD_TYPES, RULES, Fields, is_token, violations
from archive.revisit import IDENTICAL_PAYLOAD, profile_of

_VERSIONS: Final = (b"WARC/1.1", b"WARC/1.0")
_DRAFT = re.compile(rb"WARC/(?:0\.[0-9]{1,2}|1\.[01])", re.IGNORECASE)
_CODES: Final = {
    "token": "E011",
    "control": "E011",
    "repeated": "E012",
    "misplaced": "E018",
    "malformed": "E017",
    "tolerated": "W017",
    "missing": "E015",
}
_DIGESTS: Final = ("WARC-Block-Digest", "WARC-Payload-Digest")
_INTACT: Final = frozenset({"E021", "E022"})


@dataclass(frozen=True, slots=True)
class Header:
    """What a header says. `type` is in lower case; `length` None when it cannot be known.

    `sound` tells that nothing in it breaks the table (warnings aside): the record can be rewritten and
    compared. A missing or odd Content-Type does not make it unsound: all that is there is right. `first` has
    the first field of each name, in lower case.
    """

    fields: Fields
    type: str
    record_id: str | None
    length: int | None
    sound: bool
    first: Mapping[str, str]

    def get(self, name: str) -> str | None:
        """Return the first field of that name, in any case."""
        return self.first.get(name.lower())

    def get_all(self, name: str) -> list[str]:
        """Return every field of that name."""
        wanted = name.lower()
        return [value for key, value in self.fields if key.lower() == wanted]

    def is_http(self, kind: str) -> bool:
        """Tell whether the block is said to be an HTTP message of that kind."""
        return is_http(self.get("Content-Type"), kind)


class HeaderReader:
    """Reads one header and tells what is wrong with it, at the record's place."""

    def __init__(self, tell: Tell, offset: int) -> None:
        self._tell = tell
        self._offset = offset
        self._record_id: str | None = None
        self._sound = True

    def read(self, data: bytes) -> Header:
        """Read a header from its version line through its blank line."""
        version, *lines = data.replace(b"\r\n", b"\n").rstrip(b"\n").split(b"\n")
        later = self._check_octets(data)
        fields = self._fields(lines)
        first = {name.lower(): value for name, value in reversed(fields)}
        self._record_id = first.get("warc-record-id") or None
        for code, detail in later:
            self._say(code, detail)
        self._check_version(version)
        kind = first.get("warc-type", "").lower()
        header = Header(fields, kind, self._record_id, None, sound=True, first=first)
        self._check_fields(header)
        self._check_type(header)
        self._check_digest_forms(header)
        return Header(fields, kind, self._record_id, self._length(header), self._sound, first)

    def _say(self, code: str, detail: str) -> None:
        if code.startswith("E") and code not in _INTACT:
            self._sound = False
        self._tell(code, detail, offset=self._offset, record_id=self._record_id)

    def _check_octets(self, data: bytes) -> list[tuple[str, str]]:
        plain = data.replace(b"\r\n", b"")
        found = []
        if b"\n" in plain:
            found.append(("E011", "header lines end with a bare LF"))
        if b"\r" in plain or b"\0" in plain:
            found.append(("E011", "the header holds a stray CR or NUL"))
        try:
            data.decode("utf-8")
        except UnicodeDecodeError as error:
            found.append(("E014", f"byte {error.start} of the header is not UTF-8"))
        return found

    def _fields(self, lines: list[bytes]) -> Fields:
        fields: list[tuple[str, str]] = []
        bad: list[str] = []
        for line in lines:
            text = line.decode("utf-8", "backslashreplace")
            if text[:1] in (" ", "\t") and fields:  # folding (§4); one space stands for it
                name, value = fields[-1]
                fields[-1] = (name, f"{value} {text.strip()}".strip())
                continue
            name, colon, value = text.partition(":")
            if colon and (name.lower() in RULES or is_token(name)):
                fields.append((name, value.strip(" \t")))
            else:
                bad.append(text[:60])
        for text in bad:
            self._say("E011", f"a line that is no field: {text!r}")
        return tuple(fields)

    def _check_version(self, version: bytes) -> None:
        if version in _VERSIONS:
            return
        known = _DRAFT.fullmatch(version) is not None
        self._say("W010" if known else "E010", f"it begins with {version[:40]!r}")

    def _check_fields(self, header: Header) -> None:
        for found in violations(header.type or "unknown", header.fields):
            code = _CODES[found.kind]
            if header.type not in RECORD_TYPES and found.kind == "misplaced":
                continue  # what an unknown type may carry is unknown
            if found.name == "Content-Length" and found.kind == "malformed":
                code = "E016"
            elif found.name == "WARC-Type" and found.kind == "malformed" and is_token(header.type):
                code = "W020"
            elif found.name == "WARC-Payload-Digest" and found.kind == "misplaced":
                code = "W018"
            self._say(code, found.text)
        if header.type not in RECORD_TYPES:
            for name in ("WARC-Type", "WARC-Record-ID", "WARC-Date", "Content-Length"):
                if header.get(name) is None:
                    self._say("E015", f"{name} is missing")

    def _check_type(self, header: Header) -> None:
        number = header.get("WARC-Segment-Number")
        if number is not None and RULES["warc-segment-number"].valid(number):
            continues = header.type == "continuation"
            if continues == (int(number) == 1):
                what = "a continuation is segment 2 or later" if continues else "a first segment is segment 1"
                self._say("E019", f"WARC-Segment-Number is {number}; {what}")
        empty = (header.get("Content-Length") or "0").strip("0") == ""
        kind = header.get("Content-Type")
        if kind is None and not empty and header.type != "continuation":
            self._say("E021", f"a {header.type or 'typeless'} record has no Content-Type")
        if header.type == "revisit":
            self._check_revisit(header)
        elif kind and header.type == "warcinfo":
            media = kind.partition(";")[0].strip().lower()
            if media != "application/warc-fields":
                self._say("E022", f"its Content-Type is {kind[:60]!r}")

    def _check_revisit(self, header: Header) -> None:
        profile = header.get("WARC-Profile") or ""
        known = profile_of(profile)
        if profile and known is None:
            self._say("W057", f"WARC-Profile: {profile[:100]}")
        elif known == IDENTICAL_PAYLOAD and header.get("WARC-Payload-Digest") is None:
            self._say("W057", "identical-payload-digest without a WARC-Payload-Digest proves nothing")

    def _check_digest_forms(self, header: Header) -> None:
        for name in _DIGESTS:
            for value in header.get_all(name):
                rule = RULES[name.lower()]
                if not rule.valid(value) and not (rule.tolerated and rule.tolerated(value)):
                    continue  # told as malformed
                right = is_well_formed(value)
                if right is None:
                    self._say("W030", f"{name}: {value[:80]}")
                elif not right:
                    self._say("E032", f"{name}: {value[:100]}")

    def _length(self, header: Header) -> int | None:
        texts = set(header.get_all("Content-Length"))
        if len(texts) != 1:  # none, or several that differ: nothing says where the record ends
            return None
        (text,) = texts
        return int(text) if RULES["content-length"].valid(text) else None
