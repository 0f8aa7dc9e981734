"""A Markdown capture read as a document: what it says of itself, and its body without the interface."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from typing import Final

from harvester.commonmark import parser
from harvester.document import Account, Candidate, Identity, Image, OriginalAccount, Removal
from harvester.errors import HostileInputError
from harvester.extraction.blocks import BodyRules, read_body
from harvester.extraction.body import Rendered
from harvester.extraction.dates import Moment, find_moment
from harvester.extraction.language import language_by_script
from harvester.extraction.render import render
from harvester.extraction.tree import parse_html
from harvester.imports import interface
from harvester.imports.attribution import find_attribution
from harvester.imports.front_matter import MarkdownFile, read_markdown_file
from harvester.imports.head import Head, find_head
from harvester.imports.interface import Line
from harvester.reading import Article, Found, NotArticle, Page
from harvester.sites import FALLBACK
from harvester.sites.base import Site

MAX_BYTES: Final = 1 << 20
"""Largest Markdown read: the longest articles of the platform have a tenth of it."""
_MAX_BRACKETS: Final = 50_000  # each costs the Markdown parser some ten microseconds
_NOTICE_CHARS: Final = 300  # no notice of a publisher is longer
_NO_NOTICE: Final = frozenset({"unknown", "partial", "listing", "ok"})
_OWN_FIELDS: Final = frozenset({"title", "url", "source", "date", "fetch_date", "author"})
_LONE_NUMBER: Final = re.compile(r"( {0,3}\d{1,9})([.)])(?=[ \t])")
_PLACEHOLDER: Final = re.compile(r"\[[一-鿿]{2,4}\](?: .{0,500})?")
_ESCAPED: Final = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})


def rules_version() -> str:
    """Return the version of the rules by which Markdown captures are read."""
    return f"markdown-{interface.version()}"


def read(site: Site, page: Page) -> Article | NotArticle:
    """Read a Markdown capture with front matter; `site` is the publisher of its URL. Raises nothing."""
    file = read_markdown_file(page.body)
    if file is None:
        return _not_article(site, page, "unknown", "markdown.no-front-matter", "the file has no front matter")
    if len(page.body) > MAX_BYTES:
        return _not_article(site, page, "unknown", "guard", f"Markdown of more than {MAX_BYTES} bytes")
    head, tail, (start, end) = body_lines(file, site.name)
    try:
        rendered = rendered_lines(file, file.lines[start:end])
    except (HostileInputError, RecursionError) as error:
        return _not_article(site, page, "unknown", "guard", str(error) or "nested too deeply")
    if not rendered.text and not rendered.images:
        return _not_article(
            site, page, "unknown", "markdown.no-text", "nothing is left besides the interface"
        )
    notice = None if head.has_account_lines else _notice(site, page, rendered.text)
    return notice or _article(site, page, file, head, rendered, [*head.removed, *tail])


def body_lines(file: MarkdownFile, site: str) -> tuple[Head, list[tuple[Line, str]], tuple[int, int]]:
    """Return what stands above the body, the lines below it, and which of the file's lines are the body."""
    title, account = file.get("title"), file.get("source")
    lines = interface.lines_of(file.lines)
    rules = interface.rules_of(site)
    head = find_head(lines, rules, title=title, account=account)
    tail = interface.find_tail(lines[head.length :], rules, title=head.title, account=account)
    start = head.removed[-1][0].index + 1 if head.removed else 0
    return head, tail, (start, tail[0][0].index if tail else len(file.lines))


def _not_article(site: Site, page: Page, state: str, rule: str, evidence: str) -> NotArticle:
    identity, url = _identity(site, page)
    return NotArticle(
        site=site.name, state=state, rule=rule, evidence=(evidence,), identity=identity, canonical_url=url
    )


def _identity(site: Site, page: Page) -> tuple[Identity, str | None]:
    """Return what the URL says of identity, as the publisher's own reader has it, and the lasting URL."""
    if page.url is None:
        return Identity(key="page:" + hashlib.sha256(page.body).hexdigest()), None
    lasting = site.canonical_url(page.url)
    identity = None
    if site.name != FALLBACK:
        try:
            identity = site.read(Page(body=b"", url=page.url)).identity
        except HostileInputError:
            identity = None
    named = (lasting or page.url).encode("utf-8", "replace")
    return identity or Identity(key="url:" + hashlib.sha256(named).hexdigest()), lasting or page.url


def _notice(site: Site, page: Page, text: str) -> NotArticle | None:
    """Ask the publisher's reader whether a few words alone are one of its notices."""
    if site.name == FALLBACK or len(text) > _NOTICE_CHARS:
        return None
    body = "".join(f"<p>{line.translate(_ESCAPED)}</p>" for line in text.split("\n") if line.strip())
    try:
        reading = site.read(
            Page(body=f"<html><body>{body}</body></html>".encode("utf-8", "replace"), url=page.url)
        )
    except HostileInputError:
        return None
    return reading if isinstance(reading, NotArticle) and reading.state not in _NO_NOTICE else None


# -- the body ------------------------------------------------------------------------------------------


def rendered_lines(file: MarkdownFile, lines: Sequence[str]) -> Rendered:
    """Return the body that some of a file's lines are, as text, Markdown and images."""
    source = "\n".join(_numbers_kept(_without_placeholders(file, lines)))
    if source.count("[") > _MAX_BRACKETS:
        raise HostileInputError(f"the Markdown has more than {_MAX_BRACKETS} brackets: too expensive to read")
    html = parser().render(source)
    tree = parse_html(
        f'<meta charset="utf-8"><div>{html}</div>'.encode("utf-8", "replace"), "text/html; charset=utf-8"
    )
    root = tree.root.css_first("div")
    return render(read_body(root or tree.root, BodyRules()))


def _without_placeholders(file: MarkdownFile, lines: Sequence[str]) -> Sequence[str]:
    """Leave out the placeholders of widgets in Markdown of our own making, where words would be escaped."""
    if file.get("text_sha256") is None:
        return lines
    return [line for line in lines if not _PLACEHOLDER.fullmatch(line.strip())]


def _numbers_kept(lines: Sequence[str]) -> list[str]:
    """Keep the number of a paragraph that begins with one: it is a word of the text, unless lines of a list
    stand next to it.
    """
    around = ["", *lines, ""]
    alone = (not around[n].strip() and not around[n + 2].strip() for n in range(len(lines)))
    return [
        _LONE_NUMBER.sub(r"\1\\\2", line, count=1) if single and _LONE_NUMBER.match(line) else line
        for line, single in zip(lines, alone, strict=True)
    ]


# -- the article ---------------------------------------------------------------------------------------


def _article(
    site: Site,
    page: Page,
    file: MarkdownFile,
    head: Head,
    rendered: Rendered,
    removed: list[tuple[Line, str]],
) -> Article:
    identity, url = _identity(site, page)
    published = find_moment(file.get("date"))
    frame, original_source = find_attribution(rendered.text)
    covers = (Image(url=head.cover, position=None, role="cover"),) if head.cover else ()
    account = file.get("source")
    is_repost = head.original_account is not None
    return Article(
        site=site.name,
        kind="page" if site.name == FALLBACK else "repost" if is_repost else "article",
        title=head.title,
        account=Account(name=account) if account else None,
        source=account,
        author=file.get("author") or head.author,
        published_at=published.when if published else None,
        published_precision=published.precision if published else None,
        original_source=original_source,
        canonical_url=url,
        identity=identity,
        language=language_by_script(rendered.text),
        text=rendered.text,
        markdown=rendered.markdown,
        images=(*covers, *rendered.images),
        original_account=OriginalAccount(name=head.original_account, author=head.original_author)
        if is_repost
        else None,
        frame=frame,
        removed=tuple(_removal(file, line, what) for line, what in removed),
        warnings=_warnings(file, published),
        found=_found(file, head, published, original_source),
    )


def _removal(file: MarkdownFile, line: Line, what: str) -> Removal:
    """List a removed line: its number in the file, what it is, what it says."""
    source = file.lines[line.index].strip()
    return Removal(
        container=f"line {file.first_line + line.index} ({what}): {source}", characters=len(source)
    )


def _warnings(file: MarkdownFile, published: Moment | None) -> tuple[str, ...]:
    warnings = ["a tool's Markdown, not the page: what the tool left out or changed cannot be told"]
    if file.get("date") and published is None:
        warnings.append("the front matter's date cannot be read")
    return tuple(warnings)


def _found(
    file: MarkdownFile, head: Head, published: Moment | None, original_source: str | None
) -> dict[str, Found]:
    found = {
        "title": _from(file, "title")
        if file.get("title")
        else Found(source="first heading" if head.title else None, reason=None if head.title else "absent"),
        "url": _from(file, "url"),
        "source": _from(file, "source"),
        "account.name": _from(file, "source"),
        "date": _from(file, "date", unreadable=published is None),
        "published_at": _from(file, "date", unreadable=published is None),
        "text": Found(source="markdown.body"),
        "kind": Found(source=None, reason="a Markdown capture does not state it"),
        "author": _from(file, "author")
        if file.get("author") or not head.author
        else Found(source="account lines"),
        "original_source": Found(
            source="markdown.body" if original_source else None, reason=None if original_source else "absent"
        ),
    }
    # What has no field of its own in a document is kept as the file has it.
    for name, value in file.fields:
        if name not in _OWN_FIELDS and value:
            where = f"front-matter.{name}"
            kept = Candidate(source=where, value=value)
            found[where] = Found(source=where, reason="no field of a document", others=(kept,))
    return found


def _from(file: MarkdownFile, name: str, *, unreadable: bool = False) -> Found:
    if file.get(name) is None:
        return Found(source=None, reason="absent")
    where = f"front-matter.{name}"
    return Found(source=None, reason="unparsable") if unreadable else Found(source=where)
