"""The restricted reader of JavaScript literals."""

# ruff: noqa: E501 - markup and tables read best unbroken
from __future__ import annotations

import contextlib
import json
import math
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harvester.sites.wechat.jsvalues import html_decode, js_decode
from harvester.sites.wechat.literal import MAX_DEPTH, LiteralError, members, parse, skip_value

# In a literal, unlike in JSON, a member of this name is none: it names the prototype.
_KEYS = st.text(st.characters(exclude_categories=["Cs"])).filter(lambda key: key != "__proto__")
_JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**15), 10**15) | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(_KEYS, inner, max_size=5),
    max_leaves=20,
)  # fmt: skip

# (source, value): answers of a JavaScript engine, written down.
ANSWERS = [
    (r"'\x3cp\x3e'", "<p>"),
    (r'"\u4f60\u{1F600}\101\0"', "你😀A\0"),
    ('"\\ud83d\\ude00"', "😀"),
    ("'a\\\nb'", "ab"),
    ("'0' * 1", 0),
    ("'12.5' * 1", 12.5),
    ("'' * 1", 0),
    ("'1e3' * 1", 1000),
    ("' 0x10 ' * 1", 16),
    ("'-3' * 1", -3),
    ('"" || "" || "x"', "x"),
    ('"" * 1 || 7', 7),
    ("0 || null || false", False),
    ("'a' && 'b'", "b"),
    ("xml ? getXmlValue('a.b') : '1762338600'", "1762338600"),
    ("(xml ? getXmlValue('a') : '36&quot;x').html(false)", '36"x'),
    ('"" ? 1 : 0', 0),
    ("'' == 'true' ? true : false", False),
    ("'a'.html(true)", "a"),
    ("JsDecode('\\x5cx0a|\\\\x0a')", "\n|\n"),
    ('htmlDecode("a&amp;lt;b")', "a&lt;b"),
    ("[1, 2, , 3,]", [1, 2, None, 3]),
    ("{a: 1, 'b': [2], \"c\": {d: true,},}", {"a": 1, "b": [2], "c": {"d": True}}),
    ("/* c */ {a: // x\n 1}", {"a": 1}),
    ("-1", -1),
    ("+'7'", 7),
    ("!0", True),
    ("cgiData.title || 'x'", "x"),
    ("'a,b'.replace(',', '-')", "a-b"),
    (r"'a\x0ab\x0a'.replace(/\r/g,'').replace(/\n/g,'<br>').replace(/\s/g,'&nbsp;')", "a<br>b<br>"),
    ("[1, 2, 3].slice(0, 2)", [1, 2]),
    ("'true' === 'true' ? 1 : 0", 1),
    ("'雾' + '港' + \"航\"", "雾港航"),
    ("'' + 'a' == 'a' && 'b' + 'c'", "bc"),
]


@pytest.mark.parametrize(("source", "value"), ANSWERS)
def test_reads_what_a_javascript_engine_reads(source, value):
    """Every form seen in the pages has the value that JavaScript gives it."""
    assert parse(source).value == value


def test_an_enum_times_one_is_not_a_number():
    """`'LINK_TYPE' * 1`, as the pages write it, is NaN and not 0."""
    found = parse("'LINK_TYPE_MP_APPMSG' * 1").value
    assert isinstance(found, float)
    assert math.isnan(found)


@given(_JSON)
def test_json_reads_as_json(value):
    """Every JSON text is a literal with JSON's value."""
    assert parse(json.dumps(value)).value == value
    assert parse(json.dumps(value, ensure_ascii=False)).value == value


@given(st.text(max_size=300))
def test_any_text_gives_a_value_or_our_error(text):
    """No text makes the reader raise anything but LiteralError."""
    for reader in (lambda: parse(text), lambda: members(text, 0), lambda: skip_value(text, 0, len(text))):
        position = 0
        try:
            reader()
        except LiteralError as error:
            position = error.position
        assert 0 <= position <= len(text)


@given(st.text(alphabet="{}[]()'\"\\,:/*|&?=!+-. \nxu0a1", max_size=200))
def test_any_run_of_signs_gives_a_value_or_our_error(text):
    """The grammar's own signs in any order do not either."""
    try:
        parse(text)
        members(text, 0)
    except LiteralError:
        return


@given(st.dictionaries(st.from_regex(r"[a-z_]{1,8}", fullmatch=True), _JSON, max_size=8))
def test_members_are_the_spans_of_the_values(value):
    """Each span, read on its own, is the member's value; nothing else of the object was read."""
    text = "x = " + json.dumps(value, ensure_ascii=False) + "; y"
    spans = members(text, 4)
    assert {name: parse(text, *span).value for name, span in spans.items()} == value


@pytest.mark.parametrize(
    "other",
    [
        "h() { return '}' }", "get x() { return 1; }", "async f() {}", "...rest", "[k]: 1", "short", "re: /[\"'}]/g",
        "f: function () { return {a: 1} }", "g: () => '}'", "m: x / 2", "",
    ],
)  # fmt: skip
def test_members_that_are_code_cost_no_others(other):
    """A method, a spread, a computed or a short name is passed over; what stands around it is read."""
    text = f"{{a: 'x', {other + ',' if other else ''} b: 2, c: [3],}}"
    spans = members(text, 0)
    assert {name: parse(text, *spans[name]).value for name in "abc"} == {"a": "x", "b": 2, "c": [3]}


@given(_JSON, st.text(max_size=20))
def test_a_literal_ends_where_its_text_ends(value, after):
    """The span covers the literal exactly, whatever follows a semicolon."""
    text = json.dumps(value)
    literal = parse(f"  {text};{after}")
    assert (literal.start, literal.end) == (2, 2 + len(text))


@pytest.mark.parametrize(
    "source",
    ["function(){}", "new Date()", "alert(1)", "'a", "`${x}`", "{a 1}", "", "}", "'a\nb'", "eval('1')"],
)
def test_code_is_refused(source):
    """What is not data is an error, never run and never guessed."""
    with pytest.raises(LiteralError):
        parse(source)


def test_depth_is_capped():
    """Nesting beyond the cap is an error, not a crash."""
    for source in ("[" * 100_000, "(" * 100_000, "{a:" * 50_000, "!" * 100_000, "-" * (MAX_DEPTH + 5) + "1"):
        with pytest.raises(LiteralError):
            parse(source)


@pytest.mark.parametrize(
    "source",
    [
        "'" + "\\'" * 400_000,
        '"' + "\\\\" * 400_000,
        "/*" + "*" * 800_000,
        "[" + "'a'," * 49_000 + "]",
        "'" + "\\x3c" * 200_000 + "'",
    ],
)
def test_time_is_linear(source):
    """A megabyte of the worst shapes takes well under a second a megabyte."""
    start = time.perf_counter()
    with contextlib.suppress(LiteralError):
        parse(source)
    assert time.perf_counter() - start < 3


def test_lone_surrogates_do_not_survive():
    """Half a surrogate pair cannot be written as UTF-8: it becomes U+FFFD."""
    assert parse(r"'a\ud800b'").value == "a\ufffdb"


def test_decoders_undo_what_the_pages_functions_undo():
    """JsDecode and html(false) decode their own lists, in their own order, and no more."""
    assert js_decode(r"\x3cp\x26amp;\x0a\x41") == "<p&amp;\n\\x41"
    assert html_decode("&lt;&amp;times;&times;") == "<&times;&times;"


@given(
    st.lists(
        st.sampled_from(
            ["'", '"', "\\", "a", "7", " ", "\n", "*", "1", "*1", " * 1", ",", ";", "}", "+", "."]
        ),
        max_size=12,
    ).map("".join)
)
def test_a_comment_before_a_literal_changes_nothing_but_its_place(text: str) -> None:
    """What is read at a glance (a plain string, alone or `* 1`) is what the whole reader reads."""

    def read(text: str) -> object:
        try:
            found = parse(text)
        except LiteralError:
            return None
        value = found.value
        return repr(value), found.start - len(text), found.end - len(text)

    assert read(text) == read(f"/**/{text}")
