"""What `harvester check` adds to `archive.check`: documents and library rows against the WARC records."""

from harvester.checking.documents import check_documents

__all__ = ["check_documents"]
