"""Sources of reposts that state none: those that name the Ministry are looked up by the original finder."""

from __future__ import annotations

from typing import Final

from harvester.dedup.item import Item
from harvester.dedup.values import Relation
from harvester.finder import Finder, names_ministry
from harvester.finder.finder import SITES
from harvester.verify import Side

_LEAST_SHARE: Final = 0.3


def source_of(item: Item, finder: Finder) -> Relation | None:
    """Return the relation of a text that names the Ministry to the original that is found for it, or None."""
    if item.site in SITES or not names_ministry(item.original_source, item.source):
        return None
    facts = {name: getattr(item, name) for name in ("date", "original_source", "source", "source_url")}
    found = finder.find(Side(text=item.text, label=item.id, title=item.title, origin=facts), 1)
    shares = [reason.value for best in found for reason in best.reasons if reason.rule == "text.shared"]
    if not shares or shares[0] < _LEAST_SHARE:
        return None
    best = found[0]
    return Relation(
        kind="repost", a=item.id, b=best.id, by="finder", value=best.identity_key, containment=shares[0]
    )
