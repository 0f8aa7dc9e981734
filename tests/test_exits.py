"""Exit codes of runs over several URLs."""

from __future__ import annotations

from itertools import permutations

import pytest

from harvester.document import STATES
from harvester.exits import Exit, combined, of_state


def test_the_most_serious_counts() -> None:
    """5 before 3 before 4 before 1, in any order; nothing to do is done."""
    order = [Exit.STORAGE, Exit.BLOCKED, Exit.CANNOT_TELL, Exit.NEGATIVE, Exit.DONE]
    for start in range(len(order)):
        for codes in permutations(order[start:]):
            assert combined(codes) is order[start]
    assert combined([]) is Exit.DONE


def test_an_unusable_item_is_negative_among_others() -> None:
    """Where nothing could be used the call is to be corrected; one bad line among good ones is a 1."""
    assert combined([Exit.USAGE, Exit.USAGE]) is Exit.USAGE
    assert combined([Exit.USAGE, Exit.DONE]) is Exit.NEGATIVE
    assert combined([Exit.USAGE, Exit.CANNOT_TELL]) is Exit.CANNOT_TELL


@pytest.mark.parametrize("state", STATES)
def test_every_state_has_its_code(state: str) -> None:
    """Only an article is 0; a demand for verification or patience is 3; the unknown is 4."""
    special = {
        "ok": Exit.DONE,
        "verification": Exit.BLOCKED,
        "rate_limited": Exit.BLOCKED,
        "unknown": Exit.CANNOT_TELL,
    }
    assert of_state(state) is special.get(state, Exit.NEGATIVE)
