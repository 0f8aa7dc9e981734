"""The table of codes, and the page that explains it."""

from __future__ import annotations

import re
from pathlib import Path

from archive.check import CODES, Severity

PAGE = Path(__file__).parents[2] / "docs/check.md"


def test_the_page_has_the_table_as_the_code_has_it() -> None:
    """docs/check.md lists every code with its meaning and cure, in order, and no other."""
    rows = [f"| {code.code} | {code.name} | {code.meaning} | {code.cure} |" for code in CODES.values()]
    listed = [line for line in PAGE.read_text(encoding="utf-8").splitlines() if re.match(r"\| [EWI]\d", line)]
    assert listed == rows


def test_codes_and_names_are_unique_and_well_formed() -> None:
    """A code is a letter of gravity and three digits; its name is a word or several."""
    assert len({code.name for code in CODES.values()}) == len(CODES)
    for code in CODES.values():
        assert re.fullmatch(r"[EWI]\d{3}", code.code)
        assert re.fullmatch(r"[a-z_0-9]+", code.name)
        assert code.cure
    assert CODES["E004"].severity is Severity.ERROR
    assert CODES["I041"].severity is Severity.INFO
