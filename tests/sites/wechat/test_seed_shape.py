"""The shape that the project began with: a joint statement on an institute's account, its source at the end."""

# ruff: noqa: E501 - markup and tables read best unbroken
from __future__ import annotations

DOM = (
    "<section><img data-src='https://mmbiz.qpic.cn/mmbiz_gif/head/640?wx_fmt=gif&amp;from=appmsg'></section>"
    "<p style='text-align:center'><strong><span>北岬王国和雾港自由市关于海上灯标的联合声明</span></strong></p>"
    "<p><span>应北岬王国国王邀请，雾港市长对北岬进行正式访问。</span></p><p><br></p>"
    "<p><span>1.双方认识到灯标的关键作用（“以人为本（people first）”）。</span></p>"
    "<p><span>2.双方</span><span>同意每年会晤一次。</span></p>"
    "<p style='text-align:right'><em><span>原文来源：外交部</span></em></p>"
    "<section><img data-src='https://mmbiz.qpic.cn/mmbiz_gif/tail/640?wx_fmt=gif&amp;from=appmsg'></section>"
)
UI = (
    "<div id='js_tags_preview_toast' style='display:none'>预览时标签不可点</div><div id='js_pc_qr_code'><p>微信扫一扫<br>关注该公众号</p></div>"
    "<div id='wx_stream_article_slide_tip'>继续滑动看下一个</div><span class='weui-a11y_ref' style='display:none'>，轻点两下取消赞</span>"
)


def test_joint_statement(pages, read):
    """The body alone is text, the attribution is recognised and stays in it, the interface is outside."""
    article = read(pages.new(dom=DOM, extra=UI))
    paragraphs = article.text.split("\n\n")
    assert paragraphs == [
        "北岬王国和雾港自由市关于海上灯标的联合声明",
        "应北岬王国国王邀请，雾港市长对北岬进行正式访问。",
        "1.双方认识到灯标的关键作用（“以人为本（people first）”）。",
        "2.双方同意每年会晤一次。",
        "原文来源：外交部",
    ]
    assert article.original_source == "外交部"
    (line,) = article.frame
    assert article.text[line.start : line.end] == "原文来源：外交部"
    assert [image.position for image in article.images] == [0, len(article.text)]
    assert "微信扫一扫" not in article.markdown


def test_an_article_may_speak_of_the_interface(pages, read):
    """The interface is known by its container: the same words in the body are the author's."""
    article = read(pages.new(dom="<p>请用微信扫一扫，关注该公众号。</p><p>阅读原文</p>", extra=UI))
    assert article.text == "请用微信扫一扫，关注该公众号。\n\n阅读原文"
