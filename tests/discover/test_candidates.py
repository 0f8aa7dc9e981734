"""Candidates: proposed once, under one name for all forms of a URL, with how they were found."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from harvester.discover.candidates import FILE, ROUTES, Candidates
from harvester.reading import Lead
from harvester.watch import journal

NOW = datetime(2026, 5, 8, 6, tzinfo=UTC)
LONG = "https://mp.weixin.qq.com/s?__biz=MzA1&mid=100&idx=1&sn=ab"
ALBUM = "https://mp.weixin.qq.com/mp/appmsgalbum?__biz=MzA1&action=getalbum&album_id=77"


def page(url: str, route: str = "article-link", **more: str) -> Lead:
    return Lead(url=url, route=route, **more)


def test_a_url_is_proposed_once_in_whatever_form_it_comes(tmp_path: Path) -> None:
    """Noise, http, another order of parameters and a later process do not make a second candidate."""
    first = Candidates(tmp_path).propose(
        [page(LONG + "&chksm=1&scene=21#wechat_redirect", title="  甲\n乙 ")],
        where="in wechat-1",
        source="wechat-1",
        now=NOW,
    )
    assert [(one.url, one.title, one.via) for one in first.new] == [
        (LONG, "甲 乙", "article-link in wechat-1")
    ]
    forms = [page(LONG), page("http://mp.weixin.qq.com/s?sn=ab&idx=1&mid=100&__biz=MzA1")]
    assert Candidates(tmp_path).propose(forms, where="in x", source="x", now=NOW).known == 2
    listed = Lead(url=ALBUM + "&scene=173&count=3#wechat_redirect", route="album", kind="listing")
    assert [one.url for one in Candidates(tmp_path).propose([listed], where="", source="", now=NOW).new] == [
        ALBUM
    ]


def test_what_cannot_be_asked_is_refused_with_why_and_loses_nothing(tmp_path: Path) -> None:
    """Other hosts, verification pages and what is no URL are told; the rest of the leads is kept."""
    found = Candidates(tmp_path, allow_hosts=["allowed.example"]).propose(
        [
            page("https://elsewhere.example/x"),
            page("nonsense"),
            page("https://mp.weixin.qq.com/mp/wappoc_appmsgcaptcha?poc_token=1"),
            page("https://allowed.example/x"),
            page(LONG),
        ],
        where="in x",
        source="x",
        now=NOW,
    )
    assert [one.url for one in found.new] == ["https://allowed.example/x", LONG]
    assert len(found.refused) == 3
    assert "elsewhere.example is not among the hosts" in found.refused[0].why
    assert "poc_token" not in str(found.refused)


def test_a_decision_stands(tmp_path: Path) -> None:
    """What was rejected or approved neither waits nor is proposed again; nor does what is captured wait."""
    desk = Candidates(tmp_path)
    urls = [LONG, LONG.replace("100", "101"), LONG.replace("100", "102")]
    new = desk.propose(map(page, urls), where="in x", source="x", now=NOW).new
    assert len({one.id for one in new}) == 3
    desk.decide(new[:1], "rejected", now=NOW)
    assert [one.url for one in desk.waiting()] == urls[1:]
    again = Candidates(tmp_path, are_known=lambda asked: [urls[1] in names for names in asked])
    assert [one.url for one in again.waiting()] == urls[2:]
    assert not again.propose(map(page, urls), where="in y", source="y", now=NOW).new


def test_every_kind_of_route_is_explained() -> None:
    """docs/discover.md tells of each route that a candidate may have."""
    text = (Path(__file__).parents[2] / "docs" / "discover.md").read_text(encoding="utf-8")
    assert {route for route in ROUTES if f"`{route}`" not in text} <= {"index"}


def test_a_line_that_a_crash_cut_costs_that_line_only(tmp_path: Path) -> None:
    """Reading goes on behind it, and the next line begins on a line of its own."""
    Candidates(tmp_path).propose([page(LONG)], where="in x", source="x", now=NOW)
    path = tmp_path / journal.FOLDER / FILE
    path.write_bytes(path.read_bytes() + b'{"type":"candidate","at":"2026')
    Candidates(tmp_path).propose([page(LONG.replace("100", "9"))], where="in x", source="x", now=NOW)
    assert len(Candidates(tmp_path).waiting()) == 2
