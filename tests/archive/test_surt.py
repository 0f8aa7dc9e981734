"""SURT keys: equal to the package `surt`, which cdxj-indexer and pywb call; safe where that is not."""

from __future__ import annotations

import importlib
import re
import socket
import warnings
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.surt import surt

KEYS = {
    "http://example.com/": "com,example)/",
    "https://www.Example.com:443/A/../b//c/?B=2&a=1#top": "com,example)/b/c?a=1&b=2",
    "https://mp.weixin.example/s?__biz=MzA%3D%3D&mid=1": "example,weixin,mp)/s?__biz=mza==&mid=1",
    "http://example.com:8080/x": "com,example:8080)/x",
    "http://user:pw@www2.example.com/%E6%96%87?q=%2525": "com,example)/%e6%96%87?q=%25",
    "http://文.example/": "example,xn--7dv)/",
    "http://0x7f.1/": "1,0x7f)/",
    "http://3232235777/": "1,1,168,192)/",
    "http://192.168.1/": "1,0,168,192)/",
    "http://999.1.1.1/": "1,1,1,999)/",
    "http://[::1]:80/": "::1)/",
    "urn:X-page:http://a/": "urn:x-page:http://a",
    "dns:example.com": "dns:example.com",
    "http://a/x.php?a=1&PHPSESSID=0123456789abcdef0123456789abcdef": "a)/x.php?&a=1",
    "": "-",
}
# fmt: off
POISON = (
    " ", "\n", "http://a b/c d", "http://a/\nb 2020 {}", "http://a/\x00\x7f\u2028", "http://a:99999/ x",
    "http://a:x/\t",
    "\ud800", "http://\udcff/", "urn: x y", "http://", "//", "?", "#", ":", "http://[", "filedesc://a b\n",
    "%", "é:é",
    "http://" + "a" * 70_000, "http://" + "é." * 30_000, "http://a/" + "%25" * 20_000,
    "http://a/?" + "sid=" * 20_000,
    "http://a/" + "(" * 60_000 + ".aspx", "http://a/?" + "cfid=a&" * 9_000, "http://" + "9" * 5_000 + "/",
)
BITS = (
    "http://", "https://", "HTTP://", "ftp://", "urn:", "dns:", "www.", "www2.", "example", ".com", ".", "..",
    "/", "//", "?", "&", "=", "#", "%", "%25", "%2f", "%3F", " ", "a", "B", "1", "0", "08", "017", "255",
    "65536", ":80", ":443", ":8080", ":99999", ":", ":x", "@", "[::1]", "é", "文",
    "sid=" + "c" * 32, "jsessionid=" + "a" * 32,
    "PHPSESSID=" + "B1" * 16, "aspsessionidabcdefgh=" + "q" * 24, "cfid=1", "CFTOKEN=2", "&cftoken=",
    "(" + "a" * 24 + ")/", "(s(" + "a" * 24 + "))/", ".aspx", "\t", "\n", "\x00", "\x7f", "|", "../", "./",
)
# fmt: on
CLEAN = re.compile(r"[\x21-\x7e]+")


@pytest.mark.parametrize("url", KEYS)
def test_known_keys(url: str) -> None:
    """The rules by example: host reversed, `www.` and default ports gone, query sorted, case folded."""
    assert surt(url) == KEYS[url]


@pytest.mark.parametrize("url", POISON, ids=lambda url: repr(url[:20]))
def test_no_url_breaks_a_line(url: str) -> None:
    """Whatever the URL: a key of printable ASCII without blanks, and never an error."""
    assert CLEAN.fullmatch(surt(url))


@given(st.text())
def test_any_text_has_a_clean_key(url: str) -> None:
    """The same for any text, and a key's own characters are never decoded any further."""
    assert CLEAN.fullmatch(surt(url))


class _NoResolver:
    """What the package asks of `socket`, without asking anybody."""

    gaierror, herror = socket.gaierror, socket.herror
    inet_ntoa = staticmethod(socket.inet_ntoa)

    @staticmethod
    def gethostbyname_ex(host: bytes) -> tuple[str, list[str], list[str]]:
        try:
            return "", [], [socket.inet_ntoa(socket.inet_aton(host.decode()))]
        except OSError:
            raise socket.gaierror from None


@pytest.fixture(scope="module")
def peer() -> Callable[[str], str]:
    """The package `surt`, as cdxj-indexer calls it: a URL it raises on stands for itself."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theirs = pytest.importorskip("surt", reason="NO PACKAGE surt: keys are not compared with it")
        canonicalizer = importlib.import_module("surt.GoogleURLCanonicalizer")
    vars(canonicalizer)["socket"] = _NoResolver

    def key(url: str) -> str:
        try:
            return str(theirs.surt(url))
        except Exception:  # noqa: BLE001  # as cdxj-indexer does
            return url

    return key


@given(st.lists(st.sampled_from(BITS), min_size=1, max_size=9).map("".join), st.booleans())
def test_keys_are_those_of_the_package(peer: Callable[[str], str], text: str, whole: bool) -> None:
    """Equal keys for URLs of awkward parts, wherever the package's own key could stand in a line."""
    url = f"http://example.com/{text}" if whole else text
    theirs = peer(url)
    if CLEAN.fullmatch(theirs):
        assert surt(url) == theirs
