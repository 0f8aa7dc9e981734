"""Members of a document that its provenance names no source of: their carriers, in the readers' order.

`details.py` reads them from a page; here each is read from one carrier's raw value.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from harvester.document import Identity
from harvester.sites.wechat import urls
from harvester.sites.wechat.details import COPYRIGHT, line, positions
from harvester.sites.wechat.fields import Fields, moment_of_text
from harvester.sites.wechat.jsvalues import html_decode, to_number
from harvester.sites.wechat.literal import Value

REGIONS: Final = ("country_name", "province_name", "city_name")
"""Members of `ip_wording`: together they are `declared.ip_region`."""

Reader = Callable[[Value], Any]


def _copyright(raw: Value) -> str | None:
    return COPYRIGHT.get(Fields.cleaned("copyright", raw, "") or "")


def _modified(raw: Value) -> str | None:
    moment, _ = moment_of_text(Fields.cleaned("modified", raw, ""))
    return moment.isoformat() if moment else None


def _edited(raw: Value) -> bool | None:
    return None if raw is None else to_number(raw) == 1


def _flag(raw: Value) -> bool | None:
    known = isinstance(raw, str | int) and str(raw) in {"0", "1"}
    return str(raw) == "1" if known else None


def _note(raw: Value) -> str | None:
    return html_decode(raw).strip() or None if isinstance(raw, str) else None


def _link(raw: Value) -> str | None:
    return urls.link_url(raw) if isinstance(raw, str) and raw else None


def _link_param(name: str) -> Reader:
    def read(raw: Value) -> str | None:
        link = _link(raw)
        return urls.identity_params(link).get(name) if link else None

    return read


_ORIGINAL: Final = "cgiDataNew.copyright_info."
_REPRINT: Final = "cgiDataNew.copyright_info.reprint_url"
_CARD: Final = "dom:#js_share_source[data-url]@data-url"


def _original(member: str, parameter: str | None = None) -> tuple[tuple[str, Reader], ...]:
    """Return the carriers of a number of the original: stated, in its link, in a variable."""
    in_link = ((_REPRINT, _link_param(parameter)), (_CARD, _link_param(parameter))) if parameter else ()
    return (f"{_ORIGINAL}{member}", line), *in_link, (f"var {member}", line)


MEMBERS: Final[dict[str, tuple[tuple[str, Reader], ...]]] = {
    "declared.copyright": tuple(
        (carrier, _copyright)
        for carrier in ("cgiDataNew.copyright_info.copyright_stat", "var copyright_stat", "d.copyright_stat")
    ),
    "declared.claim": (
        ("cgiDataNew.claim_source.claim_source", line),
        ("cgiDataNew.claim_source.media_source_type_info.media_source_from", line),
        ("cgiDataNew.claim_source.media_source_type_info.biz_nickname", line),
        ("dom:#js_claim_source_content", line),
    ),
    "declared.ai_label": (("cgiDataNew.claim_source.aigc_wording", line), ("cgiDataNew.aigc_wording", line)),
    "edits.modified_at": tuple(
        (carrier, _modified) for carrier in ("cgiDataNew.modify_time", "var modify_time", "d.modify_time")
    ),
    "edits.title_modified": (
        ("cgiDataNew.is_title_modified", _edited),
        ("var isTitleModified", _edited),
        ("var is_title_modified", _edited),
    ),
    "edits.positions": (("cgiDataNew.modify_detail.list", positions),),
    "declared.title_is_users": tuple(
        (carrier, _flag)
        for carrier in (
            "cgiDataNew.is_user_title",
            "cgiDataNew.text_page_info.is_user_title",
            "d.is_user_title",
            "var is_user_title",
        )
    ),
    **{f"declared.ip_region.{name}": ((f"cgiDataNew.ip_wording.{name}", line),) for name in REGIONS},
    "note": (("cgiDataNew.copyright_info.guide_words", _note),),
    "original_account.name": (
        ("cgiDataNew.copyright_info.platform", line),
        ("dom:.original_primary_nickname", line),
        ("dom:#js_share_author", line),
        ("var source_name", line),
    ),
    "original_account.id": _original("source_username"),
    "original_account.biz": _original("source_encode_biz", "__biz"),
    "original_account.mid": _original("source_mid", "mid"),
    "original_account.idx": _original("source_idx", "idx"),
    "original_account.url": ((_REPRINT, _link), (_CARD, _link)),
}
"""Carriers (as in `fields.toml`) and what is made of their values; the first with a value counts."""

IDENTITY: Final = {
    "identity.key": ("identity.biz", "identity.mid", "identity.idx", "identity.short_url"),
    "identity.long_url": ("identity.biz", "identity.mid", "identity.idx", "identity.sn"),
}


def of_identity(field: str, identity: Identity, url: str | None) -> str | None:
    """Return a member of an identity as it is computed from others; None where they do not make it."""
    biz, mid, idx = identity.biz, identity.mid, identity.idx
    if field == "identity.long_url":
        return urls.long_url(biz, mid, idx, identity.sn) if biz and mid and idx else None
    return urls.key_of(biz, mid, idx, identity.short_url, url)
