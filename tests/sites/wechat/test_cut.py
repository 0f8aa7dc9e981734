"""Pages that were cut off never become articles."""

from __future__ import annotations

import pytest

from harvester.reading import Article, NotArticle


@pytest.mark.parametrize("trap", [True, False])
@pytest.mark.parametrize("share", [0.2, 0.5, 0.7, 0.9, 0.99])
def test_a_page_cut_anywhere_is_partial_or_unknown(pages, read, share, trap):
    """Without its end a served page is not an article, whether or not comments hold a false end."""
    for page in (pages.globals(trap=trap), pages.new(dom=pages.body)):
        end = int(page.rfind("</body>\n</html>") * share)
        found = read(page[:end])
        assert isinstance(found, NotArticle)
        assert found.state in {"partial", "unknown"}
        if "js_content" in page[:end]:
            assert found.state == "partial"


def test_a_false_end_in_a_script_does_not_count(pages, read):
    """`</html>` in a string of an unfinished script is not the page's end."""
    page = pages.globals(variables='    var x = "</body></html>";\n    var y = "')
    assert read(page[: page.find('var y = "')]).state == "partial"


def test_an_incomplete_transfer_is_partial(pages, read):
    """What the transport says of a cut holds, even where the bytes look whole; a challenge stays one."""
    assert read(pages.new(dom=pages.body), complete=False).state == "partial"
    assert read(pages.notice("该内容已被发布者删除"), complete=False).state == "partial"
    shell = "<html><script>window.PAGE_MID='mmbizwap:secitptpage/verify.html'</script>"
    assert read(shell, complete=False).state == "verification"


def test_saved_parts_and_saved_pages_are_read(pages, read):
    """A fragment that never opened a page, and a file whose saver dropped the optional end tags."""
    fragment = "<div id='js_content'><p>甲</p></div>"
    assert isinstance(read(fragment, status=None), Article)
    saved = pages.globals().replace("</body>\n</html>", "<div>页脚</div>")
    article = read(saved, status=None)
    assert isinstance(article, Article)
    assert any("</html>" in warning for warning in article.warnings)
    assert read(saved, status=200).state == "partial"
    assert not any("</html>" in warning for warning in read(pages.globals()).warnings)


def test_a_page_cut_between_body_and_data_is_partial(pages, read):
    """What follows the body is no proof while scripts stand before it and those with the data do not.

    A saver that dropped every script is another matter: nothing of the page's data can be expected.
    """
    page = pages.globals()
    cut = page[: page.index("<script>\n    var nickname")] + "<div>页脚</div>"
    assert read(cut, status=None).state == "partial"
    head, _, rest = cut.partition("<script")
    without = head + rest.partition("</script>")[2]
    assert isinstance(read(without, status=None), Article)
