"""One file into the archive: opened, cleaned of session values, recorded, read. The shell of this room."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Final

import msgspec

from archive import Archive, Record, StoredRecord
from archive.words import counted
from harvester.capture.note import CaptureNote, Imported, note_from_bytes
from harvester.document import Document, PageState
from harvester.errors import HarvesterError, StorageError, UsageError
from harvester.exits import Exit
from harvester.imports import secrets
from harvester.imports.addresses import URN, archived_form
from harvester.imports.archives import ArchiveIntake, TakenFile, is_web_archive
from harvester.imports.files import files_of, open_file, read_file
from harvester.imports.item import Item, Lacking, Opened
from harvester.imports.quarantine import keep_apart
from harvester.imports.records import import_records
from harvester.intake import secret_params
from harvester.library import Library
from harvester.pipeline import derive
from harvester.roles import page_url
from harvester.times import utc_text
from harvester.toolchain import software_name

_MAX_NAME_CHARS: Final = 255


class ImportOutcome(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one page of a file.

    `state` is a page state, or `taken in` (a web archive, see `taken`), `refused` (the file cannot be used),
    `lacking` (the file has no body for the page), `passed over` (a file in a folder that is of no kind we
    import). `held`: the archive had it.
    """

    file: str
    state: str
    code: int
    method: str | None = None
    url: str | None = None
    id: str | None = None
    title: str | None = None
    notice: str | None = None
    message: str | None = None
    held: bool = False
    zeroed: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    taken: TakenFile | None = None


class _Ready(msgspec.Struct, frozen=True, kw_only=True):
    """A page ready to be recorded: cleaned, under its URI. `in_file`: names whose values the file held."""

    item: Item
    body: bytes
    uri: str
    names: tuple[str, ...]
    in_file: tuple[str, ...]


class Importer:
    """Imports into one archive. Storage faults are raised; everything else is an outcome.

    `via` says how the pages came, where there is more to say than that they were imported.
    """

    def __init__(
        self, archive: Archive, library: Library, now: Callable[[], datetime], *, via: str | None = None
    ) -> None:
        self._archive = archive
        self._library = library
        self._now = now
        self._via = via
        self._secrets = secret_params()
        self._intake = ArchiveIntake(archive, library, now)

    def import_all(self, paths: Sequence[Path], url: str | None = None) -> Iterator[ImportOutcome]:
        """Import files and folders one after the other, yielding each page's outcome when it is durable.

        One bad file does not cost the rest.
        """
        for path, named in files_of(paths):
            try:
                outcomes = self._import(path, url, named=named)
            except StorageError:
                raise
            except HarvesterError as error:
                outcomes = [_refused(path, str(error), Exit(error.exit_code))]
            yield from outcomes

    def take(self, item: Item, name: str) -> ImportOutcome:
        """Take in a page that is at hand as a value, under a name; one that is held is not added again."""
        path = Path(name)
        sha256 = hashlib.sha256(item.body).hexdigest()
        held = self._held(path, sha256, item.url)
        return (held or self._keep(path, item.body, sha256, Opened(items=(item,))))[0]

    def _import(self, path: Path, url: str | None, *, named: bool) -> list[ImportOutcome]:
        if is_web_archive(path):
            return [_taken(path, one) for one in self._intake.take(path)]
        try:
            data = read_file(path)
        except UsageError:
            if not named and path.exists() and path.stat().st_size == 0:
                return [_passed_over(path, "empty")]
            raise
        sha256 = hashlib.sha256(data).hexdigest()
        held = self._held(path, sha256, url)
        if held:
            return held
        opened = open_file(data, path.name, url)
        if opened is None and named:
            raise UsageError(
                f"{path} is no page that can be imported: Markdown with front matter, HTML, MHTML or HAR "
                "(each also as gzip), nor a WARC or WACZ"
            )
        if opened is None:
            return [_passed_over(path, "neither Markdown with front matter, HTML, MHTML, HAR, WARC nor WACZ")]
        outcomes = self._keep(path, data, sha256, opened)
        return [*outcomes, *(_lacking(path, one, opened) for one in opened.lacking)]

    # -- what is held already ------------------------------------------------------------------

    def _held(self, path: Path, sha256: str, url: str | None) -> list[ImportOutcome]:
        """Return the outcomes of the same file's earlier import, under this URL if one is given."""
        wanted = archived_form(url, self._secrets)[0] if url else None
        outcomes = []
        for entry in self._archive.find(URN + sha256, type="metadata"):
            metadata = self._archive.read(entry.location)
            for record_id in metadata.get_all("WARC-Concurrent-To"):
                record = self._archive.get(record_id)
                if record is not None and wanted in {None, record.target_uri}:
                    outcomes.append(self._held_outcome(path, record, metadata))
        return outcomes

    def _held_outcome(self, path: Path, record: StoredRecord, metadata: StoredRecord) -> ImportOutcome:
        note = note_from_bytes(metadata.block)
        found = derive(record, metadata)
        return _outcome(path, found, note.imported if note else None, held=True)

    # -- recording -----------------------------------------------------------------------------

    def _keep(self, path: Path, data: bytes, sha256: str, opened: Opened) -> list[ImportOutcome]:
        ready = [self._ready(item, opened, sha256) for item in opened.items]
        # Beside the pages: what a container's other parts carry stays out of the archive, and is told.
        outside = secrets.clean(data, self._secrets, opened.secrets).names if ready else ()
        inside = {name for one in ready for name in one.in_file}
        kept_apart = bool(ready) and bool(inside or outside or opened.secrets)
        if kept_apart:
            keep_apart(Path(self._archive.path), sha256, data)
        return self._record(path, sha256, ready, kept_apart=kept_apart)

    def _ready(self, item: Item, opened: Opened, sha256: str) -> _Ready:
        cleaned = secrets.clean(item.body, self._secrets, opened.secrets)
        uri, stripped = archived_form(item.url, self._secrets) if item.url else (URN + sha256, ())
        in_file = cleaned.names if item.url_source == "--url" else (*cleaned.names, *stripped)
        names = tuple(sorted({*cleaned.names, *stripped}))
        return _Ready(item=item, body=cleaned.data, uri=uri, names=names, in_file=in_file)

    def _record(
        self, path: Path, sha256: str, ready: Sequence[_Ready], *, kept_apart: bool
    ) -> list[ImportOutcome]:
        """Append all pages of a file as one group, then write their documents."""
        if not ready:
            return []
        now = self._now()
        records: list[Record] = []
        for one in ready:
            note = _note(path, sha256, one, now, self._via, kept_apart=kept_apart)
            records += import_records(one.body, one.item.content_type, one.uri, now, note, sha256)
        stored = [self._archive.read(location) for location in self._archive.append(records)]
        outcomes = []
        for metadata, resource in zip(stored[::2], stored[1::2], strict=True):
            found = derive(resource, metadata)
            self._library.add_page(found, resource, page_url(resource))
            read_back = note_from_bytes(metadata.block)
            outcomes.append(_outcome(path, found, read_back.imported if read_back else None, held=False))
        return outcomes


def _note(
    path: Path, sha256: str, one: _Ready, now: datetime, via: str | None, *, kept_apart: bool
) -> CaptureNote:
    item = one.item
    imported = Imported(
        file=recordable_name(path),
        sha256=sha256,
        fetched=item.fetched,
        fetched_source=item.fetched_source,
        url_source=item.url_source,
        status=item.status,
        zeroed=one.names,
        kept_apart=kept_apart,
    )
    return CaptureNote(
        software=software_name(),
        method=item.method,
        started=utc_text(now),
        ended=utc_text(now),
        discovered_via=via,
        imported=imported,
        warnings=(*item.warnings, *_secret_warnings(imported), *_claim_warnings(imported)),
    )


def recordable_name(path: Path) -> str:
    """Return a file's name as it can stand in a record: one line, no control characters, no surrogates."""
    name = path.name.encode("utf-8", "replace").decode()
    return "".join(char if char.isprintable() else "?" for char in name)[:_MAX_NAME_CHARS]


def _secret_warnings(imported: Imported) -> Iterator[str]:
    if imported.zeroed:
        yield (
            f"session values in the file ({', '.join(imported.zeroed)}) were overwritten with zeros of equal "
            "length, or left out of the URL; the original is kept apart and never exported"
        )
    elif imported.kept_apart:
        yield "the file carries session values beside this page; it is kept apart and never exported"


def _claim_warnings(imported: Imported) -> Iterator[str]:
    if imported.fetched:
        yield f"the fetch date is what the file says ({imported.fetched_source}), not an observation of ours"
    if imported.url_source is None:
        yield "the page's URL is not known: name it with --url"


# -- outcomes ------------------------------------------------------------------------------------------


def _outcome(
    path: Path, found: Document | PageState, imported: Imported | None, *, held: bool
) -> ImportOutcome:
    document = found if isinstance(found, Document) else None
    return ImportOutcome(
        file=str(path),
        state=found.state,
        code=_code(found.state),
        method=found.capture.method,
        url=found.url,
        id=found.id,
        title=document.title if document else None,
        notice=None if isinstance(found, Document) else found.notice,
        message="held already; nothing was added" if held else None,
        held=held,
        zeroed=imported.zeroed if imported else (),
        warnings=found.provenance.warnings,
    )


def _code(state: str) -> Exit:
    """Return the code for a page's state; unlike in `fetch`, a verification page means no block now."""
    if state == "ok":
        return Exit.DONE
    return Exit.CANNOT_TELL if state == "unknown" else Exit.NEGATIVE


def _refused(path: Path, message: str, code: Exit) -> ImportOutcome:
    return ImportOutcome(file=str(path), state="refused", code=code, message=message)


def _taken(path: Path, one: TakenFile) -> ImportOutcome:
    pages = ", ".join(f"{count} {state}" for state, count in sorted(one.pages.items()))
    found = f"pages: {pages or 'none'}" if not one.held or one.pages else "nothing was added"
    inside = f"{one.member}: " if one.member else ""
    return ImportOutcome(
        file=str(path),
        state="taken in",
        code=Exit.DONE,
        method="warc",
        message=f"{inside}{counted(one.records, 'record')} in warc/{one.file}; {found}",
        held=one.held,
        warnings=one.warnings,
        taken=one,
    )


def _passed_over(path: Path, why: str) -> ImportOutcome:
    return ImportOutcome(file=str(path), state="passed over", code=Exit.DONE, message=why)


def _lacking(path: Path, one: Lacking, opened: Opened) -> ImportOutcome:
    method = opened.items[0].method if opened.items else None
    return ImportOutcome(
        file=str(path), state="lacking", code=Exit.NEGATIVE, method=method, url=one.url, message=one.reason
    )
