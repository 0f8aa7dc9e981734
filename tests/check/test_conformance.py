"""Every conformance file raises what its name says, and good ones raise nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from archive.check import CODES, Check, Report
from archive.errors import WarcError
from archive.foreign import read_any
from fixtures.conformance import cases

CASES = cases()


def _checked(path: Path) -> Report:
    report = Report()
    with Check(report) as check:
        check.path(path)
    return report


@pytest.mark.parametrize("name", CASES)
def test_a_file_raises_what_its_name_says(tmp_path: Path, name: str) -> None:
    """good: no error, no warning. warn: the code, and no error. bad: the code, and no other error."""
    verdict, _, file = name.partition("/")
    path = tmp_path / file
    path.write_bytes(CASES[name])
    report = _checked(path)
    found = set(report.counts)
    errors = {code for code in found if code.startswith("E")}
    if verdict == "good":
        assert {code for code in found if not code.startswith("I")} == set(), report.findings
    elif verdict == "warn":
        assert file[:4] in found
        assert not errors, report.findings
    else:
        assert errors == {file[:4]}, report.findings
        assert report.damaged
    assert all(finding.detail and finding.cure for finding in report.findings)


@pytest.mark.parametrize("name", [name for name in CASES if name.startswith("good/")])
def test_good_files_of_every_form_are_read_in_place(tmp_path: Path, name: str) -> None:
    """Foreign forms: the strict reader gives the same captured page out of each."""
    path = tmp_path / name.partition("/")[2]
    path.write_bytes(CASES[name])
    pages = [record for record in read_any(path) if record.type == "response"]
    assert len(pages) == 1
    assert pages[0].target_uri == "https://example.org/lighthouse"
    assert pages[0].block.startswith(b"HTTP/1.1 200 OK\r\n")


def test_the_strict_reader_refuses_nothing_that_is_good_and_takes_nothing_torn(tmp_path: Path) -> None:
    """Where the walk tells of torn bytes, the reader stops: the two do not disagree on damage."""
    torn = ("E003", "E004", "E005", "E007", "E008", "E013", "E014", "E030", "E031")
    for name, data in CASES.items():
        file = name.partition("/")[2]
        if file[:4] not in torn or file == "E031_payload_digest.arc":
            continue
        path = tmp_path / file
        path.write_bytes(data)
        with pytest.raises(WarcError):
            list(read_any(path))


def test_the_table_is_covered() -> None:
    """Every code about a single file has a case; directories and limits have tests of their own."""
    elsewhere = {"E009", "W003", "I040", "I041", "E098", "E099", "W099"}
    of_directories = {code for code in CODES if "060" <= code[1:] <= "077" or code[1:] >= "100"}
    named = {name.partition("/")[2][:4] for name in CASES}
    assert set(CODES) - named == elsewhere | of_directories
