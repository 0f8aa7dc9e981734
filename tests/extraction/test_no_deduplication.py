"""trafilatura's own deduplication stays off: it keeps a memory between pages."""

from __future__ import annotations

from harvester import pipeline
from harvester.document import Document

PARAGRAPH = (
    "界河联合测绘工作组第二轮磋商在澄江举行，双方就水文资料的交换和航标的维护达成谅解，并商定下一轮会期。"
)


def test_a_paragraph_that_stands_often_stays() -> None:
    """The same words on one page, and on page after page, are read as often as they stand there."""
    body = "".join(
        f"<p>{PARAGRAPH}</p><p>第{n}段：{PARAGRAPH[:30]}，另有说明，详见本报今日第{n}版。</p>"
        for n in range(6)
    )
    page = f"<html><head><title>测绘</title></head><body><article><h1>测绘</h1>{body}</article></body></html>"
    texts = set()
    for _ in range(5):
        found = pipeline.extract(page, "https://paper.example/a")
        assert isinstance(found, Document)
        texts.add(found.text)
        assert found.text.count(PARAGRAPH) == 6
    assert len(texts) == 1
