"""Pages of other publishers: our text and plain trafilatura's against other projects' expected texts.

Which expected file belongs to which page is told by their paths in the projects they come from (the
manifest's `origin`): Readability keeps `source.html` and `expected.html` in one folder, newspaper4k
`html/NAME.html` and `txt/NAME.txt` side by side. F1 is that of recall and precision by the longest
common subsequence of characters, white space aside.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import trafilatura
from selectolax.lexbor import LexborHTMLParser

from benchmarks.quality.facts import bare
from benchmarks.quality.saved import body_of, manifest, overlap, url_of
from harvester.document import Document
from harvester.pipeline import extract

_EXPECTED: Final = (("/source.html", "/expected.html"), ("/data/html/", "/data/txt/"))
_OTHERS: Final = ("bench", "gov")
MIN_CHARACTERS: Final = 100
"""An article of fewer characters than this is not taken for a sane reading of a whole page."""


@dataclass(frozen=True, slots=True)
class Score:
    """One page with an expected text: F1 of ours and of plain `trafilatura.extract`, 0 to 1."""

    slug: str
    site: str
    ours: float
    trafilatura: float


@dataclass(frozen=True, slots=True)
class Sanity:
    """One file without an expected text: what we made of it, and its agreement with trafilatura."""

    slug: str
    site: str
    state: str
    title: str | None
    characters: int
    agreement: float  # F1 with the text of plain trafilatura
    untitled: bool  # the page has neither a title element nor a top heading
    fragment: bool  # markup without an `html` element: what another tool cut out of a page

    @property
    def sane(self) -> bool:
        """The page is an article with a text of some length, and a title where the page has one."""
        titled = self.untitled or self.title is not None
        return self.state == "ok" and titled and self.characters >= MIN_CHARACTERS


def scores(folder: Path) -> Iterator[Score]:
    """Score every page that another project has an expected text for."""
    entries = manifest(folder)
    by_origin = {entry["origin"]: entry for entry in entries}
    for entry in entries:
        expected = by_origin.get(_expected_origin(entry["origin"]) or "")
        if expected is None or not entry["file"].endswith(".html.gz"):
            continue
        body, wanted = body_of(folder, entry), _expected_text(folder, expected)
        value = extract(body, url_of(entry))
        ours = value.text if isinstance(value, Document) else ""
        yield Score(entry["slug"], value.site, f1(wanted, ours), f1(wanted, plain_trafilatura(body)))


def sanities(folder: Path) -> Iterator[Sanity]:
    """Read every other HTML file that is no page of the two publishers; nobody has a text for these."""
    entries = manifest(folder)
    origins = {entry["origin"] for entry in entries}
    for entry in entries:
        scored = _expected_origin(entry["origin"]) in origins
        if entry["category"] not in _OTHERS or scored or not entry["file"].endswith(".html.gz"):
            continue
        body = body_of(folder, entry)
        value = extract(body, url_of(entry))
        text, title = (value.text, value.title) if isinstance(value, Document) else ("", None)
        agreement = f1(plain_trafilatura(body), text)
        yield Sanity(
            slug=entry["slug"],
            site=value.site,
            state=value.state,
            title=title,
            characters=len(bare(text)),
            agreement=agreement,
            untitled=LexborHTMLParser(body).css_first("title, h1") is None,
            fragment=entry["category"] == "bench",
        )


def f1(expected: str, actual: str) -> float:
    """Return the harmonic mean of recall and precision; 0 where one side alone is empty."""
    if not bare(expected) or not bare(actual):
        return float(bare(expected) == bare(actual))
    recall, precision = overlap(expected, actual)
    return 2 * recall * precision / (recall + precision) if recall + precision else 0.0


def plain_trafilatura(body: bytes) -> str:
    """Return trafilatura's own text with its default options; empty where it finds none."""
    return trafilatura.extract(body) or ""


def _expected_origin(origin: str) -> str | None:
    for page, expected in _EXPECTED:
        if page in origin:
            found = origin.replace(page, expected)
            return found.removesuffix(".html") + ".txt" if "/data/txt/" in found else found
    return None


def _expected_text(folder: Path, entry: Mapping[str, Any]) -> str:
    path: Path = folder / entry["file"]
    if path.suffix == ".txt":
        return path.read_text("utf-8")
    tree = LexborHTMLParser(body_of(folder, entry))
    tree.strip_tags(["script", "style"])
    words: str = tree.body.text() if tree.body else ""
    return words
