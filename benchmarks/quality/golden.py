"""Golden cases through the whole pipeline, as they would come out of an archive: `make golden`.

Each case becomes a response record and the note beside it, with ids and dates made from the case alone,
and goes through `harvester.pipeline.derive`. `expected.json` is the document or page state that came
out when it was last looked at, without what describes the program and not the page. Run as a module,
this rewrites every `expected.json` and prints what changed: read it before you keep it.
"""

from __future__ import annotations

import difflib
import hashlib
import json
import sys
import uuid
from collections.abc import Iterator
from email.utils import format_datetime
from http import HTTPStatus
from typing import Any, Final

from archive import StoredRecord
from archive.record import Location
from fixtures.golden import Case, cases
from harvester.capture.note import CONTENT_TYPE, CaptureNote, note_to_bytes
from harvester.document import Document, PageState, to_bytes
from harvester.pipeline import derive

_NAMESPACE: Final = uuid.UUID("6f0a3a4e-8c1d-5b0e-9d8e-6b1f5f0c2a11")
PROGRAM: Final = ("software", "rules", "options")
"""Members of `provenance` that name the program: they change while the page stays what it is."""
_SHOWN: Final = 160


def read(case: Case) -> Document | PageState:
    """Return what the pipeline makes of a case's records."""
    return derive(*records(case))


def records(case: Case) -> tuple[StoredRecord, StoredRecord]:
    """Return a case's response record and the note beside it."""
    response = _record(case, "response", "application/http; msgtype=response", _message(case))
    note = CaptureNote(software="harvester/golden", chain=case.meta.redirected_from)
    return response, _record(case, "metadata", CONTENT_TYPE, note_to_bytes(note))


def plain(value: Document | PageState) -> dict[str, Any]:
    """Return a document as JSON values, without what names the program.

    Where evidence cites the version of the rules, the citation stands without the version.
    """
    out: dict[str, Any] = json.loads(to_bytes(value))
    version = value.provenance.rules[value.site]
    if "evidence" in out:
        out["evidence"] = [line.replace(version, "(version)") for line in out["evidence"]]
    out["provenance"] = {name: one for name, one in out["provenance"].items() if name not in PROGRAM}
    return out


def differences(expected: dict[str, Any], actual: dict[str, Any]) -> dict[str, tuple[Any, Any]]:
    """Return the fields that differ, by dotted name: what was expected, and what there is.

    A member that one side lacks is shown there as the string `(absent)`. Lists are one value.
    """
    before, after = dict(_leaves(expected, "")), dict(_leaves(actual, ""))
    names = sorted({*before, *after})
    pairs = {name: (before.get(name, "(absent)"), after.get(name, "(absent)")) for name in names}
    return {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}


def told(fields: dict[str, tuple[Any, Any]]) -> str:
    """Return differences in words, a field a line."""
    return "\n".join(
        f"{name}:\n  expected {_short(wanted)}\n  found    {_short(found)}"
        for name, (wanted, found) in fields.items()
    )


def text_of(value: dict[str, Any]) -> str:
    """Return the one form in which an `expected.json` is written."""
    return json.dumps(value, ensure_ascii=False, indent=2, sort_keys=True) + "\n"


def rewrite() -> Iterator[str]:
    """Write every case's `expected.json`; yield the lines of what changed."""
    for case in cases():
        path = case.folder / "expected.json"
        old = path.read_text("utf-8") if path.is_file() else ""
        new = text_of(plain(read(case)))
        if old == new:
            continue
        path.write_text(new, "utf-8")
        if not old:
            yield f"{case.slug}: new, {len(new.splitlines())} lines"
            continue
        yield from difflib.unified_diff(
            old.splitlines(), new.splitlines(), f"{case.slug} before", f"{case.slug} now", "", "", 1, ""
        )


def _message(case: Case) -> bytes:
    """The response as the origin would send it: the case's fields, its frozen time, its length."""
    body = case.body
    fields = (
        *case.headers,
        ("Date", format_datetime(case.meta.fetched_at, usegmt=True)),
        ("Content-Length", str(len(body))),
    )
    status = HTTPStatus(case.meta.status)
    lines = [f"HTTP/1.1 {status.value} {status.phrase}", *(f"{name}: {value}" for name, value in fields)]
    return "".join(f"{line}\r\n" for line in lines).encode("latin-1") + b"\r\n" + body


def _record(case: Case, kind: str, content_type: str, block: bytes) -> StoredRecord:
    return StoredRecord(
        type=kind,
        record_id=f"<urn:uuid:{uuid.uuid5(_NAMESPACE, f'{case.slug}#{kind}')}>",
        date=case.meta.fetched_at,
        target_uri=case.url,
        content_type=content_type,
        fields=(),
        block=block,
        block_digest=f"sha256:{hashlib.sha256(block).hexdigest()}",
        payload_digest=f"sha256:{case.sha256}" if kind == "response" else None,
        location=Location(file="golden.warc", offset=0, length=0),
    )


def _leaves(value: dict[str, Any], prefix: str) -> Iterator[tuple[str, Any]]:
    for name, one in value.items():
        if isinstance(one, dict) and one:
            yield from _leaves(one, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", one


def _short(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}… ({len(text)} characters)"


if __name__ == "__main__":
    sys.stdout.writelines(f"{line}\n" for line in rewrite())
