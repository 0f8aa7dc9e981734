"""The proof of harmlessness: it lets ordinary pages through and is never wrong about depth."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from selectolax.lexbor import LexborHTMLParser, LexborNode

from harvester.document import PageState
from harvester.errors import HostileInputError
from harvester.extraction import counts, guard, worker
from harvester.extraction.tree import parse_html
from harvester.pipeline import extract


def depth_of(root: LexborNode) -> int:
    node: LexborNode | None = root
    depth = deepest = 1
    while node is not None:
        if node.first_child is not None:
            node, depth = node.first_child, depth + 1
            deepest = max(deepest, depth)
            continue
        while node is not None and node.next is None:
            node, depth = node.parent, depth - 1
            if depth <= 1:
                return deepest
        node = node.next if node is not None else None
    return deepest


ORDINARY = {
    "nested sections": "<section>" * 60 + "<p>字</p>" + "</section>" * 60,
    "paragraphs never closed": "<div>" + "<p>字" * 3000 + "</div>",
    "list items never closed": "<ul>" + "<li>字" * 3000 + "</ul>",
    "a table": "<table>" + "<tr><td>1<td>2" * 1000 + "</table>",
    "bold never closed in its paragraph": "<p><b>字</p>" * 40,
    "a long inline style": '<section style="' + "color:red;" * 400 + '">字</section>' * 30,
    "a data URI": '<img src="data:image/png;base64,' + "A" * 300_000 + '">',
    "scripts with markup in strings": '<script>var t = "<div><b><i>" + x;</script>' * 2000,
    "a template of markup in one script": "<script>" + '"<div><b a=1><p>";' * 50_000 + "</script><p>字</p>",
    "svg shapes": "<svg><g>" + '<path d="M0 0"/><rect x="1"/>' * 50 + "</g></svg>" * 1,
    "comments with markup": "<!-- <div><b> -->" * 2000,
    "a style element": "<style>" + "a>b{} " * 2000 + "</style>",
    "stray end tags": "<p>字</p></span></div>" * 500,
}


@pytest.mark.parametrize("name", ORDINARY)
def test_ordinary_shapes_are_proved_in_process(name: str) -> None:
    """What pages of the trade do must not cost a process."""
    assert guard.doubt(ORDINARY[name].encode()) is None


DOUBTFUL = {
    "deep nesting": "<div>" * 5000,
    "deep nesting, closed": "<div>" * 5000 + "</div>" * 5000,
    "formatting elements": "<b><i>" * 60_000,
    "misnested formatting": "<font a=1><p></i></u>" * 5000,
    "different formatting elements": "".join(f"<font a={n}><p>" for n in range(2000)),
    "attributes": "<p " + " ".join(f"a{n}=1" for n in range(100_000)) + ">",
    "end tags inside attribute values": '<div a="</div>">' * 5000,
    "end tags inside unquoted values": '<div x=a" y="></div>">' * 5000,
    "end tags inside comments": "<div><!--</div>-->" * 5000,
    "end tags inside CDATA": "<div><![CDATA[ ></div>]]>" * 5000,
    "end tags behind a barrier": "<div><object></div></object>" * 5000,
    "markup in a script of svg": "<svg><script>" + "<b><i>" * 5000 + "</script>",
    "a script escaped twice": "<div><script><!--<script></script></div>--></script>" * 5000,
    "self-closing tags that nest": "<svg>" + "<x/>" * 10 + "<p>" + "<g/>" * 5000,
    "a frameset": "<frameset>",
    "plaintext": "<plaintext>",
}


@pytest.mark.parametrize("name", DOUBTFUL)
def test_dangerous_and_ambiguous_shapes_are_doubted(name: str) -> None:
    """What is, or could be read as, expensive goes to the worker, with the reason in words."""
    assert guard.doubt(DOUBTFUL[name].encode())


TAGS = (
    *("div", "p", "b", "i", "font", "a", "li", "ul", "table", "tr", "td", "object", "svg", "g", "select"),
    *("option", "template", "form", "button", "h1", "h2", "marquee", "nobr", "foreignObject", "dd", "th"),
)
PIECES = st.sampled_from(
    [
        *(f"<{tag}>" for tag in TAGS),
        *(f"</{tag}>" for tag in TAGS),
        *("<x/>", "<svg/>", "<br>", "字", "<!--", "-->", "<script>", "</script>", "<style>", "</style>"),
        *(
            "<title>",
            "</title>",
            '<div a="',
            '">',
            "<div a='>'>",
            "<![CDATA[",
            "]]>",
            "<font a=1>",
            "<font a=2>",
        ),
        *(
            "<math>",
            "<mi>",
            "<textarea>",
            "</textarea>",
            "</sarcasm>",
            "</body>",
            "<body>",
            "<caption>",
            "<col>",
        ),
        *("<!x>", "<path>", "<tbody>", "</tbody>", "<input>", "<p/>"),
    ]
)


@settings(max_examples=150, deadline=None)
@given(st.lists(PIECES, min_size=1, max_size=8), st.lists(PIECES, max_size=3), st.sampled_from([1, 60, 700]))
def test_a_proof_bounds_the_real_tree(pattern: list[str], closing: list[str], times: int) -> None:
    """Whatever is proved is at most MAX_DEPTH deep in the tree that the parser builds."""
    html = ("".join(pattern) * times + "".join(closing) * times).encode()
    if guard.doubt(html) is None:
        root = LexborHTMLParser(html).root
        assert root is not None
        assert depth_of(root) <= guard.MAX_DEPTH


@given(st.binary(max_size=300))
def test_any_bytes_get_an_answer(data: bytes) -> None:
    """The scan itself never fails."""
    answer = guard.doubt(data)
    assert answer is None or answer


COUNTED = {
    "tags": ("<p>a" * 600_000, "more than 300000 tags"),
    "levels": ("<div>" * 12_000, "open at once"),
    "levels, closed": ("<section>" * 100_000 + "</section>" * 100_000, "open at once"),
    "attributes": (f"<div {' '.join(f'a{n}' for n in range(20_914))}>", "thousands of attributes"),
    "attributes, spread": (
        f"<div {' '.join(f'a{n}' for n in range(4_000))}>" * 20,
        "thousands of attributes",
    ),
    "attributes behind a doubt": (
        "<frameset>" + f"<div {' '.join(f'a{n}' for n in range(100_000))}>",
        "thousands of attributes",
    ),
}


@pytest.mark.parametrize("name", COUNTED)
def test_counts_refuse_before_any_clock_is_asked(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """What would bring a trial near its limit of time is refused by counts, in the same words everywhere."""
    html, words = COUNTED[name]
    monkeypatch.setattr(worker, "try_parse", lambda *_: pytest.fail("a trial was needed"))
    with pytest.raises(HostileInputError, match=words):
        parse_html(b"<!DOCTYPE html>" + html.encode())


def test_what_the_counts_let_through_is_tried_and_read() -> None:
    """Just below each count a doubtful page is read."""
    for html in (
        "<frameset>" + "<p>a" * 74_000,
        "<div>" * 500 + "a",
        f"<frameset><div {' '.join(f'a{n}' for n in range(9_000))}>",
    ):
        assert guard.doubt(html.encode())
        assert parse_html(html.encode()).root is not None


def test_attributes_that_the_tree_gathers_are_counted_there() -> None:
    """Attributes spread over many `body` tags come together in one element; the trial counts them."""
    many = "".join(f"<body a{n}=1>" for n in range(15_000))
    with pytest.raises(HostileInputError, match="thousands of attributes"):
        parse_html(f"{many}<frameset>".encode())


def test_a_script_s_text_is_no_tag() -> None:
    """Comparisons and markup in strings of a script count for nothing."""
    script = "<script>" + "if (a<b) {x = '<div><div>'} " * 40_000 + "</script>"
    assert counts.why_refused(f"<frameset>{script}<p>a</p>".encode()) is None


def test_a_trial_that_ran_out_of_time_says_so_of_the_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """The limit of time is no finding about the page: the state names another rule and tells it."""
    import signal
    import subprocess

    def out_of_time(*_: object, **__: object) -> subprocess.CompletedProcess[bytes]:
        return subprocess.CompletedProcess([], -signal.SIGPROF)

    monkeypatch.setattr(worker.subprocess, "run", out_of_time)
    seen = extract("<html><body>" + "<div>" * 300 + "<p>a")
    assert isinstance(seen, PageState)
    assert (seen.state, seen.rule) == ("unknown", "guard.time")
    assert "Another run may read it" in seen.evidence[0]
