"""Shortcuts, subscriptions, mails, bookmarks: real files of each kind, good and broken."""

from __future__ import annotations

import gzip
import plistlib
from email.message import EmailMessage

import pytest

from harvester.errors import UsageError
from harvester.links import links_in

A = "https://mp.weixin.qq.com/s/AAAAAAAAAAAAAAAAAAAAAA"
B = "https://mp.weixin.qq.com/s?__biz=MzA3&mid=1&idx=2&sn=b"
C = "https://www.mfa.gov.cn/web/a.shtml"


@pytest.mark.parametrize("codec", ["utf-8", "utf-16", "gb18030"])
def test_shortcut_of_windows(codec: str) -> None:
    """The URL of `.url`, with percent signs as they stand; its name is the title."""
    before = "[{000214A0-0000-0000-C000-000000000046}]\r\nProp3=19,2\r\n"
    text = f"{before}[InternetShortcut]\r\nURL={A}?q=%E5%A4\r\n题=x\r\n"
    found = links_in(text.encode(codec), "发言人答问.url")
    assert (found.kind, found.named[0].url, found.named[0].title) == (
        "shortcut",
        f"{A}?q=%E5%A4",
        "发言人答问",
    )


@pytest.mark.parametrize("form", [plistlib.FMT_XML, plistlib.FMT_BINARY])
def test_shortcut_of_macos(form: plistlib.PlistFormat) -> None:
    """`.webloc` in both of its forms."""
    found = links_in(plistlib.dumps({"URL": B}, fmt=form), "题.webloc")
    assert (found.kind, found.named[0].url, found.named[0].title) == ("shortcut", B, "题")


def test_shortcut_of_freedesktop() -> None:
    """`.desktop`: the link's name in Chinese if it has one."""
    text = f"#!/usr/bin/env xdg-open\n[Desktop Entry]\nType=Link\nName=x\nName[zh_CN]=题\nURL={A}\n"
    found = links_in(text.encode(), "a.desktop")
    assert (found.kind, found.named[0].url, found.named[0].title) == ("shortcut", A, "题")


def test_shortcuts_that_name_nothing_or_are_broken() -> None:
    """A shortcut to a program names no URL, to a file none of the web; a broken list is an error."""
    assert links_in(b"[Desktop Entry]\nType=Application\n", "a").skipped == ("the shortcut names no URL",)
    assert "no web address" in links_in(b"[InternetShortcut]\nURL=file:///C:/a\n", "a").skipped[0]
    for data in (b"bplist00" + b"\xff" * 40, b'<?xml version="1.0"?><plist><dict><key>'):
        with pytest.raises(UsageError, match="property list"):
            links_in(data, "a.webloc")


OPML = f"""<?xml version="1.0" encoding="UTF-8"?>
<opml version="2.0"><head><title>x</title></head><body><outline text="号们">
<outline type="rss" text="号" xmlUrl="https://feeds.example.org/a.xml?b=1&amp;c=2"/>
<outline type="link" text="页" url="{A}"/></outline></body></opml>"""


def test_opml_names_feeds() -> None:
    """Outlines with xmlUrl, at any depth; others are told."""
    found = links_in(OPML.encode(), "subs.xml")
    assert (found.kind, found.named[0].url, found.named[0].title, found.named[0].where) == (
        "opml",
        "https://feeds.example.org/a.xml?b=1&c=2",
        "号",
        "line 3",
    )
    assert found.skipped == ("line 4: '页' has no xmlUrl, so it is no feed",)


def test_xml_entities_are_not_expanded() -> None:
    """A bomb of entities in OPML costs nothing and names nothing."""
    entities = "".join(f'<!ENTITY e{n + 1} "{f"&e{n};" * 10}">' for n in range(9))
    declared = f'<!DOCTYPE opml [<!ENTITY e0 "aaaaaaaaaa">{entities}]>'
    for text, attribute in (("&e9;", ""), ("", "&e9;")):
        data = f'{declared}<opml><body><outline text="{attribute}" xmlUrl="https://x.example/"/>{text}</body></opml>'
        with pytest.raises(UsageError, match=r"cannot be read as OPML: .*entit"):
            links_in(data.encode(), "a.opml")
    outside = '<!DOCTYPE opml [<!ENTITY e SYSTEM "file:///etc/passwd">]>'
    inside = f'{outside}<opml><outline text="x" xmlUrl="{C}"/>&e;</opml>'
    assert [one.title for one in links_in(inside.encode(), "a.opml").named] == ["x"]


def test_broken_opml_says_where() -> None:
    """A raw ampersand is told with its line."""
    with pytest.raises(UsageError, match=r"cannot be read as OPML: .*line 3"):
        links_in(OPML.replace("&amp;", "&").encode(), "a.opml")


def test_saved_feeds_and_sitemaps() -> None:
    """A feed or sitemap that was saved names its entries."""
    item = f"<item><title>t</title><link>{A}</link></item>"
    feed = f'<?xml version="1.0"?><rss version="2.0"><channel>{item}</channel></rss>'
    found = links_in(feed.encode(), "a.xml")
    assert (found.kind, found.named[0].url, found.named[0].title) == ("feed", A, "t")
    sitemap = (
        f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"><url><loc>{C}</loc></url></urlset>'
    )
    assert [one.url for one in links_in(gzip.compress(sitemap.encode()), "a.xml.gz").named] == [C]


BOOKMARKS = f"""<!DOCTYPE NETSCAPE-Bookmark-file-1>
<META HTTP-EQUIV="Content-Type" CONTENT="text/html; charset=UTF-8"><TITLE>Bookmarks</TITLE>
<DL><p><DT><A HREF="{B.replace("&", "&amp;")}" ADD_DATE="1">题  目</A>
<DT><A HREF="javascript:x">b</A><DT><A HREF="/rel">c</A></DL>"""


def test_bookmarks_and_pages() -> None:
    """Links with their words; relative ones count where the page says whence it was saved."""
    found = links_in(BOOKMARKS.encode(), "bookmarks.html")
    assert [(one.url, one.title) for one in found.named] == [(B, "题 目")]
    assert found.skipped[0].startswith("1 link is no web address, or relative")
    saved = f"<!-- saved from url=(0026)https://www.mfa.gov.cn/web/ -->{BOOKMARKS}"
    assert links_in(saved.encode(), "a.html").named[1].url == "https://www.mfa.gov.cn/rel"


def test_a_page_too_deep_is_refused() -> None:
    """A page that would cost the parser hours is refused in one line."""
    with pytest.raises(UsageError, match=r"a\.html cannot be read: .* too expensive"):
        links_in(b"<div>" * 1_000_000, "a.html")


def mail() -> EmailMessage:
    message = EmailMessage()
    message["From"] = "a@example.org"
    message["Subject"] = "链接"
    message["Date"] = "Wed, 08 May 2024 14:04:05 +0800"
    message.set_content(f"请看 {A}，谢谢", charset="gb18030")
    message.add_alternative(
        f"<html><body><a href='{A}'>文章</a> <a href='{C}'>部</a></body></html>", subtype="html"
    )
    message.add_attachment(f"标题,链接\nt,{B}\n".encode(), maintype="text", subtype="csv", filename="表.csv")
    message.add_attachment(b"%PDF-1.4", maintype="application", subtype="pdf", filename="x.pdf")
    message.add_attachment(b"\x89PNG\r\n\x1a\n", maintype="image", subtype="png", filename="x.png")
    return message


def test_mail() -> None:
    """Words, HTML and attached tables; each link once, with the title that any of them gives."""
    found = links_in(mail().as_bytes(), "a.eml")
    assert found.kind == "mail"
    assert [(one.url, one.title, one.where) for one in found.named] == [
        (A, "文章", "text part"),
        (C, "部", "HTML part, link 2"),
        (B, "t", "attachment '表.csv', row 2"),
    ]
    assert len(found.skipped) == 1
    assert found.skipped[0].startswith("attachment 'x.pdf': x.pdf is no file of links")


def test_mails_within_mails_end() -> None:
    """A forwarded mail is read; one attached file of another, over and over, is not followed for ever."""
    inner = mail()
    for _ in range(6):
        outer = EmailMessage()
        outer["From"] = "a@example.org"
        outer["Subject"] = "Fwd"
        outer.add_attachment(
            inner.as_bytes(), maintype="application", subtype="octet-stream", filename="a.eml"
        )
        inner = outer
    assert "more than 3 mails deep" in links_in(inner.as_bytes(), "a.eml").skipped[0]
    forwarded = EmailMessage()
    forwarded["From"] = "b@example.org"
    forwarded["Subject"] = "Fwd"
    forwarded.add_attachment(mail())
    assert len(links_in(forwarded.as_bytes(), "a.eml").named) == 3


def test_a_page_saved_as_a_message_is_no_mail() -> None:
    """MHTML is a page, not a list of links."""
    data = b"From: <Saved by Blink>\r\nSnapshot-Content-Location: https://x.example/\r\nSubject: x\r\n\r\n"
    with pytest.raises(UsageError, match="harvester import"):
        links_in(data, "a.mhtml")
