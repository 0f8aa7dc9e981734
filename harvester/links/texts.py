"""Links in text: lists with an address a line, and addresses anywhere in running words."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from functools import cache
from typing import Final, NamedTuple

from harvester.links.named import Gathering
from harvester.sites import all_sites, site_for_url

# The characters of RFC 3986 §2, and backslashes as page sources and shells put them. Letters beyond ASCII
# belong to an address only where one of its parts begins: behind it they are the sentence going on.
_CHARS: Final = r"(?:[A-Za-z0-9._~:/?#\[\]@!$&'()*+,;=%-]|\\(?=[/?&=xu])|(?<=[/=_+-])[^\x00-\x7f\W]+)+"
_GLUED: Final = re.compile(r"(?<=[^/=:?&#_.\-\\])(?=https?:[\\/]{2})", re.IGNORECASE)
_ESCAPED_END: Final = re.compile(r"&(?:lt|gt|quot|nbsp|apos|#39|#34);", re.IGNORECASE)
_NEVER_LAST: Final = ".,;:!?'\"*\\&"
_PAIRS: Final = {")": "(", "]": "["}
_WHOLE: Final = re.compile(r"[^\s，。、；：！？“”‘’「」『』《》〈〉【】（）<>\"|]+")
"""A line or cell that is one token, without the punctuation of a sentence."""
_ADDRESS: Final = re.compile(
    r"(?:https?[:：]|//|www\.|(?:[a-z0-9-]{1,63}\.){1,8}[a-z]{2,24}(?::\d{1,5})?/)\S", re.IGNORECASE
)
_WORDS_BEHIND: Final = re.compile(r"[,;][^\x00-\x7f]")
_MARKDOWN: Final = re.compile(r"(!?)\[([^\[\]\n]{1,300})\]\(<?$")
_TITLE_CHARS: Final = 310


class Spotted(NamedTuple):
    """An address in a text, as it stands there, and the title that Markdown gives it."""

    url: str
    title: str | None = None


def read(text: str, into: Gathering) -> None:
    """Gather the addresses of a text.

    It is a list if most of its lines are addresses: then a line that begins with `#` is a comment, and one
    without an address is told. In running words neither is so.
    """
    lines = list(io.StringIO(text, newline=None))
    told = [line.strip() for line in lines if line.strip()]
    entries = [line for line in told if not line.startswith("#")]
    wholes = {line: as_whole(line) for line in told}
    is_list = 2 * sum(1 for line in entries if wholes[line]) >= len(entries)
    for number, line in enumerate(lines, 1):
        if not is_list or not line.lstrip().startswith("#"):
            text = line.strip()
            _read_line(text, wholes.get(text), f"line {number}", into, is_list=is_list)


def _read_line(line: str, whole: str | None, where: str, into: Gathering, *, is_list: bool) -> None:
    if whole:
        into.add(whole, where)
        return
    found = False
    for spotted in spot(line):
        found = True
        into.add(spotted.url, where, title=spotted.title)
    if is_list and line and not found:
        into.add(line, where)  # tells that it is none


def as_whole(text: str) -> str | None:
    """Return a text that is nothing but one address (perhaps without its scheme), None for any other."""
    text = text.strip().strip("<>\"'“”‘’「」『』《》〈〉【】（）")
    if not (_ADDRESS.match(text) and _WHOLE.fullmatch(text)) or _is_glued(text):
        return None
    return text if text.isascii() or not _goes_on(text) else None


def _is_glued(text: str) -> bool:
    return text.lower().rfind("http") > 0 and _GLUED.search(text) is not None


def _goes_on(text: str) -> bool:
    """Tell whether words stand behind an address: after a comma, or after what is an article already."""
    if _WORDS_BEHIND.search(text):
        return True
    found = next(spot(text), None)
    if found is None:
        return False
    site = site_for_url(found.url)
    return site is not all_sites()[-1] and site.identity_key(found.url) is not None


def spot(text: str) -> Iterator[Spotted]:
    """Yield the addresses in a text: those with http(s), and without it those on publishers' hosts."""
    for match in _pattern().finditer(text):
        title = None
        before = _MARKDOWN.search(text[max(0, match.start() - _TITLE_CHARS) : match.start()])
        if before and before[1]:
            continue  # a picture
        if before:
            title = before[2]
        for part in _GLUED.split(match[0]):
            url = trimmed(part)
            if "." in url or "localhost" in url:
                yield Spotted(url, title)


def trimmed(url: str) -> str:
    """Return an address without what the sentence put behind it: punctuation, a bracket that it closes."""
    ending = _ESCAPED_END.search(url)
    url = url[: ending.start()] if ending else url
    while url:
        last = url[-1]
        opener = _PAIRS.get(last)
        unpaired = opener is not None and url.count(last) > url.count(opener)
        if last not in _NEVER_LAST and not unpaired:
            break
        url = url[:-1]
    return url


@cache
def _pattern() -> re.Pattern[str]:
    hosts = "|".join(sorted(re.escape(host) for site in all_sites() for host in site.page_hosts))
    bare = rf"(?<![A-Za-z0-9_./@\\-])(?:[a-z0-9-]{{1,63}}\.){{0,4}}(?:{hosts})/" if hosts else r"(?!)"
    return re.compile(rf"(?:https?[:：](?:\\?[/／]){{2}}|{bare}){_CHARS}", re.IGNORECASE)
