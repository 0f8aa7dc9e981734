"""Texts too short to say anything of."""

from __future__ import annotations

import pytest

from harvester.verify import compare, side_from_bytes


@pytest.mark.parametrize(
    ("text", "verdict"),
    [
        ("虚构四字。", "cannot-verify"),
        ("虚构的九个字在这里", "cannot-verify"),
        ("虚构的十个字就在这里", "identical"),
        ("Ten letter", "cannot-verify"),
        ("Ten letters", "identical"),
    ],
)
def test_equal_texts_under_ten_letters_cannot_be_verified(text: str, verdict: str) -> None:
    """Ten letters, digits and ideographs are asked of equal texts, too: four equal ones prove nothing."""
    sides = [side_from_bytes(text.encode(), f"{name}.txt") for name in ("captured", "original")]
    result = compare(*sides)
    assert result.verdict == verdict
    assert (result.reason is not None) == (verdict == "cannot-verify")
