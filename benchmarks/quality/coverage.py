"""docs/coverage.md from what is pinned: which cells rest on saved pages, which on pages of our own."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

from benchmarks.quality.gate import PinnedCell, Pins
from benchmarks.quality.peers import MIN_CHARACTERS
from benchmarks.quality.saved import excuses
from harvester.document import STATES

PATH: Final = Path(__file__).resolve().parents[2] / "docs" / "coverage.md"
_HEAD: Final = """# Coverage: what is verified, and on what

Made by `make quality ARGS=--update` from `benchmarks/floors.json`; a test keeps it fresh.

- **Saved pages** were served by the publishers and saved by others. They are not part of this project
  (`HARVESTER_CORPUS` names their folder). Text is compared with what a browser showed, fields with
  what a JavaScript engine found in the page, states with what a person saw. *Exact* means: the state is
  right, recall and precision of the text are 1.000, every field that the gold has is equal (WeChat:
  title, account and its id, byline, second of publication and of the last edit, server clock, biz, mid,
  idx, sn, link, source URL, copyright mark, kind, images in order; Foreign Ministry: title, subtitle,
  day, images in order), and the page reads the same without its URL.
- **Our pages** are the golden cases in `fixtures/golden`: made by us with the structure of real pages and
  invented words, some of full size (2-4 MB), some small. *Exact* means: every fact written down beside
  the page holds, and the whole document is the one that was last looked at. They prove that the rules
  do what we meant, not that the publisher serves such pages.

A number such as 7/7 reads: exact pages of all pages of that cell. A kind and era without a row was never
read as a whole page: if anything tests the rules for it, it is a fragment in `tests/sites`. The era of a
WeChat page is told by the carriers of its data, not by its date: an article of 2023 fetched in 2025 has
the form of 2025."""
_KINDS: Final = (
    "article",
    "repost",
    "picture_share",
    "text_share",
    "video",
    "music",
    "audio",
    "short_content",
)


def page(pins: Pins) -> str:
    """Return docs/coverage.md."""
    cells = pins.cells
    wechat = [one for one in cells if one.site == "wechat"]
    mfa = [one for one in cells if one.site == "mfa"]
    parts = [
        _HEAD,
        "## WeChat: kinds of article × era",
        _table(one for one in wechat if one.era),
        "## WeChat: other states",
        _table(one for one in wechat if not one.era),
        "## Foreign Ministry and missions: layouts and states",
        _table(mfa),
        "## Other publishers",
        _table(one for one in cells if one.site == "generic"),
        _generic(pins),
        "## Not verified on whole pages",
        _absent(pins),
        "## Excused, with the defect of the gold",
        _excuses(),
        "## Floors",
        _floors(pins),
    ]
    return "\n\n".join(parts) + "\n"


def _table(cells: Iterable[PinnedCell]) -> str:
    lines = [
        "| page | era or layout | saved pages | our pages | verified on |",
        "| --- | --- | --- | --- | --- |",
    ]
    for one in cells:
        row = (
            one.what.replace("_", " "),
            one.era or "–",
            _share(one.saved),
            _share(one.golden),
            _verdict(one),
        )
        lines.append(f"| {' | '.join(row)} |")
    return "\n".join(lines)


def _share(pair: tuple[int, int]) -> str:
    pages, exact = pair
    return f"{exact}/{pages}" if pages else "–"


def _verdict(cell: PinnedCell) -> str:
    whole = [name for name, (pages, exact) in _sides(cell) if pages and pages == exact]
    if any(pages != exact for _, (pages, exact) in _sides(cell)):
        return "**not exact**"
    return {
        ("saved", "ours"): "saved pages and ours",
        ("saved",): "saved pages only",
        ("ours",): "**only pages of our own**",
    }[tuple(whole)]


def _sides(cell: PinnedCell) -> Iterator[tuple[str, tuple[int, int]]]:
    yield "saved", cell.saved
    yield "ours", cell.golden


def _generic(pins: Pins) -> str:
    floors = pins.floors
    if "generic.f1" not in floors:
        return "Not measured yet."
    return (
        "For the saved ones of these, *exact* would be too much to ask: a page counts if it gives a text of "
        f"{MIN_CHARACTERS} characters or more, and a title where it has one. A fragment is markup that "
        "another tool cut out of a page, without `html` and `body`. Where other projects hold an "
        f"expected text, the mean F1 of ours is at least {floors['generic.f1']:.4f}, "
        f"{floors['generic.f1-lead']:.4f} above that of plain trafilatura in the same run."
    )


def _absent(pins: Pins) -> str:
    """Name the states and kinds that no whole page stands for."""
    seen = {one.what for one in pins.cells}
    states = [name for name in STATES if name not in seen and name != "ok"]
    kinds = [name for name in _KINDS if name not in seen]
    return (
        f"Kinds of WeChat page without a saved page or a golden case: {_listed(kinds)}. "
        f"States likewise: {_listed(states)}. Of these, `partial`, `redirect` and `http_error` are not kinds "
        "of page but ways in which an exchange ends."
    )


def _excuses() -> str:
    lines = [f"- `{one.slug}`, {one.field} ({one.shown}): {one.reason}" for one in excuses()]
    return "\n".join(lines) or "None."


def _listed(names: list[str]) -> str:
    return ", ".join(f"`{name}`" for name in names) or "none"


def _floors(pins: Pins) -> str:
    lines = ["| measure | floor |", "| --- | --- |"]
    lines += [f"| `{name}` | {floor:g} |" for name, floor in sorted(pins.floors.items())]
    return "\n".join(lines)
