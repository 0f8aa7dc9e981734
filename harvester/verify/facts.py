"""What a result says of its two sides and of what it was made with."""

from __future__ import annotations

import hashlib
import sys
import unicodedata

import rapidfuzz

from harvester._version import __version__
from harvester.verify import rules as rule_data
from harvester.verify.result import SideFacts, Sides
from harvester.verify.sides import Side


def versions() -> dict[str, str]:
    """Return the versions a result depends on."""
    return {
        "harvester": __version__,
        "rules": rule_data.version(),
        "rapidfuzz": rapidfuzz.__version__,
        "unicode": unicodedata.unidata_version,
        "python": ".".join(map(str, sys.version_info[:3])),
    }


def side_warnings(captured: Side, original: Side) -> tuple[str, ...]:
    """Return what both sides are warned of, each sentence once."""
    return tuple(dict.fromkeys((*captured.warnings, *original.warnings)))


def sides(captured: Side, original: Side) -> Sides:
    """Return what was compared."""
    return Sides(captured=_facts(captured), original=_facts(original))


def _facts(side: Side) -> SideFacts:
    source = side.document or side.page_state
    return SideFacts(
        label=side.label,
        title=side.title,
        text_sha256=hashlib.sha256(side.text.encode("utf-8", "surrogatepass")).hexdigest(),
        characters=len(side.text),
        record_id=source.provenance.record_id if source else None,
        payload_digest=source.provenance.payload_digest if source else None,
        rehearsal=side.rehearsal,
        software=source.provenance.software if source else {},
        origin=dict(side.origin),
    )
