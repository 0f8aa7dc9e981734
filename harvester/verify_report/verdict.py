"""The top of a report: the verdict in words, what it means and what it does not show."""

from __future__ import annotations

from collections import Counter
from typing import Final

from harvester.markup import Markup, element
from harvester.verify import Result, exit_code
from harvester.verify.words import name, remark
from harvester.verify_report.given import Given
from harvester.verify_report.visible import inert
from harvester.verify_report.words import Words

SIGNS: Final = {
    "identical": "＝",
    "same-text": "＝",
    "minor": "≈",
    "excerpt": "⊂",
    "altered": "≠",
    "excerpt-altered": "≠",
    "different": "≠",
    "cannot-verify": "？",
}
_TONES: Final = {0: "good", 1: "bad", 4: "open"}
_KINDS: Final = ("changed", "split", "merged", "regrouped", "moved", "cut", "inserted")
_DEFAULT_LEVEL: Final = "punctuation"


def verdict_html(given: Given) -> Markup:
    """Return the box with the verdict."""
    words, result = given.words, given.result
    remarks = [remark(key, words.language) for key in result.remarks]
    said, language = words.said(result.reason) if result.reason else ("", None)
    return element(
        "section",
        element("p", words("page.question"), cls="question"),
        element(
            "p",
            element("span", SIGNS.get(result.verdict, "？"), cls="sign", aria_hidden="true"),
            element("strong", name("verdict", result.verdict, words.language)),
            element("code", result.verdict),
            cls="answer",
        ),
        _note(words("verdict.reason"), inert(said), language, words) if said else None,
        *(_note(words("verdict.remark"), inert(text), None, words) for text in remarks if text),
        _figures(given),
        element("h2", words("verdict.meaning")),
        element("p", words(f"meaning.{result.verdict}")),
        element("h2", words("verdict.limits")),
        element("ul", *(element("li", words(f"limit.{key}")) for key in _limits(given))),
        id="verdict",
        cls=f"verdict {_TONES[exit_code(result)]}",
        aria_label=words("page.title"),
    )


def _note(label: str, text: Markup, language: str | None, words: Words) -> Markup:
    return element(
        "p", element("b", label + words("page.colon")), element("span", text, lang=language), cls="reason"
    )


def _limits(given: Given) -> list[str]:
    result = given.result
    limits = ["cannot"] if result.verdict == "cannot-verify" else ["authentic"]
    sides = zip((given.captured, given.original), given.places, strict=True)
    of_files = [side for side, place in sides if place is None and not side.is_absent]
    limits += ["file"] if of_files else []
    limits += ["excerpt"] if result.verdict == "excerpt" else []
    limits += ["pictures", "version"] if result.level else []
    return limits + (["classes"] if result.edits else [])


def _figures(given: Given) -> Markup | None:
    """Return the figures of a comparison, None where nothing was compared."""
    result, words = given.result, given.words
    if result.level is None:
        return None
    material = sum(edit.material for edit in result.edits)
    rows = [
        (words("verdict.edits"), f"{len(result.edits)}" + _of_them(material, given)),
        (words("verdict.moves"), str(len(result.moves)) if result.moves else None),
        (words("verdict.level"), name("level", result.level, words.language)),
        (words("verdict.required"), _required(result, given)),
        (words("verdict.paragraphs"), _paragraphs(given)),
        (words("verdict.shared_captured"), _share(result.coverage.captured)),
        (words("verdict.shared_original"), _share(result.coverage.original)),
        (words("verdict.format"), ", ".join(words.named("format", kind) for kind in result.format)),
    ]
    parts = [part for term, told in rows if told for part in (element("dt", term), element("dd", told))]
    return element("dl", *parts, cls="figures")


def _of_them(material: int, given: Given) -> str:
    return (
        f" ({given.words('verdict.material')}{given.words('page.colon')}{material})"
        if given.result.edits
        else ""
    )


def _required(result: Result, given: Given) -> str | None:
    if result.required == _DEFAULT_LEVEL:
        return None
    met = "met" if exit_code(result) == 0 else "unmet"
    return f"{name('level', result.required, given.words.language)} ({given.words('verdict.' + met)})"


def _paragraphs(given: Given) -> str | None:
    unit = given.result.units.get("paragraphs")
    if unit is None:
        return None
    counts = {"captured": unit.captured, "original": unit.original, "same": unit.same}
    told = [given.words("verdict.unit_counts", **counts)]
    kinds = Counter(passage.kind for passage in given.result.paragraphs)
    told += [f"{name('passage', kind, given.words.language)} {kinds[kind]}" for kind in _KINDS if kinds[kind]]
    return given.words("page.semicolon").join(told)


def _share(share: float) -> str:
    """Return a share in per cent, cut and not rounded: 100 % means all of it."""
    return f"{int(share * 1000) / 10:g} %"
