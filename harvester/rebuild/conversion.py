"""The clean text as `conversion` records (WARC/1.1 §6.8), one file a unit, as Common Crawl's WET files.

A record holds the document's `text` in UTF-8, so its payload digest is the document's `text_sha256`. It
names the record that the text was read from and has that one's URL and date: the record's id, and with it
the whole file, is a function of the inputs, the unit and the versions.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final
from urllib.parse import quote

from archive import Block, Record, StoredRecord
from archive.derived import DerivedFile, derived_id
from archive.disk import SYSTEM_DISK, Disk
from archive.fields import bare_uri, is_uri
from harvester.document import Document, PageState
from harvester.parts import Written
from harvester.rebuild.languages import iso_639_3
from harvester.tables import CaptureRow
from harvester.toolchain import software_name

CONTENT_TYPE: Final = "text/plain"
"""As in WET files. The octets are UTF-8."""
_FACTS: Final = {
    "description": "clean text of captured pages; each record is of the URL and date of its WARC-Refers-To"
}
_URI_CHARACTERS: Final = "!#$%&'()*+,-./:;=?@[]_~"


class ConversionSink:
    """Writes `conversion/part-KEY.warc.gz` below a folder: a record for each article. A rebuild's `Sink`.

    A unit without an article has no file. An article of a brought row, which refers to no record, and a
    second copy of one in the same unit have no record.
    """

    def __init__(self, output: Path, key: str, disk: Disk = SYSTEM_DISK) -> None:
        self._relative = f"conversion/part-{key}.warc.gz"
        path = output / self._relative
        self._file = DerivedFile(path, software=software_name(), facts=_FACTS, disk=disk)
        self._seen: set[str] = set()

    def put(
        self,
        row: CaptureRow,  # noqa: ARG002 - of the protocol
        found: Document | PageState | None,
        source_record: StoredRecord | None,
    ) -> None:
        if not isinstance(found, Document) or source_record is None:
            return
        record = conversion_record(found, source_record)
        if record.record_id not in self._seen:
            self._seen.add(record.record_id)
            self._file.put(record)

    def close(self) -> list[Written]:
        sha256 = self._file.close()
        return [Written(self._relative, sha256)] if sha256 else []

    def abort(self) -> None:
        self._file.abort()


def conversion_record(document: Document, source: StoredRecord) -> Record:
    """Return the record of a document's text; `source` is the record that it was read from.

    What a foreign tool wrote in a form that must not be written is put right: a URL is percent-encoded, an
    id gets its brackets. An id that is no URI is left out.
    """
    fields = []
    refers_to = f"<{bare_uri(source.record_id)}>"
    if is_uri(refers_to[1:-1]):
        fields.append(("WARC-Refers-To", refers_to))
    language = iso_639_3(document.language)
    if language is not None:
        fields.append(("WARC-Identified-Content-Language", language))
    seed = (source.record_id, document.id, document.text_sha256, software_name(), language or "")
    return Record(
        type="conversion",
        record_id=derived_id("conversion", *seed),
        date=source.date,
        block=Block.of(document.text.encode()),
        content_type=CONTENT_TYPE,
        target_uri=_written_uri(source.target_uri, refers_to),
        fields=tuple(fields),
    )


def _written_uri(uri: str | None, refers_to: str) -> str:
    """Return a URL as a record may state it; of a record without one the URN of its id."""
    bare = bare_uri(uri or "")
    for candidate in (bare, quote(bare, safe=_URI_CHARACTERS, errors="surrogatepass"), refers_to[1:-1]):
        if is_uri(candidate):
            return candidate
    return "urn:uuid:" + derived_id("source", bare, refers_to)[10:-1]
