"""Which kind of article a WeChat page is: by the number the platform gives it, else by its structure."""

from __future__ import annotations

from typing import Final

from harvester.sites.wechat.fields import Fields
from harvester.sites.wechat.source import Source

# The platform's own `item_show_type` (its client's table of pages); 11 is an article in list interfaces.
_BY_NUMBER: Final = {
    "5": "video",
    "6": "music",
    "7": "audio",
    "8": "picture_share",
    "10": "text_share",
    "17": "short_content",
}
_REPRINT: Final = "2"
# Marks in the served page, for the layouts before `item_show_type` (2017-2018).
_BY_STRUCTURE: Final = (
    (".original_area_primary, #js_share_content", "repost"),
    ("body.video_share_page, .video_share_page, #js_mpvedio", "video"),
    (".page_share_audio, body.page_share_audio, #voice_parent", "audio"),
    ("#js_text_desc", "text_share"),
    ("p.share_notice, .share_media, #img_list, #js_image_desc", "picture_share"),
)


def kind_of(source: Source, fields: Fields) -> str:
    """Return the kind of an article page."""
    kind = kind_by_numbers(fields.value("show_type"), fields.value("copyright"))
    return kind or _kind_by_structure(source)


def kind_by_numbers(show_type: str | None, copyright_stat: str | None) -> str | None:
    """Return what the platform's two numbers say of the kind; None if they leave it to the structure."""
    kind = _BY_NUMBER.get(show_type or "")
    return kind or ("repost" if copyright_stat == _REPRINT else None)


def _kind_by_structure(source: Source) -> str:
    has_body = source.element("#js_content.rich_media_content, .rich_media_content#js_content") is not None
    for selector, name in _BY_STRUCTURE:
        if source.element(selector) is not None and (name == "repost" or not has_body):
            return name
    return "article"
