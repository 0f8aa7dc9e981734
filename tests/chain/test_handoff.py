"""A host demands verification: a person opens the pages, and what they save closes the items."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from fixtures import Origin
from fixtures.behaviours import by_visit, challenge, plain
from fixtures.pages.wechat_article import Recent, article_page
from fixtures.saved import mhtml, saved_html
from fixtures.stories import lighthouse_article
from tests.configuring import configured

ARTICLE = lighthouse_article()
PAGE = article_page(ARTICLE, Recent(era=2026, script_bytes=5_000, nonce="1"))
OTHER = "https://mp.weixin.qq.com/s/ZyXwVuTsRqPoNmLkJiHgFe"
Serve = Callable[..., Origin]


@pytest.mark.parametrize("saved", [mhtml, saved_html])
def test_what_a_person_saves_closes_the_item(
    harvester: Any, serve: Serve, tmp_path: Path, saved: Callable[[bytes, str], bytes]
) -> None:
    """Demand, exit 3, a page for a person; what is saved closes its item by identity, and counts as visit."""
    origin = serve({ARTICLE.short_url: by_visit({1: challenge()}, plain(PAGE)), OTHER: plain(PAGE)})
    urls = json.dumps([ARTICLE.short_url, OTHER])
    configured(
        tmp_path, origin, '[inbox]\ndir = "in"\nsettle_s = 0', f'[[watch]]\nurls = {urls}\nevery = "1d"'
    )
    (tmp_path / "in").mkdir()
    first = harvester("run")
    page = tmp_path / "a" / "handoff.html"
    assert (first.code, str(page) in first.err) == (3, True)
    html = page.read_text(encoding="utf-8")
    assert f'href="{ARTICLE.short_url}" rel="noreferrer noopener"' in html
    assert f'href="{OTHER}"' in html
    assert "<script" not in html
    # Saved under the long form of its address: the page itself says which article it is.
    (tmp_path / "in" / "page.html").write_bytes(saved(PAGE, ARTICLE.long_url))
    taken = harvester("inbox", "--json").json["results"]
    assert [(one["state"], one["closed"]) for one in taken] == [("taken", [ARTICLE.short_url])]
    assert ARTICLE.short_url not in page.read_text(encoding="utf-8").partition("已完成")[0]
    waiting = harvester("handoff", "--json").json
    assert [one["url"] for one in waiting["open"]] == [OTHER]
    [closed] = waiting["closed"]
    assert (closed["what"], closed["state"], closed["account"]) == ("saved", "ok", ARTICLE.account.name)
    status = harvester("status", "--json").json["handoff"]
    assert (status["open"], status["closed"]) == (1, {"saved": 1})
    events = harvester("timeline", ARTICLE.short_url, "--json").json["events"]
    assert [(one["kind"], one["via"]) for one in events] == [("blocked", None), ("imported", "hand-off")]
    # Not asked for again within its interval, and not handed over again, breaker or not.
    seen = len(origin.exchanges)
    harvester("run")
    assert [one["url"] for one in harvester("handoff", "--json").json["open"]] == [OTHER]
    harvester("breaker", "--close", "mp.weixin.qq.com")
    results = harvester("run", "--json").json["results"]
    assert [one["url"] for one in results] == [OTHER]
    assert len(origin.exchanges) == seen + 1
    ended = harvester("handoff", "--json").json
    assert (ended["open"], [one["what"] for one in ended["closed"]]) == ([], ["fetched", "saved"])
    assert "没有待办" in page.read_text(encoding="utf-8")


def test_what_a_fetch_did_not_get(harvester: Any, serve: Serve, tmp_path: Path) -> None:
    """The URLs of a blocked fetch wait, in its order; one that nobody wants is dropped; the page says so."""
    origin = serve({ARTICLE.short_url: challenge(), OTHER: plain(PAGE)})
    configured(tmp_path, origin)
    answer = harvester("fetch", ARTICLE.short_url, OTHER)
    assert (answer.code, "2 pages wait for a person" in answer.err) == (3, True)
    waiting = harvester("handoff", "--json").json["open"]
    assert [(one["url"], one["host"], one["via"]) for one in waiting] == [
        (ARTICLE.short_url, "mp.weixin.qq.com", "fetch"),
        (OTHER, "mp.weixin.qq.com", "fetch"),
    ]
    assert harvester("handoff", "--drop", ARTICLE.short_url, "--drop", "https://a.example/").code == 1
    harvester("breaker", "--close", "mp.weixin.qq.com")
    assert harvester("fetch", OTHER).code == 0
    assert harvester("handoff", "--json").json["open"] == []
    assert "网站后来作了应答" in (tmp_path / "a" / "handoff.html").read_text(encoding="utf-8")
