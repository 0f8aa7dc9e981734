"""The public function: pure, total, and its results are values that travel."""

from __future__ import annotations

import copy
import multiprocessing
import pickle
from pathlib import Path

import msgspec
import pytest

import harvester
from fixtures.golden import Case, cases
from harvester.document import to_bytes

EVERY = sorted(cases(), key=lambda case: case.slug)
FEW = EVERY[::9]


def read(case: Case) -> harvester.Document | harvester.PageState:
    return harvester.extract(case.small_body(), case.url, case.headers)


def job(page: tuple[bytes, str]) -> tuple[int, harvester.Document | harvester.PageState]:
    """What a worker does; at the top of a module, so that a spawned process can import it."""
    return harvester.API_VERSION, harvester.extract(*page)


@pytest.mark.parametrize("case", EVERY[::3], ids=lambda case: case.slug)
def test_results_travel(case: Case) -> None:
    """Pickled by every protocol from 2 on, copied deeply or not, a result is equal, hashes equal, and has
    the same bytes; another page's is not equal.
    """
    found = read(case)
    forms = [pickle.loads(pickle.dumps(found, protocol)) for protocol in range(2, 6)]
    for other in (*forms, copy.copy(found), copy.deepcopy(found)):
        assert type(other) is type(found)
        assert other == found
        assert hash(other) == hash(found)
        assert to_bytes(other) == to_bytes(found)
    assert found != harvester.extract(b"<p>x", case.url)
    assert len({found, copy.deepcopy(found), harvester.extract(b"<p>x", case.url)}) == 2


def test_every_struct_in_a_result_can_be_hashed() -> None:
    """Members that hold dicts are hashed by what names them, so no part of a result is unhashable."""
    for case in FEW:
        found = read(case)
        for field in msgspec.structs.fields(found):
            value = getattr(found, field.name)
            if isinstance(value, msgspec.Struct | tuple):
                hash(value)


def test_spawned_workers_give_the_same_bytes() -> None:
    """Fresh processes, that share nothing with this one, send back what is made here."""
    pages = [(case.small_body(), case.url) for case in FEW]
    with multiprocessing.get_context("spawn").Pool(2) as pool:
        answers = pool.map(job, pages)
    assert {version for version, _ in answers} == {harvester.API_VERSION}
    assert [to_bytes(found) for _, found in answers] == [to_bytes(harvester.extract(*page)) for page in pages]


def test_every_form_of_the_arguments() -> None:
    """Bytes, bytearray, memoryview and text of one page, headers as pairs or mapping: one result."""
    case = next(case for case in EVERY if case.site == "mfa" and case.facts["state"] == "ok")
    body = case.small_body()
    wanted = harvester.extract(body, case.url, case.headers)
    assert harvester.extract(bytearray(body), case.url, case.headers) == wanted
    assert harvester.extract(memoryview(body), case.url, dict(case.headers)) == wanted
    text = harvester.extract(body.decode("utf-8"), case.url)
    assert isinstance(text, harvester.Document)
    assert text.text == wanted.text  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("html", "url", "headers", "word"),
    [
        (None, None, None, "html"),
        (7, None, None, "html"),
        (b"", 7, None, "url"),
        (b"", b"https://a.example/", None, "url"),
        (b"", None, 7, "headers"),
        (b"", None, ["ab", "abc"], "headers"),
        (b"", None, [("Content-Type", None)], "headers"),
        (b"", None, {"Content-Type": b"text/html"}, "headers"),
    ],
)
def test_other_types_are_refused(html: object, url: object, headers: object, word: str) -> None:
    """A mistake of the caller is a `TypeError` that names the argument, never a page's fault."""
    with pytest.raises(TypeError, match=word):
        harvester.extract(html, url, headers)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "html", [b"", b"\0" * 100, b"\xff\xfe", b"%PDF-1.7 \n", b"<" * 5000, "\ud800", b"{}"]
)
@pytest.mark.parametrize("url", [None, "", "not a URL", "https://[", "https://mp.weixin.qq.com/s/\ud800"])
def test_no_page_raises(html: bytes | str, url: str | None) -> None:
    """Whatever stands in a page or its address, the answer is a value, and it can be written and pickled."""
    found = harvester.extract(html, url)
    assert isinstance(found, harvester.NotArticle)
    assert pickle.loads(pickle.dumps(found)) == found


def test_the_public_names() -> None:
    """`NotArticle` is the name in the promise, `PageState` the one in archives: one class."""
    assert harvester.NotArticle is harvester.PageState
    assert set(harvester.__all__) >= {"API_VERSION", "Document", "NotArticle", "PageState", "extract"}
    assert all(hasattr(harvester, name) for name in harvester.__all__)
    assert (Path(harvester.__file__).parent / "py.typed").exists()
    with pytest.raises(AttributeError):
        harvester.no_such_name  # noqa: B018
