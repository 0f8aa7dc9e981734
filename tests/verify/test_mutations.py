"""Seeded mutations: every edit that was made is found at its place, and none that was not made."""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest

from harvester.verify import Result, Side, compare

RARE = "砚穗鹊榫琥犁绡骊"
CLASS_OF = {
    "date": "date",
    "num": "number",
    "name": "name",
    "mod": "modality",
    "neg": "negation",
    "neg-cut": "negation",
    "unit": "unit",
    "attr": "attribution",
    "title": "name",
    "person": "name",
    "char": None,  # a character anywhere in plain text: only material or not is expected
    "punct": "punctuation",
    "cut-sentence": "omission",
    "new-sentence": "addition",
    "cut-quotes": "quotation",
}
SEPARATOR = "\n\n"


@dataclass
class Seeded:
    kind: str
    a0: int
    a1: int
    b0: int
    b1: int


@dataclass
class Pair:
    """`captured` and `original` before noise, and what was done."""

    captured: str
    original: str
    edits: list[Seeded]
    moved: tuple[str, str] | None = None


@dataclass
class Tools:
    article: Callable[[random.Random], Any]
    sentence: Callable[[random.Random], Any]
    fill: Callable[[str, random.Random], str]


@dataclass
class Score:
    pairs: int = 0
    seeded: int = 0
    located: int = 0
    invented: int = 0
    alarms: int = 0
    material_right: int = 0
    table: Counter[tuple[str, str]] = field(default_factory=Counter)
    failures: list[str] = field(default_factory=list)


@pytest.fixture(scope="module")
def tools(make_article, make_sentence, refill) -> Tools:
    return Tools(make_article, make_sentence, refill)


# ---- making pairs ---------------------------------------------------------------------------------


def mutate_tokens(article, chance: random.Random, tools: Tools) -> None:
    """Edit one to three tokens, in sentences that are not neighbours."""
    flat = [sentence for paragraph in article for sentence in paragraph]
    wanted = chance.randint(1, 3)
    for number in range(0, len(flat), max(2, len(flat) // wanted)):
        chance.choice([edit_slot, edit_slot, edit_slot, edit_char, edit_punctuation])(
            flat[number], chance, tools
        )


def edit_slot(sentence, chance, tools) -> None:
    slots = [token for token in sentence if token.kind not in ("plain", "quote")]
    if not slots:
        edit_char(sentence, chance, tools)
        return
    token = chance.choice(slots)
    if token.kind == "neg" and chance.random() < 0.5 and token.original in ("不", "未"):
        token.captured, token.kind = "", "neg-cut"
        return
    while token.captured == token.original:
        token.captured = tools.fill(token.kind, chance)


def edit_char(sentence, chance, tools) -> None:
    plain = [
        token for token in sentence if token.kind == "plain" and re.search("[\u4e00-\u9fff]", token.original)
    ]
    token = chance.choice(plain)
    places = [i for i, char in enumerate(token.original) if "\u4e00" <= char <= "\u9fff"]
    place = chance.choice(places)
    put = chance.choice([chance.choice(RARE), "", token.original[place] + chance.choice(RARE)])
    split(sentence, token, place, put, "char")


def edit_punctuation(sentence, chance, tools) -> None:
    for token in sentence:
        place = token.original.find("，")
        if token.kind == "plain" and place >= 0 and "，“" not in token.original:
            split(sentence, token, place, chance.choice(["、", "；", ""]), "punct")
            return
    edit_char(sentence, chance, tools)


def split(sentence, token, place: int, put: str, kind: str) -> None:
    make = type(token)
    at = sentence.index(token)
    middle = make(token.original[place], kind)
    middle.captured = put
    before, after = token.original[:place], token.original[place + 1 :]
    sentence[at : at + 1] = [make(before, "plain"), middle, make(after, "plain")]


def render(article) -> Pair:
    a, b, edits = "", "", []
    for number, paragraph in enumerate(article):
        if number:
            a, b = a + SEPARATOR, b + SEPARATOR
        for sentence in paragraph:
            for token in sentence:
                a0, b0 = len(a), len(b)
                a, b = a + token.captured, b + token.original
                if token.captured != token.original:
                    edits.append(trimmed(a, b, Seeded(token.kind, a0, len(a), b0, len(b))))
    return Pair(a, b, edits)


def trimmed(a: str, b: str, edit: Seeded) -> Seeded:
    while edit.a0 < edit.a1 and edit.b0 < edit.b1 and a[edit.a0] == b[edit.b0]:
        edit.a0, edit.b0 = edit.a0 + 1, edit.b0 + 1
    while edit.a0 < edit.a1 and edit.b0 < edit.b1 and a[edit.a1 - 1] == b[edit.b1 - 1]:
        edit.a1, edit.b1 = edit.a1 - 1, edit.b1 - 1
    return edit


def token_pair(chance, tools) -> Pair:
    article = tools.article(chance)
    mutate_tokens(article, chance, tools)
    return render(article)


def whole_sentence_pair(chance, tools, kind: str) -> Pair:
    """Cut or insert one sentence in a paragraph that keeps others."""
    article = tools.article(chance)
    article.append([*tools.article(chance)[0][:1], tools.sentence(chance)])
    paragraph = chance.choice([p for p in article if len(p) > 1])
    place = chance.randrange(len(paragraph))
    if kind == "new-sentence":
        paragraph.insert(place, tools.sentence(chance))
    text = "".join(token.original for token in paragraph[place])
    make = type(paragraph[place][0])
    token = make("" if kind == "new-sentence" else text, kind)
    token.captured = text if kind == "new-sentence" else ""
    paragraph[place] = [token]
    return render(article)


def moved_pair(chance, tools) -> Pair:
    article = tools.article(chance)
    texts = ["".join(token.original for s in p for token in s) for p in article]
    at = chance.randrange(len(texts))
    to = chance.choice([i for i in range(len(texts)) if i != at])
    order = texts[:at] + texts[at + 1 :]
    order.insert(to, texts[at])
    passed = "".join(texts[at + 1 : to + 1] if to > at else texts[to:at])
    return Pair(SEPARATOR.join(order), SEPARATOR.join(texts), [], (texts[at], passed))


def paragraphs_pair(chance, tools) -> Pair:
    """Paragraphs split and merged: nothing but format."""
    pair = render(tools.article(chance))
    joined = re.sub(r"\n\n", lambda m: m[0] if chance.random() < 0.6 else "", pair.original)
    captured = re.sub("。(?=.)", lambda m: "。" + SEPARATOR if chance.random() < 0.2 else "。", joined)
    return Pair(captured, pair.original, [])


def make_pair(chance, tools) -> Pair:
    roll = chance.random()
    if roll < 0.6:
        return token_pair(chance, tools)
    if roll < 0.8:
        return whole_sentence_pair(chance, tools, chance.choice(["cut-sentence", "new-sentence"]))
    return moved_pair(chance, tools) if roll < 0.9 else paragraphs_pair(chance, tools)


# ---- noise of format ------------------------------------------------------------------------------


def noisy(text: str, chance: random.Random) -> tuple[str, list[int], list[int]]:
    """Return the text with format noise, and where each character now starts and ends."""
    quotes = chance.choice(["“”", "「」", '""', "『』"])
    wide = {"，": ",", "；": ";", "：": ":", "“": quotes[0], "”": quotes[1], "%": "％"}
    wide |= {str(n): chr(0xFF10 + n) for n in range(10)} if chance.random() < 0.2 else {}
    head = "" if chance.random() < 0.7 else "来源：青屏时报\n\n"
    made, starts, ends = head + chance.choice(["", "\u3000\u3000", "    "]), [], []
    for place, char in enumerate(text):
        before = text[place - 1] if place else ""
        latin = (before + char).isascii() and (before + char).isalnum()
        if char != "\n" and before != "\n" and not latin and chance.random() < 0.02:
            made += chance.choice(["\u200b", " ", "\u3000", "\ufeff", "\u00a0"])
        if before == "\n" and char != "\n":
            made += chance.choice(["", "\u3000\u3000"])
        starts.append(len(made))
        made += wide.get(char, char) if chance.random() < 0.7 else char
        ends.append(len(made))
    return made + chance.choice(["", "\n\n编辑：木子\n审核：禾火", "\n\n（完）"]), starts, ends


# ---- judging --------------------------------------------------------------------------------------


def placements(edit: Seeded, a: str, b: str) -> set[tuple[int, int, int, int]]:
    """Every place at which an insertion or deletion of that length makes the same texts."""
    a, b = bare(a), bare(b)
    found = {(edit.a0, edit.a1, edit.b0, edit.b1)}
    for step in (1, -1):
        a0, a1, b0, b1 = edit.a0, edit.a1, edit.b0, edit.b1
        text, low, high = (a, a0, a1) if b0 == b1 else (b, b0, b1)
        while (a0 == a1 or b0 == b1) and slides(text, low, high, step):
            low, high, a0, a1, b0, b1 = (n + step for n in (low, high, a0, a1, b0, b1))
            found.add((a0, a1, b0, b1))
    return found


def slides(text: str, low: int, high: int, step: int) -> bool:
    if step > 0:
        return high < len(text) and text[low] == text[high]
    return low > 0 and text[low - 1] == text[high - 1]


def bare(text: str) -> str:
    return re.sub(r"\s", "", text)


def without_space(text: str, place: int) -> int:
    return len(bare(text[:place]))


def judge(pair: Pair, result: Result, starts: list[int], ends: list[int], score: Score) -> None:
    found = list(result.edits)
    for edit in pair.edits:
        compact = Seeded(
            edit.kind,
            without_space(pair.captured, edit.a0),
            without_space(pair.captured, edit.a1),
            without_space(pair.original, edit.b0),
            without_space(pair.original, edit.b1),
        )
        allowed = placements(compact, pair.captured, pair.original)
        match = next((e for e in found if at_one_of(e, allowed, pair, starts, ends)), None)
        score.seeded += 1
        if match is None:
            score.failures.append(
                f"not located: {edit} {pair.captured[edit.a0 : edit.a1]!r} "
                f"{pair.original[edit.b0 : edit.b1]!r} in {[(e.rule, e.captured, e.original) for e in found]}"
            )
            continue
        found.remove(match)
        score.located += 1
        wanted = CLASS_OF[edit.kind] or match.class_
        score.table[wanted, match.class_] += 1
        if wanted != match.class_ or match.material != (edit.kind != "punct"):
            score.failures.append(
                f"class: {edit.kind} {match.rule} {match.captured.text!r} {match.original.text!r}"
            )
        score.material_right += match.material == (edit.kind != "punct")
    score.invented += len(found)
    score.failures += [f"invented: {e} beside {pair.edits}" for e in found]


def at_one_of(edit, allowed, pair: Pair, starts: list[int], ends: list[int]) -> bool:
    for a0, a1, b0, b1 in allowed:
        same_a = stored_span(pair.captured, a0, a1, starts, ends)
        plain = list(range(len(pair.original)))
        same_b = stored_span(pair.original, b0, b1, plain, [n + 1 for n in plain])
        if fits(edit.captured, same_a) and fits(edit.original, same_b):
            return True
    return False


def stored_span(text: str, low: int, high: int, starts: list[int], ends: list[int]) -> tuple[int, int, bool]:
    kept = [i for i, char in enumerate(text) if not char.isspace()]
    if low < high:
        return starts[kept[low]], ends[kept[high - 1]], False
    before = ends[kept[low - 1]] if low else 0
    after = starts[kept[low]] if low < len(kept) else ends[kept[-1]]
    return before, max(after, before), True


def fits(span, wanted: tuple[int, int, bool]) -> bool:
    low, high, empty = wanted
    if empty:  # anywhere in the folded white space between two characters
        return low <= span.start == span.end <= high
    return (span.start, span.end) == (low, high)


def run(count: int, seed: int, tools: Tools) -> Score:
    score = Score()
    for number in range(count):
        chance = random.Random(f"{seed}-{number}")
        pair = make_pair(chance, tools)
        text, starts, ends = noisy(pair.captured, chance)
        result = compare(Side(text=text, label="captured"), Side(text=pair.original, label="original"))
        score.pairs += 1
        for edit in result.edits:
            assert text[edit.captured.start : edit.captured.end] == edit.captured.text
            assert pair.original[edit.original.start : edit.original.end] == edit.original.text
        judge(pair, result, starts, ends, score)
        judge_moves(pair, result, score)
    return score


def judge_moves(pair: Pair, result: Result, score: Score) -> None:
    if pair.moved is None:
        if result.moves or (not pair.edits and result.verdict not in ("identical", "same-text")):
            score.alarms += 1
            score.failures.append(f"false alarm: {result.verdict} {result.edits} {result.moves}")
        return
    shortest = min(len(bare(text)) for text in pair.moved)
    moved = sum(len(bare(move.original.text)) for move in result.moves)
    if moved != shortest or result.verdict != "altered":
        score.invented += 1
        score.failures.append(f"move: {moved} for {shortest}, {result.verdict}")


def show(score: Score) -> None:
    print(
        f"\n{score.pairs} pairs, {score.seeded} seeded edits, {score.located} located, "
        f"{score.invented} invented, {score.alarms} false alarms, "
        f"material right {score.material_right}/{score.located}"
    )
    names = sorted({name for pair in score.table for name in pair})
    print("wanted \\ got".ljust(14), *(name[:8].rjust(9) for name in names))
    for wanted in names:
        print(wanted.ljust(14), *(str(score.table[wanted, got]).rjust(9) for got in names))
    for failure in score.failures[:40]:
        print(failure)


def check(score: Score) -> None:
    assert score.located == score.seeded
    assert score.invented == 0
    assert score.alarms == 0
    assert score.material_right >= 0.99 * score.located
    right = sum(count for (wanted, got), count in score.table.items() if wanted == got)
    assert right >= 0.99 * score.located


def test_two_thousand_seeded_pairs(tools: Tools) -> None:
    """All seeded edits are located exactly, none is invented, pure format noise raises no alarm."""
    score = run(2_000, 1, tools)
    show(score)
    check(score)


@pytest.mark.slow
def test_a_hundred_thousand_seeded_pairs(tools: Tools) -> None:
    """The same over a hundred thousand pairs."""
    score = run(100_000, 2, tools)
    show(score)
    check(score)


def test_quotation_marks_taken_off_are_two_material_edits(tools: Tools) -> None:
    """The style of quotation marks is format; their presence is not."""
    chance = random.Random(7)
    text = render(tools.article(chance)).original + "\n\n他说“求同存异”很要紧，各方都听到了这句话。"
    result = compare(Side(text=re.sub("[“”]", "", text), label="a"), Side(text=text, label="b"))
    assert {edit.rule for edit in result.edits} == {"quotation.marks"}
    assert len(result.edits) == text.count("“") + text.count("”")
    assert result.verdict == "altered"
