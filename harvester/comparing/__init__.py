"""What another version makes of the same records: the documents of two rebuilds compared by field."""

from harvester.comparing.compare import compare
from harvester.comparing.page import html_page
from harvester.comparing.result import Comparison, to_bytes
from harvester.comparing.sides import Side, opened

__all__ = ["Comparison", "Side", "compare", "html_page", "opened", "to_bytes"]
