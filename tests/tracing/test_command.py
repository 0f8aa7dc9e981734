"""`harvester trace`, as a user has it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from archive import read_warc
from fixtures import Origin, Site
from fixtures.behaviours import plain
from fixtures.pages.notices import deleted_page
from fixtures.pages.wechat_article import Recent, article_page
from fixtures.stories import lighthouse_article

ARTICLE = lighthouse_article()
PAGE = article_page(ARTICLE, Recent(era=2026, script_bytes=20_000, nonce="1"))
URL = ARTICLE.short_url
GONE = "https://mp.weixin.qq.com/s/GoneFixtureArticle0000"
MARKDOWN = """\
---
title: 灯塔夜间值守的三条办法
url: https://mp.weixin.qq.com/s?__biz=MzkwMDAwMDAwMg==&mid=2650000123&idx=2&sn=0123456789abcdef0123456789abcdef
source: 雾港观测站
date: 2026-05-08
---

# 灯塔夜间值守的三条办法

第一条　日落前一小时点灯，**不得**提前熄灭。

- 风大时两人值守。

来源：外交部
"""


def fetched(harvester: Any, *urls: str, times: int = 1) -> list[str]:
    pages = {URL: plain(PAGE), GONE: plain(deleted_page())}
    with Origin(Site.of(pages)) as origin:
        for _ in range(times):
            harvester(
                "fetch", *urls, "--archive", "a", "--no-images", "--no-requisites", "--json", *origin.options
            )
    return [row["id"] for row in harvester("list", "--archive", "a", "--json").json]


def test_a_field_is_shown_with_its_bytes(harvester: Any, tmp_path: Path) -> None:
    """File, offset, span and digest; the record lies where it says, and exit 0 says that all agree."""
    (name,) = fetched(harvester, URL)
    answer = harvester("trace", name, "--archive", "a", "--json")
    assert answer.code == 0, answer.out
    value = answer.json
    assert value["differing"] == []
    record = value["records"][0]
    (path,) = (tmp_path / "a" / "warc").glob("*.warc.gz")
    at = {one.record_id: one.location.offset for one in read_warc(path)}
    assert record["file"] == path.name
    assert at[record["record_id"]] == record["offset"]
    assert {(one["of"], one["stated_by"], one["equal"]) for one in record["digests"]} == {
        ("block", "record", True),
        ("payload", "record", True),
        ("block", "document", True),
        ("payload", "document", True),
    }
    title = next(one for one in value["fields"] if one["field"] == "title")
    (place,) = title["places"]
    assert ARTICLE.title.encode() in PAGE[place["start"] : place["end"]]


def test_one_field_for_a_person(harvester: Any) -> None:
    """`--field` shows that field alone, by the beginning of an id, or by a URL; a group by its name."""
    (name,) = fetched(harvester, URL)
    answer = harvester("trace", name[:-3], "--field", "title", "--archive", "a")
    assert answer.code == 0
    assert "literal cgiDataNew.title: bytes " in answer.out
    assert "cgiDataNew.author" not in answer.out
    assert "1 field: 1 from an exact place" in answer.err
    group = harvester("trace", URL, "--field", "account", "--archive", "a", "--json").json
    assert [one["field"] for one in group["fields"]] == ["account.name", "account.id", "account.alias"]


def test_names_that_are_not_there_are_usage(harvester: Any) -> None:
    """An unknown field or id is exit 2, with what there is; an archive that is not there is exit 5."""
    (name,) = fetched(harvester, URL)
    field = harvester("trace", name, "--field", "titel", "--archive", "a")
    assert field.code == 2
    assert "there are title, url" in field.err
    assert harvester("trace", "wechat-0000", "--archive", "a").code == 2
    assert harvester("trace", name, "--archive", "nothing-here").code == 5


def test_a_forged_document_differs(harvester: Any, tmp_path: Path) -> None:
    """A stored title that the record does not bear out: exit 1, the field, and what the record says."""
    (name,) = fetched(harvester, URL)
    (path,) = (tmp_path / "a" / "documents").rglob("*.json")
    path.write_text(path.read_text("utf-8").replace(ARTICLE.title, "另一个标题", 1), "utf-8")
    answer = harvester("trace", name, "--field", "title", "--field", "source", "--archive", "a")
    assert answer.code == 1
    assert "1 differ: title" in answer.err
    assert ARTICLE.title[:8] in answer.out
    other = harvester("trace", name, "--field", "source", "--archive", "a")
    assert other.code == 0


def test_a_page_that_is_no_article_is_read_again(harvester: Any) -> None:
    """Its state and notice are compared with what the whole page gives."""
    (name,) = fetched(harvester, GONE)
    answer = harvester("trace", name, "--archive", "a", "--json")
    assert answer.code == 0
    state = next(one for one in answer.json["fields"] if one["field"] == "state")
    assert (state["stored"], state["recomputed"], state["whole"] is not None) == ("deleted", "deleted", True)


def test_a_revisit_is_traced_into_the_record_that_holds_the_payload(harvester: Any) -> None:
    """The second capture of an unchanged page names both records, each with its place."""
    names = fetched(harvester, URL, times=2)
    answer = harvester("trace", names[-1], "--archive", "a", "--json")
    assert answer.code == 0, answer.out
    roles = [one["role"] for one in answer.json["records"]]
    assert roles == ["revisit", "payload", "metadata"]
    assert answer.json["records"][0]["offset"] != answer.json["records"][1]["offset"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_markdown_is_traced_to_its_lines(harvester: Any, tmp_path: Path, encoding: str) -> None:
    """Front matter and body of an imported capture are lines of the file, by their bytes."""
    (tmp_path / "capture.md").write_bytes(MARKDOWN.encode(encoding))
    assert harvester("import", "capture.md", "--archive", "a").code == 0
    (row,) = harvester("list", "--archive", "a", "--json").json
    answer = harvester("trace", row["id"], "--archive", "a", "--json")
    assert answer.code == 0, answer.out
    places = {one["field"]: one["places"] for one in answer.json["fields"]}
    data = MARKDOWN.encode(encoding)
    (title,), (text,) = places["title"], places["text"]
    assert data[title["start"] : title["end"]].decode(encoding).strip() == "title: 灯塔夜间值守的三条办法"
    assert data[text["start"] : text["end"]].decode(encoding).strip().startswith("第一条")
    assert not [one for one in answer.json["fields"] if one["whole"] and one["source"]]


def test_saved_html_is_traced(harvester: Any, tmp_path: Path) -> None:
    """An imported page is a resource record: its body is the block."""
    (tmp_path / "page.html").write_bytes(PAGE)
    assert harvester("import", "page.html", "--archive", "a").code == 0
    (row,) = harvester("list", "--archive", "a", "--json").json
    answer = harvester("trace", row["id"], "--archive", "a", "--json")
    assert answer.code == 0, json.dumps(answer.json["differing"])
    assert answer.json["records"][0]["type"] == "resource"


def test_what_was_withdrawn_is_not_traced(harvester: Any) -> None:
    """Exit 1, and who withdrew it."""
    (name,) = fetched(harvester, URL)
    assert harvester("withdraw", name, "--reason", "a test", "--archive", "a").code == 0
    answer = harvester("trace", name, "--archive", "a")
    assert answer.code == 1
    assert "withdrawn" in answer.err
