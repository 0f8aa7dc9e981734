"""`harvester run` over the Ministry's sites: a section with its paging, and an original that is edited."""

from __future__ import annotations

import dataclasses
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from fixtures import Origin
from fixtures.behaviours import by_visit, plain
from fixtures.content import MfaArticle, para
from fixtures.pages.mfa import zh_b_page
from fixtures.pages.mfa_frame import listing_page
from fixtures.stories import statement_original
from harvester import config
from harvester.cli.session import Session
from harvester.clock import SystemClock
from harvester.fetching import Outcome
from harvester.watch.queue import Queue, queue_path
from harvester.watch.runner import Runner
from tests.configuring import configured

STATEMENT = statement_original()
SECTION = "https://www.mfa.gov.cn/web/paged_1/"
Serve = Callable[..., Origin]


class Later(SystemClock):
    """The machine's clock, days on."""

    def __init__(self, days: float) -> None:
        self._ahead = timedelta(days=days)

    def now(self) -> datetime:
        return super().now() + self._ahead


def article(number: int) -> MfaArticle:
    return dataclasses.replace(
        STATEMENT,
        title=f"第{number}号消息",
        blocks=(*STATEMENT.blocks, para(f"编号{number}。")),
        url=f"{SECTION}202605/t20260507_{79_000_000 + number}.shtml",
    )


def page(number: int, *articles: MfaArticle) -> bytes:
    items = tuple((one.url, one.title, "2026-05-07") for one in articles)
    return listing_page("分页栏目", items, pages=4, number=number)


def run_later(folder: Path, days: float) -> Iterator[Outcome]:
    """Do what `harvester run` does, so many days on."""
    loaded = config.load(folder / "harvester.toml")
    clock = Later(days)
    with (
        Session(folder / "a", loaded, clock=clock) as session,
        Queue(queue_path(folder / "state", folder / "a")) as queue,
    ):
        runner = Runner(session, loaded, queue, clock)
        yield from runner.sync()
        yield from runner.once()


def test_a_section_is_read_with_its_paging(harvester: Any, serve: Serve, tmp_path: Path) -> None:
    """Three pages of four are read and what they name is captured once; so is what is new the next day."""
    articles = [article(number) for number in range(9)]  # the last is the newest
    old = [articles[at : at + 2] for at in (6, 4, 2, 0)]
    new = [articles[at : at + 2] for at in (7, 5, 3, 1)]
    names = [SECTION, *(f"{SECTION}index_{number}.shtml" for number in (1, 2, 3))]
    listings = {
        name: by_visit({1: plain(page(number, *old[number]))}, plain(page(number, *new[number])))
        for number, name in enumerate(names)
    }
    origin = serve({one.url: plain(zh_b_page(one)) for one in articles} | listings)
    configured(tmp_path, origin, f'[[watch]]\nlistings = ["{SECTION}"]\nmax_pages = 3\nrevisit = ["30d"]\n')

    def asked() -> Counter[str]:
        return Counter(f"https://{one.host}{one.target}" for one in origin.exchanges)

    first = harvester("run", "--json").json["results"]
    assert {one["url"] for one in first if one["state"] == "ok"} == {one.url for one in articles[2:8]}
    assert [asked()[name] for name in names] == [1, 1, 1, 0]
    assert harvester("run", "--json").json["results"] == []
    later = [outcome.url for outcome in run_later(tmp_path, 1.01) if outcome.state == "ok"]
    assert later == [articles[8].url]
    assert [asked()[name] for name in names] == [2, 2, 2, 0]
    assert {asked()[one.url] for one in articles[2:]} == {1}
    assert asked()[articles[0].url] == asked()[articles[1].url] == 0  # on the fourth page only
    found = harvester("show", articles[8].url).json["capture"]["discovered_via"]
    assert found.endswith(f"listing {SECTION}")


def test_a_silent_edit_of_an_original_is_told(harvester: Any, serve: Serve, tmp_path: Path) -> None:
    """The page itself says nothing of it: the difference does. That other rules read it is no edit."""
    edited = dataclasses.replace(STATEMENT, blocks=(*STATEMENT.blocks, para("双方不排除进一步磋商。")))
    origin = serve(
        {
            STATEMENT.url: by_visit(
                {1: plain(zh_b_page(STATEMENT)), 2: plain(zh_b_page(STATEMENT) + b"<!-- 2 -->")},
                plain(zh_b_page(edited)),
            )
        }
    )
    configured(tmp_path, origin, f'[[watch]]\nurls = ["{STATEMENT.url}"]\nevery = "1d"\n')
    assert harvester("run").code == 0
    # As if an earlier version had read the first capture, by other rules and to another core.
    with sqlite3.connect(tmp_path / "a/library/library.sqlite") as database:
        database.execute("update pages set core = replace(core, 'text=', 'text=0'), core_rules = 'older'")
        database.execute("update pages set core = replace(core, '1:', '1:0')")
    database.close()
    for days in (1.01, 2.02):
        assert [outcome.state for outcome in run_later(tmp_path, days)] == ["ok"]
    events = harvester("timeline", STATEMENT.url, "--archive", "a", "--json").json["events"]
    assert [event["kind"] for event in events] == ["captured", "unchanged", "edited"]
    assert events[2]["fields"] == ["text"]
    assert "双方不排除进一步磋商" in events[2]["diff"]["edits"][0]["captured"]["text"]
    assert events[2]["between"] == [events[1]["at"], events[2]["at"]]
