"""What a page is when it is not an article, by the rules of `states.toml`."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Final
from urllib.parse import urlsplit

from harvester.sites.wechat import urls
from harvester.sites.wechat.literal import Value, html_decode, truthy
from harvester.sites.wechat.source import Source, words_of

_MAX_NOTICE_CHARS: Final = 2000
_MAX_MESSAGE_PAGE_CHARS: Final = 400
_RULE_LINK: Final = re.compile(r"[?&]id=(\d{1,6})(?:[&#]|$)")
_SILENT: Final = frozenset(["script", "style", "title", "head", "noscript", "template"])
_SCRIPT_SENTENCE: Final = re.compile(r"""["'>]([^"'<>]{0,80}\Z)""")


@dataclass(frozen=True, slots=True)
class Verdict:
    """A state, the rule that gave it, the page's own words, and what was matched."""

    state: str
    rule: str | None
    notice: str | None
    evidence: tuple[str, ...]
    details: Mapping[str, str]


@cache
def _table() -> dict[str, Any]:
    return tomllib.loads(files("harvester.sites.wechat").joinpath("states.toml").read_text("utf-8"))


def rules_version() -> str:
    """Return the version of the table of states."""
    return str(_table()["version"])


def by_address(source: Source, page_mid: str | None) -> Verdict | None:
    """Decide by final URL and `PAGE_MID` alone, before an article is looked for."""
    return _first(source, page_mid, first=True)


def by_structure(source: Source, page_mid: str | None) -> Verdict:
    """Decide for a page that has no article body; `unknown` where no rule holds."""
    verdict = _first(source, page_mid, first=False)
    if verdict is not None:
        return verdict
    notice = _notice(source)
    seen = [f"no rule of {rules_version()} holds"]
    if page_mid:
        seen.append(f"PAGE_MID={page_mid}")
    return Verdict("unknown", None, notice, tuple(seen), {})


def _first(source: Source, page_mid: str | None, *, first: bool) -> Verdict | None:
    for rule in _table()["rules"]:
        if (rule.get("stage") == "first") is not first:
            continue
        evidence = _holds(rule, source, page_mid)
        if evidence is not None:
            return Verdict(
                rule["state"], rule["id"], _notice(source), (rule["id"], *evidence), _details(source)
            )
    return None


def _holds(rule: dict[str, Any], source: Source, page_mid: str | None) -> list[str] | None:
    """Return what each condition of a rule matched; None if one of them does not hold."""
    evidence: list[str] = []
    for condition, test in _CONDITIONS.items():
        if condition in rule:
            matched = test(rule[condition], source, page_mid)
            if matched is None:
                return None
            evidence.append(matched)
    if "unless" in rule and any(_is_set(value) for value in source.variable(rule["unless"])):
        return None
    return evidence


def _path(wanted: str, source: Source, page_mid: str | None) -> str | None:
    del page_mid
    if source.url is None:
        return None
    try:
        parts = urlsplit(source.url)
        host = parts.hostname
    except ValueError:
        return None
    on_host = (host or "").lower() == urls.ARTICLE_HOST
    return f"final URL path {parts.path}" if on_host and parts.path.startswith(wanted) else None


def _page_mid(wanted: str, source: Source, page_mid: str | None) -> str | None:
    del source
    return f"PAGE_MID={page_mid}" if page_mid and page_mid.startswith(wanted) else None


def _selector(wanted: str, source: Source, page_mid: str | None) -> str | None:
    del page_mid
    return None if source.element(wanted) is None else f"selector {wanted}"


def _words(wanted: list[str], source: Source, page_mid: str | None) -> str | None:
    del page_mid
    notice = _folded(_notice(source) or "")
    return next((f"notice has “{words}”" for words in wanted if _folded(words) in notice), None)


def _script(wanted: list[str], source: Source, page_mid: str | None) -> str | None:
    del page_mid
    return next(
        (f"script has “{words}”" for words in wanted for text in source.scripts if words in text), None
    )


def _variable(wanted: str, source: Source, page_mid: str | None) -> str | None:
    del page_mid
    if wanted.startswith("cgiData."):
        values: list[Value] = [source.cgi(wanted.removeprefix("cgiData."))]
    else:
        values = source.variable(wanted)
    return next((f"{wanted} = {value}" for value in values if _is_set(value)), None)


def _is_set(value: Value) -> bool:
    return isinstance(value, str | int) and truthy(value) and value != "0"


_CONDITIONS: Final = {
    "path": _path,
    "page_mid": _page_mid,
    "selector": _selector,
    "words": _words,
    "script": _script,
    "variable": _variable,
}


def _folded(text: str) -> str:
    return "".join(text.split()).lower()


def _notice(source: Source) -> str | None:
    """Return the page's own words to the reader: its message box, or the whole of a tiny page."""
    boxes = [
        " ".join(words_of(node).split())
        for selector in _table()["notice"]
        for node in source.tree.root.css(selector)
    ]
    text = "\n".join(dict.fromkeys(box for box in boxes if box))
    if not text:
        text = _whole_page(source)
    return text[:_MAX_NOTICE_CHARS] or None


def _whole_page(source: Source) -> str:
    """Return the words of a page that has few; '' for a page with more than a message's worth."""
    body = source.element("body")
    if body is None:
        return ""
    parts: list[str] = []
    length = 0
    for node in body.traverse(include_text=True):
        if not node.is_text_node or (node.parent is not None and node.parent.tag in _SILENT):
            continue
        if node.parent is not None and "display:none" in (node.parent.attributes.get("style") or "").replace(" ", ""):
            continue
        words = " ".join((node.text_content or "").split())
        if words:
            parts.append(words)
            length += len(words)
            if length > _MAX_MESSAGE_PAGE_CHARS:
                return ""
    return "\n".join(parts)


def _details(source: Source) -> dict[str, str]:
    """Return further facts as the page states them."""
    details: dict[str, str] = {}
    for name in ("del_reason_id", "del_reason", "nick_name"):
        value = source.cgi(name)
        if _is_set(value):
            details[name] = html_decode(str(value))
    target = source.cgi("target_url")
    wanted = target if isinstance(target, str) and target else urls.challenge(source.url or "")
    if wanted:
        details["target_url"] = urls.strip_secrets(urls.decode_entities(wanted))
    for value in source.variable("transferTargetLink"):
        if isinstance(value, str) and value:
            details["transferTargetLink"] = urls.strip_secrets(urls.decode_entities(value))
    for value in source.variable("ret"):
        if _is_set(value):
            details["ret"] = str(value)
    link = source.element(".weui-msg a[href*='oplaw'], .global_error_msg a[href*='oplaw']")
    match = _RULE_LINK.search((link.attributes.get("href") or "") if link is not None else "")
    if match is not None:
        details["rule_id"] = match.group(1)
    return details
