"""Pages that are not articles: listings, missing pages, the firewall, the rest; and whose pages are ours."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harvester.reading import Article, NotArticle, Page
from harvester.sites.mfa import SITE, address
from harvester.sites.mfa.rules import load

Other = Callable[..., NotArticle]
BASE = "https://www.mfa.gov.cn/web/fyrbt_673021/jzhsl_673025/"


def listing(current: int = 0, count: int = 3) -> str:
    items = "".join(
        f'<li><a href="./203104/t2031040{day}_1188512{day}.shtml">第{day}场（2031-04-0{day}） </a> </li>'
        for day in (3, 2, 1)
    )
    return f"""<html><head><meta name="SiteName" content="中华人民共和国外交部">
<title>例行记者会_中华人民共和国外交部</title></head>
<body><div class="newsList"><div class="newsBd"><ul class="list1">{items}</ul></div></div><script>
var currentPage = {current};//从0开始
var nextPage = currentPage+1
var countPage = {count}//共多少页
pageHtml += "<a href=\\"index"+"_" + nextPage + "."+"shtml\\">下一页</a>";
</script></body></html>"""


def test_a_listing_gives_ordered_links_dates_and_the_next_page(other: Other) -> None:
    """The date in brackets leaves the title; the paging script tells the next page."""
    seen = other(listing(), BASE)
    assert (seen.state, seen.rule) == ("listing", "mfa.zh-b-list")
    assert seen.links[0] == (f"{BASE}203104/t20310403_11885123.shtml", "第3场", "2031-04-03")
    assert [date for _, _, date in seen.links] == ["2031-04-03", "2031-04-02", "2031-04-01"]
    assert seen.next_url == f"{BASE}index_1.shtml"
    assert seen.canonical_url == BASE


def test_the_last_page_of_a_listing_has_no_next(other: Other) -> None:
    """countPage 3: page 2 is the last."""
    assert other(listing(current=2), f"{BASE}index_2.shtml").next_url is None
    assert other(listing(current=1), f"{BASE}index_1.shtml").next_url == f"{BASE}index_2.shtml"


@pytest.mark.parametrize(
    ("markup", "rule"),
    [
        ('<div class="rebox_news"><ul>{}</ul></div>', "mfa.zh-a-list"),
        ('<div class="newsLst_mod"><ul>{}</ul></div>', "mfa.en-a-list"),
        ('<div class="news_list">{}</div>', "mfa.en-b-list"),
    ],
)
def test_older_and_english_listings(other: Other, markup: str, rule: str) -> None:
    """The date beside the link, and createPageHTML for the paging."""
    items = "".join(f'<li><a href="./t170097{n}.shtml">Item {n}</a>(2030-09-2{n})</li>' for n in range(3))
    paging = '<script>createPageHTML(5, 0, "default", "shtml");</script>'
    html = f"<html><body>{markup.format(items)}{paging}</body></html>"
    seen = other(html, "https://www.fmprc.gov.cn/web/x/default.shtml")
    assert (seen.state, seen.rule) == ("listing", rule)
    assert seen.links[1] == ("https://www.fmprc.gov.cn/web/x/t1700971.shtml", "Item 1", "2030-09-21")
    assert seen.next_url == "https://www.fmprc.gov.cn/web/x/default_1.shtml"


def test_the_soft_404_is_not_found(other: Other) -> None:
    """A redirect to the `system` page, answered with 200, names the article that was wanted."""
    html = "<html><title>中华人民共和国外交部</title><body><p>您访问的页面不存在。</p></body></html>"
    wanted = "http://www.mfa.gov.cn/web/zyxw/203105/t20310508_42.shtml"
    seen = other(
        html, "https://www.mfa.gov.cn/web/system/index_17321.shtml", redirected_from=(wanted,), status=200
    )
    assert (seen.state, seen.rule, seen.notice) == ("not_found", "mfa.system-path", "您访问的页面不存在。")
    assert seen.identity is not None
    assert seen.identity.key == "mfa:t42"


def test_a_system_page_in_the_frame_of_an_article_is_still_not_found(
    other: Other, zh_b: Callable[..., str]
) -> None:
    """The address decides, whatever markup the page has."""
    assert other(zh_b(), "https://www.mfa.gov.cn/web/system/index_17321.shtml").state == "not_found"


def test_a_redirect_away_from_an_article_is_not_found(other: Other) -> None:
    """Home pages that missing articles are sent to are not the article."""
    seen = other(
        "<html><body>首页</body></html>",
        "https://www.mfa.gov.cn/",
        redirected_from=("https://www.mfa.gov.cn/web/t9.shtml",),
    )
    assert (seen.state, seen.details["target_url"]) == ("not_found", "https://www.mfa.gov.cn/web/t9.shtml")


def test_the_firewalls_cookie_page_is_verification(other: Other, zh_b: Callable[..., str]) -> None:
    """Nothing but a script that sets a cookie: verification. The same script in a page is only a script."""
    script = (
        '<script>document.cookie = "HOY_TR=X; path=/";</script><script src="/_ws_sbu/sbu_hc.js"></script>'
    )
    seen = other(
        f"<html><head></head><body>{script}</body></html>", "https://www.mfa.gov.cn/web/zyxw/t5.shtml"
    )
    assert (seen.state, seen.rule) == ("verification", "mfa.firewall-script")
    assert isinstance(SITE.read(Page(body=zh_b().encode())), Article)


def test_a_cut_page_is_never_an_article(other: Other, zh_b: Callable[..., str]) -> None:
    """`complete` False: partial."""
    assert other(zh_b(), complete=False).state == "partial"


def test_any_other_page_is_unknown_and_says_what_it_shows(other: Other) -> None:
    """Not guessed at."""
    seen = other("<html><body><p>维护中</p></body></html>", "https://www.mfa.gov.cn/web/zyxw/t7.shtml")
    assert (seen.state, seen.notice) == ("unknown", "维护中")


def test_pages_are_recognised_by_structure_only(zh_b: Callable[..., str]) -> None:
    """The publishing system's ids and metas count; words about the ministry, or a WeChat page, do not."""
    assert SITE.recognises(Page(body=zh_b().encode()))
    assert SITE.recognises(Page(body='<meta name="SiteName" content="中华人民共和国外交部">'.encode()))
    words = "<title>中华人民共和国外交部</title><p>id=&quot;News_Body_Txt_A&quot; 外交部发言人</p>"
    assert not SITE.recognises(Page(body=words.encode()))
    wechat = '<div id="js_content"><div id="News_Body_Txt_A">转自外交部</div></div>'
    assert not SITE.recognises(Page(body=wechat.encode()))
    assert not SITE.recognises(Page(body=b'<meta name="SiteName" content="\xe6\x9f\x90\xe5\xb8\x82">'))


@pytest.mark.parametrize(
    ("url", "canonical"),
    [
        (
            "http://www.fmprc.gov.cn/web/a/t1722968.shtml?x=1#y",
            "https://www.fmprc.gov.cn/web/a/t1722968.shtml",
        ),
        (
            "https://WWW.MFA.GOV.CN/eng/xw/203105/t20310508_9.html",
            "https://www.mfa.gov.cn/eng/xw/203105/t20310508_9.html",
        ),
        ("https://www.mfa.gov.cn/web/zyxw/", "https://www.mfa.gov.cn/web/zyxw/"),
        ("https://www.mfa.gov.cn/web/zyxw/index_3.shtml", "https://www.mfa.gov.cn/web/zyxw/index_3.shtml"),
        ("https://www.mfa.gov.cn/irs-c-web/search.shtml?code=1&searchWord=x", None),
        ("https://mfa.gov.cn.example.org/web/t1.shtml", None),
        ("https://www.example.org/t1.shtml", None),
        ("http://[::1", None),
    ],
)
def test_canonical_urls(url: str, canonical: str | None) -> None:
    """https, own host, no query and fragment; None for forms that are not an article's or listing's."""
    assert SITE.canonical_url(url) == canonical


def test_one_article_has_one_identity_under_every_path() -> None:
    """The number identifies it: host, section path, form and date do not matter."""
    urls = (
        "https://www.fmprc.gov.cn/web/wjdt_674879/fyrbt_674889/t20310401_11885126.shtml",
        "https://www.mfa.gov.cn/web/fyrbt_673021/jzhsl_673025/203104/t20310401_11885126.shtml",
        "http://zz.china-embassy.gov.cn/chn/t20310401_11885126.htm",
    )
    found = {parsed.identity.key for url in urls if (parsed := address.parse(url))}
    assert found == {"mfa:t11885126"}


@given(st.text(max_size=80))
def test_any_text_as_url_gets_an_answer(url: str) -> None:
    """No URL makes it fail."""
    SITE.canonical_url("https://www.mfa.gov.cn/" + url)
    SITE.canonical_url(url)


@given(
    st.lists(
        st.sampled_from(
            [
                "<div class='news-details'>",
                "<h1>a",
                "<p>b",
                "</div>",
                "<a href='",
                "'>",
                "2031-01-01",
                "<meta name=TRSWCM.ContStart>",
                "<div id=News_Body_Txt_A>",
                "<img src=x>",
                "\0",
                "<li>",
                "<div class='news_list'>",
            ]
        ),
        max_size=30,
    )
)
def test_any_markup_gets_a_reading(pieces: list[str]) -> None:
    """Marks in any order and number: an article or a state, never an exception."""
    html = "".join(pieces).encode()
    assert SITE.read(Page(body=html, url="https://www.mfa.gov.cn/web/t20310508_1.shtml")).site == "mfa"


def test_the_rules_load_and_name_one_version() -> None:
    """rules.toml is well formed, and its version is the one that documents name."""
    assert load().version == SITE.rules_version
    assert {layout.seen for layout in load().layout} <= {"saved pages", "described"}


def test_many_links_in_one_item_are_read_in_linear_time(other: Other) -> None:
    """A listing of two thousand links in one element: dates beside links are not looked for there."""
    links = "".join(f'<a href="./t17{n:05}.shtml">Item {n}</a>(2030-09-21) ' for n in range(3000))
    seen = other(f'<html><body><div class="news_list"><p>{links}</p></div></body></html>', BASE)
    assert len(seen.links) == 2000
    assert {date for _, _, date in seen.links} == {None}


SYSTEM = "https://www.mfa.gov.cn/web/system/index_17321.shtml"
INJECTED = (
    '<script>document.cookie="HOY_TR=X";var HBB_HC=1</script><script src="/_ws_sbu/sbu_hc.js"></script>'
)
WANTED = "https://www.mfa.gov.cn/web/zyxw/203105/t20310508_42.shtml"


@pytest.mark.parametrize("status", [404, 410])
def test_a_missing_status_with_a_page_of_its_own_is_not_found(other: Other, status: int) -> None:
    """Whatever the page says, and with the injected script too; the article wanted is named."""
    html = f"<html><head>{INJECTED}</head><body><p>页面丢失了</p></body></html>"
    seen = other(html, WANTED, status=status)
    assert (seen.state, seen.rule, seen.notice) == ("not_found", "mfa.status", "页面丢失了")
    assert seen.identity is not None
    assert seen.identity.key == "mfa:t42"


def test_a_missing_page_of_unknown_address_names_itself(other: Other, zh_b: Callable[..., str]) -> None:
    """A saved soft 404: its own declaration of its address tells, not its words."""
    metas = f'<meta name="Url" content="{SYSTEM}">'
    assert other(zh_b(metas=metas)).rule == "mfa.system-path"
    elsewhere = '<meta name="Url" content="https://www.example.org/system/x">'
    assert isinstance(SITE.read(Page(body=zh_b(metas=elsewhere).encode())), Article)


def test_pages_that_send_their_reader_on(other: Other) -> None:
    """A meta refresh: to the system page it is not found, elsewhere a redirect with its target."""
    form = '<html><head><meta http-equiv="refresh" content="0; url={}"></head><body></body></html>'
    assert other(form.format("/web/system/index_17321.shtml"), WANTED).state == "not_found"
    seen = other(form.format("/web/zyxw/t43.shtml"), WANTED)
    assert (seen.state, seen.details) == (
        "redirect",
        {"target_url": "https://www.mfa.gov.cn/web/zyxw/t43.shtml"},
    )


@pytest.mark.parametrize(
    ("html", "more", "state"),
    [
        (f"<html><head>{INJECTED}</head><body></body></html>", {}, "verification"),
        (f"<html>{INJECTED}<script>{'x' * 60_000}</script></html>", {}, "verification"),
        (
            f"<html><body>{INJECTED}<noscript>{'请启用脚本。' * 20}</noscript></body></html>",
            {},
            "verification",
        ),
        ("<html><body></body></html>", {"headers": (("Set-Cookie", "HMF_CI=ab; Path=/"),)}, "verification"),
        (f"<html><body>{INJECTED}<p>正在检查</p></body></html>", {"status": 412}, "verification"),
        (f"<html><body>{INJECTED}<p>您访问的页面不存在</p></body></html>", {}, "unknown"),
        (f"<html><body>{INJECTED}<p>您访问的页面不存在</p></body></html>", {"status": 404}, "not_found"),
        ("<html><body></body></html>", {}, "unknown"),
    ],
)
def test_the_firewalls_page_and_pages_with_its_script(html: str, more: dict[str, object], state: str) -> None:
    """Scripts and nothing to read: the firewall's. Its script in a page that says something: that page's."""
    seen = SITE.read(Page(body=html.encode(), url=WANTED, **more))  # type: ignore[arg-type] # test helper
    assert isinstance(seen, NotArticle)
    assert seen.state == state


def test_the_injected_script_hides_no_listing_and_no_missing_page(other: Other) -> None:
    """Listings carry it as well; so does a page that a missing article was redirected to."""
    assert other(listing().replace("<head>", f"<head>{INJECTED}"), BASE).state == "listing"
    home = f"<html><head>{INJECTED}</head><body><p>首页</p></body></html>"
    seen = other(home, "https://www.mfa.gov.cn/", redirected_from=(WANTED,))
    assert (seen.state, seen.rule) == ("not_found", "mfa.redirected-away")
