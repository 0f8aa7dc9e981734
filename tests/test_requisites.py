"""Which requests belong to a page: by its bytes and its publisher's rule, found again without asking."""

from __future__ import annotations

from harvester import extract
from harvester.requisites import belongings, is_stylesheet, required_by_stylesheet, requisites_of

WECHAT = "https://mp.weixin.qq.com/s/FixtureArticle00000001"
MFA = "https://www.mfa.gov.cn/web/zyxw/202605/t20260507_99900001.shtml"


def test_only_the_publishers_own_hosts_are_asked() -> None:
    """WeChat's pages: the asset hosts, not the page's own host and nobody else's."""
    page = b"""<link rel=stylesheet href="//res.wx.qq.com/a.css">
      <script src="//captcha.gtimg.com/x.js"></script>
      <script src="https://mp.weixin.qq.com/y.js"></script><img src="//mmbizurl.cn/s/abc">"""
    assert requisites_of(page, WECHAT) == ("https://res.wx.qq.com/a.css",)


def test_the_ministrys_pages_require_of_their_own_hosts() -> None:
    """Counters of visitors and the firewall's scripts, which change with every request, are left out."""
    page = b"""<link rel=stylesheet href="../../images/view.css">
      <script src="//ta.trs.cn/c/js/ta.js"></script><script src="/_ws_sbu/sbu_hc.js"></script>
      <script src="//www.fmprc.gov.cn/pepp4_clippers3?time=1"></script>
      <script src="//wzaslh.mfa.gov.cn/dist/aria.js?appid=1"></script>
      <img src="//www.fmprc.gov.cn/logo.png">"""
    expected = ("https://www.mfa.gov.cn/web/images/view.css", "https://www.fmprc.gov.cn/logo.png")
    assert requisites_of(page, MFA) == expected
    assert requisites_of(page, MFA, pictures=False) == expected[:1]


def test_any_other_page_requires_of_its_own_host_alone() -> None:
    """No publisher's rule: only the host that the user allowed by naming the page."""
    page = b"<script src=/a.js></script><script src=https://cdn.example/b.js></script>"
    assert requisites_of(page, "https://news.example.org/1.html") == ("https://news.example.org/a.js",)


def test_a_page_too_hostile_to_parse_requires_nothing() -> None:
    """The capture stands; nothing is asked for it."""
    assert requisites_of(b"<div>" * 100_000 + b"<script src=/a.js></script>", MFA) == ()


def test_stylesheets_are_followed_as_far_as_they_are_held() -> None:
    """`belongings` names images, attachments and requisites, down two levels of imports."""
    page = """<html><head><meta name="SiteName" content="x"><meta name="SiteDomain" content="www.mfa.gov.cn">
      <meta name="ArticleTitle" content="A title"><meta name="PubDate" content="2026-05-07 03:15">
      <link rel=stylesheet href="/a.css"></head><body><div class="news-details"><div class="news-title">
      <h1>A title</h1></div><div class="TRS_UEDITOR" id="News_Body_Txt_A"><p>Words of the text.</p>
      <p><img src="/w.png"></p><a href="./P020260507000000000001.pdf">File</a></div></div></body></html>"""
    held = {
        f"https://www.mfa.gov.cn/{name}.css": f"@import '{name}a.css'; a{{b:url({name}.png)}}".encode()
        for name in ("a", "aa", "aaa", "aaaa")
    }
    asked: list[str] = []

    def lookup(url: str) -> bytes | None:
        asked.append(url)
        return held.get(url)

    roles = belongings(extract(page, MFA), page.encode(), MFA, None, lookup)
    names = {url.rpartition("/")[2]: role for url, role in roles.items()}
    assert names == {
        "w.png": "image",
        "P020260507000000000001.pdf": "attachment",
        "a.css": "requisite",
        "aa.css": "requisite",
        "a.png": "requisite",
        "aaa.css": "requisite",
        "aa.png": "requisite",
        "aaaa.css": "requisite",
        "aaa.png": "requisite",
    }
    assert asked == [f"https://www.mfa.gov.cn/{name}.css" for name in ("a", "aa", "aaa")]


def test_stylesheets_are_told_by_type_or_name() -> None:
    """The server's media type counts; so does the name, whatever the query."""
    assert is_stylesheet("https://h.example/x", "text/css; charset=utf-8")
    assert is_stylesheet("https://h.example/a.css?v=1", "application/octet-stream")
    assert not is_stylesheet("https://h.example/a.js?x=.css", "text/javascript")


def test_foreign_hosts_in_stylesheets_are_left_out() -> None:
    """The page's rule holds for what its stylesheets name, too."""
    css = b"@import url(//evil.example/b.css); a{background:url(//res.wx.qq.com/f.woff2)}"
    assert required_by_stylesheet(css, "https://res.wx.qq.com/a.css", WECHAT) == (
        (),
        ("https://res.wx.qq.com/f.woff2",),
    )
