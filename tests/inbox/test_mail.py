"""A mail taken apart: what was attached, what it says, and what is no mail."""

from __future__ import annotations

from email.message import EmailMessage
from email.policy import SMTP

import pytest

from fixtures.saved import mail, mhtml
from harvester.errors import UsageError
from harvester.inbox.mail import is_mail, pieces_of
from harvester.inbox.piece import Piece, is_page

PAGE = b"<!DOCTYPE html><html><body><p>" + "页".encode() * 50 + b"</p></body></html>"
URL = "https://mp.weixin.qq.com/s/AbCdEfGhIjKlMnOpQrStUv"


def test_a_mail_is_told_from_a_saved_page() -> None:
    """Both are MIME messages: a mail was sent to somebody, or is called one."""
    saved = mhtml(PAGE, URL)
    assert not is_mail(saved, "page.mhtml")
    assert not is_mail(saved, "page.eml")
    assert is_mail(mail("words"), "anything")
    assert is_mail(b"Subject: x\nMIME-Version: 1.0\n\nwords", "a.eml")
    assert not is_mail(b"Subject: x\nMIME-Version: 1.0\n\nwords", "a.mht")
    assert not is_mail(PAGE, "a.eml")


def test_its_pieces() -> None:
    """Words as UTF-8, attachments as they were, saved pages in whatever way mail programs attach them."""
    inner = EmailMessage()
    inner["To"] = "b@example.org"
    inner.set_content(f"内 {URL}")
    outer = EmailMessage()
    outer["To"] = "a@example.org"
    outer.set_content("外")
    outer.add_attachment(PAGE, maintype="text", subtype="html", filename="../页.html")
    outer.add_attachment(
        b"\x89PNG", maintype="image", subtype="png", disposition="inline", filename="logo.png"
    )
    outer.add_attachment(inner)
    raw = outer.as_bytes(policy=SMTP)
    found = {piece.name: piece for piece in pieces_of(raw, "m.eml")}
    assert set(found) == {"mail.txt", "_页.html"}
    assert found["_页.html"].data == PAGE
    words = [piece.data.decode() for piece in pieces_of(raw, "m.eml") if piece.name == "mail.txt"]
    assert [text.strip() for text in words] == ["外", f"内 {URL}"]


@pytest.mark.parametrize("kind", ["message/rfc822", "multipart/related", "application/octet-stream"])
def test_a_saved_page_in_a_mail(kind: str) -> None:
    """MHTML is one piece, whole enough to be read as a page."""
    saved = mhtml(PAGE, URL)
    head = (
        b"To: a@example.org\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=X\r\n\r\n--X\r\n"
    )
    if kind == "multipart/related":
        part = saved.replace(
            b"MIME-Version: 1.0\r\n", b"Content-Disposition: attachment; filename=p.mhtml\r\n"
        )
    else:
        named = f"Content-Type: {kind}\r\nContent-Disposition: attachment; filename=p.mhtml\r\n\r\n"
        part = named.encode() + saved
    [piece] = pieces_of(head + part + b"\r\n--X--\r\n", "m.eml")
    assert piece.name == "p.mhtml"
    assert is_page(piece)


def test_names_of_attachments_are_names_of_files() -> None:
    """Long, empty and hostile names: what is left of them is short, in one folder, and keeps its suffix."""
    long, parent, none = "长" * 300 + ".html", "../../etc/cron.d/x.html", "..\x00/.."
    found = pieces_of(mail("words", *((name, "text/html", PAGE) for name in (long, parent, none))), "m.eml")
    names = [piece.name for piece in found if piece.data == PAGE]
    assert len(names) == 3
    assert all(len(name.encode()) < 200 and "/" not in name and "\0" not in name for name in names), names
    assert [name.endswith(".html") for name in names[:2]] == [True, True]


def test_what_is_no_page() -> None:
    """Bookmarks, subscriptions, a mail's own words, and text are read for links; a page is a page."""
    bookmarks = b"<!DOCTYPE NETSCAPE-Bookmark-file-1>\n<DL><DT><A HREF='https://a.example/'>t</A></DL>"
    opml = b'<?xml version="1.0"?><opml version="2.0"><body><outline xmlUrl="https://a.example/f"/></body></opml>'
    for data, name in ((bookmarks, "b.html"), (opml, "x.opml"), (b"words https://a.example/", "a.txt")):
        assert not is_page(Piece(data=data, name=name)), name
    assert not is_page(Piece(data=PAGE, name="mail.html", attached=False))
    assert is_page(Piece(data=PAGE, name="a.html"))
    assert not is_page(Piece(data=b"---\nlayout: x\n---\nhttps://a.example/", name="notes.md"))


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"Content-Type: multipart/mixed; boundary=X\r\n\r\n--X\r\n" * 100, "nested"),
        (b"Content-Type: multipart/mixed; boundary=X\n\n" + b"--X\n\nx\n" * 5_000, "500 parts"),
        (b"Content-Type: multipart/mixed; boundary=X\n\n" + b"--X\n\nx\n" * 100_000, "busy"),
        (b"Content-Type: text/plain; " + b"a=b;\n " * 100_000 + b"\n\nx", "busy"),
    ],
    ids=["nested", "parts", "boundaries", "parameters"],
)
def test_a_mail_beyond_the_caps_is_refused(data: bytes, said: str) -> None:
    """What would keep the parser for minutes is an attack on it, and no mail."""
    with pytest.raises(UsageError, match=said):
        pieces_of(b"To: a@example.org\r\n" + data, "m.eml")


def test_words_of_any_charset() -> None:
    """A mail's own words come as UTF-8; names written as encoded words are decoded."""
    raw = (
        b"To: a@example.org\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=X\n\n--X\n"
        b"Content-Type: text/plain; charset=gb2312\n\n" + "中文".encode("gb18030") + b"\n--X\n"
        b"Content-Type: text/plain; charset=utf-99\n\nwords\n--X\n"
        b'Content-Type: text/html; name="=?utf-8?B?6aG1Lmh0bWw=?="\n'
        b'Content-Disposition: attachment; filename="=?utf-8?B?6aG1Lmh0bWw=?="\n\n' + PAGE + b"\n--X--\n"
    )
    found = [(piece.name, piece.data.decode().strip()) for piece in pieces_of(raw, "m.eml")]
    assert found == [("mail.txt", "中文"), ("mail.txt", "words"), ("页.html", PAGE.decode())]
