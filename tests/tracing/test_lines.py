"""Lines of a text and the elements they stand in."""

from __future__ import annotations

from harvester.extraction.nodes import at_path, element_place
from harvester.extraction.tree import parse_html
from harvester.places import Place
from harvester.reading import Page
from harvester.tracing.paragraphs import lines_of
from tests.tracing.test_golden import CASES, traced

BODY = """<html><body><div id=b><p>雾大。</p><section><p><span>船</span>停。</p></section><p>雾大。</p>
<ol><li>一</li></ol><p>甲<br>乙</p><script>雾大。</script></div></body></html>"""


def test_each_line_has_the_element_that_holds_its_words() -> None:
    """Equal lines have elements of their own, in the order of the page; a line of no one element has none."""
    page = Page(body=BODY.encode())
    tree = parse_html(page.body)
    container = tree.root.css_first("#b")
    assert container is not None
    text = "雾大。\n\n船停。\n\n雾大。\n\n1. 一\n\n甲\n乙"
    found = lines_of(text, element_place(tree.root, container), page)
    assert [text[one.start : one.end] for one in found] == text.replace("\n\n", "\n").split("\n")
    nodes = [at_path(tree.root, one.path) if one.path else None for one in found]
    assert [node.html if node else None for node in nodes[:4]] == [
        "<p>雾大。</p>",
        "<section><p><span>船</span>停。</p></section>",
        "<p>雾大。</p>",
        None,
    ]
    assert found[0].path != found[2].path


def test_a_place_that_is_no_element_has_no_lines() -> None:
    """Of a literal or bytes nothing is said."""
    assert lines_of("x", Place(kind="literal", start=0, end=1), Page(body=b"x")) == ()


def test_most_lines_of_golden_texts_are_told() -> None:
    """Of the texts that stand in elements nine lines of ten have one of their own."""
    lines = [
        line
        for case in CASES.values()
        if case.facts["state"] == "ok"
        for one in traced(case).fields
        for line in one.lines
    ]
    told = [line for line in lines if line.path is not None]
    assert len(lines) > 200
    assert len(told) >= 0.9 * len(lines)
