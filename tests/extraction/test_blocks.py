"""From elements to blocks: what is text, what is kept apart, what becomes of structure."""

# ruff: noqa: E501 - markup and tables read best unbroken
from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from selectolax.lexbor import LexborHTMLParser

from harvester.extraction.blocks import BodyRules, read_body
from harvester.extraction.body import (
    BOLD,
    Body,
    Code,
    Heading,
    Listing,
    Paragraph,
    Picture,
    Quote,
    Table,
    Text,
    Widget,
)
from harvester.extraction.render import render

RULES = BodyRules(
    image_attributes=("data-src", "src"),
    widgets=(("mpvoice", "语音"), ("iframe.video_iframe", "视频")),
    drop=(".line-index",),
)


def read(markup: str, rules: BodyRules = RULES) -> Body:
    parser = LexborHTMLParser(f"<div id=root>{markup}</div>")
    root = parser.css_first("#root")
    assert root is not None
    return read_body(root, rules)


def text(markup: str) -> str:
    return render(read(markup)).text


@pytest.mark.parametrize(
    ("markup", "expected"),
    [
        ("<p>甲<b>乙</b><span>丙</span></p>", "甲乙丙"),
        ("<p>one <i>two</i>\n three</p>", "one two three"),
        ("<p>甲\n   乙</p>", "甲乙"),
        ("<p>甲\n   b</p>", "甲 b"),
        ("<section>\n <p>甲</p>\n <p>乙</p>\n</section>", "甲\n\n乙"),
        ("<p>甲<br>乙</p>", "甲\n乙"),
        ("<p>甲<br><br>乙</p>", "甲\n\n乙"),
        ("甲<p>乙</p>丙", "甲\n\n乙\n\n丙"),
        ("<p>\u3000\u3000甲\u3000乙&nbsp;丙&nbsp;</p>", "甲\u3000乙\u00a0丙"),
        ("<p>&nbsp;</p><p><br></p><p>甲</p>", "甲"),
        ("<p>a&amp;lt;b</p>", "a&lt;b"),
        ("<ul><li>甲</li><li><p>乙</p><ol><li>丙</li></ol></li></ul>", "甲\n\n乙\n\n丙"),
        ("<pre>甲\n乙<p>丙</p></pre>", "甲\n乙\n\n丙"),
        ('<p style="white-space: pre-wrap">甲\n乙</p>', "甲\n乙"),
        ("<p>甲</p><script>var x</script><style>p{}</style><!-- c -->", "甲"),
        ("<p>e\u0301 ﬁ</p>", "e\u0301 ﬁ"),
    ],
)
def test_text(markup, expected):
    """Inline tags add nothing, white space collapses, blocks are paragraphs, nothing is normalised."""
    assert text(markup) == expected


@pytest.mark.parametrize(
    ("style", "reason"),
    [
        ("color: rgba(255, 255, 255, 0)", "alpha-0"),
        ("color:#ffffff00", "alpha-0"),
        ("COLOR: transparent", "alpha-0"),
        ("color: hsl(0 0% 0% / 0%)", "alpha-0"),
        ("color: transparent; text-shadow: none; -webkit-text-stroke: 0", "alpha-0"),
        ("color: transparent; -webkit-text-stroke: 1px transparent", "alpha-0"),
        ("color: #000; -webkit-text-fill-color: transparent", "alpha-0"),
        ("font-size: 0px;", "font-size-0"),
        ("display: none !important", "display-none"),
        ("visibility:hidden", "visibility-hidden"),
    ],
)
def test_hidden_words_are_kept_apart(style, reason):
    """Words a reader does not see are in `hidden` with the reason, not in the text."""
    body = read(f'<p>看得见<span style="{style}">看不见</span></p>')
    assert render(body).text == "看得见"
    assert [(one.text, one.reason) for one in body.hidden] == [("看不见", reason)]


@pytest.mark.parametrize(
    "style",
    [
        "background-color: rgba(0,0,0,0)",
        "color: rgba(0,0,0,0.5)",
        "font-size: 0.5em",
        "color: transparent; background-clip: text",
        "color: transparent; background-clip: border-box; -webkit-background-clip: text",
        "color: transparent; background: linear-gradient(90deg, red, blue) text",
        "color: transparent; -webkit-text-fill-color: #333",
        "color: transparent; -webkit-text-fill-color: rgb(0, 0, 0)",
        "color: transparent; text-shadow: 0 0 2px #000",
        "color: transparent; -webkit-text-stroke: 1px #000",
        "color: transparent; -webkit-text-stroke-width: 0.5px",
        "-webkit-text-fill-color: transparent; -webkit-background-clip: text",
        "opacity: 0",
        "border-color: transparent",
        "color: #ffffff",
        "font-size: 10px",
    ],
)
def test_ordinary_styles_hide_nothing(style):
    """A transparent background, half-transparent ink, outlines, shadows, gradient text and small type are seen."""
    body = read(f'<p style="{style}">看得见</p>')
    assert render(body).text == "看得见"
    assert body.hidden == ()


def test_what_hides_can_be_undone_inside():
    """Font size, colour and visibility are inherited and can be set again; display cannot."""
    outer = "font-size:0;color:transparent;visibility:hidden"
    inner = "font-size:16px;color:#000;visibility:visible"
    assert text(f'<section style="{outer}"><p style="{inner}">甲</p></section>') == "甲"
    fill = '<p style="color:transparent;-webkit-text-fill-color:{}"><b style="color:{}">甲</b></p>'
    assert text(fill.format("#000", "transparent")) == "甲"
    assert text(fill.format("currentColor", "#000")) == "甲"
    assert text(fill.format("transparent", "#000")) == ""
    assert text('<section style="font-size:0"><p style="font-size:2em">甲</p></section>') == ""
    assert text(f'<section style="display:none"><p style="display:block;{inner}">甲</p></section>') == ""


def test_the_roots_own_visibility_does_not_count():
    """The platform hides the container until its script runs."""
    parser = LexborHTMLParser('<div id=root style="visibility:hidden;opacity:0;display:none"><p>甲</p></div>')
    root = parser.css_first("#root")
    assert root is not None
    assert render(read_body(root, RULES)).text == "甲"


def test_structure_becomes_blocks():
    """Headings, lists, quotes and rules keep their kind."""
    body = read(
        "<h2><span>题</span></h2><ol start=3><li>甲<li>乙</ol><blockquote><p>引</p></blockquote><p><b>粗</b></p>"
    )
    heading, listing, quote, paragraph = body.blocks
    assert heading == Heading(2, (Text("题"),))
    assert isinstance(listing, Listing)
    assert (listing.ordered, listing.start, len(listing.items)) == (True, 3, 2)
    assert isinstance(quote, Quote)
    assert paragraph == Paragraph((Text("粗", BOLD),))


def test_a_table_of_data_stays_and_a_layout_table_dissolves():
    """Two columns and two rows of paragraphs are data; one column is layout."""
    data = read("<table><tr><th>a<th>b</tr><tr><td rowspan=2>1<td>2</tr></table>")
    assert isinstance(data.blocks[0], Table)
    assert data.blocks[0].rows[1][0].rows == 2
    layout = read("<table><tr><td><p>甲</p><p>乙</p></td></tr></table>")
    assert [type(block) for block in layout.blocks] == [Paragraph, Paragraph]
    assert text("<table><tr><td>1<td>2</tr><tr><td>3<td><p>4</p><p>5</p></tr></table>") == "1\t2\n3\t4 5"


def test_code_keeps_lines_and_drops_line_numbers():
    """Each `code` of a `pre` is a line, empty ones too; the numbers are the editor's."""
    body = read(
        '<section><ul class="line-index"><li>1</li></ul><pre data-lang="py"><code><span>a = 1</span></code>'
        "<code></code><code>  b</code></pre></section>"
    )
    assert body.blocks == (Code("a = 1\n\n  b", "py"),)
    assert body.removed[0].container == ".line-index"
    assert read("<pre class='c'><code class='language-c'>x<br>&nbsp;y</code></pre>").blocks == (
        Code("x\n\u00a0y", "c"),
    )


def test_a_pre_around_an_article_is_not_code():
    """Editors wrap whole articles, pictures and all, in `pre`."""
    body = read("<pre><p>甲</p><img data-src='https://h/1'><code>x</code></pre>")
    assert not any(isinstance(block, Code) for block in body.blocks)


def test_pictures_in_every_carrier():
    """Lazy, plain and background images in order; an empty one is none."""
    body = read(
        "<p><img data-src='https://h/1' src='data:x' alt='替'></p><section style=\"background-image:url(&quot;https://h/2;b&quot;);color:red\">甲</section>"
        "<svg><image xlink:href='https://h/3'/><title>t</title></svg><img>"
    )
    images = render(body).images
    assert [(i.url, i.role, i.alt) for i in images] == [
        ("https://h/1", "body", "替"),
        ("https://h/2;b", "background", None),
        ("https://h/3", "body", None),
    ]
    assert render(body).text == "甲"


def test_a_figure_gives_its_caption_to_its_picture():
    """The caption is the picture's and stays in the text."""
    rendered = render(read("<figure><img data-src='https://h/1'><figcaption>图说</figcaption></figure>"))
    assert rendered.images[0].caption == "图说"
    assert rendered.text == "图说"


def test_widgets_are_placeholders_outside_the_text():
    """A widget's own words are counted as removed; one left open does not swallow the article."""
    body = read("<p>甲<mpvoice name='录音'>播放</mpvoice>乙</p>")
    assert render(body).text == "甲乙"
    assert Paragraph((Text("甲"), Widget("语音", "录音"), Text("乙"))) in body.blocks
    assert [(one.container, one.characters) for one in body.removed] == [("mpvoice", 2)]
    assert "字" * 500 in text(f"<p>甲</p><mpvoice><p>{'字' * 500}</p>")


def test_formulas_keep_their_tex():
    """A formula drawn as a picture is its TeX in Markdown and nothing in the text."""
    rendered = render(read('<p>设<span data-formula="x^2"><svg><g></g></svg></span>。</p>'))
    assert (rendered.text, rendered.markdown) == ("设。", "设$x^2$。")


def test_deep_nesting_is_read_without_recursion():
    """Containers within containers, thousands deep, neither crash nor lose words."""
    for tag in ("blockquote", "ul><li", "section", "b"):
        name = tag.split(">")[0]
        body = read(f"<{tag}>" * 3000 + "底" + f"</{name}>" * 3000)
        assert "底" in render(body).text


@given(st.text(alphabet=st.sampled_from(list("<>/pbliulolrt dtable spnch2=\"'a甲\n&;")), max_size=300))
def test_any_markup_is_read(markup):
    """No markup raises, and the text has no blank ends, no empty paragraphs, and images within its bounds."""
    rendered = render(read(markup + "<img data-src='https://h/1'>"))
    assert rendered.text == rendered.text.strip()
    assert "\n\n\n" not in rendered.text or "<pre" in markup
    assert all(0 <= (image.position or 0) <= len(rendered.text) for image in rendered.images)


@given(st.lists(st.text(alphabet="甲乙ab*_[]#>`|~1.-+!$&<", min_size=1, max_size=12), max_size=6))
def test_paragraphs_come_out_as_they_went_in(words):
    """Words in paragraphs are the text, one blank line between them."""
    escaped = [word.replace("&", "&amp;").replace("<", "&lt;") for word in words]
    assert text("".join(f"<p>{word}</p>" for word in escaped)) == "\n\n".join(words)


def test_a_picture_and_no_words():
    """A body of pictures has an empty text and images at 0."""
    body = read("<p><img data-src='https://h/1'></p>")
    assert body.blocks == (Paragraph((Picture("https://h/1"),)),)
    assert render(body).images[0].position == 0


@pytest.mark.parametrize(
    ("markup", "code", "hidden"),
    [
        ('<pre><code>a<span style="display:none">藏</span>b</code></pre>', "ab", [("藏", "display-none")]),
        (
            '<section style="font-size:0"><pre><code>藏码</code></pre></section>',
            "",
            [("藏码", "font-size-0")],
        ),
        (
            '<pre style="color:transparent"><code>藏<b style="color:red">c</b></code></pre>',
            "c",
            [("藏", "alpha-0")],
        ),
        (
            "<pre><code>a<i hidden>藏<b style='color:red'>c</b></i>\n b</code></pre>",
            "a\n b",
            [("藏c", "display-none")],
        ),
        ('<pre><code><span style="color:red">a</span>\n  b</code></pre>', "a\n  b", []),
    ],
)
def test_hidden_words_in_code_are_kept_apart(markup: str, code: str, hidden: list[tuple[str, str]]) -> None:
    """A block of code shows no more than any other part: by its own style, those around it and those in it."""
    body = read(markup)
    assert [block.value for block in body.blocks if isinstance(block, Code)] == ([code] if code else [])
    assert [(one.text, one.reason) for one in body.hidden] == hidden


@pytest.mark.parametrize("value", ["inherit", "unset", "currentcolor", "revert"])
def test_a_colour_taken_over_is_the_one_around(value: str) -> None:
    """`inherit` and its like change nothing: words in hidden ones stay hidden, words in seen ones seen."""
    clear = "color:rgba(255,255,255,0)"
    assert text(f'<p style="{clear}"><span style="color:{value}">藏</span></p><p>甲</p>') == "甲"
    assert text(f'<p style="color:red"><span style="color:{value}">甲</span></p>') == "甲"
    outer = "color:red;-webkit-text-fill-color:transparent"
    fill = f"-webkit-text-fill-color:{'inherit' if value == 'currentcolor' else value}"
    assert text(f'<p style="{outer}"><span style="{fill}">藏</span></p>') == ""


def test_visibility_taken_over_is_the_one_around() -> None:
    """`visibility:inherit` shows nothing that was not shown."""
    assert text('<p style="visibility:hidden"><b style="visibility:inherit">藏</b></p>') == ""
    assert text('<p style="visibility:hidden"><b style="visibility:visible">甲</b></p>') == "甲"


@pytest.mark.parametrize(
    ("font", "seen"),
    [
        ("16px/1.5 serif", True),
        ("italic bold .8em/1 'a 0px'", False),  # of a size of 0
        ("bold 1.2rem serif", True),
        ("0/0 a", False),
        ("inherit", False),
    ],
)
def test_the_shorthand_of_the_font_states_a_size(font: str, *, seen: bool) -> None:
    """The shorthand sets the size as `font-size` does; whichever stands last counts."""
    assert text(f'<section style="font-size:0"><p style="font:{font}">甲</p></section>') == (
        "甲" if seen else ""
    )
    assert (
        text(f'<p style="font:{font};font-size:10px">甲</p><p style="font-size:9px;font:0/0 a">藏</p>')
        == "甲"
    )


def pictures(markup: str, rules: BodyRules = RULES) -> list[str]:
    return [image.url for image in render(read(markup, rules)).images]


@pytest.mark.parametrize(
    ("style", "urls"),
    [
        ("background:url(&quot;https://h/a(1)/0&quot;) no-repeat", ["https://h/a(1)/0"]),
        ("background:url('https://h/a(1;b/0');color:red", ["https://h/a(1;b/0"]),
        ("background-image:url(https://h/1), url( 'https://h/2' )", ["https://h/1", "https://h/2"]),
        ("background:url(https://h/1);background-image:url(https://h/1)", ["https://h/1"]),
        ("background:url()", []),
    ],
)
def test_addresses_of_backgrounds(style: str, urls: list[str]) -> None:
    """One in quotes ends at its own quote; of several each counts, once."""
    assert pictures(f'<section style="{style}">甲</section>') == urls


def test_a_background_not_loaded_yet_is_in_an_attribute() -> None:
    """It counts where the style gives none; where both do, it is the same picture."""
    rules = BodyRules(
        background_attributes=("data-lazy-bgimg",),
        image_url=lambda url: url if url.startswith("https:") else None,
    )
    lazy = 'data-lazy-bgimg="https://h/1"'
    assert pictures(f"<section {lazy}>甲</section>", rules) == ["https://h/1"]
    assert pictures(f'<section {lazy} style="background:url(data:x)">甲</section>', rules) == ["https://h/1"]
    assert pictures(f'<section {lazy} style="background:url(https://h/1?w=2)">甲</section>', rules) == [
        "https://h/1?w=2"
    ]


def test_a_flat_list_in_a_cell_leaves_the_table_whole() -> None:
    """Rows and spans stay; the items are the cell's paragraphs. More than a list makes a table of layout."""
    items = "<ul><li>乙</li><li>丙</li></ul>"
    markup = "<table><tr><td rowspan=2>甲</td><td>{}</td></tr><tr><td>丁</td></tr></table>"
    (table,) = read(markup.format(items)).blocks
    assert isinstance(table, Table)
    assert [[(len(cell.paragraphs), cell.rows) for cell in row] for row in table.rows] == [
        [(1, 2), (2, 1)],
        [(1, 1)],
    ]
    assert text(markup.format(items)) == "甲\t乙 丙\n丁"
    for more in (f"<h2>题</h2>{items}", f"<p>一</p><p>二</p>{items}", f"<ul><li>乙{items}</li></ul>"):
        assert not any(isinstance(block, Table) for block in read(markup.format(more)).blocks)
