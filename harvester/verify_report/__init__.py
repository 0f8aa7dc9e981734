"""The report of a comparison for an editor or a court: one HTML file, in Chinese or English."""

from harvester.verify_report.given import Given, Place, Version
from harvester.verify_report.overview import Entry, overview_html
from harvester.verify_report.page import report_html
from harvester.verify_report.words import LANGUAGES, Language, Words

__all__ = [
    "LANGUAGES",
    "Entry",
    "Given",
    "Language",
    "Place",
    "Version",
    "Words",
    "overview_html",
    "report_html",
]
