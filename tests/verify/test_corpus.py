"""Real texts: a seeded character is found, format noise raises no alarm, strangers are different."""

from __future__ import annotations

import itertools
import os
import random
from collections import Counter
from pathlib import Path

import pytest

from harvester.verify import Side, compare

CORPUS = Path(os.environ.get("HARVESTER_CORPUS", Path(__file__).parents[3] / "shared" / "corpus"))
LEAST = 60

pytestmark = [
    pytest.mark.corpus,
    pytest.mark.skipif(not (CORPUS / "gold").is_dir(), reason=f"no corpus at {CORPUS}: set HARVESTER_CORPUS"),
]


@pytest.fixture(scope="module")
def texts() -> dict[str, str]:
    read = {path.name: path.read_text("utf-8") for path in sorted((CORPUS / "gold").glob("*.txt"))}
    return {name: text for name, text in read.items() if sum(map(str.isalnum, text)) >= LEAST}


def test_one_seeded_character_is_located(texts: dict[str, str]) -> None:
    """One edit, at the character that was changed (a list number may be shown with its marks)."""
    found = seeded = 0
    for name, text in texts.items():
        body = [i for i, char in enumerate(text) if "\u4e00" <= char <= "\u9fff"][20:-20]
        for number in range(5 if body else 0):
            place = random.Random(f"{name}{number}").choice(body)
            captured = f"{text[:place]}\u781a{text[place + 1 :]}"
            result = compare(Side(text=captured, label="a"), Side(text=text, label="b"))
            assert result.verdict == "altered", (name, place)
            (edit,) = result.edits
            assert edit.captured.start <= place < edit.captured.end, (name, place)
            seeded += 1
            found += (edit.captured.start, edit.captured.end) == (place, place + 1)
    print(f"\n{found} of {seeded} seeded characters located to the character")
    assert seeded > 0
    assert found >= 0.99 * seeded


def test_format_noise_raises_no_alarm(texts: dict[str, str]) -> None:
    """Indentation, line ends and half-width commas are format in every real text."""
    for name, text in texts.items():
        noisy = "\u3000\u3000" + text.replace("\n\n", "\n\u3000\u3000").replace("，", ",")
        result = compare(Side(text=noisy, label="a"), Side(text=text, label="b"))
        assert result.verdict in ("identical", "same-text"), name


def test_other_texts_are_different(texts: dict[str, str]) -> None:
    """Two articles are never called the same; nearly all pairs are `different`.

    A report of a speech and the speech itself share most of the report: such a pair is `altered`.
    """
    verdicts: Counter[str] = Counter()
    for (name, text), (other_name, other) in itertools.pairwise(texts.items()):
        if text[:40] == other[:40]:
            continue  # two captures of one article
        result = compare(Side(text=text, label="a"), Side(text=other, label="b"))
        verdicts[result.verdict] += 1
        assert result.verdict not in ("identical", "same-text", "minor", "excerpt"), (name, other_name)
    print(f"\n{dict(verdicts)}")
    assert verdicts["different"] >= 0.9 * verdicts.total()
