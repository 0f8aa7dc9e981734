"""Every finding there is: its stable code, how grave it is, what it means, and what to do about it.

`E`: damage, or a breach of WARC/1.1 that makes a record say less or other than it should; exit 1.
`W`: read without doubt all the same, or nothing this program can judge; exit 0. `I`: worth knowing.
A code never changes its meaning; docs/check.md shows this table, and a test holds the two together.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Severity(StrEnum):
    """How grave a finding is."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


_SEVERITIES: Final = {"E": Severity.ERROR, "W": Severity.WARNING, "I": Severity.INFO}


@dataclass(frozen=True, slots=True)
class Code:
    """One kind of finding. `cure` says what to do."""

    code: str
    name: str
    meaning: str
    cure: str

    @property
    def severity(self) -> Severity:
        """Return what the code's first letter says."""
        return _SEVERITIES[self.code[0]]


_COPY = "fetch a good copy; `--salvage` saves the records that are whole"
_KNOW = "nothing to do; know it when the record is used"
_TOOL = "tell the makers of the tool that wrote it"
_REINDEX = "run `harvester reindex`: it is made again from the WARC files"
_OTHERS = "check it together with the files it came with"
_RESTORE = "restore it from a copy"
_ROW = "restore the file from a copy; if the file is whole, run `harvester reindex`"
_REFERRED = "restore the file that holds the record it refers to"
_ANEW = "write the file anew, one record a member"
_FINISHED = "the next opening for writing finishes it"
_ENTERS = "the next opening for writing puts it right (`harvester reindex` does too)"
_NEXT = "the next opening for writing makes one, if the file reads well"
_SYNC = "run `harvester sync` again: it is sent anew"
_RESEND = "delete it there, then run `harvester sync` again"
_MEND = "run `harvester sync --verify`: what differs is sent anew from the archive"
_MIRROR = "mirror archives with `harvester sync`"
_UNFINISHED_SYNC = "nothing if others put it there; else run `harvester sync` again"
_ALONE = "check it by itself; if that ends so too, see that memory suffices, and report it"
_ZIP = "fetch a good copy of the package"

_TABLE: Final = (
    # The file and its members (rule R1; WARC/1.1 Annex D, RFC 1952, RFC 8878)
    ("E001", "empty_file", "the file is empty", "remove it, or fetch a good copy"),
    ("E002", "not_an_archive", "the content is no WARC, ARC or WACZ", "check the right file"),
    ("E003", "cut_member", "the file ends inside a compressed member", _COPY),
    ("E004", "damaged_member", "a member does not inflate or fails its checksum", _COPY),
    ("E005", "stray_bytes", "bytes that do not begin a record", _COPY),
    ("E006", "shared_member", "more than one record in a compressed member", _ANEW),
    ("E007", "cut_record", "a record ends before its declared length", _COPY),
    ("E008", "no_end_mark", "no CRLF CRLF after the block: its length or its bytes are wrong", _COPY),
    ("E009", "too_large", "a record larger than what is read", _COPY),
    ("W001", "blank_bytes", "blanks or line ends between records or after the last", _KNOW),
    ("W002", "empty_member", "a compressed member without a record", _KNOW),
    ("W003", "gave_up", "damage went on too long to look for whole records behind it", _COPY),
    ("W004", "short_end_mark", "a member ends whole, but before its record's end mark is complete", _KNOW),
    # The record's header (WARC/1.1 §4-§6; the table in archive/fields.py)
    ("E010", "bad_version", "the record does not begin with WARC/1.0 or WARC/1.1", _TOOL),
    ("E011", "bad_header_line", "a header line is no field, or ends without CRLF", _TOOL),
    ("E012", "duplicate_field", "a field that may stand once is repeated", _TOOL),
    ("E013", "header_too_long", "the header has no end within 64 KiB", _COPY),
    ("E014", "header_encoding", "the header is not UTF-8", _TOOL),
    ("E015", "missing_field", "a field that must stand is missing", _TOOL),
    ("E016", "bad_length", "Content-Length is no number of bytes: where the record ends is unknown", _COPY),
    ("E017", "bad_field_value", "a field's value has not the form it must have", _TOOL),
    ("E018", "misplaced_field", "a field stands on a record type that must not carry it", _TOOL),
    ("E019", "bad_segment_number", "a first segment is not 1, or a continuation is below 2", _TOOL),
    ("E021", "no_content_type", "a block that is not empty has no Content-Type", _TOOL),
    ("E022", "warcinfo_type", "a warcinfo record is not application/warc-fields", _TOOL),
    ("E023", "bad_warc_fields", "a block that is said to be application/warc-fields is not", _TOOL),
    ("W010", "draft_version", "a version before WARC/1.0, or in lower case", _KNOW),
    ("W017", "odd_field_value", "a value breaks its form, in a way that has one reading only", _KNOW),
    ("W018", "odd_field_place", "a digest of the payload on a record type that has no payload", _KNOW),
    ("W020", "unknown_type", "a record type of another standard; readers skip it", _KNOW),
    ("W021", "duplicate_record_id", "two records of a file have the same id", _TOOL),
    # Digests (WARC/1.1 §5.8, §5.9)
    ("E030", "block_digest", "the block does not match its digest", _COPY),
    ("E031", "payload_digest", "the payload does not match its digest, by any known reading", _COPY),
    ("E032", "digest_form", "a digest's value has not the length of its algorithm", _TOOL),
    ("W030", "unknown_digest", "a digest of an algorithm that is not checked here", _KNOW),
    ("I031", "payload_as_stored", "the payload digest is of the body with its chunk framing", _KNOW),
    # The HTTP message inside (RFC 9112)
    ("E040", "http_head", "the block does not begin with an HTTP head, though its type says so", _KNOW),
    ("E041", "http_cut", "the HTTP message ends early and WARC-Truncated does not say so", _KNOW),
    ("E042", "http_framing", "the HTTP framing is broken and WARC-Truncated does not say so", _KNOW),
    ("W040", "http_surplus", "bytes follow the end of the HTTP message", _KNOW),
    ("W041", "http_no_body", "a body is announced and none is there (an answer to HEAD?)", _KNOW),
    ("I040", "http_odd", "an oddity of the HTTP message that does not matter to its reading", _KNOW),
    ("I041", "truncated", "the record says that its content was cut at capture", _KNOW),
    # References
    ("W050", "no_concurrent", "WARC-Concurrent-To names a record that is not here", _OTHERS),
    ("W051", "no_referred", "WARC-Refers-To names a record that is not here", _OTHERS),
    ("W052", "no_warcinfo", "WARC-Warcinfo-ID names a record that is not here", _OTHERS),
    ("W053", "no_segment_origin", "WARC-Segment-Origin-ID names a record that is not here", _OTHERS),
    ("W054", "wrong_reference", "WARC-Warcinfo-ID names a record that is no warcinfo", _TOOL),
    ("E055", "referred_differs", "a revisit refers to a record that states another payload digest", _COPY),
    ("W055", "no_payload_referred", "a revisit refers to a record that holds no payload itself", _TOOL),
    ("W056", "referred_fields", "a revisit states another URI or date than its referred record has", _TOOL),
    ("W057", "odd_revisit", "a revisit of an unknown profile, or without the digest that it asks for", _TOOL),
    # Files of an archive directory
    ("E060", "sidecar_differs", "the file is not the one whose digest its sidecar holds", _COPY),
    ("E061", "sidecar_unreadable", "a sidecar that is no line of sha256sum", _RESTORE),
    ("E062", "missing_file", "the index or a sidecar names a file that is not there", _RESTORE),
    ("E063", "row_without_record", "the index has a row where no record can be read", _ROW),
    ("E064", "record_without_row", "a record is not in the index", _REINDEX),
    ("E065", "row_differs", "a row of the index says other than its record", _REINDEX),
    ("E066", "index_unusable", "the index cannot be used", _REINDEX),
    ("E067", "listing_differs", "the CDXJ of a file says other than the index", _REINDEX),
    ("W060", "no_sidecar", "a closed file has no sidecar", _NEXT),
    ("W062", "left_open", "a file left open by a crash", "the next opening for writing closes it"),
    ("W063", "torn_tail", "what recovery cut off a crashed file", "look at it, then move it away"),
    ("I062", "in_writing", "a file that another process is writing", "check again when it is done"),
    ("W065", "rewrite_unfinished", "files were being replaced, or are", _FINISHED),
    ("I064", "unfinished_file", "an unfinished file of a crash", "delete it when nothing is running"),
    # Library and documents
    ("E070", "library_unusable", "the library cannot be used", _REINDEX),
    ("E071", "page_without_row", "a captured page has no row in the library", _REINDEX),
    ("E072", "library_row_differs", "a row of the library says other than its page", _REINDEX),
    ("E073", "missing_document", "a document's file is not there", _REINDEX),
    ("E074", "document_differs", "a document's file is not what its records give", _REINDEX),
    ("E075", "stray_row", "a row of the library stands for no page of the archive", _REINDEX),
    ("E076", "unresolved_revisit", "what a revisit refers to is lost, and its page with it", _REFERRED),
    ("W070", "other_version", "made by other versions of the software or its rules", _REINDEX),
    ("W071", "page_not_entered", "the library has not read it yet, as when a run broke off", _ENTERS),
    ("W072", "stray_note", "the library notes a record that is not there", _ENTERS),
    ("W074", "stray_document", "a file among the documents that no page gives", "move it away"),
    ("W075", "not_compared", "documents were not compared: index or library does not serve", _REINDEX),
    ("W076", "foreign_revisit", "a revisit of another tool refers to what is not here, or other", _OTHERS),
    ("E077", "original_differs", "an original that is kept apart is not the one its name says", _RESTORE),
    # ARC (the Internet Archive's format of 1996)
    ("E080", "arc_header", "an ARC record's header line is malformed", _TOOL),
    ("E081", "arc_version_block", "an ARC file's version block cannot be read", _TOOL),
    ("W080", "arc_odd_value", "an ARC header's value breaks its form, in a way that does not matter", _KNOW),
    ("W081", "arc_length", "the declared length is too long: the HTTP message inside is whole", _KNOW),
    # WACZ 1.1.1
    ("E090", "bad_zip", "the package is no readable ZIP", _ZIP),
    ("E091", "bad_datapackage", "datapackage.json is missing or cannot be read", _ZIP),
    ("E092", "resource_differs", "a file of the package has not the size or digest it is listed with", _ZIP),
    ("E093", "missing_resource", "a listed file is not in the package", _ZIP),
    ("E094", "datapackage_digest", "datapackage.json has not the digest it is listed with", _ZIP),
    ("E095", "bad_zip_member", "a file of the package cannot be read whole", _ZIP),
    ("W090", "no_datapackage_digest", "there is no datapackage-digest.json", _KNOW),
    ("W091", "deflated_warc", "a WARC is deflated in the package: no direct way to its records", _TOOL),
    ("W092", "odd_member_name", "a name leads out of the package, or is repeated; not read", _KNOW),
    ("W093", "unlisted_file", "a file of the package is not listed", _KNOW),
    ("W094", "no_warc", "the package holds no WARC or ARC", _KNOW),
    # An archive at a URL (`harvester sync`)
    ("E100", "mirror_missing", "a file that the mirror's manifest vouches for is not there", _SYNC),
    ("E101", "mirror_differs", "a file of the mirror has not the size or digest that was proven", _MEND),
    ("E102", "mirror_manifest", "the mirror's manifest cannot be read", _RESEND),
    ("W100", "not_vouched", "a file that the mirror's manifest does not name", _UNFINISHED_SYNC),
    ("W101", "no_manifest", "no manifest of a mirror: only WARC files are proven", _MIRROR),
    # Reading and salvage
    ("E098", "not_checked", "the check of the file did not come to its end", _ALONE),
    ("E099", "cannot_read", "the file cannot be read", "mend permissions or the disk, then check again"),
    ("W099", "not_salvaged", "ARC records are not rewritten: they are no WARC records", "keep the ARC file"),
)  # fmt: skip

CODES: Final[Mapping[str, Code]] = {row[0]: Code(*row) for row in _TABLE}
"""Every kind of finding by its code, in the order of the table."""
