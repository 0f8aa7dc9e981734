"""What the platform declares about an article beside its text: edits, labels, albums, the original."""

from __future__ import annotations

from harvester.document import Declared, Edits, OriginalAccount
from harvester.sites.wechat import urls
from harvester.sites.wechat.bodies import is_title_users
from harvester.sites.wechat.fields import Fields, moment_of
from harvester.sites.wechat.jsvalues import html_decode, to_number
from harvester.sites.wechat.literal import Value
from harvester.sites.wechat.source import Source

COPYRIGHT = {"0": "none", "1": "original", "2": "reprint"}
_MAX_EDITS = 2000
_NEWS_SOURCE = "2"


def line(value: Value) -> str | None:
    """Return a value as one line of text, None for nothing."""
    if isinstance(value, bool) or not isinstance(value, str | int):
        return None
    text = " ".join(html_decode(str(value)).split())
    return text if text and text != "0" else None


def declared(source: Source, fields: Fields, kind: str) -> Declared | None:
    """Return what is declared of the text; None if nothing is."""
    value = Declared(
        copyright=COPYRIGHT.get(fields.value("copyright") or ""),
        claim=_claim(source),
        ai_label=_ai_label(source),
        ip_region=_ip_region(source),
        title_is_users=is_title_users(source) if kind in {"text_share", "picture_share"} else None,
    )
    return None if value == Declared() else value


def _claim(source: Source) -> str | None:
    words = line(source.new("claim_source.claim_source"))
    media = source.new("claim_source.media_source_type_info")
    if words is None and isinstance(media, dict):
        words = line(media.get("media_source_from")) or line(media.get("biz_nickname"))
    return words or source.text_of("#js_claim_source_content") or None


def _ai_label(source: Source) -> str | None:
    for path in ("claim_source.aigc_wording", "aigc_wording"):
        words = line(source.new(path))
        if words:
            return words
    kind = line(source.new("claim_source.aigc_type"))
    return f"aigc_type={kind}" if kind else None


def _ip_region(source: Source) -> str | None:
    names = [
        line(source.new(f"ip_wording.{name}")) for name in ("country_name", "province_name", "city_name")
    ]
    if not any(names):
        for value in source.variable("ip_wording"):
            if isinstance(value, dict):
                names = [
                    line(value.get(x))
                    for x in ("countryName", "country_name", "provinceName", "province_name")
                ]
    return " ".join(dict.fromkeys(name for name in names if name)) or None


def edits(source: Source, fields: Fields) -> Edits | None:
    """Return the platform's record of edits; None if it records none."""
    moment, _ = moment_of(fields.get("modified"))
    title = next(
        (
            value
            for value in (
                source.new("is_title_modified"),
                *source.variable("isTitleModified"),
                *source.variable("is_title_modified"),
            )
            if value is not None
        ),
        None,
    )
    edited = positions(source.new("modify_detail.list"))
    modified = None if title is None else to_number(title) == 1
    if moment is None and not modified and not edited:
        return None
    return Edits(
        modified_at=moment.isoformat() if moment else None, title_modified=modified, positions=edited
    )


def positions(listed: Value) -> tuple[tuple[int, int], ...]:
    """Return where the platform says that a text was edited."""
    if not isinstance(listed, list):
        return ()
    out: list[tuple[int, int]] = []
    for one in listed[:_MAX_EDITS]:
        if isinstance(one, dict):
            index, length = one.get("index_for_underline"), one.get("diff_length")
            if isinstance(index, int) and isinstance(length, int):
                out.append((index, length))
    return tuple(out)


def albums(source: Source) -> tuple[str, ...]:
    """Return the titles of the albums an article is in, in order."""
    titles: list[str] = []
    for path in ("appmsgalbuminfo", "album_info", "appmsg_album_infos", "tags"):
        value = source.new(path)
        listed = value if isinstance(value, list) else [value]
        titles.extend(
            line(one.get("title")) or "" for one in listed if isinstance(one, dict) and one.get("album_id")
        )
    titles.extend(
        " ".join(node.text(deep=True).split())
        for node in source.tree.root.css(".article-tag__item, .album_read_title")
    )
    return tuple(dict.fromkeys(title.lstrip("#") for title in titles if title))


def payment(source: Source) -> str | None:
    """Return `paid` or `unpaid` for an article sold by the platform, by whom the page was served to."""
    if not _is_one(
        source.new("is_pay_subscribe"),
        *source.variable("isPaySubscribe"),
        *source.variable("is_pay_subscribe"),
    ):
        return None
    has_paid = _is_one(source.new("user_info.is_paid"), *source.variable("isPaid"))
    return "paid" if has_paid else "unpaid"


def _is_one(*values: Value) -> bool:
    return any(isinstance(value, str | int) and str(value) == "1" for value in values)


def original_account(source: Source) -> OriginalAccount | None:
    """Return whose article a repost is, as the platform states it; None if it does not."""
    url = _original_url(source)
    params = urls.identity_params(url) if url else {}
    name = (
        line(source.new("copyright_info.platform"))
        or source.text_of(".original_primary_nickname")
        or source.text_of("#js_share_author")
        or next((text for value in source.variable("source_name") if (text := line(value))), None)
    )
    value = OriginalAccount(
        name=name or None,
        id=line(source.new("copyright_info.source_username")) or _variable(source, "source_username"),
        biz=line(source.new("copyright_info.source_encode_biz"))
        or params.get("__biz")
        or _variable(source, "source_encode_biz"),
        mid=line(source.new("copyright_info.source_mid"))
        or params.get("mid")
        or _variable(source, "source_mid"),
        idx=line(source.new("copyright_info.source_idx"))
        or params.get("idx")
        or _variable(source, "source_idx"),
        url=url,
        author=_original_author(source),
    )
    return None if value == OriginalAccount(name=None) else value


def _variable(source: Source, name: str) -> str | None:
    return next((text for value in source.variable(name) if (text := line(value))), None)


def _original_url(source: Source) -> str | None:
    raw = source.new("copyright_info.reprint_url")
    if not (isinstance(raw, str) and raw):
        node = source.element("#js_share_source[data-url]")
        raw = node.attributes.get("data-url") if node is not None else None
    return urls.link_url(raw) if isinstance(raw, str) and raw else None


def _original_author(source: Source) -> str | None:
    """The second part of “以下文章来源于X，作者Y”: it stands in a span of its own."""
    spans = source.tree.root.css(".original_primary_card_tips span")
    if len(spans) < 2:  # noqa: PLR2004 - source and author
        return None
    words = " ".join(spans[1].text(deep=True).split()).lstrip("，, ·.").removeprefix("作者")
    return words.strip() or None
