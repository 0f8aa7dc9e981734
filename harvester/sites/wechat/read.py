"""Read one WeChat page: an article with its text and metadata, or a state and its evidence."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from harvester.document import Account, FrameLine, Identity, Image
from harvester.extraction.body import Rendered
from harvester.extraction.language import language_by_script
from harvester.extraction.media import not_fetched
from harvester.extraction.render import render
from harvester.extraction.tree import parse_html
from harvester.reading import Article, Found, NotArticle, Page
from harvester.sites.wechat import albums, details, states, urls
from harvester.sites.wechat.bodies import Content, read_content
from harvester.sites.wechat.cut import has_end, why_cut
from harvester.sites.wechat.fields import OF_DOCUMENT, Fields, moment_of
from harvester.sites.wechat.frame import find_frame
from harvester.sites.wechat.identity import canonical, identity_of, identity_of_url, unnamed
from harvester.sites.wechat.kinds import kind_of
from harvester.sites.wechat.literal import Value
from harvester.sites.wechat.recognise import has_marks
from harvester.sites.wechat.source import Source

SITE_NAME: Final = "wechat"
SHARES: Final = frozenset(["picture_share", "text_share", "video", "audio", "music", "short_content"])
PICTURES: Final = "picture_page_info_list"
_SCRIPT_SILENT: Final = "the page states none, and the script of the text does not tell"
_REPRINTS: Final = frozenset(["repost"])


def read_page(page: Page) -> Article | NotArticle:
    """Read a page. Raises `HostileInputError` and nothing else."""
    return albums.read_json(page) if albums.is_json(page) else _read_html(page)


def _read_html(page: Page) -> Article | NotArticle:
    tree = parse_html(page.body, page.header("content-type"))
    source = Source(tree, page.url)
    fields = Fields(source)
    page_mid = fields.value("page_id")
    verdict = states.by_address(source, page_mid)
    if verdict is not None and (page.complete or verdict.state == "verification"):
        return _not_article(verdict, source, fields)
    album = albums.read_html(page, source) if page.url is None or urls.is_album(page.url) else None
    if album is not None and page.complete:
        return album
    cut = why_cut(page, source, fields)
    if not page.complete and cut is not None:
        return _not_article(_partial(cut), source, fields)
    kind = kind_of(source, fields)
    content = read_content(kind, source, fields) if _has_structure(source) else None
    if content is None or content.is_empty or (content.is_described and states.shows_box(source)):
        verdict = states.by_structure(source, page_mid)
        if verdict.state == "unknown" and cut is not None and has_marks(tree.data):
            verdict = _partial(cut)
        if (
            verdict.state != "unknown"
            or content is None
            or not _is_wordless_article(kind, content, source, fields)
        ):
            return _not_article(verdict, source, fields)
    if cut is not None:
        return _not_article(_partial(cut), source, fields)
    return _article(kind, content, source, fields)


def _has_structure(source: Source) -> bool:
    """Tell whether a page has what only articles have: their data literal or their containers."""
    return source.has_cgi_data_new or source.element("#js_content, #js_article") is not None


def _is_wordless_article(kind: str, content: Content, source: Source, fields: Fields) -> bool:
    """Tell whether a page without words of a body is an article all the same.

    Its metadata must name one, something of it must be there, and no message box may be shown: a notice
    that no rule knows leaves the metadata of the article it stands for in the page.
    """
    named = all(fields.value(name) for name in ("title", "published", "biz"))
    here = content.is_told or (kind in SHARES and bool(listed_pictures(source)))
    return named and here and not states.shows_box(source)


def _partial(why: str) -> states.Verdict:
    return states.Verdict("partial", "wx-partial", None, ("wx-partial", why), {})


def _not_article(verdict: states.Verdict, source: Source, fields: Fields) -> NotArticle:
    wanted = verdict.details.get("target_url")
    identity = identity_of(source, fields)
    if wanted and verdict.state == "verification":
        identity = identity_of_url(wanted) or identity
    return NotArticle(
        site=SITE_NAME,
        state=verdict.state,
        rule=verdict.rule,
        notice=verdict.notice,
        evidence=verdict.evidence,
        details=verdict.details,
        identity=identity,
        canonical_url=canonical(source, identity),
    )


# -- articles ----------------------------------------------------------------------------------------


def _article(kind: str, content: Content, source: Source, fields: Fields) -> Article:
    tree = source.tree
    rendered = render(content.body)
    frame = find_frame(rendered.text)
    published, precision = moment_of(fields.get("published"))
    modified, _ = moment_of(fields.get("modified"))
    page_time, _ = moment_of(fields.get("page_time"))
    identity = identity_of(source, fields) or unnamed(tree.data)
    language = language_by_script(rendered.text)
    original = details.original_account(source) if kind in _REPRINTS else None
    paid = details.payment(source)
    return Article(
        site=SITE_NAME,
        kind=kind,
        title=fields.value("title"),
        account=_account(fields),
        source=fields.value("account"),
        author=fields.value("author"),
        published_at=published,
        published_precision=precision,
        modified_at=modified,
        page_time=page_time,
        original_source=frame.original_source,
        source_url=fields.value("source_url"),
        canonical_url=canonical(source, identity),
        identity=identity,
        language=language,
        text=rendered.text,
        markdown=rendered.markdown,
        note=content.note,
        images=_images(kind, rendered, source, fields),
        original_account=original,
        declared=details.declared(source, fields, kind),
        edits=details.edits(source, fields),
        albums=details.albums(source),
        frame=frame.lines,
        hidden=content.body.hidden,
        removed=content.body.removed,
        preview=content.preview or paid == "unpaid",
        warnings=(
            *_warnings(content, rendered, published, paid, has_end=has_end(tree.data)),
            *_unread(source),
            *_media(kind, rendered),
        ),
        found=_found(fields, content, identity, frame.lines, language),
    )


def _account(fields: Fields) -> Account | None:
    name, user, alias = (fields.value(x) for x in ("account", "user_name", "alias"))
    return Account(name=name, id=user, alias=alias) if name or user or alias else None


def _images(kind: str, rendered: Rendered, source: Source, fields: Fields) -> tuple[Image, ...]:
    """Return the cover, then the body's pictures; a share's pictures stand before its words."""
    cover = fields.value("cover")
    images = [Image(url=cover, position=None, role="cover")] if cover and urls.asset_url(cover) else []
    if kind in SHARES:
        images.extend(Image(url=url, position=0) for url in listed_pictures(source))
    return (*images, *rendered.images)


def listed_pictures(source: Source) -> list[str]:
    """Return the pictures that a share lists, in its data or shown."""
    found = addresses(source.new(PICTURES)) or next(
        filter(None, map(addresses, source.variable(PICTURES))), []
    )
    if found:
        return found
    nodes = {node.mem_id: node for node in source.tree.root.css("#img_list img, .share_media img")}.values()
    shown = [node.attributes.get("data-src") or node.attributes.get("src") for node in nodes]
    return [url for raw in shown if raw and (url := urls.asset_url(raw))]


def addresses(listed: Value) -> list[str]:
    """Return the addresses of a list of pictures as the platform writes it."""
    if not isinstance(listed, list):
        return []
    raws = [one.get("cdn_url") for one in listed if isinstance(one, dict)]
    return [url for raw in raws if isinstance(raw, str) and (url := urls.asset_url(raw))]


def _warnings(
    content: Content, rendered: Rendered, published: datetime | None, paid: str | None, *, has_end: bool
) -> tuple[str, ...]:
    warnings = list(content.warnings)
    if paid == "unpaid" and not any(one.startswith("paid") for one in warnings):
        warnings.append("paid: the page may hold only the part shown before payment")
    if paid == "paid":
        warnings.append("paid: the page was served to a reader who had paid")
    if not rendered.text:
        warnings.append(
            "the body has no words" if rendered.images or content.body.blocks else "the body is empty"
        )
    if published is None:
        warnings.append("the page states no time of publication")
    if not has_end:
        warnings.append("the file has no </html>: it may be a part of the page")
    return tuple(warnings)


def _media(kind: str, rendered: Rendered) -> tuple[str, ...]:
    """Return what is said of films and sounds: those of the body, and the one that a share is about."""
    own = {"video": "video", "audio": "audio", "music": "audio"}.get(kind)
    shared = (f"not fetched: the {own} that the page is about",) if own else ()
    return (*shared, *not_fetched(rendered.widgets))


def _unread(source: Source) -> tuple[str, ...]:
    warning = "the page assigns cgiDataNew in a form that was not read: fields may be missing"
    return (warning,) if source.names_unread_literal else ()


def _found(
    fields: Fields,
    content: Content,
    identity: Identity,
    frame: tuple[FrameLine, ...],
    language: str | None,
) -> dict[str, Found]:
    """Return where each field of the document came from, keyed by the document's names."""
    found = {key: fields.get(name).found for key, name in OF_DOCUMENT.items()}
    found["language"] = Found(source="text") if language else Found(source=None, reason=_SCRIPT_SILENT)
    found["text"] = _where(content.source)
    found["url"] = _where(
        fields.get("link").found.source if not identity.long_url else fields.get("biz").found.source
    )
    found["original_source"] = _where(
        next(
            (f"text[{line.start}:{line.end}]" for line in frame if line.role in {"source", "reposted-from"}),
            None,
        )
    )
    return found


def _where(source: str | None) -> Found:
    return Found(source=source, reason=None if source else "absent")
