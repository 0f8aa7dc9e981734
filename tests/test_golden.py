"""The golden cases: what each page says, and the whole document that comes of it."""

from __future__ import annotations

import json

import jsonschema
import pytest

from benchmarks.quality import facts, golden
from fixtures.golden import Case, cases
from harvester.document import (
    SCHEMA,
    STATE_SCHEMA,
    Document,
    document_from_bytes,
    json_schema,
    state_json_schema,
    to_bytes,
)

CASES = {case.slug: case for case in cases()}
SIZED = sorted(slug for slug, case in CASES.items() if "script_bytes" in case.arguments)
ARTICLES = sorted(slug for slug, case in CASES.items() if case.facts["state"] == "ok")


@pytest.fixture(params=sorted(CASES))
def case(request: pytest.FixtureRequest) -> Case:
    return CASES[request.param]


def test_the_document_is_the_expected_one(case: Case) -> None:
    """Every field of the document or page state is the one last looked at; a failure names the fields."""
    assert case.expected is not None, f"{case.slug} has no expected.json: run `make golden` and read it"
    changed = golden.differences(case.expected, golden.plain(golden.read(case)))
    assert not changed, (
        f"{case.slug} changed (`make golden` shows the whole difference):\n{golden.told(changed)}"
    )


def test_the_document_bears_out_the_facts(case: Case) -> None:
    """What was written down beside the page, without looking at any output, is in the document."""
    false = facts.disagreements(case.facts, golden.plain(golden.read(case)))
    assert not false, f"{case.slug}:\n{golden.told(false)}"


def test_every_case_satisfies_the_schema_that_it_names(case: Case) -> None:
    """Documents and page states carry the name of a schema of their own, and fit it."""
    value = json.loads(to_bytes(golden.read(case)))
    schemas = {schema["$id"]: schema for schema in (json_schema(), state_json_schema())}
    assert value["schema"] == (SCHEMA if case.facts["state"] == "ok" else STATE_SCHEMA)
    jsonschema.validate(value, schemas[value["schema"]])


@pytest.mark.parametrize("slug", SIZED)
def test_the_small_form_of_a_page_gives_the_same_document(slug: str) -> None:
    """Two megabytes of program around an article change no word of its document."""
    case = CASES[slug]
    full, small = (golden.plain(golden.read(one)) for one in (case, _Small(case)))
    changed = golden.differences(full, small)
    assert set(changed) <= {"provenance.block_digest", "provenance.body_sha256"}, golden.told(changed)


@pytest.mark.parametrize("slug", ARTICLES)
def test_offsets_name_places_in_the_text(slug: str) -> None:
    """Images, frame lines and questions lie inside the text, in order, and the document reads back."""
    value = golden.read(CASES[slug])
    assert isinstance(value, Document)
    places = [image.position for image in value.images if image.position is not None]
    assert places == sorted(places)
    assert all(0 <= place <= len(value.text) for place in places)
    for line in value.frame:
        assert line.value in value.text[line.start : line.end]
    spans = [span for one in value.questions for span in (one.question, one.answer) if span]
    assert spans == sorted(spans)
    assert all(0 <= start < end <= len(value.text) for start, end in spans)
    assert document_from_bytes(to_bytes(value)) == value


def test_a_difference_names_its_field() -> None:
    """Nested members are compared one by one, lists as a whole, absent members as absent."""
    before = {"title": "a", "declared": {"copyright": "none", "claim": None}, "images": [1, 2], "gone": 1}
    after = {"title": "a", "declared": {"copyright": "original", "claim": None}, "images": [1], "new": {}}
    assert golden.differences(before, after) == {
        "declared.copyright": ("none", "original"),
        "gone": (1, "(absent)"),
        "images": ([1, 2], [1]),
        "new": ("(absent)", {}),
    }


def test_a_fact_that_nobody_checks_is_a_fault() -> None:
    """A misspelt key in facts.json does not pass for a checked fact."""
    assert "titel" in facts.disagreements({"titel": "雾港"}, {"title": "雾港"})


@pytest.mark.parametrize(
    ("fact", "wanted"),
    [
        ("title", "雾港二周"),
        ("paragraphs", ["雾大。"]),
        ("images", ["https://example.org/2.png"]),
        ("image_places", [["雾大", "船"]]),
        ("frame", [["source", "外交部", "来源：外交部"]]),
        ("published_at", "2026-04-01T18:42:01+08:00"),
        ("sources", {"title": "var msg_title"}),
        ("declared", {"claim": "x"}),
        ("markdown", ["雾大。"]),
        ("questions", []),
    ],
)
def test_a_false_fact_is_told(fact: str, wanted: object) -> None:
    """Each way of checking can say no."""
    value = {
        "title": "雾港一周",
        "text": "雾大，船停。",
        "markdown": "雾大，船停。",
        "images": [{"url": "https://example.org/1.png", "role": "body", "position": 3}],
        "frame": [{"role": "source", "value": "外交部", "start": 0, "end": 2}],
        "questions": [{"asker": None, "question": [0, 3], "speaker": None, "answer": None}],
        "published_at": "2026-04-01T18:42+08:00",
        "declared": None,
        "provenance": {"fields": {"title": {"source": "cgiDataNew.title"}}, "clocks": {"page": None}},
    }
    assert list(facts.disagreements({fact: wanted}, value)) == [fact]


class _Small:
    """A case whose page has little program around it."""

    def __init__(self, case: Case) -> None:
        self._case = case

    def __getattr__(self, name: str) -> object:
        return self._case.small_body() if name == "body" else getattr(self._case, name)
