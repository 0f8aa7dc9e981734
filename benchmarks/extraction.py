"""Reading a page: ours against a bare Lexbor parse of the same bytes (the limit) and trafilatura."""

from __future__ import annotations

import trafilatura
from selectolax.lexbor import LexborHTMLParser

from benchmarks.timing import medians, table
from fixtures.pages.wechat_article import Recent, article_page
from fixtures.stories import lighthouse_article
from harvester.pipeline import extract


def main() -> None:
    """Measure pages of true size of the two recent forms."""
    for era in (2025, 2026):
        page = article_page(lighthouse_article(), Recent(era=era, nonce="1"))
        text = page.decode()
        ways = {
            "bare Lexbor parse": lambda text=text: LexborHTMLParser(text),
            "harvester.extract": lambda page=page: extract(page, "https://mp.weixin.qq.com/s/x"),
            "trafilatura.extract": lambda text=text: trafilatura.extract(text),
        }
        table(
            f"reading a WeChat page of {era} ({len(page) / 1e6:.1f} MB)", medians(ways), "bare Lexbor parse"
        )


if __name__ == "__main__":
    main()
