"""Films and sounds are not fetched, and a document says which."""

from __future__ import annotations

import pytest

from harvester import extract
from harvester.extraction.body import Widget
from harvester.extraction.media import not_fetched

MFA = "https://www.mfa.gov.cn/web/zyxw/202605/t20260507_99900001.shtml"
WECHAT_PAGE = """<h1 id="activity-name">题目</h1><a id="js_name">号</a>
  <script>var ct="1780300805";var biz="MzkwMDAwMDAwMg==";var mid="1";var idx="1";</script>
  <div id="js_content"><p>文字文字文字</p>{}</div></body></html>"""
MFA_PAGE = """<html><head><meta name="SiteDomain" content="www.mfa.gov.cn">
  <meta name="ArticleTitle" content="题目"><meta name="PubDate" content="2026-05-07 03:15"></head>
  <body><div class="news-details"><h1>题目</h1><div class="TRS_UEDITOR" id="News_Body_Txt_A">
  <p>文字文字文字</p>{}</div></div></body></html>"""
PAGES = {
    "wechat": ("https://mp.weixin.qq.com/s/FixtureArticle00000001", WECHAT_PAGE),
    "mfa": (MFA, MFA_PAGE),
}
MEDIA = {
    "wechat": (
        """<iframe class="video_iframe" data-mpvid="wxv_1" data-src="https://mp.weixin.qq.com/v"></iframe>
        <mpvoice name="一 段" voice_encode_fileid="FILE1"></mpvoice>
        <mp-common-profile data-id="x"></mp-common-profile>""",
        ("not fetched: video (wxv_1)", "not fetched: audio “一 段” (FILE1)"),
    ),
    "mfa": (
        '<video poster="p.png"><source src="/film.mp4"></video><p><audio src="a.mp3"></audio></p>',
        ("not fetched: video (/film.mp4)", "not fetched: audio (a.mp3)"),
    ),
}


@pytest.mark.parametrize("site", PAGES)
def test_a_document_says_what_was_not_fetched(site: str) -> None:
    """Each film and sound of the body, with what the page calls it; cards and pictures are no media."""
    url, page = PAGES[site]
    markup, expected = MEDIA[site]
    found = extract(page.format(markup), url)
    said = tuple(line for line in found.provenance.warnings if line.startswith("not fetched"))
    assert found.state == "ok"
    assert said == expected
    silent = extract(page.format(""), url)
    assert not [line for line in silent.provenance.warnings if line.startswith("not fetched")]


def test_a_great_many_are_counted() -> None:
    """Twenty are named, the rest is a number; a line is short whatever the page says."""
    lines = not_fetched([Widget("视频", "x" * 5000, "y")] * 25)
    assert len(lines) == 21
    assert lines[-1] == "not fetched: 5 more of video or audio"
    assert all(len(line) <= 300 for line in lines)
