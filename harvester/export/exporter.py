"""An export from beginning to end: chosen captures in, one file out, whole or not at all."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from itertools import chain
from pathlib import Path

import msgspec

from archive import SYSTEM_DISK, Archive, Disk
from archive.copying import new_member
from archive.disk import storage_errors
from archive.newfile import NewFile
from archive.wacz import PackageWriter
from harvester.document import Document, PageState, to_bytes
from harvester.export.closure import Closure
from harvester.export.pages import page_lines
from harvester.export.reading import reading_records
from harvester.export.records import Member, package_info, stored_members
from harvester.imports.archives import SessionTraces
from harvester.intake import secret_params
from harvester.library import Library, PageRow
from harvester.markdown import markdown_bytes
from harvester.requisites import images_of
from harvester.toolchain import software_name

Progress = Callable[[str], None]


class Exported(msgspec.Struct, frozen=True, kw_only=True):
    """What an export holds: captures by id, records, images that the archive does not have.

    `session` says what of a person's session stands in it: records that other tools made are passed on as
    they are.
    """

    file: str
    pages: tuple[str, ...]
    records: int
    bytes: int
    missing_images: int
    session: str


class _Export:
    """Gathers what belongs to the chosen captures, then yields it as members."""

    def __init__(
        self,
        archive: Archive,
        library: Library,
        rows: Sequence[PageRow],
        created: datetime,
        progress: Progress,
    ) -> None:
        self.rows = rows
        self.created = created
        self.software = software_name()
        self.records = 0
        self.missing = 0
        self._traces = SessionTraces(secret_params())
        self._archive = archive
        self._library = library
        self._progress = progress

    def found(self, row: PageRow) -> Document | PageState:
        if row.page_state is None:
            return self._library.document(row)
        return msgspec.json.decode(row.page_state, type=PageState)

    def page_url(self, row: PageRow) -> str | None:
        """Return the address under which a capture's record replays, None for one under a URN."""
        entry = self._archive.entry(row.record_id)
        uri = entry.target_uri if entry else None
        return uri if uri and uri.lower().startswith(("http://", "https://")) else None

    def info(self, name: str) -> Member:
        ids = " ".join(row.id for row in self.rows)
        return package_info(name, self.software, self.created, ids)

    def members(self, info_id: str, *, reading: bool) -> Iterator[Member]:
        """Yield the reading views, then all stored records in the order of the archive's files."""
        with Closure(self._archive, self._library) as closure:
            for row in self.rows:
                self._progress(row.title or row.id)
                found = self.found(row)
                held = closure.add_page(row, found)
                if isinstance(found, Document):
                    self.missing += sum(address not in held for address in images_of(found))
                if isinstance(found, Document) and reading:
                    when = datetime.fromisoformat(row.fetch_date)
                    views = reading_records(found, self.page_url(row), held, when, self.software)
                    yield from self._counted(new_member(view, info_id) for view in views)
            closure.add_comparisons(self.rows)
            closure.add_warcinfos()
            yield from self._counted(stored_members(self._archive, closure.places(), self.software, info_id))

    def _counted(self, members: Iterable[Member]) -> Iterator[Member]:
        for member in members:
            self.records += 1
            self._traces.look(member[0])
            yield member

    def done(self, path: Path) -> Exported:
        return Exported(
            file=str(path),
            pages=tuple(row.id for row in self.rows),
            records=self.records,
            bytes=path.stat().st_size,
            missing_images=self.missing,
            session=self._traces.words,
        )


def export_wacz(  # noqa: PLR0913  # named options of one call
    archive: Archive,
    library: Library,
    rows: Sequence[PageRow],
    path: Path,
    *,
    created: datetime,
    force: bool = False,
    disk: Disk = SYSTEM_DISK,
    progress: Progress = lambda _: None,
) -> Exported:
    """Write chosen captures as a WACZ package; on return it is durable.

    The same captures at the same `created` give the same bytes. Raises UsageError if `path` is taken,
    IntegrityError for a record that is damaged (nothing is written then), GiveUpError, StorageError.
    """
    export = _Export(archive, library, rows, created, progress)
    newest = max(datetime.fromisoformat(row.fetch_date) for row in rows)
    with PackageWriter(
        path, software=export.software, created=created, newest=newest, disk=disk, force=force
    ) as package:
        info, first = export.info("data.warc.gz")
        package.warcs(export.members(info.record_id, reading=True), first)
        for row in rows:
            found = export.found(row)
            package.file(f"documents/{row.id}.json", to_bytes(found))
            if isinstance(found, Document):
                package.file(f"documents/{row.id}.md", markdown_bytes(found))
        lines = (page_lines(row, export.found(row), export.page_url(row)) for row in rows)
        package.pages("Pages", chain.from_iterable(lines))
        package.close(**_facts(export, rows))
    return export.done(path)


def _facts(export: _Export, rows: Sequence[PageRow]) -> dict[str, str]:
    """Return what datapackage.json says beside the files; of one capture, where replay begins."""
    count = len(rows)
    facts = {"title": rows[0].title or rows[0].id if count == 1 else f"{count} captures"}
    facts["description"] = (
        "Captured pages with their records, and of each article Harvester's reading view "
        "(https://reading.harvester.invalid/…), which is not the publisher's page."
    )
    url = export.page_url(rows[0]) if count == 1 else None
    if url is not None:
        facts |= {"mainPageUrl": url, "mainPageDate": rows[0].fetch_date}
    return facts


def export_warc(  # noqa: PLR0913  # named options of one call
    archive: Archive,
    library: Library,
    rows: Sequence[PageRow],
    path: Path,
    *,
    created: datetime,
    force: bool = False,
    disk: Disk = SYSTEM_DISK,
    progress: Progress = lambda _: None,
) -> Exported:
    """Write the records of chosen captures as one `.warc.gz`, without reading views. As `export_wacz`."""
    export = _Export(archive, library, rows, created, progress)
    file = NewFile(path, disk, force=force)
    try:
        with storage_errors("cannot write", path):
            info, first = export.info(path.name)
            file.write(first)
            for _, member in export.members(info.record_id, reading=False):
                file.write(member)
            file.commit()
    finally:
        file.discard()
    return export.done(path)
