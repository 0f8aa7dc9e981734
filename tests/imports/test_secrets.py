"""Session values: found where they are given, overwritten at equal length, everything else untouched."""

from __future__ import annotations

import re
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harvester.imports.secrets import clean
from harvester.intake import secret_params

NAMES = secret_params()
LONG = sorted(name for name in NAMES if len(name) > 4)
TOKEN = st.from_regex(re.compile(r"[A-Za-z][0-9][A-Za-z0-9_]{10,60}"), fullmatch=True)

FORMS = [
    '<script>window.{name} = "{value}";</script>',
    "var {name} = '{value}' || '';",
    'window.{name} = params["{name}"] || "{value}" || "";',
    '{{"{name}":"{value}","a":1}}',
    '{{\\"{name}\\": \\"{value}\\"}}',
    "  {name} : '{value}',",
    "https://mp.weixin.qq.com/s?a=1&{name}={value}&b=2",
    '<a href="/s?x=1&amp;{name}={value}&amp;y=2">',
    "target_url=https%3A%2F%2Fmp.weixin.qq.com%2Fs%3Fa%3D1%26{name}%3D{value}%26b%3D2",
    "link = 'https://x/?a=1\\x26{name}\\x3d{value}\\x26b=2'",
    "Cookie: a=b; {name}={value}; c=d",
    "params['{name}'] = '{value}';",
]


@given(name=st.sampled_from(LONG), value=TOKEN, form=st.sampled_from(FORMS))
def test_a_value_is_overwritten_wherever_it_is_given(name: str, value: str, form: str) -> None:
    """Each way a page or URL gives a value is known; the bytes around it stay."""
    data = form.format(name=name, value=value).encode()
    cleaned = clean(data, NAMES)
    assert cleaned.names == (name,)
    assert cleaned.data == form.format(name=name, value="0" * len(value)).encode()


@given(value=TOKEN)
def test_a_known_value_is_overwritten_elsewhere(value: str) -> None:
    """What was found once is found again, also percent-encoded; cookies beside the page count as known."""
    data = f'var pass_ticket = "{value}"; <b title="{value}">{quote(value)}</b>'.encode()
    assert value.encode() not in clean(data, NAMES).data
    beside = clean(f"<p>{value}</p>".encode(), NAMES, [("cookie sid", value)])
    assert beside.data == f"<p>{'0' * len(value)}</p>".encode()
    assert beside.names == ("cookie sid",)


@pytest.mark.parametrize(
    "text",
    [
        "window.pass_ticket = encodeURIComponent(a.pass_ticket);",
        "if (params['pass_ticket']) { x = 1 }",
        'var pass_ticket = "";',
        'window.appmsg_token = "0000000000000000";',
        '{"key":"/::)","old":"x"}',
        "concat(key, '=').concat(args[key])",
        '{"key":"report_interval_1000"}',
        "for (var key in a) { b[key] = a[key] }",
        "wx.uin=this.uin,n.pass_ticket&&f(n.pass_ticket)",
        "他说：uin、key、pass_ticket 都是参数的名字。",
        'monkey="a1234567890123"',
    ],
)
def test_code_and_prose_stay(text: str) -> None:
    """A name alone, a variable, an ordinary `key`, a value cleaned before: nothing to overwrite."""
    assert clean(text.encode(), NAMES).data == text.encode()
    assert clean(text.encode(), NAMES).names == ()


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("/s?a=1&key=0a1b2c3d4e5f60718293&b=2", "/s?a=1&key=00000000000000000000&b=2"),
        ("/s?uin=MTIzNDU2Nzg5MA%3D%3D&b=2", "/s?uin=" + "0" * 20 + "&b=2"),
        ('window.uin = "MTIzNDU2Nzg5MA==";', 'window.uin = "0000000000000000";'),
        ('{"uin":"MTIzNDU2Nzg5MA=="}', '{"uin":"0000000000000000"}'),
    ],
)
def test_short_names_count_in_their_places(text: str, left: str) -> None:
    """`uin` and `key` are words of programs too; in a query or a declaration they count."""
    assert clean(text.encode(), NAMES).data.decode() == left


def test_utf16_is_searched() -> None:
    """A file in UTF-16 hides no value."""
    text = '<meta><script>var pass_ticket = "a1b2c3d4e5f6";</script>灯'
    for encoding in ("utf-16-le", "utf-16-be"):
        mark = "\ufeff".encode(encoding)
        cleaned = clean(mark + text.encode(encoding), NAMES)
        assert cleaned.data == mark + text.replace("a1b2c3d4e5f6", "0" * 12).encode(encoding)


@given(st.binary(max_size=300))
def test_length_never_changes(data: bytes) -> None:
    """Whatever the bytes, offsets stay."""
    assert len(clean(data + b"&pass_ticket=" + data, NAMES).data) == 2 * len(data) + 13


@pytest.mark.parametrize(
    "piece", ["&pass_ticket=", 'uin="', "key=key=", "pass_ticket||", "\\x26key", "a||" * 9]
)
def test_hostile_repetition_ends(piece: str) -> None:
    """A megabyte of beginnings is searched in linear time (the suite's patience is the clock)."""
    data = (piece * (1_000_000 // len(piece))).encode()
    assert len(clean(data, NAMES).data) == len(data)
