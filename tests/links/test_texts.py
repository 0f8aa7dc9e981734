"""Links in text: what belongs to an address and what to the sentence around it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harvester.errors import UsageError
from harvester.links import links_in
from harvester.links.named import FullError, Gathering
from harvester.links.texts import read, spot

SHORT = "https://mp.weixin.qq.com/s/AbC_dEf-GhIjKlMnOpQrSt"
LONG = "https://mp.weixin.qq.com/s?__biz=MzA3MDAwMDAwMA==&mid=2650000001&idx=1&sn=0123456789abcdef#rd"


def urls(text: str | bytes, name: str = "a.txt") -> list[str]:
    data = text.encode() if isinstance(text, str) else text
    return [one.url for one in links_in(data, name).named]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (f"请看{SHORT}，很重要。", SHORT),
        (f"请看{SHORT}很重要", SHORT),
        (f"（{SHORT}）", SHORT),
        (f"see ({SHORT}).", SHORT),
        (f"《文章》{LONG}。", LONG),
        (LONG.replace("&", "&amp;"), LONG),
        (f"x <a href=\\'{LONG.replace('&', '&amp;amp;')}\\'>", LONG),
        (f"&lt;{SHORT}&gt; 转", SHORT),
        (r'x = "https:\/\/mp.weixin.qq.com\/s\/AbC"', "https://mp.weixin.qq.com/s/AbC"),
        ("转 mp.weixin.qq.com/s/AbC 看看", "https://mp.weixin.qq.com/s/AbC"),
        ("还有mp.weixin.qq.com/s/AbC看看", "https://mp.weixin.qq.com/s/AbC"),
        ("见 a@mp.weixin.qq.com/s/AbC 和 https://x.example/", "https://x.example/"),
        ("HTTP：//mp.weixin.qq.com/s/AbC", "http://mp.weixin.qq.com/s/AbC"),
        ("见 https://x.example/wiki/外交部,下同", "https://x.example/wiki/外交部"),
        ("见 https://x.example/a_(b), 下同", "https://x.example/a_(b)"),
    ],
)
def test_an_address_ends_where_the_sentence_goes_on(text: str, found: str) -> None:
    """Punctuation, brackets and Chinese words behind an address are none of it; escapes are undone."""
    assert urls(text) == [found]


def test_addresses_without_a_blank_between_them() -> None:
    """Two addresses that were pasted one onto the other are two; one within another's path is one."""
    assert urls(f"{SHORT}{LONG}") == [SHORT, LONG]
    copy = f"https://archive.example/web/2024id_/{SHORT}"
    assert urls(f"a {copy} b") == [copy]


def test_words_behind_an_address_on_its_line() -> None:
    """An article's address ends before the words behind it; another's path may hold Chinese letters."""
    wiki = "https://x.example/wiki/2008年奥运会"
    assert urls(f"{SHORT},第一篇\n{SHORT}2请看\n{wiki}\n") == [SHORT, f"{SHORT}2", wiki]


def test_markdown_gives_titles_and_pictures_are_none() -> None:
    """`[title](address)` names the title; `![…](…)` is a picture."""
    found = links_in(f"见 [发言人 答问]({SHORT}) ![图](https://x.example/a.png)".encode(), "a.md")
    assert [(one.url, one.title, one.where) for one in found.named] == [(SHORT, "发言人 答问", "line 1")]


def test_a_list_has_comments_and_tells_its_bad_lines() -> None:
    """Most lines are addresses: `#` begins a comment, and what is none is told with its line."""
    found = links_in(f"# {LONG}\n{SHORT}\n\nhtp:/x\nmp.weixin.qq.com/s/B\n".encode(), "a.txt")
    assert [one.url for one in found.named] == [SHORT, "https://mp.weixin.qq.com/s/B"]
    assert found.skipped == ("line 4: 'htp:/x' is no web address",)


def test_running_words_have_no_comments() -> None:
    """In a note a line that begins with a topic or a heading (`#`) is a line like others."""
    text = f"今天的文章\n#外交部# {SHORT}\n第二段，没有链接\n再见\n"
    found = links_in(text.encode(), "a.txt")
    assert [(one.url, one.where) for one in found.named] == [(SHORT, "line 2")]
    assert found.skipped == ()


@pytest.mark.parametrize("codec", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_encodings(codec: str) -> None:
    """Text is read in the encodings that Chinese systems write."""
    text = f"外交部发言人今天在例行记者会上回答了记者的提问\n{SHORT}，完"
    assert urls(text.encode(codec)) == [SHORT]


def test_each_address_once_with_what_any_place_says() -> None:
    """A repeated address is one, in the first place, with the title that another place gives."""
    found = links_in(f"看 {SHORT} 吧\n看 [题]({SHORT}) 吧".encode(), "a.txt")
    assert [(one.title, one.where) for one in found.named] == [("题", "line 1")]


def test_nothing_in_it_is_said() -> None:
    """A text without an address is no error, and says so; an empty one likewise."""
    for data in (b"", "没有".encode(), b"# only comments\n"):
        assert links_in(data, "a.txt").named == ()
        assert links_in(data, "a.txt").skipped == ("there is no web address in it",)


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"\x89PNG\r\n\x1a\n....", "begins as image/png"),
        (b"\x00\x01\x02\x03" * 40, "no text"),
        (b"WARC/1.1\r\nWARC-Type: response\r\n", "harvester import"),
        (b"PK\x03\x04" + b"x" * 80, "ZIP"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"x" * 80, "save it as .xlsx or CSV"),
        (b"\x1f\x8b\x08\x00damaged", "damaged gzip"),
    ],
)
def test_other_files_are_refused_with_the_cure(data: bytes, why: str) -> None:
    """What is no file of links says what it is and what to do."""
    with pytest.raises(UsageError, match=why):
        links_in(data, "a.bin")


def test_more_links_than_are_taken() -> None:
    """Beyond the cap the rest is left out, and that is said."""
    into = Gathering(limit=3)
    with pytest.raises(FullError):
        read("".join(f"https://x.example/{n}\n" for n in range(9)), into)
    found = into.done("text")
    assert len(found.named) == 3
    assert found.skipped == ("line 4: more than 3 links: the rest is left out; split the file",)


@given(st.text(alphabet="ahtps:/.?&=#()[]!\\，看 \n;%", max_size=200), st.integers(0, 3))
def test_any_text_is_read(text: str, times: int) -> None:
    """No text is an error, and what is found stands in the text but for escapes."""
    text = text * (1 + times)
    links_in(text.encode(), "a.txt")
    for spotted in spot(text):
        assert spotted.url in text
