"""How fast `harvester.verify.compare` is, against difflib in the same run.

Prints the median time of a 10 000-character pair with 1, 10 and 50 edits, difflib's time on the same
pair and the ratio; then time and the process's peak memory of a 1 000 000-character pair with 200 edits.
"""

from __future__ import annotations

import difflib
import random
import resource
import statistics
import time
from collections.abc import Callable

from harvester.verify import Side, compare

SYLLABLES = "山河湖海林田路桥城镇港湾岛屿风雨云雪春夏秋冬东西南北中上下左右前后内外高低远近新旧"
STOCK = [
    "合作",
    "双方",
    "发展",
    "国际",
    "安全",
    "加强",
    "推动",
    "坚持",
    "机制",
    "对话",
    "和平",
    "共同",
    "进一步",
    "经济",
]


def text_of(characters: int, seed: int) -> str:
    """Return a made-up text of sentences of 20 to 60 characters, in paragraphs of one to five."""
    chance = random.Random(seed)
    pieces: list[str] = []
    size = 0
    while size < characters:
        words = [
            chance.choice(STOCK) if chance.random() < 0.5 else chance.choice(SYLLABLES) for _ in range(24)
        ]
        words.insert(12, "，")
        sentence = "".join(words) + "。" + ("\n\n" if chance.random() < 0.3 else "")
        pieces.append(sentence)
        size += len(sentence)
    return "".join(pieces)[:characters]


def edited(text: str, edits: int, seed: int) -> str:
    """Return the text with that many single characters replaced."""
    chance = random.Random(seed)
    characters = list(text)
    for place in chance.sample([i for i, char in enumerate(text) if char in SYLLABLES], edits):
        characters[place] = "砚"
    return "".join(characters)


def timed(work: Callable[[], object], repeat: int) -> float:
    """Return the median time of a call in milliseconds."""
    times = []
    for _ in range(repeat):
        start = time.perf_counter()
        work()
        times.append((time.perf_counter() - start) * 1000)
    return statistics.median(times)


def small() -> None:
    original = text_of(10_000, 1)
    for edits in (1, 10, 50):
        captured = edited(original, edits, edits)
        sides = Side(text=captured, label="captured"), Side(text=original, label="original")
        ours = timed(lambda s=sides: compare(*s), 15)
        theirs = timed(
            lambda c=captured: difflib.SequenceMatcher(None, c, original, autojunk=False).get_opcodes(), 3
        )
        found = len(compare(*sides).edits)
        print(
            f"10 000 characters, {edits:3} edits: {ours:8.2f} ms, difflib {theirs:9.1f} ms, "
            f"ratio {theirs / ours:7.1f}, {found} found"
        )


def big() -> None:
    original = text_of(1_000_000, 2)
    captured = edited(original, 200, 3)
    start = time.perf_counter()
    result = compare(Side(text=captured, label="captured"), Side(text=original, label="original"))
    taken = time.perf_counter() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(
        f"1 000 000 characters, 200 edits: {taken:.2f} s, peak {peak:.0f} MB, {len(result.edits)} found, "
        f"warnings {list(result.warnings)}"
    )


def main() -> None:
    """Run both."""
    small()
    big()


if __name__ == "__main__":
    main()
