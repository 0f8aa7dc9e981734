"""How good `harvester.verify` is: pairs made by seeded mutation, held against what was done.

`python -m benchmarks.verify_quality --pairs 2000 --seed 1` prints the figures and the confusion table; exit 1
where a floor is not held. The words of the generator are not those of the rules (words.toml).
"""

from __future__ import annotations

import argparse
import random
from collections.abc import Sequence

from benchmarks.verify_quality.judge import Score, judge
from benchmarks.verify_quality.mutate import make_pair
from benchmarks.verify_quality.noise import noisy
from benchmarks.verify_quality.texts import text
from harvester.verify import Side, compare

CLASS_FLOOR = 0.99
MATERIAL_FLOOR = 0.99


def run(pairs: int, seed: int) -> Score:
    """Make and judge that many pairs."""
    score = Score()
    for number in range(pairs):
        chance = random.Random(f"{seed}-{number}")
        pair = make_pair(text(chance), chance)
        while pair is None:
            pair = make_pair(text(chance), chance)
        noise = noisy(pair.captured, chance, chance.choice([0.0, 0.02, 0.05]))
        result = compare(Side(text=noise.text, label="captured"), Side(text=pair.original, label="original"))
        judge(pair, noise, result, score)
    return score


def misses(score: Score, rare: float = 0.0) -> list[str]:
    """Name the floors that are not held; `rare` is the share of edits that a very long run may miss."""
    found = []
    if score.seeded - score.located > rare * score.seeded:
        found.append(f"{score.seeded - score.located} of {score.seeded} seeded edits were not located")
    if score.invented > rare * score.seeded:
        found.append(f"{score.invented} edits were reported that were not made")
    if score.alarms:
        found.append(f"{score.alarms} false alarms on {score.quiet} pairs that differ in format only")
    if score.moves - score.moves_exact > rare * score.seeded:
        found.append(f"{score.moves - score.moves_exact} of {score.moves} moves are not exact")
    if score.material_right < MATERIAL_FLOOR * score.located:
        found.append("material or not is wrong in more than one edit of a hundred")
    if score.class_right < CLASS_FLOOR:
        found.append("the class is wrong in more than one edit of a hundred")
    return found


def show(score: Score) -> None:
    """Print the figures, the confusion table and the first failures."""
    located = score.located / max(1, score.seeded)
    print(f"{score.pairs} pairs: {dict(sorted(score.texts.items()))}")
    print(
        f"{score.seeded} seeded edits, {score.located} located ({located:.2%}; {score.in_parts} of them as "
        f"several edits within the word), {score.invented} invented; {score.alarms} false alarms on "
        f"{score.quiet} pairs of format noise only; {score.moves_exact} of {score.moves} moves exact"
    )
    material = score.material_right / max(1, score.located)
    print(f"material right {material:.2%}, class right {score.class_right:.2%}")
    names = sorted({name for cell in score.table for name in cell})
    print("made \\ found".ljust(13), *(name[:8].rjust(8) for name in names))
    for wanted in names:
        print(wanted.ljust(13), *(str(score.table[wanted, got] or ".").rjust(8) for got in names))
    kinds = sorted({kind for kind, _ in score.kinds})
    rights = (
        f"{kind} {score.kinds[kind, True] / (score.kinds[kind, True] + score.kinds[kind, False]):.1%}"
        for kind in kinds
    )
    print("class right by kind of mutation:", ", ".join(rights))
    for line in score.failures:
        print("  " + line)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run, print, and tell by the exit code whether the floors hold."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pairs", type=int, default=2_000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args(arguments)
    score = run(options.pairs, options.seed)
    show(score)
    missed = misses(score)
    for line in missed:
        print(f"NOT HELD: {line}")
    return 1 if missed else 0
