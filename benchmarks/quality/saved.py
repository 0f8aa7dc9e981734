"""Saved pages of WeChat and the Foreign Ministry against what a browser and a JavaScript engine saw.

The folder is somebody else's data (`HARVESTER_CORPUS`, else `../shared/corpus`); nothing of it is in
this project. Text is compared without white space by its longest common subsequence: recall is the
share of the browser's words that we have, precision the share of ours that the browser has.
"""

from __future__ import annotations

import gzip
import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qs, urljoin, urlsplit

import msgspec
from rapidfuzz.distance import LCSseq

from benchmarks.quality.cells import Cell, cell_of
from benchmarks.quality.facts import bare
from harvester.document import Document, PageState
from harvester.pipeline import extract

ROOT: Final = Path(__file__).resolve().parents[2]
EXCUSED: Final = Path(__file__).parents[1] / "excused.json"
PUBLISHERS: Final = ("wechat", "mfa")
_COPYRIGHT: Final = {0: "none", 1: "original", 2: "reprint"}
_SHOW_TYPES: Final = {
    "0": {"article", "repost"},
    "5": {"video"},
    "8": {"picture_share"},
    "10": {"text_share"},
}


@dataclass(frozen=True, slots=True)
class Row:
    """One saved page: its cell, what it should be and is, and which fields differ (in words)."""

    slug: str
    cell: Cell
    wanted: str
    found: str
    recall: float
    precision: float
    wrong: tuple[str, ...]
    excused: tuple[str, ...] = ()

    @property
    def exact(self) -> bool:
        """State, text and every field are right, but for what is excused by name."""
        return self.wanted == self.found and self.recall == 1 and self.precision == 1 and not self.wrong


class Excuse(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A field of a page whose gold is at fault: `shown` is the difference as measured, `reason` why.

    An excuse holds for that very difference only, and one that is no longer needed is a fault.
    """

    slug: str
    field: str
    shown: str
    reason: str


def corpus() -> Path | None:
    """Return the folder of saved pages, None if it is not here."""
    named = os.environ.get("HARVESTER_CORPUS")
    folder = Path(named) if named else ROOT.parent / "shared" / "corpus"
    return folder if (folder / "manifest.json").is_file() else None


def manifest(folder: Path) -> list[dict[str, Any]]:
    """Return the folder's list of files."""
    entries: list[dict[str, Any]] = json.loads((folder / "manifest.json").read_text("utf-8"))
    return entries


def excuses() -> tuple[Excuse, ...]:
    """Return the pages excused by name."""
    return msgspec.json.decode(EXCUSED.read_bytes(), type=tuple[Excuse, ...])


def rows(folder: Path) -> Iterator[Row]:
    """Read every saved page of the two publishers, in the manifest's order."""
    allowed = {(one.slug, one.field): one.shown for one in excuses()}
    for entry in manifest(folder):
        if entry["category"] in PUBLISHERS:
            yield excusing(_row(folder, entry), allowed)


def unneeded(found: list[Row]) -> list[str]:
    """Return the excuses that excuse nothing."""
    used = {(row.slug, field) for row in found for field in row.excused}
    return [f"{one.slug} {one.field}" for one in excuses() if (one.slug, one.field) not in used]


def overlap(expected: str, actual: str) -> tuple[float, float]:
    """Return recall and precision of a text, white space aside; an empty side counts as whole."""
    before, after = bare(expected), bare(actual)
    common = LCSseq.similarity(before, after)
    return (common / len(before) if before else 1.0), (common / len(after) if after else 1.0)


def body_of(folder: Path, entry: Mapping[str, Any]) -> bytes:
    """Return a saved page's bytes."""
    return gzip.decompress((folder / entry["file"]).read_bytes())


def url_of(entry: Mapping[str, Any]) -> str | None:
    """Return the URL a page was saved from; a remark in brackets may follow it in the manifest."""
    return (entry["page_url"] or "").partition(" (")[0] or None


def _row(folder: Path, entry: Mapping[str, Any]) -> Row:
    body, url = body_of(folder, entry), url_of(entry)
    value = extract(body, url)
    refused = entry["state"] == "ok" and not isinstance(value, Document)
    recall = precision = 0.0 if refused else 1.0
    wrong: list[str] = []
    if isinstance(value, Document):
        gold = entry.get("gold") or {}
        expected = (folder / gold["text_file"]).read_text("utf-8") if "text_file" in gold else ""
        recall, precision = overlap(expected, value.text)
        checked = _wechat(value, gold) if entry["category"] == "wechat" else _mfa(value, gold, url)
        wrong = [f"{name}: {wanted} expected, {found} found" for name, wanted, found in checked]
    wrong += _without_url(value, extract(body)) if url else ()
    return Row(
        entry["slug"], cell_of(value, body), entry["state"], value.state, recall, precision, tuple(wrong)
    )


def excusing(row: Row, allowed: Mapping[tuple[str, str], str]) -> Row:
    """Return a row without the differences that are excused for that page and field, as shown."""
    kept, excused = [], []
    for line in row.wrong:
        field, _, shown = line.partition(": ")
        if allowed.get((row.slug, field)) == shown:
            excused.append(field)
        else:
            kept.append(line)
    return replace(row, wrong=tuple(kept), excused=tuple(excused))


def _without_url(given: Document | PageState, alone: Document | PageState) -> list[str]:
    """A page handed over as a bare file is the same page."""
    if isinstance(given, Document):
        pairs = [
            (name, getattr(given, name), getattr(alone, name, None))
            for name in ("state", "kind", "text", "title", "source", "author", "published_at")
        ]
    else:
        pairs = [("state", given.state, alone.state)]
    return [f"without URL: {name} differs" for name, one, other in pairs if one != other]


def _wechat(value: Document, gold: Mapping[str, Any]) -> Iterator[tuple[str, object, object]]:
    """Yield what differs from the page's own literals, where those say anything."""
    found = {
        "title": value.title,
        "account": value.source,
        "user_name": value.identity.account_id,
        "author": value.author,
        "published": _second(value.published_at),
        "modify_time": _second(value.modified_at),
        "svr_time": _second(value.provenance.clocks.page),
        "biz": value.identity.biz,
        "mid": value.identity.mid,
        "idx": value.identity.idx,
        "sn": value.identity.sn,
        "source_url": value.source_url,
    }
    for name, one in found.items():
        wanted = gold.get(name)
        if wanted not in (None, "") and _url_text(wanted) != one:
            yield name, wanted, one
    yield from _declared(value, gold)
    yield from _images(gold.get("image_urls", []), value)


def _declared(value: Document, gold: Mapping[str, Any]) -> Iterator[tuple[str, object, object]]:
    number = gold.get("copyright_stat")
    said = value.declared.copyright if value.declared else None
    if number in _COPYRIGHT and said != _COPYRIGHT[number]:
        yield "copyright", _COPYRIGHT[number], said
    kinds = _SHOW_TYPES.get(str(gold.get("item_show_type")))
    if kinds and value.kind not in kinds:
        yield "kind", " or ".join(sorted(kinds)), value.kind
    link = _url_text(gold.get("link") or "")
    if link and not _names(link, value):
        yield "link", link, value.identity.short_url or value.identity.long_url


def _names(link: str, value: Document) -> bool:
    """Tell whether the page's own link is the document's, by short path or by its three numbers."""
    parts = urlsplit(link)
    if parts.path != "/s":
        short = value.identity.short_url
        return short is not None and urlsplit(short).path == parts.path
    query = parse_qs(parts.query)
    wanted = tuple(query.get(name, [None])[0] for name in ("__biz", "mid", "idx"))
    return wanted == (value.identity.biz, value.identity.mid, value.identity.idx)


def _mfa(value: Document, gold: Mapping[str, Any], url: str | None) -> Iterator[tuple[str, object, object]]:
    """Yield what differs from what a browser showed."""
    day = (value.published_at or "")[:10]
    pairs = (
        ("title", gold["title"], value.title),
        ("subtitle", gold.get("subtitle"), value.subtitle),
        ("published", gold["published"], day),
    )
    yield from (pair for pair in pairs if pair[1] != pair[2])
    yield from _images([urljoin(url or value.url or "", one) for one in gold["image_urls"]], value)


def _images(gold: list[str], value: Document) -> Iterator[tuple[str, object, object]]:
    wanted = [_url_text(one) for one in gold]
    found = [image.url for image in value.images if image.role == "body"]  # the gold lists no backgrounds
    if wanted != found:
        yield "images", len(wanted), len(found)


def _url_text(value: object) -> str:
    """The gold keeps the markup's ampersands."""
    return str(value).replace("&amp;", "&")


def _second(moment: str | None) -> str | None:
    return None if moment is None else str(int(datetime.fromisoformat(moment).timestamp()))
