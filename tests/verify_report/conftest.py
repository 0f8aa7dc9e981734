"""Shared by the tests of the report: a made-up comparison whose parts are all written down here."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from harvester.verify import Result, Side, compare
from harvester.verify_report import Given, Words, report_html

ORIGINAL = (
    "双方决定建立联合观测站。\n\n首批建设20座，必须在2025年底前完成。\n\n"
    "渔业资源的养护以科学评估为依据，不得单方面改变现状。\n\n会议在浅湾镇举行，持续了三天。\n"
)
CAPTURED = (
    "来源：外交部\n\n双方决定建立联合观测站。\n\n首批建设30座，可以在2025年底前完成。\n\n"
    "会议在浅湾镇举行，持续了三天。\n"
)


def given(captured: str, original: str, language: str = "zh", **sides: Any) -> Given:
    """Compare two texts and return what a report is made from, with versions that no machine changes."""
    one = Side(text=captured, label="captured.txt", **sides)
    other = Side(text=original, label="original.txt")
    result = compare(one, other)
    return Given(result=pinned(result), captured=one, original=other, words=Words(language))  # type: ignore[arg-type]


def pinned(result: Result) -> Result:
    return msgspec.structs.replace(result, versions={"harvester": "1", "rules": "1"})


@pytest.fixture(scope="session")
def make_given() -> Callable[..., Given]:
    return given


@pytest.fixture(scope="session")
def report() -> Callable[..., str]:
    return lambda *texts, **options: report_html(given(*texts, **options)).decode()


@pytest.fixture(scope="session")
def texts() -> tuple[str, str]:
    return CAPTURED, ORIGINAL
