"""The document's form: names, determinism, schema, Markdown beside it."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from harvester.assemble import Origin, build
from harvester.document import (
    Candidate,
    Document,
    Identity,
    Image,
    document_from_bytes,
    json_schema,
    to_bytes,
)
from harvester.markdown import markdown_bytes
from harvester.reading import Article, Found, Page

FIRST_KEYS = {"title", "url", "source", "date", "fetch_date"}


def article(**changes: object) -> Article:
    values = {
        "site": "generic",
        "kind": "page",
        "title": "标题",
        "account": None,
        "source": "一家报纸",
        "author": None,
        "published_at": None,
        "published_precision": None,
        "identity": Identity(key="url:x"),
        "text": "第一段。\n\n第二段。",
        "markdown": "第一段。\n\n第二段。",
        "images": (Image(url="https://a.cn/1.png", position=5),),
        "found": {
            "title": Found(source="title", others=(Candidate(source="h1", value="别的标题"),)),
            "published_at": Found(source=None, reason="absent"),
        },
    }
    return Article(**(values | changes))  # type: ignore[arg-type]  # a mapping of changes has no types


def document(**changes: object) -> Document:
    origin = Origin(method="live", record_id="<urn:uuid:1>", fetch_date="2026-05-08T01:02:03.000004Z")
    built = build(article(**changes), Page(body=b"x", url="https://a.cn/"), origin, "1")
    assert isinstance(built, Document)
    return built


def test_the_users_own_names_are_kept() -> None:
    """The five names of the users' older captures are keys at the top."""
    assert json.loads(to_bytes(document())).keys() >= FIRST_KEYS


def test_unknown_is_null_with_a_reason() -> None:
    """A date that the page does not give is null, and the provenance says why."""
    value = json.loads(to_bytes(document()))
    assert value["date"] is None
    assert value["published_at"] is None
    assert value["provenance"]["fields"]["published_at"] == {"source": None, "reason": "absent", "others": []}


def test_bytes_are_deterministic() -> None:
    """The same document gives the same bytes: sorted keys, UTF-8, one final newline."""
    first, second = to_bytes(document()), to_bytes(document())
    assert first == second
    assert first.endswith(b"}\n")
    assert "标题".encode() in first
    keys = list(json.loads(first))
    assert keys == sorted(keys)


def test_what_is_written_can_be_read_back() -> None:
    """Reading the bytes gives the same document."""
    assert document_from_bytes(to_bytes(document())) == document()


def test_an_unknown_key_is_refused() -> None:
    """A document of another form is not silently accepted."""
    value = json.loads(to_bytes(document())) | {"extra": 1}
    with pytest.raises(msgspec.ValidationError):
        document_from_bytes(json.dumps(value).encode())


def test_documents_fit_the_shipped_schema() -> None:
    """docs/document.schema.json is the schema of what is written."""
    shipped = json.loads(
        (Path(__file__).parent.parent / "docs/document.schema.json").read_text(encoding="utf-8")
    )
    assert shipped == json.loads(json.dumps(json_schema()))
    jsonschema.validate(json.loads(to_bytes(document())), shipped)


def test_the_id_is_of_identity_and_record_never_of_the_title() -> None:
    """Another title keeps the id; another identity changes it."""
    assert document().id == document(title="../../etc/passwd").id
    assert document().id != document(identity=Identity(key="url:y")).id


@given(title=st.text(max_size=40))
def test_front_matter_holds_any_title(title: str) -> None:
    """No title can break out of its line of front matter, and JSON reads it back."""
    lines = markdown_bytes(document(title=title.encode("utf-8", "ignore").decode())).decode().split("\n")
    assert lines[0] == "---"
    assert lines[11] == "---"
    name, _, value = lines[1].partition(": ")
    assert name == "title"
    assert json.loads(value) == title.encode("utf-8", "ignore").decode()
