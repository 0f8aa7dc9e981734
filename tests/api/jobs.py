"""Run the examples for Spark and datatrove on a few pages: by `.api/bin/python` (`make api-examples`)."""

from __future__ import annotations

import inspect
import sys
import tempfile
from pathlib import Path
from typing import Any

from fixtures.golden import cases

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))

from blocks import write  # noqa: E402

import harvester  # noqa: E402


def pages() -> list[tuple[bytes, str]]:
    """Return pages of each site and some that are no articles."""
    return [(case.small_body(), case.url) for case in sorted(cases(), key=lambda case: case.slug)[::9]]


def expected() -> list[tuple[str, str | None]]:
    found = [harvester.extract(html, url) for html, url in pages()]
    return [(one.state, one.text if isinstance(one, harvester.Document) else None) for one in found]


def spark() -> None:
    from pyspark.sql import SparkSession
    from spark_job import clean  # type: ignore[import-not-found]

    builder: Any = SparkSession.builder
    session = builder.master("local[2]").config("spark.ui.enabled", "false").getOrCreate()
    session.sparkContext.addPyFile(inspect.getfile(clean))
    try:
        given = session.createDataFrame(pages(), "html binary, url string")
        rows = {row.url: (row.state, row.text) for row in clean(given).collect()}
    finally:
        session.stop()
    assert rows == {url: wanted for (_, url), wanted in zip(pages(), expected(), strict=True)}


def datatrove() -> None:
    from datatrove.data import Document
    from datatrove_job import HarvesterExtractor  # type: ignore[import-not-found]

    given = [
        Document(text=html.decode("utf-8", "replace"), id=str(number), metadata={"url": url})
        for number, (html, url) in enumerate(pages())
    ]
    step = HarvesterExtractor()
    texts = [document.text for document in step.run(iter(given))]
    read = [harvester.extract(html.decode("utf-8", "replace"), url) for html, url in pages()]
    assert texts == [one.text for one in read if isinstance(one, harvester.Document)]
    assert len(texts) < len(given)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        write(Path(folder))
        sys.path.insert(0, folder)
        {"spark": spark, "datatrove": datatrove}[sys.argv[1]]()
