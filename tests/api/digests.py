"""Print the digests of what `extract` makes of golden pages: run by other interpreters and environments."""

from __future__ import annotations

import hashlib
import sys

from fixtures.golden import Case, cases
from harvester import extract
from harvester.document import to_bytes


def chosen(every: int) -> list[Case]:
    """Return the pages small enough for a test, each `every`-th of them."""
    return sorted(cases(), key=lambda case: case.slug)[::every]


def main(every: int) -> None:
    for case in chosen(every):
        found = extract(case.small_body(), case.url, case.headers)
        print(case.slug, found.state, hashlib.sha256(to_bytes(found)).hexdigest())


if __name__ == "__main__":
    main(int(sys.argv[1]))
