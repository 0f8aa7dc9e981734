"""Read one WeChat page: an article with its text and metadata, or a state and its evidence."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from harvester.document import Account, Candidate, FrameLine, Identity, Image
from harvester.extract.body import Rendered
from harvester.extract.render import render
from harvester.extract.tree import Tree, parse_html
from harvester.reading import Article, Found, NotArticle, Page
from harvester.sites.wechat import details, states, urls
from harvester.sites.wechat.bodies import Content, read_content
from harvester.sites.wechat.fields import Field, Fields, moment_of
from harvester.sites.wechat.frame import find_frame
from harvester.sites.wechat.identity import canonical, identity_of
from harvester.sites.wechat.kinds import kind_of
from harvester.sites.wechat.source import Source

SITE_NAME: Final = "wechat"
_SHARES: Final = frozenset(["picture_share", "text_share", "video", "audio", "music", "short_content"])
_REPRINTS: Final = frozenset(["repost"])


def read_page(page: Page) -> Article | NotArticle:
    """Read a page. Raises `HostileInputError` and nothing else."""
    tree = parse_html(page.body, page.header("content-type"))
    source = Source(tree, page.url)
    fields = Fields(source)
    page_mid = fields.value("page_id")
    verdict = states.by_address(source, page_mid)
    if verdict is not None:
        return _not_article(verdict, source, fields)
    kind = kind_of(source, fields)
    content = read_content(kind, source, fields) if _has_structure(source) else None
    if content is None or content.is_empty:
        verdict = states.by_structure(source, page_mid)
        if verdict.state != "unknown" or content is None or not _is_named(fields):
            return _not_article(_cut_or(verdict, page, tree), source, fields)
    cut = _cut(page, tree, source)
    if cut is not None:
        return _not_article(cut, source, fields)
    return _article(kind, content, source, fields)


def _has_structure(source: Source) -> bool:
    """Tell whether a page has what only articles have: their data literal or their containers."""
    return source.has_cgi_data_new or source.element("#js_content, #js_article") is not None


def _is_named(fields: Fields) -> bool:
    """Tell whether an article without a body is told by its metadata to be one."""
    return all(fields.value(name) for name in ("title", "published", "biz"))


# -- pages that were cut ---------------------------------------------------------------------------


def _cut(page: Page, tree: Tree, source: Source) -> states.Verdict | None:
    """Return the state `partial` for a page whose end is missing.

    WeChat ends every page with `</html>` (all of the corpus, 2017-2026). A file without it may be a saved
    part of a page: it passes if it never opened `<html>` and its last tag is whole, or if it is not
    known to have come over HTTP and something follows the body's container.
    """
    if not page.complete:
        return _partial("the transfer was cut")
    data = tree.data
    if data.rfind(b"</html", max(0, len(data) - 4096)) >= 0 or b"</html" in data or b"</HTML" in data:
        return None
    whole_tag = data.rstrip().endswith(b">") and data.rfind(b"<script") <= data.rfind(b"</script")
    if b"<html" not in data and b"<HTML" not in data and whole_tag:
        return None
    if page.status is None and whole_tag and _followed(source):
        return None
    return _partial("the page ends before </html>")


def _followed(source: Source) -> bool:
    node = source.element("#js_content, #js_article")
    while node is not None and node.tag != "body":
        following = node.next
        while following is not None:
            if following.is_element_node:
                return True
            following = following.next
        node = node.parent
    return False


def _cut_or(verdict: states.Verdict, page: Page, tree: Tree) -> states.Verdict:
    if verdict.state == "unknown" and (not page.complete or (b"<html" in tree.data and b"</html" not in tree.data)):
        return _partial("the page ends before </html>")
    return verdict


def _partial(why: str) -> states.Verdict:
    return states.Verdict("partial", "wx-partial", None, ("wx-partial", why), {})


def _not_article(verdict: states.Verdict, source: Source, fields: Fields) -> NotArticle:
    identity = identity_of(source, fields)
    wanted = verdict.details.get("target_url")
    return NotArticle(
        site=SITE_NAME,
        state=verdict.state,
        rule=verdict.rule,
        notice=verdict.notice,
        evidence=verdict.evidence,
        details=verdict.details,
        identity=identity,
        canonical_url=canonical(source, identity) or (urls.canonical_url(wanted) if wanted else None),
    )


# -- articles ----------------------------------------------------------------------------------------


def _article(kind: str, content: Content, source: Source, fields: Fields) -> Article:
    rendered = render(content.body)
    frame = find_frame(rendered.text)
    published, precision = moment_of(fields.get("published"))
    modified, _ = moment_of(fields.get("modified"))
    page_time, _ = moment_of(fields.get("page_time"))
    identity = identity_of(source, fields)
    original = details.original_account(source) if kind in _REPRINTS else None
    paid = str(source.new("is_pay_subscribe")) == "1" or any(str(v) == "1" for v in source.variable("isPaySubscribe"))
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
        preview=content.preview or paid,
        warnings=_warnings(content, rendered, published, paid=paid),
        found=_found(fields, content, identity, frame.lines),
    )


def _account(fields: Fields) -> Account | None:
    name, user, alias = (fields.value(x) for x in ("account", "user_name", "alias"))
    return Account(name=name, id=user, alias=alias) if name or user or alias else None


def _images(kind: str, rendered: Rendered, source: Source, fields: Fields) -> tuple[Image, ...]:
    """Return the cover, then the body's pictures; a share's pictures stand before its words."""
    cover = fields.value("cover")
    images = [Image(url=cover, position=None, role="cover")] if cover and urls.asset_url(cover) else []
    if kind in _SHARES:
        images.extend(Image(url=url, position=0) for url in _listed_pictures(source))
    return (*images, *rendered.images)


def _listed_pictures(source: Source) -> list[str]:
    listed = source.new("picture_page_info_list")
    out: list[str] = []
    for one in listed if isinstance(listed, list) else []:
        raw = one.get("cdn_url") if isinstance(one, dict) else None
        url = urls.asset_url(raw) if isinstance(raw, str) else None
        if url:
            out.append(url)
    if out:
        return out
    nodes = source.tree.root.css("#img_list img, .share_media img")
    raws = [node.attributes.get("data-src") or node.attributes.get("src") for node in nodes]
    return [url for raw in raws if raw and (url := urls.asset_url(raw))]


def _warnings(content: Content, rendered: Rendered, published: datetime | None, *, paid: bool) -> tuple[str, ...]:
    warnings = list(content.warnings)
    if paid and not any(one.startswith("paid") for one in warnings):
        warnings.append("paid: the page may hold only the part shown before payment")
    if not rendered.text:
        warnings.append("the body has no words" if rendered.images or content.body.blocks else "the body is empty")
    if published is None:
        warnings.append("the page states no time of publication")
    return tuple(warnings)


def _found(
    fields: Fields, content: Content, identity: Identity, frame: tuple[FrameLine, ...]
) -> dict[str, Found]:
    """Return where each field of the document came from, keyed by the document's names."""
    names = {
        "title": "title",
        "source": "account",
        "account.name": "account",
        "account.id": "user_name",
        "account.alias": "alias",
        "author": "author",
        "date": "published",
        "published_at": "published",
        "modified_at": "modified",
        "source_url": "source_url",
        "identity.biz": "biz",
        "identity.mid": "mid",
        "identity.idx": "idx",
        "identity.sn": "sn",
        "identity.account_id": "user_name",
        "kind": "show_type",
        "page_time": "page_time",
    }
    found = {key: fields.get(name).found for key, name in names.items()}
    found["text"] = _where(content.source)
    found["url"] = _where(fields.get("link").found.source if not identity.long_url else fields.get("biz").found.source)
    found["original_source"] = _where(
        next((f"text[{line.start}:{line.end}]" for line in frame if line.role in {"source", "reposted-from"}), None)
    )
    return found


def _where(source: str | None) -> Found:
    return Found(source=source, reason=None if source else "absent")


__all__ = ["Candidate", "Field", "read_page"]
