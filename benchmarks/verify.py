"""How fast `harvester.verify.compare` is, against difflib and diff-match-patch in the same run.

Pairs of 10 000 characters with 1 to 500 edits: processor time of each, in turn, and the ratios; "alignment"
is ours without classes, passages and verdict, which the others do not give. Then pairs of 1 000 000
characters, each in a process of its own: time, peak memory, and what is said of a bound that was hit.
"""

from __future__ import annotations

import argparse
import difflib
import json
import random
import re
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable

from benchmarks.timing import interleaved, ratio
from harvester.verify import Side, compare
from harvester.verify.align import align_texts
from harvester.verify.chars import MAX_CELLS
from harvester.verify.fold import fold

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
]
MILLION = 1_000_000


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


# ---- 10 000 characters ----------------------------------------------------------------------------


def small() -> None:
    """Print the processor time of each way, and how many times longer the others take."""
    original = text_of(10_000, 1)
    print("10 000 characters, processor time, and the others' time over ours (medians)")
    for edits in (1, 10, 50, 100, 500):
        captured = edited(original, edits, edits)
        sides = Side(text=captured, label="captured"), Side(text=original, label="original")
        ways: dict[str, Callable[[], object]] = {
            "ours": lambda s=sides: compare(*s),
            "alignment": lambda c=captured: _aligned(c, original),
            "difflib": lambda c=captured: _difflib(c, original),
        }
        ways |= _diff_match_patch(captured, original)
        times = interleaved(ways, rounds=7)
        ours, alone = (
            statistics.median(cpu for cpu, _ in times[name]) * 1000 for name in ("ours", "alignment")
        )
        peers = [name for name in ways if name not in {"ours", "alignment"}]
        ratios = ", ".join(
            f"{name} {ratio(times[name], times['ours']):.1f} x "
            f"({ratio(times[name], times['alignment']):.1f} x)"
            for name in peers
        )
        found = len(compare(*sides).edits)
        print(f"  {edits:3} edits: {ours:5.1f} ms (alignment {alone:5.1f} ms); {ratios}; {found} edits found")


def _difflib(captured: str, original: str) -> object:
    return difflib.SequenceMatcher(None, captured, original, autojunk=False).get_opcodes()


def _aligned(captured: str, original: str) -> object:
    return align_texts(fold(captured), fold(original), [], [], lambda _: None, MAX_CELLS)


def _diff_match_patch(captured: str, original: str) -> dict[str, Callable[[], object]]:
    try:
        from diff_match_patch import diff_match_patch
    except ImportError:
        return {}
    peer = diff_match_patch()
    peer.Diff_Timeout = 0  # its answer is approximate once a time is out; ours never is

    def run() -> object:
        found = peer.diff_main(captured, original)
        peer.diff_cleanupSemantic(found)
        return found

    return {"diff-match-patch": run}


# ---- 1 000 000 characters -------------------------------------------------------------------------


def _random(seed: int, alphabet: str) -> str:
    return "".join(random.Random(seed).choices(alphabet, k=MILLION))


def _shuffled(text: str) -> str:
    sentences = re.findall("[^。]*。\n*", text)
    random.Random(1).shuffle(sentences)
    return "".join(sentences)


def _commas(put: str) -> str:
    return text_of(MILLION, 2).replace("，", put)


_SAME = "双方同意继续就此保持沟通。" * (MILLION // 13)
_HAN = "".join(map(chr, range(0x4E00, 0x9FA0)))
WORST: dict[str, Callable[[], tuple[str, str]]] = {
    "200 edits": lambda: (edited(text_of(MILLION, 2), 200, 3), text_of(MILLION, 2)),
    "50 000 edits": lambda: (edited(text_of(MILLION, 2), 50_000, 3), text_of(MILLION, 2)),
    "a word put in after every comma": lambda: (_commas("，更"), text_of(MILLION, 2)),
    "every sentence moved": lambda: (_shuffled(text_of(MILLION, 2)), text_of(MILLION, 2)),
    "format noise only": lambda: (_commas(" , "), text_of(MILLION, 2)),
    "one sentence again and again, 100 gone": lambda: (_SAME[:5] + _SAME[1305:], _SAME),
    "no sentences, 5 000 characters gone": lambda: (_without(_random(3, _HAN), 5_000), _random(3, _HAN)),
    "another text of the same words": lambda: (text_of(MILLION, 99), text_of(MILLION, 2)),
    "other characters": lambda: (_random(3, _HAN), _random(4, _HAN)),
    "two characters, at random": lambda: (_random(3, "甲乙"), _random(4, "甲乙")),
}


def _without(text: str, characters: int) -> str:
    gone = set(random.Random(5).sample(range(len(text)), characters))
    return "".join(char for place, char in enumerate(text) if place not in gone)


def one(name: str) -> dict[str, object]:
    """Compare one pair and measure; run in a process of its own, so that the peak is its own."""
    captured, original = WORST[name]()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    clock, cpu = time.perf_counter(), time.process_time()
    result = compare(Side(text=captured, label="captured"), Side(text=original, label="original"))
    return {
        "clock": time.perf_counter() - clock,
        "cpu": time.process_time() - cpu,
        "peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        "before": before / 1024,
        "verdict": result.verdict,
        "edits": len(result.edits),
        "moves": len(result.moves),
        "warnings": len(result.warnings),
    }


def big() -> None:
    """Print the pairs of a million characters."""
    print("\n1 000 000 characters a side, each pair in a process of its own")
    heads = ("cpu s".rjust(7), "peak MB".rjust(8), "edits".rjust(7), "moves".rjust(7))
    print("  pair".ljust(44), *heads, " verdict")
    for name in WORST:
        command = [sys.executable, "-m", "benchmarks.verify", "--one", name]
        made = subprocess.run(command, capture_output=True, text=True, check=True)
        found = json.loads(made.stdout)
        said = ", and a bound is told of" if found["warnings"] else ""
        figures = f"{found['cpu']:>7.1f} {found['peak']:>8.0f} {found['edits']:>7} {found['moves']:>7}"
        print(f"  {name:<42} {figures}  {found['verdict']}{said}")


def main(arguments: list[str] | None = None) -> None:
    """Run both."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--one", choices=WORST, help="measure one pair of a million characters, as JSON")
    options = parser.parse_args(arguments if arguments is not None else [])
    if options.one:
        print(json.dumps(one(options.one)))
        return
    small()
    big()


if __name__ == "__main__":
    main(sys.argv[1:])
