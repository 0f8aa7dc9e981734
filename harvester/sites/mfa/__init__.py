"""The Chinese Foreign Ministry and the embassies and consulates that use its publishing system."""

from __future__ import annotations

from harvester.sites.mfa.site import SITE

__all__ = ["SITE"]
