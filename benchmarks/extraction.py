"""Reading a page: ours against a bare Lexbor parse of the same bytes (the limit) and other extractors.

`python -m benchmarks.extraction`. The first two tables are of pages of our own, of true size; the third is
of the corpus, where one is present: for every page the ratio of its times, and of these the median.
"""

from __future__ import annotations

import gzip
import importlib
import json
import logging
import os
import statistics
import warnings
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from selectolax.lexbor import LexborHTMLParser

from benchmarks.timing import medians, table
from fixtures.pages.wechat_article import Recent, article_page
from fixtures.stories import lighthouse_article
from harvester.pipeline import extract

URL: Final = "https://mp.weixin.qq.com/s/FixtureArticle00000001"
LIMIT: Final = "bare Lexbor parse"
OURS: Final = "harvester.extract"
_RECENT_BYTES: Final = 1_000_000
Way = Callable[[bytes, str], object]


def _trafilatura(module: Any) -> Way:
    return lambda _, text: module.extract(text)


def _readability(module: Any) -> Way:
    return lambda _, text: module.Document(text).summary()


def _resiliparse(module: Any) -> Way:
    return lambda _, text: module.extract_plain_text(text, main_content=True)


def _magic_html(module: Any) -> Way:
    extractor = module.GeneralExtractor()
    return lambda _, text: extractor.extract(text, base_url=URL)


_OTHERS: Final[Mapping[str, tuple[str, Callable[[Any], Way]]]] = {
    "trafilatura": ("trafilatura", _trafilatura),
    "readability-lxml": ("readability", _readability),
    "resiliparse": ("resiliparse.extract.html2text", _resiliparse),
    "magic-html": ("magic_html", _magic_html),
}


def others() -> tuple[dict[str, Way], list[str]]:
    """Return the extractors that are installed, and the names of those that are not."""
    found: dict[str, Way] = {}
    absent: list[str] = []
    for name, (module, make) in _OTHERS.items():
        try:
            found[name] = make(importlib.import_module(module))
        except ImportError:
            absent.append(name)
    return found, absent


def ways(installed: Mapping[str, Way]) -> dict[str, Way]:
    """Return what is measured: the limit, from text and from bytes, ours, the others."""
    return {
        LIMIT: lambda _, text: LexborHTMLParser(text),
        "the same, given bytes": lambda body, _: LexborHTMLParser(body),
        OURS: lambda body, _: extract(body, URL),
        **installed,
    }


def measure(body: bytes, installed: Mapping[str, Way], rounds: int) -> dict[str, float]:
    """Return the median seconds of every way on one page; an extractor that fails is left out."""
    text = body.decode("utf-8", "replace")
    usable = {name: way for name, way in ways(installed).items() if _works(way, body, text)}
    return medians({name: _bound(way, body, text) for name, way in usable.items()}, rounds)


def _bound(way: Way, body: bytes, text: str) -> Callable[[], object]:
    return lambda: way(body, text)


def _works(way: Way, body: bytes, text: str) -> bool:
    try:
        way(body, text)
    except Exception:  # noqa: BLE001 - what others raise is not ours to know
        return False
    return True


def corpus() -> Iterator[tuple[str, bytes]]:
    """Yield state and bytes of every WeChat page of the corpus; nothing where there is none."""
    folder = Path(os.environ.get("HARVESTER_CORPUS", "../shared/corpus"))
    manifest = folder / "manifest.json"
    if not manifest.is_file():
        return
    states = {entry.get("file"): entry.get("state") for entry in _entries(manifest)}
    for file in sorted((folder / "wechat").glob("*.html.gz")):
        yield states.get(f"wechat/{file.name}") or "?", gzip.decompress(file.read_bytes())


def _entries(manifest: Path) -> list[dict[str, Any]]:
    data = json.loads(manifest.read_text(encoding="utf-8"))
    rows = data if isinstance(data, list) else data.get("pages", [])
    return [row for row in rows if isinstance(row, dict)]


def _group(name: str, rows: list[dict[str, float]]) -> None:
    print(f"\n{name}: {len(rows)} pages, median over pages of time / that of a {LIMIT}")
    for way in dict.fromkeys(way for row in rows for way in row):
        ratios = [row[way] / row[LIMIT] for row in rows if way in row]
        times = [row[way] * 1000 for row in rows if way in row]
        fails = len(rows) - len(ratios)
        left_out = f"   (fails on {fails})" if fails else ""
        typical = statistics.median(times)
        print(f"  {way:<34} {typical:>10.2f} ms   {statistics.median(ratios):>7.2f} x{left_out}")


def main() -> None:
    """Measure pages of true size of the two recent forms, then the corpus."""
    warnings.simplefilter("ignore")
    logging.disable(logging.CRITICAL)
    installed, absent = others()
    if absent:
        print(f"\nnot installed, not measured: {', '.join(absent)}")
    for era in (2025, 2026):
        page = article_page(lighthouse_article(), Recent(era=era, nonce="1"))
        measured = measure(page, installed, rounds=9)
        table(f"reading a WeChat page of {era} ({len(page) / 1e6:.1f} MB)", measured, LIMIT)
    pages = [(state, body, measure(body, installed, rounds=3)) for state, body in corpus()]
    if not pages:
        print("\nno corpus here (HARVESTER_CORPUS): its pages were not measured")
        return
    _group("articles and shares", [row for state, _, row in pages if state == "ok"])
    _group(
        "those of 2025 and later (above 1 MB)",
        [row for state, body, row in pages if state == "ok" and len(body) > _RECENT_BYTES],
    )
    _group("all WeChat pages, failure pages of a few kB too", [row for _, _, row in pages])


if __name__ == "__main__":
    main()
