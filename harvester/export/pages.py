"""The lines of `pages/pages.jsonl`: each capture under its own address, and its reading view."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime

from harvester.document import Document, PageState
from harvester.export.reading import reading_url
from harvester.library import PageRow


def page_lines(
    row: PageRow, found: Document | PageState, page_url: str | None
) -> Iterator[Mapping[str, object]]:
    """Yield a capture's pages (json-pages-1.0). Keys beyond the standard's lead to our own files.

    Times have whole seconds, as the index by which replay finds the records. The text stands with the
    original, or with the reading view where the original has no address; never twice, so that a search
    finds an article once.
    """
    when = datetime.fromisoformat(row.fetch_date).strftime("%Y-%m-%dT%H:%M:%SZ")
    title = row.title or row.notice or row.url or row.id
    files = {"document": f"documents/{row.id}.json"}
    text = {"text": found.text} if isinstance(found, Document) else {}
    if page_url is not None:
        page = {"id": row.id, "url": page_url, "ts": when, "title": title, **text}
        yield page | {"state": row.state, "recordId": row.record_id, **files}
        text = {}
    if isinstance(found, Document):
        view = {"id": f"{row.id}.reading", "url": reading_url(row.id), "ts": when}
        yield view | {"title": f"阅读视图 · Reading view: {title}", **text, **files, "readingOf": row.id}
