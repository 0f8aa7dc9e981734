"""The lines above the body of a Markdown capture: heading, cover, heading again, account, repost notice."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from harvester.imports.interface import Line, Rules, is_date

_MAX_ACCOUNT_LINES: Final = 8
_MAX_NAME_CHARS: Final = 60
_SENTENCE: Final = re.compile(r"[。！？!?；;，,]")


@dataclass(slots=True)
class Head:
    """What stands above the body. `removed` are its lines with what each is; `length` counts them."""

    title: str | None
    account: str | None
    removed: list[tuple[Line, str]] = field(default_factory=list)
    cover: str | None = None
    has_account_lines: bool = False
    author: str | None = None
    original_account: str | None = None
    original_author: str | None = None

    @property
    def length(self) -> int:
        return len(self.removed)


def find_head(lines: Sequence[Line], rules: Rules, *, title: str | None, account: str | None) -> Head:
    """Find the lines above the body. `title` and `account` are the front matter's; a capture without a title
    there has it in its first heading.

    A heading counts where it is the title; the cover by its place and its alternative text; lines of the
    account only below a heading, and only if the account's own name is among them.
    """
    head = Head(title, account)
    _headings(head, lines, rules)
    if head.removed and account:
        _account_lines(head, lines, rules)
    if head.has_account_lines:
        _repost_notice(head, lines, rules)
    return head


def _headings(head: Head, lines: Sequence[Line], rules: Rules) -> None:
    for line in lines:
        if line.level == 1 and head.title is None:
            head.title = line.words or None
        if line.level and line.words and line.words == head.title:
            head.removed.append((line, "title"))
        elif line.image is not None and line.image[0] in rules.cover_alts and head.cover is None:
            head.cover = line.image[1] or None
            head.removed.append((line, "cover"))
        else:
            return


def _account_lines(head: Head, lines: Sequence[Line], rules: Rules) -> None:
    window = lines[head.length : head.length + _MAX_ACCOUNT_LINES]
    named = [n for n, line in enumerate(window) if _names(line, head.account)]
    if not named or not all(_is_label(line) for line in window[: named[0]]):
        return
    end = named[0] + 1
    rest = lines[head.length :]
    while end < len(rest) and (pair := _furniture(rest[end], head, rules)):
        end = min(end + pair, len(rest))
    head.has_account_lines = True
    for line in rest[:end]:
        head.removed.append((line, "account"))
    authors = [line.words for line in window[: named[0]] if line.words and not _is_badge(line, rules)]
    head.author = authors[-1] if authors and not window[named[0] - 1].image else None


def _furniture(line: Line, head: Head, rules: Rules) -> int:
    """Return how many lines of the account's stand here: a label and its value are two."""
    if line.words in rules.profile_labels:
        return 2
    return int(_names(line, head.account) or _is_badge(line, rules))


def _names(line: Line, account: str | None) -> bool:
    """Tell whether a line is the account's name, or ends in it after its badge and author."""
    if account is None or line.level or line.image is not None:
        return False
    pieces = line.words.split(account)
    return line.words == account or (
        len(line.words) <= _MAX_NAME_CHARS
        and line.words.endswith(" " + account)
        and not _SENTENCE.search(pieces[0])
    )


def _is_label(line: Line) -> bool:
    if line.image is not None:
        return not line.image[1]
    return not line.level and len(line.words) <= _MAX_NAME_CHARS and not _SENTENCE.search(line.words)


def _is_badge(line: Line, rules: Rules) -> bool:
    if line.image is not None:
        return not line.image[1]
    words = line.words.split()
    known = {*rules.badges, *rules.regions}
    return (
        line.words in known
        or is_date(line.words)
        or (is_date(" ".join(words[:-1])) and words[-1] in rules.regions)
    )


def _repost_notice(head: Head, lines: Sequence[Line], rules: Rules) -> None:
    """Read "the following article is from X, author Y", X's picture, name and description, in that order."""
    rest = lines[head.length :]
    if not rules.repost_prefix or not rest or not rest[0].words.startswith(rules.repost_prefix):
        return
    name, _, author = rest[0].words.removeprefix(rules.repost_prefix).partition("，作者")
    head.original_account = name.strip() or None
    used = 1
    for line in rest[1:2]:
        prefix = next((p for p in rules.repost_author_prefixes if line.words.startswith(p)), None)
        if prefix:
            author, used = line.words.removeprefix(prefix), used + 1
    head.original_author = author.strip() or None
    if used < len(rest) and rest[used].image is not None:
        used += 1
    if used < len(rest) and rest[used].words.rstrip(" .") == head.original_account:
        closed = rest[used].words.endswith(".")
        used += 1
        if not closed and used < len(rest) and rest[used].words == ".":
            closed, used = True, used + 1
        used += closed and used < len(rest) and rest[used].image is None  # the account's description
    head.removed.extend((line, "repost notice") for line in rest[:used])
