"""handoff.html: what a person is asked to open and save, in Chinese and English; no script, no network."""

from __future__ import annotations

import shlex
import tomllib
from collections.abc import Sequence
from datetime import datetime
from functools import cache
from importlib import resources
from typing import Final

from harvester.handoff.lines import Line, Standing
from harvester.markup import Markup, element, is_web
from harvester.times import SHANGHAI
from harvester.verify_report.frame import whole_page
from harvester.verify_report.visible import inert

NAME: Final = "handoff.html"
MAX_ROWS: Final = 2000
_MAX_CLOSED: Final = 100
_TITLE: Final = "请在浏览器中打开并保存 · Please open and save"


def handoff_html(standing: Standing, inbox: str | None) -> bytes:
    """Return the page, UTF-8. `inbox` is the folder to save into, None where none is named."""
    parts = [element("h1", _TITLE)]
    if standing.open:
        hosts = ", ".join(sorted({line.host for line in standing.open.values() if line.host}))
        said = _both("waiting", hosts=hosts, count=len(standing.open))
        parts += [element("p", *said), _steps(inbox), _open_section(list(standing.open.values()))]
    else:
        parts.append(element("p", *_both("nothing")))
    if standing.closed:
        parts.append(_closed_section(standing.closed))
    return whole_page("zh-Hans", _TITLE, element("main", *parts))


def _steps(inbox: str | None) -> Markup:
    command = f"harvester inbox {shlex.quote(inbox) if inbox else 'DIR'}"
    places = {language: inbox or _words()["any"][language] for language in ("zh", "en")}
    steps = (
        _both("open"),
        _both("save"),
        _each("put", {language: {"inbox": place} for language, place in places.items()}),
        _both("take", command=command),
    )
    items = [element("li", *step) for step in steps]
    return element("section", element("h2", "怎么做 · What to do"), element("ol", *items), cls="warnings")


def _open_section(items: Sequence[Line]) -> Markup:
    rows = [(_linked(line), inert(line.account or "–"), _when(line.at)) for line in items[:MAX_ROWS]]
    heads = ("页面 Page", "公众号 Account", "首次请求 First asked")
    return _section("待打开 · To open", heads, rows, "more_open", len(items) - len(rows))


def _closed_section(closed: Sequence[Line]) -> Markup:
    rows = [
        (_linked(line), inert(line.account or "–"), _how(line), _when(line.at))
        for line in closed[:_MAX_CLOSED]
    ]
    heads = ("页面 Page", "公众号 Account", "如何完成 How", "时间 When")
    return _section("已完成 · Done", heads, rows, "more_closed", len(closed) - len(rows))


def _section(
    title: str, heads: Sequence[str], rows: Sequence[Sequence[Markup]], more: str, count: int
) -> Markup:
    """Return a table under a heading: its columns, its rows, how many are left out."""
    cells = [element("th", head, scope="col", role="columnheader") for head in heads]
    table = element(
        "table",
        element("thead", element("tr", *cells, role="row"), role="rowgroup"),
        element("tbody", *(_row(heads, row) for row in rows), role="rowgroup"),
        role="table",
    )
    left = element("p", *_both(more, count=count)) if count > 0 else None
    return element("section", element("h2", title), table, left, cls="waiting")


def _row(heads: Sequence[str], row: Sequence[Markup]) -> Markup:
    pairs = zip(row, heads, strict=True)
    cells = [element("td", cell, data_label=head, role="cell") for cell, head in pairs]
    return element("tr", *cells, role="row")


def _linked(line: Line) -> Markup:
    """Return the link of an item: its title, and its address below."""
    title = inert(" ".join((line.title or "").split()) or line.url)
    if is_web(line.url):
        title = element("a", title, href=line.url, rel="noreferrer noopener", target="_blank")
    if not line.title:
        return title
    return element("span", title, element("br"), element("code", inert(line.url), cls="quiet"))


def _how(line: Line) -> Markup:
    parts: list[str | None] = [*_both(line.what)]
    if line.what == "saved":
        state = f", {line.state}" if line.state and line.state != "ok" else ""
        parts.append(inert(f" ({line.method}{state})"))
    if line.id:
        parts += [element("br"), element("code", inert(line.id), cls="quiet")]
    return element("span", *parts)


def _when(at: str) -> Markup:
    when = datetime.fromisoformat(at).astimezone(SHANGHAI)
    return element("time", f"{when:%Y-%m-%d %H:%M} (UTC+8)", datetime=at)


def _both(key: str, **values: object) -> tuple[Markup, ...]:
    return _each(key, {"zh": values, "en": values})


def _each(key: str, values: dict[str, dict[str, object]]) -> tuple[Markup, ...]:
    """Return a text in both languages, with what each has put in."""
    chinese, english = (inert(_words()[key][lang].format(**values[lang])) for lang in ("zh", "en"))
    return chinese, element("br"), element("span", english, lang="en", cls="quiet")


@cache
def _words() -> dict[str, dict[str, str]]:
    text = resources.files("harvester.handoff").joinpath("words.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)
