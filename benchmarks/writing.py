"""Keeping a page: ours, synced to disk before it returns, against warcio's writer, which does not sync."""

from __future__ import annotations

import tempfile
from datetime import UTC, datetime
from io import BytesIO
from itertools import count
from pathlib import Path

from warcio.warcwriter import WARCWriter

from archive import Archive, Block, Record, new_record_id
from benchmarks.timing import medians, table
from fixtures.pages.wechat_article import Recent, article_page
from fixtures.stories import lighthouse_article

URL = "https://mp.weixin.qq.com/s/x"


def main() -> None:
    """Measure one response of true size."""
    page = article_page(lighthouse_article(), Recent(era=2026, nonce="1"))
    block = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: %d\r\n\r\n%s" % (len(page), page)
    with tempfile.TemporaryDirectory() as folder:
        archive = Archive.open(Path(folder) / "a", create=True, write=True)
        other = (Path(folder) / "other.warc.gz").open("wb")
        numbers = count()

        def ours() -> None:
            uri = f"{URL}{next(numbers)}"
            kind = "application/http;msgtype=response"
            archive.append(
                [Record("response", new_record_id(), datetime.now(UTC), Block.of(block), kind, uri)]
            )

        def theirs() -> None:
            writer = WARCWriter(other, gzip=True, warc_version="1.1")
            writer.write_record(writer.create_warc_record(URL, "response", payload=BytesIO(block)))

        with archive, other:
            table(
                f"keeping a response of {len(block) / 1e6:.1f} MB",
                medians({"warcio (not synced)": theirs, "archive.append (durable)": ours}, rounds=5),
                "warcio (not synced)",
            )


if __name__ == "__main__":
    main()
