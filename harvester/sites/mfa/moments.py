"""Dates in the languages of the missions, beside the forms that `harvester.extraction.dates` knows."""

from __future__ import annotations

import re
from typing import Final

from harvester.extraction.dates import Moment, find_moment
from harvester.sites.mfa.rules import Rules

_MAX_CHARS: Final = 2000
_KOREAN: Final = re.compile(r"(?<!\d)(\d{4})년\s{0,2}(\d{1,2})월\s{0,2}(\d{1,2})일")


def moment_in(text: str | None, rules: Rules, *, last: bool = False) -> Moment | None:
    """Return the first (or last) date in a text, with its time of day where that follows; None if none.

    `7 mai 2031`, `1er mai 2031`, `7 de mayo de 2031`, `7 мая 2031 года`, `2031년 5월 7일` are dates too.
    """
    if text is None:
        return None
    plain = _KOREAN.sub(r"\1-\2-\3", text[:_MAX_CHARS])
    names = "|".join(sorted(map(re.escape, rules.months), key=len, reverse=True))
    pattern = (
        rf"(?<!\d)(\d{{1,2}})(?:er|º|\.)?\s{{1,2}}(?:de\s{{1,2}})?({names})"
        r"\s{1,2}(?:del?\s{1,2})?(\d{4})(?!\d)"
    )

    def iso(match: re.Match[str]) -> str:
        return f"{match[3]}-{rules.months[match[2].lower()]:02}-{int(match[1]):02}"

    return find_moment(re.sub(pattern, iso, plain, flags=re.IGNORECASE), last=last)
