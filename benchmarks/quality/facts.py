"""A golden case's facts against its document: what is true of the page, whoever reads it.

`facts.json` was written from the content that the page was built of, never from our output. Every key
has one check here; a key without one is a fault, so that no fact is believed to be checked and is not.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

Values = dict[str, Any]
"""A document or page state as JSON values (`benchmarks.quality.golden.plain`)."""


def disagreements(facts: Mapping[str, Any], value: Values) -> dict[str, tuple[Any, Any]]:
    """Return the facts that the document does not bear out: what is true, and what it says."""
    out: dict[str, tuple[Any, Any]] = {}
    for name, wanted in facts.items():
        found = _CHECKS[name](value, wanted) if name in _CHECKS else "(nobody checks this fact)"
        if found != wanted:
            out[name] = (wanted, found)
    return out


def bare(text: str) -> str:
    """Return a text without white space: line breaks are a renderer's choice."""
    return "".join(text.split())


def _same(name: str) -> Callable[[Values, Any], Any]:
    return lambda value, _: value.get(name)


def _parts(name: str) -> Callable[[Values, Any], Any]:
    def found(value: Values, wanted: Mapping[str, Any]) -> dict[str, Any]:
        return {key: (value.get(name) or {}).get(key) for key in wanted}

    return found


def _declared(name: str) -> Callable[[Values, Any], Any]:
    return lambda value, _: (value.get("declared") or {}).get(name)


def _detail(name: str) -> Callable[[Values, Any], Any]:
    def found(value: Values, wanted: Any) -> Any:
        said = value.get("details", {}).get(name)
        return wanted if said == str(wanted) else said

    return found


def _contains(read: Callable[[Values], str | None]) -> Callable[[Values, Any], Any]:
    def found(value: Values, wanted: str) -> Any:
        said = read(value) or ""
        return wanted if bare(wanted) in bare(said) else said

    return found


def _moment(read: Callable[[Values], str | None]) -> Callable[[Values, Any], Any]:
    """Facts give seconds; a document gives no more than the page does (`…T18:42+08:00`)."""

    def found(value: Values, wanted: str | None) -> Any:
        said = read(value)
        if wanted and said and said != wanted and _coarser(said, wanted):
            return wanted
        return said

    return found


def _coarser(said: str, wanted: str) -> bool:
    seconds, zone = wanted[:-6], wanted[-6:]
    return seconds.endswith(":00") and said in {seconds[:-3] + zone, seconds[:10]}


def _images(value: Values, _: Any) -> list[str]:
    return [one["url"] for one in value.get("images", ()) if one["role"] != "cover"]


def _cover(value: Values, _: Any) -> str | None:
    return next((one["url"] for one in value.get("images", ()) if one["role"] == "cover"), None)


def _image_places(value: Values, wanted: list[list[str]]) -> list[list[str]]:
    """Each picture of the body between the words before and after it (their ends as long as the facts')."""
    text = value.get("text", "")
    places = [one["position"] for one in value.get("images", ()) if one["role"] != "cover"]
    sizes = [(len(before), len(after)) for before, after in wanted] or [(0, 0)]
    out: list[list[str]] = []
    for number, place in enumerate(places):
        before, after = sizes[min(number, len(sizes) - 1)]
        head, tail = bare(text[:place]), bare(text[place:])
        out.append([head[len(head) - before :] if before else "", tail[:after]])
    return out


def _paragraphs(value: Values, wanted: list[str]) -> list[str]:
    """The words of the text in order (`words` where they do not all stand in one known container)."""
    said = value.get("text", "")
    return wanted if bare(said) == bare("".join(wanted)) else said.split("\n")


def _markdown(value: Values, wanted: list[str]) -> list[str]:
    """The lines of Markdown that are not empty, all of them in order."""
    lines = [line for line in value.get("markdown", "").split("\n") if line.strip()]
    return wanted if lines == wanted else lines


def _markdown_has(value: Values, wanted: list[str]) -> list[str]:
    lines = value.get("markdown", "").split("\n")
    return [line for line in wanted if line in lines]


def _hidden(value: Values, _: Any) -> list[str]:
    return [one["text"] for one in value.get("hidden", ())]


def _hidden_why(value: Values, _: Any) -> list[str]:
    return [one["reason"] for one in value.get("hidden", ())]


def _frame(value: Values, _: Any) -> list[list[str]]:
    """Role, value, and the very words of the text that the offsets name."""
    text = value.get("text", "")
    return [[one["role"], one["value"], text[one["start"] : one["end"]]] for one in value.get("frame", ())]


def _questions(value: Values, _: Any) -> list[list[str | None]]:
    text = value.get("text", "")

    def words(span: list[int] | None) -> str | None:
        return None if span is None else text[span[0] : span[1]]

    return [
        [one["asker"], words(one["question"]), one["speaker"], words(one["answer"])]
        for one in value.get("questions", ())
    ]


def _sources(value: Values, wanted: Mapping[str, str]) -> dict[str, str | None]:
    """Where fields come from: the carrier, or the reason why there is none."""
    fields = value["provenance"].get("fields", {})
    return {
        name: (fields.get(name) or {}).get("source") or (fields.get(name) or {}).get("reason")
        for name in wanted
    }


def _link(number: int) -> Callable[[Values, Any], Any]:
    def found(value: Values, wanted: Any) -> Any:
        links = value.get("links") or [[]]
        return list(links[number]) if isinstance(wanted, list) else (links[number] or [None])[0]

    return found


_CHECKS: Final[Mapping[str, Callable[[Values, Any], Any]]] = {
    **{
        name: _same(name)
        for name in (
            "state",
            "kind",
            "title",
            "subtitle",
            "source",
            "author",
            "source_url",
            "section",
            "language",
            "note",
            "preview",
            "original_source",
            "event_date",
            "attachments",
            "albums",
            "next_url",
            "rule",
        )
    },
    **{name: _parts(name) for name in ("account", "identity", "original_account", "edits", "declared")},
    "published_at": _moment(lambda value: value.get("published_at")),
    "modified_at": _moment(lambda value: value.get("modified_at")),
    "page_time": _moment(lambda value: value["provenance"]["clocks"]["page"]),
    "copyright": _declared("copyright"),
    "title_is_users": _declared("title_is_users"),
    "images": _images,
    "cover": _cover,
    "image_places": _image_places,
    "paragraphs": _paragraphs,
    "words": _paragraphs,
    "markdown": _markdown,
    "markdown_has": _markdown_has,
    "hidden": _hidden,
    "hidden_why": _hidden_why,
    "frame": _frame,
    "questions": _questions,
    "sources": _sources,
    "notice_contains": _contains(lambda value: value.get("notice")),
    "reason_contains": _contains(lambda value: value.get("details", {}).get("del_reason")),
    "target_url": _detail("target_url"),
    "del_reason_id": _detail("del_reason_id"),
    "rule_id": _detail("rule_id"),
    "link_count": lambda value, _: len(value.get("links", ())),
    "first_link": _link(0),
    "last_link": _link(-1),
}
