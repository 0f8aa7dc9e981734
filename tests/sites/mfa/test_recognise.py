"""Whose page it is where no URL says so: by declarations, layouts, the window's title."""

from __future__ import annotations

import pytest

from harvester.reading import Page
from harvester.sites.mfa import SITE

TITLE = "<title>{}</title>"
PARAGRAPHS = "<p>Invented words.</p>" * 3


def known(html: str, encoding: str = "utf-8") -> bool:
    return SITE.recognises(Page(body=html.encode(encoding)))


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030", "utf-16"])
@pytest.mark.parametrize(
    "name",
    [
        "中华人民共和国外交部",
        "中华人民共和国驻某某共和国大使馆",
        "中华人民共和国驻某地总领事馆",
        "中华人民共和国常驻某组织代表团".replace("常驻", "驻"),
        "Ministry of Foreign Affairs of the People's Republic of China",
        "Ministry of Foreign Affairs, the People's Republic of China".replace(", the", " of the"),
        "Embassy of the People's Republic of China in the Republic of Somewhere",
        "Consulate-General of the People's Republic of China in Sometown",
    ],
)
def test_a_declared_name_is_enough(name: str, encoding: str) -> None:
    """`SiteName` of the ministry, its missions, in either language, any encoding of theirs."""
    assert known(f'<html><head><meta name="SiteName" content="{name}"/></head>', encoding)


@pytest.mark.parametrize(
    "html",
    [
        '<h1 class="news_header_title">A</h1><p class="xltime">B</p>',
        '<div class="content_mod"><h2 class="title">A</h2><div id="News_Body_Time">2030-05-06</div></div>',
        '<div id="News_Body_Title">A</div><div class="content" id="News_Body_Txt_A">B</div>',
        TITLE.format("A_Ministry of Foreign Affairs of the People's Republic of China")
        + f'<div class="TRS_Editor">{PARAGRAPHS}</div>',
        TITLE.format("讲话_中华人民共和国驻某某共和国大使馆")
        + f'<div class="bigtitle">讲话</div>{PARAGRAPHS}',
        TITLE.format("Foreign Ministry Spokesperson's Remarks")
        + '<meta name="TRSWCM.ContStart">'
        + PARAGRAPHS,
        (
            '<div class="newsLst_mod"><a href="./203105/t20310501_11300001.html">A</a>'
            '<a href="./203105/t20310502_11300002.html">B</a></div>'
        ),
    ],
)
def test_layouts_are_known(html: str) -> None:
    """English pages, the oldest ones, missions, listings."""
    assert known(html)


@pytest.mark.parametrize(
    "html",
    [
        '<div id="News_Body_Txt_A">x</div>',
        '<meta name="TRSWCM.ContStart"><p>x</p>',
        '<div class="TRS_Editor">x</div>' + TITLE.format("某省人民政府外事办公室"),
        TITLE.format("外交部发言人答记者问_某某网") + '<meta name="TRSWCM.ContStart"><p>x</p>',
        TITLE.format("外交部发言人答记者问") + "<p>x</p>",
        (
            '<meta name="SiteName" content="某某网"><div id="News_Body_Title"></div>'
            '<div id="News_Body_Txt_A"></div>'
        ),
        (
            '<div class="news_list"><a href="t20310501_11300001.html">A</a>'
            '<a href="t20310502_11300002.html">B</a></div>'
        ),
    ],
)
def test_what_other_sites_of_the_same_system_have_is_not_enough(html: str) -> None:
    """One container, the system's marks, words about the ministry, or another site's declared name."""
    assert not known(html)
