"""WeChat's URL forms."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harvester.sites.wechat import SITE, urls
from harvester.sites.wechat.placeholder import is_placeholder

LONG = "https://mp.weixin.qq.com/s?__biz=MzkwMA==&mid=17&idx=2&sn=abc"


@pytest.mark.parametrize(
    ("url", "canonical"),
    [
        (LONG + "&chksm=1&scene=58&subscene=0#rd", LONG),
        ("http://mp.weixin.qq.com/s?sn=abc&idx=2&mid=17&__biz=MzkwMA%3D%3D#wechat_redirect", LONG),
        ("https://mp.weixin.qq.com/s?__biz=MzkwMA==&appmsgid=17&itemidx=2&sign=abc", LONG),
        ("https://mp.weixin.qq.com/mp/appmsg/show?__biz=MzkwMA==&appmsgid=17&itemidx=2&sign=abc", LONG),
        ("https://mp.weixin.qq.com/s/AbCdEf_-0123456789abcd?nwr_flag=1#rd", "https://mp.weixin.qq.com/s/AbCdEf_-0123456789abcd"),
        ("https://mp.weixin.qq.com/s?src=11&timestamp=15&ver=2&signature=x*y&new=1&key=s", "https://mp.weixin.qq.com/s?src=11&timestamp=15&ver=2&signature=x*y&new=1"),
        ("https://mp.weixin.qq.com/mp/profile_ext?action=home", None),
        ("https://example.org/s/AbCdEf0123", None),
        ("https://mp.weixin.qq.com.example.org/s/AbCdEf0123", None),
        ("not a url", None),
        ("https://mp.weixin.qq.com/s?__biz=MzkwMA==", None),
        ("https://[bad/s/x", None),
    ],
)  # fmt: skip
def test_canonical_form(url, canonical):
    """One lasting form for every way an article's link is written; None for what is not an article's."""
    assert SITE.canonical_url(url) == canonical


@given(st.text(max_size=80))
def test_canonical_form_is_stable(text):
    """The canonical form of a canonical form is itself, and no text raises."""
    for url in (text, "https://mp.weixin.qq.com/s?" + text, "https://mp.weixin.qq.com/s/" + text):
        found = SITE.canonical_url(url)
        assert found is None or SITE.canonical_url(found) == found
        SITE.cut_link_advice(url)
        SITE.challenge(url)


def test_a_cut_link_is_answered_with_the_cure():
    """A long link without `mid` was cut by a shell; a whole one and a short one were not."""
    advice = SITE.cut_link_advice("https://mp.weixin.qq.com/s?__biz=MzkwMA==")
    assert advice is not None
    assert "quote" in advice
    assert "--from -" in advice
    assert SITE.cut_link_advice("https://mp.weixin.qq.com/s?src=11") is not None
    for whole in (
        LONG,
        "https://mp.weixin.qq.com/s/AbCdEf0123",
        "https://mp.weixin.qq.com/s?src=1&timestamp=2&signature=3",
        "https://example.org/s?__biz=1",
    ):
        assert SITE.cut_link_advice(whole) is None


def test_the_challenge_names_the_wanted_article_without_secrets():
    """`target_url` is given back, the session values in it are not."""
    target = "https%3A%2F%2Fmp.weixin.qq.com%2Fs%3F__biz%3Da%26mid%3D1%26key%3Dsecret%26pass_ticket%3Dp"
    found = SITE.challenge(
        f"https://mp.weixin.qq.com/mp/wappoc_appmsgcaptcha?poc_token=t&target_url={target}"
    )
    assert found == "https://mp.weixin.qq.com/s?__biz=a&mid=1"
    assert SITE.challenge("https://mp.weixin.qq.com/mp/wappoc_appmsgcaptcha?poc_token=t") == ""
    assert SITE.challenge(LONG) is None


def test_entities_in_urls():
    """`&amp;` however often escaped is decoded; `&timestamp` is never taken for a sign."""
    assert urls.decode_entities("a?x=1&amp;amp;timestamp=2&timestamp=3") == "a?x=1&timestamp=2&timestamp=3"


@pytest.mark.parametrize("host", ["mmbiz.qpic.cn", "mmecoa.qpic.cn", "mpcdn.qpic.cn", "wx.qlogo.cn"])
def test_images_are_asked_for_with_the_platforms_referer(host):
    """The picture hosts answer a foreign Referer with a stand-in."""
    assert SITE.asset_referer(f"https://{host}/x/640", "https://example.org/") == "https://mp.weixin.qq.com/"
    assert SITE.asset_referer("https://example.org/x.png", LONG) is None


def _gif(width: int, height: int, size: int) -> bytes:
    return b"GIF89a" + struct.pack("<HH", width, height) + b"\0" * (size - 10)


def test_the_stand_in_picture_is_told_by_its_form():
    """Host, exact dimensions and small size together; none of them alone."""
    url = "https://mmbiz.qpic.cn/mmbiz_png/x/640"
    png = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + struct.pack(">II", 300, 170) + b"\0" * 100
    assert is_placeholder(url, _gif(300, 170, 2000))
    assert is_placeholder(url, png)
    assert not is_placeholder("https://example.org/x", _gif(300, 170, 2000))
    assert not is_placeholder(url, _gif(300, 171, 2000))
    assert not is_placeholder(url, _gif(300, 170, 200_000))
    assert not is_placeholder(url, b"")


def test_importing_the_site_is_light():
    """Asking about URLs does not import the parser."""
    import subprocess
    import sys

    code = "import harvester.sites.wechat, sys; sys.exit('selectolax' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
