"""Where the words of each kind of WeChat page are, and how its bodies are built (rules of the blocks)."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

from selectolax.lexbor import LexborNode

from harvester.extraction.blocks import read_body
from harvester.extraction.body import Body, Rule
from harvester.extraction.plain import body_from_text
from harvester.extraction.render import render
from harvester.extraction.rules import BodyRules
from harvester.extraction.tree import Tree, parse_html
from harvester.sites.wechat import urls
from harvester.sites.wechat.fields import Fields
from harvester.sites.wechat.jsvalues import html_decode
from harvester.sites.wechat.literal import Value
from harvester.sites.wechat.source import Source, words_of

# The platform's own words for what it cannot show as text (its script that makes digests, 2025).
WIDGETS: Final = (
    ("mpvoice, mp-common-mpaudio, .js_audio_frame", "语音"),
    ("qqmusic, mp-common-qqmusic, .qqmusic_iframe", "音乐"),
    ("mpvideosnap, mp-common-videosnap", "视频号"),
    ("iframe.video_iframe, .video_iframe, mpvideo, iframe[data-mpvid], iframe[data-vidtype]", "视频"),
    ("iframe.vote_iframe, .js_editor_vote_card, mp-common-vote, mpvote", "投票"),
    ("iframe.card_iframe, iframe[data-cardid]", "卡券"),
    ("mpgongyi, mp-common-gongyi", "公益"),
    ("mpshop", "小店"),
    ("mp-weapp, mp-miniprogram", "小程序"),
    ("mpproduct, mpcps, mp-common-product, mp-common-cps-product", "商品"),
    ("mp-common-profile", "公众号"),
    ("mp-common-redpacket, mp-common-redpacketcover", "红包"),
    ("mp-common-article", "文章"),
    ("mp-common-shoptag, mp-common-search, mpsearch", "搜索"),
    ("mp-common-poi, mppoi", "位置"),
    ("mp-common-read", "读书"),
    ("mp-common-sticker", "表情"),
    ("iframe", "视频"),
)
# Parts of a body that are machinery, not words: style carriers, code line numbers, player templates.
DROPPED: Final = (
    "mp-style-type",
    ".code-snippet__line-index",
    "#js_pc_qr_code",
    ".weui-a11y_ref",
    ".js_img_loading",
    "mp-pay-preview-filter",
)
_RULES: Final = BodyRules(
    drop=DROPPED,
    widgets=WIDGETS,
    widget_labels=(
        "data-weapp-title", "data-miniprogram-nickname", "data-nickname", "data-title", "data-name",
        "data-desc", "music_name", "data-music_name", "name", "voice_name",
    ),
    image_attributes=(
        "data-src", "data-croporisrc", "data-before-oversubscription-url", "data-original", "src",
    ),
    background_attributes=("data-lazy-bgimg",),
    image_url=urls.asset_url,
    link_url=urls.link_url,
)  # fmt: skip
_PLAIN_RULES: Final = replace(_RULES, keep_lines=True)
DRAWN: Final = ("#js_image_desc", "#js_text_desc")
"""Elements that a share's words are drawn into: their lines count."""
_BLOCK_MARKUP: Final = re.compile(
    r"<(?:p|div|section|br|ul|ol|li|table|blockquote|pre|h[1-6])(?![a-z0-9-])", re.IGNORECASE
)
_DESCRIBED: Final = frozenset(["video", "audio", "music"])


@dataclass(frozen=True, slots=True)
class Content:
    """A page's body and where it came from; `note` are a sharer's own words before it.

    `is_described` tells that the page had no body and title or description stand for it.
    """

    body: Body
    source: str | None
    note: str | None = None
    preview: bool = False
    warnings: tuple[str, ...] = ()
    is_described: bool = False

    @property
    def is_empty(self) -> bool:
        """Tell whether there is nothing for a reader: no words, pictures or widgets."""
        return all(isinstance(block, Rule) for block in self.body.blocks)

    @property
    def is_told(self) -> bool:
        """Tell whether something of an article is here though its body is empty: a note, hidden words."""
        return not self.is_empty or bool(self.note or self.body.hidden)


def read_content(kind: str, source: Source, fields: Fields) -> Content:
    """Return the body of a page of a known kind."""
    if kind == "picture_share":
        return _first_of(
            lambda: _new_plain(source, "content_noencode"),
            lambda: _share_notice(source),
            lambda: _drawn(source, DRAWN[0]),
            lambda: _plain(fields, "description"),
            lambda: _element(source),
        )
    if kind == "text_share":
        return _text_share(source, fields)
    if kind == "repost" and _is_preview_card(source):
        return _shared_with_note(source)
    found = _first_of(lambda: _element(source), lambda: _new_body(kind, source))
    if kind in _DESCRIBED and not _has_words(found.body):
        return _described(fields, found.body)
    return _described(fields) if kind == "short_content" and found.is_empty else found


def _first_of(*readers: Callable[[], Content]) -> Content:
    """Return the first content that is not empty, else one with undisplayed words.

    Each reader is only asked if those before had nothing.
    """
    content = Content(Body(()), None)
    for reader in readers:
        found = reader()
        if not found.is_empty:
            return found
        if not content.is_told:
            content = found
    return content


# -- carriers of a body ----------------------------------------------------------------------------


def _element(source: Source) -> Content:
    """The container `#js_content`, whatever its own visibility (scripts show it later)."""
    node = source.element("#js_content")
    if node is None:
        return Content(Body(()), None)
    body = element_body(node)
    paid = node.css_first("mp-pay-preview-filter") is not None
    warnings = ("paid: the page holds only the part shown before payment",) if paid else ()
    return Content(body, "#js_content", preview=paid, warnings=warnings)


def _has_words(body: Body) -> bool:
    return bool(render(body).text)


def _new_body(kind: str, source: Source) -> Content:
    """The body in the literal; a short post without markup for lines has line ends for them."""
    value = source.new("content_noencode")
    keeps_lines = kind == "short_content" and isinstance(value, str) and not has_block_markup(value)
    return (_new_plain if keeps_lines else _new_html)(source, "content_noencode")


def _new_html(source: Source, path: str) -> Content:
    value = source.new(path)
    return _markup(value, f"cgiDataNew.{path}", _RULES)


def _new_plain(source: Source, path: str) -> Content:
    value = source.new(path)
    return _markup(value, f"cgiDataNew.{path}", _PLAIN_RULES)


def _markup(value: Value, carrier: str, rules: BodyRules) -> Content:
    """A body carried as a string of markup; `rules` say whether its line ends count."""
    if not isinstance(value, str) or not value.strip():
        return Content(Body(()), None)
    if "<" not in value and "&" not in value and rules.keep_lines:
        return Content(body_from_text(value), carrier)
    tree = parse_html(
        f"<!DOCTYPE html><body><div id=content>{value}</div>".encode(), "text/html; charset=utf-8"
    )
    root = tree.root.css_first("body")
    return Content(Body(()) if root is None else _read(tree, root, rules), carrier)


def _read(tree: Tree, node: LexborNode, rules: BodyRules) -> Body:
    del tree  # keeps the parser alive while its nodes are read
    return read_body(node, rules)


def _plain(fields: Fields, name: str) -> Content:
    found = fields.get(name)
    if found.value is None:
        return Content(Body(()), None)
    return replace(_markup(found.value, found.found.source or name, _PLAIN_RULES), is_described=True)


# -- kinds with a body of their own -----------------------------------------------------------------


def _share_notice(source: Source) -> Content:
    """A picture share of 2018: the words stand in a `document.write` inside `p.share_notice`."""
    node = source.element(".share_notice")
    if node is None:
        return Content(Body(()), None)
    written = source.written_by(node)
    if written:
        return _markup(written, ".share_notice script", _PLAIN_RULES)
    return Content(element_body(node), ".share_notice")


def _drawn(source: Source, selector: str) -> Content:
    """The element that a share's words are drawn into: filled in pages saved by a browser."""
    node = source.element(selector)
    return (
        Content(Body(()), None) if node is None else Content(element_body(node, keeps_lines=True), selector)
    )


def _text_share(source: Source, fields: Fields) -> Content:
    """A text post; one without a title of its own may carry its words as its title only."""
    return _first_of(
        lambda: _new_plain(source, "text_page_info.content_noencode"),
        lambda: _new_plain(source, "content_noencode"),
        lambda: _decoded_twice(source),
        lambda: _drawn(source, DRAWN[1]),
        lambda: _plain(fields, "title") if _is_all_title(source, fields) else Content(Body(()), None),
        lambda: _plain(fields, "description"),
        lambda: _element(source),
    )


def _is_all_title(source: Source, fields: Fields) -> bool:
    """Tell whether a text post's words are its title: the platform says so, or it has several lines.

    A page without its scripts has a title all the same: one line of it may be an author's own.
    """
    is_users = is_title_users(source)
    return not is_users if is_users is not None else "\n" in (fields.value("title") or "").strip()


def _decoded_twice(source: Source) -> Content:
    value = source.new("text_page_info.content")
    return _markup(
        html_decode(value) if isinstance(value, str) else None,
        "cgiDataNew.text_page_info.content",
        _PLAIN_RULES,
    )


def is_title_users(source: Source) -> bool | None:
    """Tell whether the author gave a title (`is_user_title`); None if the page does not say."""
    for value in (
        source.new("is_user_title"),
        source.new("text_page_info.is_user_title"),
        *source.variable("d.is_user_title"),
        *source.variable("is_user_title"),
    ):
        if isinstance(value, str | int) and str(value) in {"0", "1"}:
            return str(value) == "1"
    return None


def _is_preview_card(source: Source) -> bool:
    return (
        source.element("#js_share_content, .original_page") is not None
        or str(source.new("copyright_info.reprint_style")) == "2"
    )


def _shared_with_note(source: Source) -> Content:
    """A share with the sharer's note: readers saw the note and a card; the page holds the whole original."""
    found = _first_of(
        lambda: _new_html(source, "content_noencode"),
        lambda: _template(source),
    )
    text_is = "the original's body"
    if found.is_empty:  # a script draws the first 140 characters into the card (saved pages of 2025)
        found = _element(source)
        text_is = "what the card holds, which may be no more than the original's first words"
    warning = f"readers were shown the sharer's note and a preview card; the text is {text_is}"
    return replace(found, note=_note(source), preview=True, warnings=(warning,))


def _template(source: Source) -> Content:
    node = source.element("script#content_tpl")
    return Content(Body(()), None) if node is None else _markup(node.text(), "#content_tpl", _RULES)


def _note(source: Source) -> str | None:
    words = source.new("copyright_info.guide_words")
    if isinstance(words, str) and words.strip():
        return html_decode(words).strip()
    node = source.element("#js_share_notice")
    if node is None:
        return None
    shown = words_of(node).strip()
    if shown:
        return shown
    written = _markup(source.written_by(node), "#js_share_notice script", _PLAIN_RULES)
    return render(written.body).text or None


def _described(fields: Fields, shown: Body | None = None) -> Content:
    """A video, audio or music page without words: its title, what is said of it, and then what it shows."""
    shown = shown or Body(())
    title, description = fields.value("title"), fields.value("description")
    body = described_body(title, description, shown)
    carrier = fields.get("title").found.source or fields.get("description").found.source
    has_own = len(body.blocks) > len(shown.blocks) or not shown.blocks
    return Content(body, carrier if has_own else "#js_content", is_described=True)


# -- bodies made again from their places (places.py) ------------------------------------------------


def described_body(title: str | None, description: str | None, shown: Body) -> Body:
    """Return the body that title and description stand for, what is shown behind them."""
    lines = [line for line in (title, description) if line]
    if title and description and "".join(description.split()) == "".join(title.split()):
        lines = [title]
    blocks = [block for line in lines for block in body_from_text(line).blocks]
    return Body((*blocks, *shown.blocks), shown.hidden, shown.removed)


def element_body(node: LexborNode, *, keeps_lines: bool = False) -> Body:
    """Return the body that an element of the page holds."""
    return read_body(node, _PLAIN_RULES if keeps_lines else _RULES)


def markup_body(value: Value, *, keeps_lines: bool) -> Body:
    """Return the body that a string of markup holds."""
    return _markup(value, "", _PLAIN_RULES if keeps_lines else _RULES).body


def has_block_markup(value: Value) -> bool:
    """Tell whether a string of markup has elements for its lines."""
    return isinstance(value, str) and _BLOCK_MARKUP.search(value) is not None
