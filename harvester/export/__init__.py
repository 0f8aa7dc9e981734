"""Packages for others: chosen captures with all their records, as WACZ or as one plain WARC file."""

from harvester.export.choice import Choice, choose
from harvester.export.exporter import Exported, export_wacz, export_warc

__all__ = ["Choice", "Exported", "choose", "export_wacz", "export_warc"]
