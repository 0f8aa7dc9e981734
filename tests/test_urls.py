"""URLs as people paste them, without secrets, in the form that is sent."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from harvester.errors import UsageError
from harvester.urls import (
    _encoded,
    _parts_of,
    _repaired,
    for_request,
    host_and_port,
    host_of,
    normal_host,
    parts_of,
    redirect_target,
    repair,
    shown,
    strip_secrets,
)

GOOD = "https://mp.example.com/s?__biz=MzA%3D%3D&mid=1&timestamp=2&copy=3&not=4&reg=5"
SECRETS = frozenset({"key", "uin", "pass_ticket"})
NEAR = st.lists(
    st.sampled_from(
        [
            *(
                "http://",
                "https://",
                "HTTPS://",
                "https:/",
                "a",
                "Z",
                "mp.example.com",
                "1.2",
                "0x7f",
                "xn--a",
                "_",
            ),
            *(
                "-",
                ".",
                "..",
                "/",
                "//",
                "?",
                "&",
                "&amp;",
                "&#38;",
                ";",
                "#",
                "%",
                "%2",
                "%2f",
                "%zz",
                "=",
                ":",
            ),
            *(
                ":80",
                ":443",
                "@",
                "[",
                "]",
                "[::1]",
                "(",
                ")",
                "\\",
                "\\x26",
                "'",
                '"',
                "“",
                "é",
                " ",
                "\n",
                "|",
            ),
            *("^", "{", "~", "!", "*", ",", "+", "$", "`", "<", ">", "\u200b"),
        ]
    ),
    max_size=12,
).map("".join)
"""Texts that are nearly URLs."""


def outcome(form: Callable[[str], str], url: str) -> str:
    try:
        return form(url)
    except UsageError as error:
        return f"refused: {error}"


@given(NEAR | NEAR.map(lambda text: f"https://a.example/{text}"))
@settings(max_examples=300)
@example("https://a.example/?")
@example("https://a.example/a?b#c")
@example(f"https://{'a' * 63}.{'b' * 63}.{'c' * 63}.{'d' * 63}/")
@example(f"https://{'a' * 64}.example/")
@example("https://1.2.3.4/")
def test_the_short_ways_lead_to_the_same(text: str) -> None:
    """A URL that is told at a glance to need nothing is what the whole way makes of it."""
    assert repair(text) == _repaired(text)
    assert outcome(for_request, text) == outcome(_encoded, text)
    assert parts_of(text) == _parts_of(text)
    assert host_of(text).rstrip(".") == (_parts_of(text) or [""])[0] or not text.startswith("http")


class TestRepair:
    @pytest.mark.parametrize(
        "damaged",
        [
            GOOD,
            f"  {GOOD}\n",
            f"\ufeff\u200b{GOOD}\u3000",
            f"<{GOOD}>",
            f'"{GOOD}"',
            f"“{GOOD}”",
            f"‘{GOOD}’",
            f"「{GOOD}」",
            f"『{GOOD}』",
            f"《{GOOD}》",
            f"（{GOOD}）",
            f"({GOOD})",
            f"`{GOOD}`",
            f"'“{GOOD}”'",
            f"“{GOOD}",
            f"{GOOD}”",
            f"{GOOD}。",
            f"{GOOD}，",
            GOOD.replace("?", r"\?").replace("&", r"\&").replace("=", r"\="),
            GOOD.replace("&", "&amp;"),
            GOOD.replace("&", "&amp;amp;"),
            GOOD.replace("&", "&amp;amp;amp;"),
            GOOD.replace("&", "&AMP;"),
            GOOD.replace("&", "&#38;"),
            GOOD.replace("&", "&#x26;"),
            GOOD.replace("&", r"\x26"),
            GOOD.replace("&", r"\x26amp;"),
            GOOD.replace("&", r"\u0026"),
            GOOD.replace("/", r"\/"),
            GOOD.removeprefix("https://"),
            GOOD.removeprefix("https:"),
            GOOD.removeprefix("https"),
            GOOD.replace("//", "/", 1),
            GOOD.replace("//", "", 1),
            GOOD.replace("//", "///", 1),
            GOOD.replace("https:", "HTTPS:"),
            GOOD.replace("://", "：//"),
            GOOD.replace("://", ":\\\\"),
            GOOD[:30] + "\r\n" + GOOD[30:],
            GOOD[:30] + "\t" + GOOD[30:],
            "<" + GOOD.replace("&", "&amp;").removeprefix("https://") + ">",
        ],
    )
    def test_paste_damage(self, damaged: str) -> None:
        """Each kind of damage gives the URL back, and none touches `&timestamp=`, `&copy=`, `&not=`."""
        assert repair(damaged) == GOOD

    @pytest.mark.parametrize(
        "url",
        [
            "http://www.mfa.example.cn/web/t_1.shtml",
            "http://pages.example.com:8080/a",
            "https://example.com/a_(b)",
            "https://example.com/a%20b?c=%26amp%3B#d",
            "https://example.com/?a=b&ampere=1",
            "https://example.com/?next=https%3A%2F%2Fother.example%2F",
            "ftp://example.com/a",
            "mailto:a@example.com",
            "file:///etc/passwd",
            "not a url",
            "",
        ],
    )
    def test_what_is_not_damage_stays(self, url: str) -> None:
        assert repair(url) == url

    def test_a_host_with_a_port_is_no_scheme(self) -> None:
        assert repair("pages.example.com:8443/a") == "https://pages.example.com:8443/a"

    @given(st.text("ahtps:/\\.?&=#%<>\"'“”（）amp;x26u0 \n‘：", max_size=40))
    @example("\\\\a.b")
    @example(":////a.b/&&amp;#38;")
    @example("https:https:https://a.b")
    def test_twice_is_once(self, text: str) -> None:
        assert repair(repair(text)) == repair(text)

    @given(st.text(max_size=60))
    def test_any_text_gives_text(self, text: str) -> None:
        assert isinstance(repair(text), str)


class TestSecrets:
    def test_named_parameters_go_and_the_rest_keeps_its_bytes(self) -> None:
        url = "https://mp.example.com/s?a=%7E&key=abc&b=+&uin=1%202&&c#rd"
        assert strip_secrets(url, SECRETS) == ("https://mp.example.com/s?a=%7E&b=+&&c#rd", ("key", "uin"))

    @pytest.mark.parametrize("written", ["KEY=1", "%6bey=1", "k%45y=1", "key", "amp;key=1", "key=1&key=2"])
    def test_however_the_name_is_written(self, written: str) -> None:
        assert strip_secrets(f"https://a.example/?{written}&b=2", SECRETS) == (
            "https://a.example/?b=2",
            ("key",),
        )

    def test_no_question_mark_is_left_alone(self) -> None:
        assert strip_secrets("https://a.example/x?key=1", SECRETS) == ("https://a.example/x", ("key",))

    @pytest.mark.parametrize(
        "url", [GOOD, "https://a.example/?monkey=1&keys=2", "https://a.example/key=1", "?", "", "#"]
    )
    def test_nothing_secret_nothing_changed(self, url: str) -> None:
        assert strip_secrets(url, SECRETS) == (url, ())

    def test_inside_a_nested_url(self) -> None:
        """A challenge names the wanted page in a parameter, with the session in it."""
        url = "https://a.example/c?target=https%3A%2F%2Fb.example%2Fs%3Fmid%3D1%26pass_ticket%3Dx%26z%3D2&t=1"
        cleaned, names = strip_secrets(url, SECRETS)
        assert cleaned == "https://a.example/c?target=https%3A%2F%2Fb.example%2Fs%3Fmid%3D1%26z%3D2&t=1"
        assert names == ("pass_ticket",)

    def test_in_a_fragment(self) -> None:
        assert strip_secrets("https://a.example/#/x?key=1&b=2", SECRETS)[0] == "https://a.example/#/x?b=2"
        assert strip_secrets("https://a.example/#key=1&b=2", SECRETS)[0] == "https://a.example/#b=2"

    @given(
        st.lists(
            st.tuples(st.sampled_from(["key", "a", "Uin", "b"]), st.text("xyz%=", max_size=5)), max_size=8
        )
    )
    def test_no_secret_survives(self, pairs: list[tuple[str, str]]) -> None:
        url = "https://a.example/?" + "&".join(f"{name}={value}" for name, value in pairs)
        cleaned, _ = strip_secrets(url, SECRETS)
        names = [part.partition("=")[0].lower() for part in cleaned.partition("?")[2].split("&")]
        assert not SECRETS & set(names)
        assert strip_secrets(cleaned, SECRETS) == (cleaned, ())


class TestForRequest:
    @pytest.mark.parametrize(
        ("url", "sent"),
        [
            ("HTTPS://MP.Example.COM", "https://mp.example.com/"),
            ("https://a.example:443/", "https://a.example/"),
            ("http://a.example:80/?", "http://a.example/"),
            ("http://a.example:8080/", "http://a.example:8080/"),
            ("https://a.example./x", "https://a.example/x"),
            ("https://a.example/x#frag", "https://a.example/x"),
            ("https://a.example/a b?c d", "https://a.example/a%20b?c%20d"),
            ("https://a.example/新闻?q=中", "https://a.example/%E6%96%B0%E9%97%BB?q=%E4%B8%AD"),
            ("https://a.example/%e4%b8?a=%zz%", "https://a.example/%e4%b8?a=%25zz%25"),
            ('https://a.example/a?b="<>\\^`{|}', "https://a.example/a?b=%22%3C%3E%5C%5E%60%7B%7C%7D"),
            ("https://a.example/?a[]=1&b=c/d?e", "https://a.example/?a[]=1&b=c/d?e"),
            ("https://例子.example/", "https://xn--fsqu00a.example/"),
            ("https://a。example/", "https://a.example/"),
            ("http://[::1]:81/", "http://[::1]:81/"),
            ("http://127.0.0.1/", "http://127.0.0.1/"),
            ("https://a.example?x=1", "https://a.example/?x=1"),
            ("https://a.example/\ud800", "https://a.example/%ED%A0%80"),
        ],
    )
    def test_form(self, url: str, sent: str) -> None:
        assert for_request(url) == sent
        assert for_request(sent) == sent

    @pytest.mark.parametrize(
        "url",
        [
            "",
            "a.example",
            "ftp://a.example/",
            "javascript:alert(1)",
            "https://",
            "https:///x",
            "https://user@a.example/",
            "https://u:p@a.example/",
            "https://a.example:0x1/",
            "https://a.example:99999/",
            "https://a b.example/",
            "https://a..example/",
            "https://[::1/",
            "https://" + "a" * 70 + ".example/",
            "https://a.example/" + "x" * 20_000,
            "https://%61.example/",
            "https://a_b^c.example/",
        ],
    )
    def test_what_is_no_web_address(self, url: str) -> None:
        with pytest.raises(UsageError):
            for_request(url)

    @given(st.text(max_size=50))
    def test_only_ascii_is_sent_and_once_is_enough(self, rest: str) -> None:
        sent = for_request(f"https://a.example/{rest}")
        assert sent.isascii()
        assert sent.isprintable()
        assert " " not in sent
        assert for_request(sent) == sent
        assert host_and_port(sent) == ("a.example", 443)


def test_host_and_port() -> None:
    assert host_and_port("http://a.example/") == ("a.example", 80)
    assert host_and_port("https://[2001:DB8::1]:8443/") == ("2001:db8::1", 8443)


@pytest.mark.parametrize(
    ("host", "normal"), [("A.Example.", "a.example"), ("[::1]", "::1"), ("::FFFF", "::ffff")]
)
def test_normal_host(host: str, normal: str) -> None:
    assert normal_host(host) == normal


@pytest.mark.parametrize(
    ("location", "target"),
    [
        ("/b?c", "https://a.example/b?c"),
        ("b", "https://a.example/x/b"),
        ("//other.example/", "https://other.example/"),
        ("http://other.example/", "http://other.example/"),
        ("?q", "https://a.example/x/y?q"),
        ("/新".encode().decode("latin-1"), "https://a.example/%E6%96%B0"),
        ("/\xd0\xc2", "https://a.example/%D0%C2"),
        (" /b ", "https://a.example/b"),
    ],
)
def test_redirect_target(location: str, target: str) -> None:
    """A Location is relative to the URL it came from; bytes beyond ASCII stay the bytes they are."""
    assert redirect_target("https://a.example/x/y", location) == target


def test_a_location_that_is_no_url() -> None:
    with pytest.raises(UsageError):
        redirect_target("https://a.example/", "https://[::1")


def test_shown_hides_query_and_user() -> None:
    """What is put into messages and logs holds no secret and no control character."""
    assert shown("https://u:pw@a.example/x?key=secret#f") == "…@a.example/x"
    assert shown("https://a.example/\n\x1b[31m") == "https://a.example/\\n\\x1b[31m"
    assert len(shown("https://a.example/" + "x" * 999)) < 210
