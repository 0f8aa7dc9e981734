"""The literal reader against a JavaScript engine: the same value, or a refusal where refusing is the rule."""

# ruff: noqa: E501 - tables read best unbroken
from __future__ import annotations

import json
import math
import random
from typing import Any

import pytest

from fixtures.vectors.engine import ask, find_engine
from fixtures.vectors.make import FILE, sources
from harvester.sites.wechat.literal import LiteralError, members, parse

ANSWERS: list[list[Any]] = json.loads(FILE.read_text(encoding="utf-8"))


def as_engine(value: Any) -> Any:
    """Our value in the form of the stored answers; every number as the engine's double."""
    if isinstance(value, bool) or value is None or isinstance(value, str):
        return value
    if isinstance(value, int | float):
        if math.isfinite(value):
            return float(value) + 0.0
        return {"number": "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"}
    if isinstance(value, list):
        return [as_engine(one) for one in value]
    return {"object": sorted([key, as_engine(one)] for key, one in value.items())}


def answered(value: Any) -> Any:
    """A stored answer with every number as a float and members in order of their names."""
    if isinstance(value, bool) or value is None or isinstance(value, str):
        return value
    if isinstance(value, int | float):
        return float(value) + 0.0
    if isinstance(value, list):
        return [answered(one) for one in value]
    if "number" in value:
        return value
    return {"object": sorted(([key, answered(one)] for key, one in value["object"]), key=lambda row: row[0])}


def exactly(left: Any, right: Any) -> bool:
    """Equality that tells `true` from `1`."""
    return json.dumps(left) == json.dumps(right)


def test_the_stored_answers_are_the_readers():
    """Every stored source has the value that the engine gave it."""
    assert len(ANSWERS) > 500
    wrong = []
    for source, value in ANSWERS:
        try:
            ours = as_engine(parse(source).value)
        except LiteralError as error:
            ours = str(error)
        if not exactly(ours, answered(value)):
            wrong.append((source, answered(value), ours))
    assert not wrong, f"{len(wrong)} differ; the first: {wrong[:3]}"


def test_members_of_the_stored_objects_are_their_values():
    """The spans of an object's members, each read alone, give the engine's members."""
    seen = 0
    for source, value in ANSWERS:
        if not isinstance(value, dict) or "object" not in value or not source.lstrip().startswith("{"):
            continue
        spans = members(source, 0)
        ours = {"object": sorted([key, as_engine(parse(source, *span).value)] for key, span in spans.items())}
        assert exactly(ours, answered(value)), source
        seen += 1
    assert seen > 20


def test_a_live_engine_agrees():
    """A new random sample, asked of the engine now."""
    engine = find_engine()
    if engine is None:
        pytest.skip("no Node.js 20 or later here: only the stored answers were compared")
    seed = random.randrange(1 << 30)
    asked = sources(400, seed)
    for source, answer in zip(asked, ask(engine, asked), strict=True):
        if "value" in answer:
            assert exactly(as_engine(parse(source).value), answered(answer["value"])), (seed, source)


REFUSED = [
    "'a' + b", "1 + 2", "a => 1", "function () {}", "new Date()", "`${a}`", "{a}", "{...a}", "{[a]: 1}", "{get a() {}}",
    "{a() {}}", "1n", "1_000", "12px", "/x/", "[] * 1", "+[]", "[1] == 1", "'a'[0]", "a = 1", "typeof 1", "--1",
    "'a\nb'", "'a", "{a: 1", "[1", "(1", "'a' in b", "x`a`", "'a'.replace('a', '$&')", "parseInt('7', 8)", "alert(1)",
    "decodeURIComponent('%')", "import('x')", "'a'.constructor('b')", "this.x()", "1 - 1", "2 ** 3", "a ? b", "{1a: 2}",
]  # fmt: skip


@pytest.mark.parametrize("source", REFUSED)
def test_what_is_not_understood_is_refused(source):
    """No value is better than one that the page does not have."""
    with pytest.raises(LiteralError):
        parse(source)
