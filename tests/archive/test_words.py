"""Counts with their nouns, in grammar."""

from __future__ import annotations

import pytest

from archive.words import counted


@pytest.mark.parametrize(
    ("count", "words"), [(0, "0 images are here"), (1, "1 image is here"), (2, "2 images are here")]
)
def test_one_alone_is_singular(count: int, words: str) -> None:
    """The noun, and the verb where one is given, agree with the count."""
    assert f"{counted(count, 'image is', 'images are')} here" == words
    assert counted(count, "record") == f"{count} record" + ("" if count == 1 else "s")
