"""What a page is when it is not an article, by the rules of `states.toml`."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Final
from urllib.parse import urlsplit

from selectolax.lexbor import LexborNode

from harvester.sites.wechat import urls
from harvester.sites.wechat.jsvalues import html_decode, truthy, unescape
from harvester.sites.wechat.literal import Value
from harvester.sites.wechat.source import Source, words_of

_MAX_NOTICE_CHARS: Final = 2000
_MAX_MESSAGE_PAGE_CHARS: Final = 400
_RULE_LINK: Final = re.compile(r"[?&]id=(\d{1,6})(?:[&#]|$)")
# Traditional characters of the notices, and the two that are written for an account, as the words of the
# rules have them. The notices follow the language of the reader's client.
_SPELLINGS: Final = str.maketrans(
    "內發佈布刪違規無檢視設為訪問過於頻繁環異驗證後繼續該暫時請戶開啟鏈連結號帳賬帐註銷遷錯誤數頁訴經審權關統",
    "内发布布删违规无检视设为访问过于频繁环异验证后继续该暂时请户开启链连结号账账账注销迁错误数页诉经审权关统",
)
# Marks of a page that a script fills in: what stands there is not yet anybody's words.
_TEMPLATED: Final = "[v-for], [v-if], [v-show], [v-text], [v-html]"
_SILENT: Final = frozenset(["script", "style", "title", "head", "noscript", "template"])
_MAX_SHELL_SCRIPT: Final = 150_000
_SHELL_TEXT: Final = re.compile(
    r"""(?:title|desc|msg|message|wording|tips?|text|content|notice)["']?\s{0,4}[:=]\s{0,4}(["'])([^"'\n<>]{2,200})\1""",
    re.IGNORECASE,
)


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


def by_address(source: Source, page_mid: str | None) -> Verdict | None:
    """Decide by final URL and `PAGE_MID` alone, before an article is looked for."""
    return _first(source, page_mid, first=True)


def shows_box(source: Source) -> bool:
    """Tell whether a page shows a message box of the platform's, whatever it says."""
    return bool(_boxes(source))


def by_structure(source: Source, page_mid: str | None) -> Verdict:
    """Decide for a page that has no article body; `unknown` where no rule holds."""
    verdict = _first(source, page_mid, first=False) or _by_shell(source)
    if verdict is not None:
        return verdict
    notice = _notice(source)
    seen = [
        "a page of a kind that is not known; please report it, with its address",
        f"none of the rules of {_table()['version']} holds",
    ]
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
    return evidence


def _by_shell(source: Source) -> Verdict | None:
    """Judge a script-only shell by the texts in its scripts, if they all speak of one state."""
    shell = source.element("#app")
    if shell is None or not _is_wordless(source):
        return None
    texts = [
        unescape(match.group(2)).strip()
        for script in source.scripts
        if len(script) <= _MAX_SHELL_SCRIPT
        for match in _SHELL_TEXT.finditer(script)
    ]
    matched = [(rule, text) for text in texts if (rule := _rule_for(text)) is not None]
    if len({rule["state"] for rule, _ in matched}) != 1:
        return None
    rule, text = matched[0]
    evidence = (rule["id"], f"script-only shell #app, script has “{text[:80]}”")
    return Verdict(
        rule["state"],
        rule["id"],
        "\n".join(dict.fromkeys(text for _, text in matched)),
        evidence,
        _details(source),
    )


def _rule_for(text: str) -> dict[str, Any] | None:
    """Return the first rule one of whose words stand in a text."""
    folded = _folded(text)
    rules: list[dict[str, Any]] = _table()["rules"]
    return next((rule for rule in rules if "words" in rule and _all_in(rule, folded)), None)


def _all_in(rule: dict[str, Any], folded: str) -> bool:
    """Tell whether one of a rule's `words`, and one of its `also`, stand in a folded text."""
    wanted = (rule[name] for name in ("words", "also") if name in rule)
    return all(any(_folded(one) in folded for one in words) for words in wanted)


def _is_wordless(source: Source) -> bool:
    """Tell whether a page shows nothing (some copies have line ends written as backslash and n)."""
    visible = _visible_words(source)
    return visible is not None and not visible.replace("\\n", "").replace("\\", "").strip()


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


def _wordless(wanted: bool, source: Source, page_mid: str | None) -> str | None:  # noqa: FBT001 - the form of all conditions
    del page_mid
    return "no visible words" if _is_wordless(source) is wanted else None


def _variable(wanted: str, source: Source, page_mid: str | None) -> str | None:
    del page_mid
    if wanted.startswith("cgiData."):
        values: list[Value] = [source.cgi(wanted.removeprefix("cgiData."))]
    else:
        values = source.variable(wanted)
    return next((f"{wanted} = {value}" for value in values if _is_set(value)), None)


def _is_set(value: Value) -> bool:
    return isinstance(value, str | int) and truthy(value) and value != "0"


_CONDITIONS: Final[dict[str, Callable[[Any, Source, str | None], str | None]]] = {
    "path": _path,
    "page_mid": _page_mid,
    "selector": _selector,
    "words": _words,
    "also": _words,
    "script": _script,
    "wordless": _wordless,
    "variable": _variable,
}


def _folded(text: str) -> str:
    """Return a notice for comparison: no space, lower case, and its characters in one spelling."""
    return "".join(text.split()).lower().translate(_SPELLINGS)


def _notice(source: Source) -> str | None:
    """Return the page's own words to the reader: its message box, or the whole of a tiny page."""
    return source.once(_read_notice)


def _read_notice(source: Source) -> str | None:
    text = _boxes(source) or _visible_words(source) or ""
    return text[:_MAX_NOTICE_CHARS] or None


def _boxes(source: Source) -> str:
    boxes = [
        " ".join(words_of(node).split())
        for selector in _table()["notice"]
        for node in source.tree.root.css(selector)
        if _is_shown(node)
    ]
    return "\n".join(dict.fromkeys(box for box in boxes if box))


def _visible_words(source: Source) -> str | None:
    """Return the words of a page that has few; None for many, or a template of a script."""
    return source.once(_read_visible_words)


def _read_visible_words(source: Source) -> str | None:
    body = source.element("body")
    if body is None or body.css_first(_TEMPLATED) is not None:
        return None
    parts: list[str] = []
    length = 0
    for node in body.traverse(include_text=True):
        words = " ".join((node.text_content or "").split()) if node.is_text_node else ""
        if words and (node.parent is None or _is_displayed(node.parent)):
            parts.append(words)
            length += len(words)
            if length > _MAX_MESSAGE_PAGE_CHARS or "{{" in words:
                return None
    return "\n".join(parts)


def _is_shown(node: LexborNode) -> bool:
    """Tell whether an element is displayed and no script's template."""
    return _is_displayed(node) and not node.css_matches(_TEMPLATED) and node.css_first(_TEMPLATED) is None


def _is_displayed(node: LexborNode) -> bool:
    """Tell whether neither an element nor one around it is undisplayed or silent."""
    current: LexborNode | None = node
    while current is not None:
        if current.tag in _SILENT or _is_undisplayed(current):
            return False
        current = current.parent
    return True


def _is_undisplayed(node: LexborNode) -> bool:
    return "display:none" in "".join((node.attributes.get("style") or "").split()).lower()


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
    for name in ("transferTargetLink", "transfer_target_link"):
        for value in source.variable(name):
            if isinstance(value, str) and value:
                details["transferTargetLink"] = urls.strip_secrets(urls.decode_entities(value))
                details.setdefault("target_url", details["transferTargetLink"])
    for value in source.variable("ret"):
        if _is_set(value):
            details["ret"] = str(value)
    link = source.element(".weui-msg a[href*='oplaw'], .global_error_msg a[href*='oplaw']")
    match = _RULE_LINK.search((link.attributes.get("href") or "") if link is not None else "")
    if match is not None:
        details["rule_id"] = match.group(1)
    return details
