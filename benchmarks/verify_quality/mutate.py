"""Seeded mutations of a text: of words, sentences and paragraphs, each remembered with its exact place."""

from __future__ import annotations

import random
import re
from dataclasses import dataclass

from benchmarks.verify_quality.texts import Sentence, Text, Token, other_sentence
from benchmarks.verify_quality.words import SLOTS, chinese, lists

RARE = "砚穗鹊榫琥犁绡骊"
TRADITIONAL = dict(zip("国会议关发东车门书长应当产务实对", "國會議關發東車門書長應當產務實對", strict=True))
_PLAIN_DATE = re.compile("[0-9]+")
_HAN = re.compile("[\u4e00-\u9fff]")
_KEPT_FROM_LINE = 4


@dataclass(slots=True)
class Seeded:
    """One mutation: `captured[a0:a1]` stands where the original has `[b0:b1]`; the token around it, too."""

    kind: str
    a0: int
    a1: int
    b0: int
    b1: int
    token: tuple[int, int, int, int]
    listed: str = ""


@dataclass(slots=True)
class Pair:
    """Two texts, and what was done to make the captured one of the original.

    `moved`: the paragraph that was moved, and those that it passed; `repeated`: a sentence stands twice.
    """

    kind: str
    captured: str
    original: str
    edits: list[Seeded]
    moved: tuple[str, str] | None = None
    repeated: bool = False


def make_pair(text: Text, chance: random.Random) -> Pair | None:
    """Mutate a text in one of several ways; None if by chance a sentence became one that stands elsewhere.

    Then there are two true accounts of the difference, and which is meant cannot be told.
    """
    known = {"".join(token.original for token in s) for paragraph in text.paragraphs for s in paragraph}
    pair = _mutated(text, chance)
    for sentence in (sentence for paragraph in text.paragraphs for sentence in paragraph):
        captured, original = (
            "".join(getattr(t, side) for t in sentence) for side in ("captured", "original")
        )
        if captured != original and captured in known:
            return None
    return pair


def _mutated(text: Text, chance: random.Random) -> Pair:
    roll = chance.random()
    if roll < 0.1:
        return rendered(text, chance, regroup=True)
    if roll < 0.2:
        return _moved(text, chance)
    if roll < 0.45:
        places = _structural(text, chance)
        edit_words(text, chance, chance.randint(0, 4), places)
        return rendered(text, chance, regroup=False)
    edit_words(text, chance, chance.randint(1, 6), set())
    return rendered(text, chance, regroup=chance.random() < 0.2)


@dataclass(frozen=True, slots=True)
class Draft:
    """A sentence that is to be mutated."""

    language: str
    sentence: Sentence
    chance: random.Random


# ---- words ----------------------------------------------------------------------------------------


def edit_words(text: Text, chance: random.Random, wanted: int, not_near: set[int]) -> None:
    """Edit one place in each of some sentences that are not neighbours."""
    flat = [sentence for paragraph in text.paragraphs for sentence in paragraph]
    free = [n for n in range(len(flat)) if not {n - 1, n, n + 1} & not_near]
    chance.shuffle(free)
    taken: set[int] = set()
    for number in sorted(free, key=lambda n: all(token.kind == "plain" for token in flat[n])):
        if len(taken) == wanted:
            break
        if not {number - 1, number + 1} & taken and _edit(text, flat[number], chance):
            taken.add(number)


def _edit(text: Text, sentence: Sentence, chance: random.Random) -> bool:
    ways = [_slot, _slot, _slot, _slot, _style, _comma, _character, _quotes, _question, _put_negation, _cut]
    if text.language == "en":
        ways += [_case, _new_word]
    else:
        ways.append(_script)
    chance.shuffle(ways)
    draft = Draft(text.language, sentence, chance)
    return any(way(draft) for way in ways)


def _slot(draft: Draft) -> bool:
    slots = [
        token
        for token in draft.sentence
        if token.kind in SLOTS[draft.language] and not token.kind.startswith("qualifier")
    ]
    if not slots:
        return False
    token = draft.chance.choice(slots)
    for _ in range(20):
        token.captured = SLOTS[draft.language][token.kind](draft.chance)
        if not _same(token.kind, token.original, token.captured):
            return True
    token.captured = token.original
    return False


def _same(kind: str, left: str, right: str) -> bool:
    """Tell whether two words mean the same, so that putting one for the other would be no such edit."""
    if kind in {"distance", "mass", "goods"}:
        alike = [{"公里", "千米"}, {"公吨", "吨"}, {"千克", "公斤"}]
        return left == right or any({left, right} <= pair for pair in alike)
    if kind in {"percent", "years"}:
        return _in_figures(left) == _in_figures(right)
    plain = {"number", "amount", "percent", "date"}
    return left == right or (kind in plain and _digits(left) == _digits(right))


def _in_figures(text: str) -> str:
    return next((f"{n}%" for n in range(2, 99) if text == f"百分之{chinese(n)}"), None) or next(
        (str(n) for n in range(2, 100) if text == chinese(n)), text
    )


def _digits(text: str) -> str:
    return text.replace(",", "")


def _style(draft: Draft) -> bool:
    """Write a number or a date in other numerals."""
    for token in draft.sentence:
        if draft.language == "zh" and token.kind == "number" and token.original.isdecimal():
            token.captured = draft.chance.choice([chinese(int(token.original)), f"{int(token.original):,}"])
        elif (
            draft.language == "zh"
            and token.kind == "date"
            and token.original.isascii() is False
            and _PLAIN_DATE.match(token.original)
        ):
            token.captured = _PLAIN_DATE.sub(lambda m: _in_words(m[0]), token.original)
        if token.captured != token.original:
            token.kind += "-style"
            return True
    return False


def _in_words(digits: str) -> str:
    if len(digits) == 4:
        return "".join("〇一二三四五六七八九"[int(digit)] for digit in digits)
    return chinese(int(digits))


def _comma(draft: Draft) -> bool:
    marks = {"zh": ("，", ["、", "；", ""]), "en": (",", [";", ""])}[draft.language]
    for token in draft.sentence[1:-1]:
        place = token.original.find(marks[0])
        whole = token.kind == "plain" and 0 < place < len(token.original) - 1
        if whole and _HAN.match(token.original[place - 1]) and _HAN.match(token.original[place + 1]):
            return _split(draft.sentence, token, place, 1, draft.chance.choice(marks[1]), "comma")
    return False


def _question(draft: Draft) -> bool:
    token = draft.sentence[-1]
    if token.kind != "plain" or not token.original.endswith(("。", ".")):
        return False
    return _split(
        draft.sentence, token, len(token.original) - 1, 1, "？" if draft.language == "zh" else "?", "question"
    )


def _quotes(draft: Draft) -> bool:
    marks = [token for token in draft.sentence if token.kind == "quotes"]
    for token in marks:
        token.captured = ""
    return bool(marks)


def _put_negation(draft: Draft) -> bool:
    for place, token in enumerate(draft.sentence):
        if token.kind == "modal":
            put = Token("", "negation-put", "不" if draft.language == "zh" else " not")
            draft.sentence.insert(place + (draft.language == "en"), put)
            return True
        if token.kind == "negation" and draft.language == "zh":
            token.captured = ""
            return True
    return False


def _cut(draft: Draft) -> bool:
    """Take out a qualifier with its comma, or an approximation."""
    for place, token in enumerate(draft.sentence):
        following = draft.sentence[place + 1].original if place + 1 < len(draft.sentence) else ""
        if token.kind == "approximate":
            token.captured = ""
            if draft.language == "en" and following.startswith(" "):
                draft.sentence[place + 1].original = draft.sentence[place + 1].captured = following[1:]
                token.original += " "
            return True
        if token.kind == "qualifier" and following.startswith(("，", ", ")):
            size = 1 if draft.language == "zh" else 2
            draft.sentence[place + 1].original = draft.sentence[place + 1].captured = following[size:]
            token.original, token.captured = token.original + following[:size], ""
            return True
    return False


def _case(draft: Draft) -> bool:
    for token in draft.sentence[1:]:
        found = re.search(r"(?<= )[a-z](?=[a-z]{3})", token.original)
        if token.kind == "plain" and found:
            return _split(draft.sentence, token, found.start(), 1, found[0].upper(), "case")
    return False


def _new_word(draft: Draft) -> bool:
    for token in draft.sentence:
        found = re.search(r" (?=(?:share|take|comment|steps|action|talks|channel|request)\b)", token.original)
        if token.kind == "plain" and found:
            put = f" {draft.chance.choice(lists('en')['adjectives'])} "
            return _split(draft.sentence, token, found.start(), 1, put, "new-word")
    return False


def _script(draft: Draft) -> bool:
    for token in draft.sentence:
        places = [n for n, char in enumerate(token.original) if char in TRADITIONAL]
        if token.kind == "plain" and places:
            place = draft.chance.choice(places)
            return _split(draft.sentence, token, place, 1, TRADITIONAL[token.original[place]], "script")
    return False


def _character(draft: Draft) -> bool:
    letter = _HAN if draft.language == "zh" else re.compile("[a-z]")
    plain = [token for token in draft.sentence if token.kind == "plain" and letter.search(token.original)]
    if not plain:
        return False
    token = draft.chance.choice(plain)
    low = _KEPT_FROM_LINE if token is draft.sentence[0] else 0
    places = [
        m.start()
        for m in letter.finditer(token.original)
        if m.start() >= low and m[0] not in "一二三四五六七八九十"
    ]
    if not places:
        return False
    place = draft.chance.choice(places)
    put = draft.chance.choice(RARE) if draft.language == "zh" else draft.chance.choice("qzxj")
    return _split(
        draft.sentence,
        token,
        place,
        1,
        draft.chance.choice([put, "", token.original[place] + put]),
        "character",
    )


def _split(sentence: Sentence, token: Token, place: int, size: int, put: str, kind: str) -> bool:
    at = next(n for n, one in enumerate(sentence) if one is token)
    before, after = token.original[:place], token.original[place + size :]
    middle = Token(token.original[place : place + size], kind, put)
    sentence[at : at + 1] = [Token(before, "plain"), middle, Token(after, "plain")]
    return middle.original != put


# ---- sentences and paragraphs ---------------------------------------------------------------------


def _structural(text: Text, chance: random.Random) -> set[int]:
    """Cut or insert a sentence or a paragraph; returns the number of the sentence that it is."""
    kind = chance.choice(
        ["cut-sentence", "new-sentence", "cut-sentence", "new-sentence", "cut-paragraph", "new-paragraph"]
    )
    paragraphs = text.paragraphs
    if kind.endswith("paragraph"):
        place = chance.randrange(len(paragraphs))
        if kind == "new-paragraph":
            paragraphs.insert(place, [[Token("", kind, other_sentence(text.language, chance))]])
        else:
            whole = text.joint.join("".join(token.original for token in one) for one in paragraphs[place])
            paragraphs[place] = [[Token(whole, kind, "")]]
        before = paragraphs[:place]
        return {sum(len(paragraph) for paragraph in before)}
    place = chance.choice([n for n, paragraph in enumerate(paragraphs) if len(paragraph) > 1] or [0])
    paragraph = paragraphs[place]
    if len(paragraph) == 1:
        paragraph.append([Token(other_sentence(text.language, chance), "plain")])
    at = chance.randrange(len(paragraph))
    if kind == "new-sentence":
        paragraph.insert(at, [Token("", kind, other_sentence(text.language, chance))])
    else:
        words = "".join(token.original for token in paragraph[at])
        if sum(map(str.isalnum, words)) < 2:
            return set()
        paragraph[at] = [Token(words, kind, "")]
    return {sum(len(one) for one in paragraphs[:place]) + at}


def _moved(text: Text, chance: random.Random) -> Pair:
    texts = [text.joint.join("".join(t.original for t in s) for s in p) for p in text.paragraphs]
    if len(texts) < 2:
        return rendered(text, chance, regroup=True)
    at = chance.randrange(len(texts))
    to = chance.choice([i for i in range(len(texts)) if i != at])
    order = texts[:at] + texts[at + 1 :]
    order.insert(to, texts[at])
    passed = "".join(texts[at + 1 : to + 1] if to > at else texts[to:at])
    flat = ["".join(t.original for t in s) for p in text.paragraphs for s in p]
    repeated = len(set(flat)) < len(flat)
    return Pair(text.kind, "\n\n".join(order), "\n\n".join(texts), [], (texts[at], passed), repeated)


def rendered(text: Text, chance: random.Random, *, regroup: bool) -> Pair:
    """Write both sides out; `regroup` splits and merges paragraphs of the captured one."""
    a, b = "", ""
    edits: list[Seeded] = []
    for number, paragraph in enumerate(text.paragraphs):
        for place, sentence in enumerate(paragraph):
            first = place == 0
            joint = ("\n\n" if number else "") if first else text.joint
            has_a, has_b = any(t.captured for t in sentence), any(t.original for t in sentence)
            if has_b and b:
                b += joint if not _opens(text, number, place, "original") else "\n\n"
            if has_a and a:
                between = joint if not _opens(text, number, place, "captured") else "\n\n"
                following = next(t.captured for t in sentence if t.captured)
                apart = regroup and not (_spaced(a[-1:]) and _spaced(following[:1]) and text.language == "zh")
                a += _other_joint(between, text, chance) if apart else between
            for token in sentence:
                a0, b0 = len(a), len(b)
                a, b = a + token.captured, b + token.original
                if token.captured != token.original:
                    edits.append(
                        _trimmed(
                            a,
                            b,
                            Seeded(
                                token.kind, a0, len(a), b0, len(b), (a0, len(a), b0, len(b)), token.original
                            ),
                        )
                    )
    return Pair(text.kind, a, b, edits)


def _spaced(char: str) -> bool:
    """Tell whether a character belongs to a script that puts spaces between words."""
    return char.isalnum() and ord(char) < 0x2E80


def _opens(text: Text, number: int, place: int, side: str) -> bool:
    """Tell whether the sentence is the first of its paragraph that this side has."""
    before = text.paragraphs[number][:place]
    return number > 0 and not any(getattr(token, side) for sentence in before for token in sentence)


def _other_joint(joint: str, text: Text, chance: random.Random) -> str:
    if joint == "\n\n":
        return text.joint if chance.random() < 0.4 else joint
    return "\n\n" if chance.random() < 0.2 else joint


def _trimmed(a: str, b: str, edit: Seeded) -> Seeded:
    while edit.a0 < edit.a1 and edit.b0 < edit.b1 and a[edit.a0] == b[edit.b0]:
        edit.a0, edit.b0 = edit.a0 + 1, edit.b0 + 1
    while edit.a0 < edit.a1 and edit.b0 < edit.b1 and a[edit.a1 - 1] == b[edit.b1 - 1]:
        edit.a1, edit.b1 = edit.a1 - 1, edit.b1 - 1
    return edit
