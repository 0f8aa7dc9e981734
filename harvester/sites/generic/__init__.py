"""Pages of publishers without a folder of their own: read by trafilatura, and marked as such."""

from __future__ import annotations

from harvester.sites.generic.site import SITE

__all__ = ["SITE"]
