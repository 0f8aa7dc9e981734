"""The library: which documents, page states and assets an archive holds.

Derived throughout: it is rebuilt whole from the WARC files, so nothing lives only here.
"""

from harvester.library.rows import ArticleRow, AssetRow, FailureRow, PageRow
from harvester.library.store import Library, Rebuilt, document_path
from harvester.library.verified import VerificationRow

__all__ = [
    "ArticleRow",
    "AssetRow",
    "FailureRow",
    "Library",
    "PageRow",
    "Rebuilt",
    "VerificationRow",
    "document_path",
]
