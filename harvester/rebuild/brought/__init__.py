"""What people bring to a rebuild beside web archives: tables with HTML, CDXJ selections, lists."""

from harvester.rebuild.brought.kinds import CDXJ, JSONL, PARQUET, Kind, kind_of
from harvester.rebuild.brought.lists import listed
from harvester.rebuild.brought.rows import Columns, columns_of, look, rows_of
from harvester.rebuild.brought.selection import Selected, selected

__all__ = [
    "CDXJ",
    "JSONL",
    "PARQUET",
    "Columns",
    "Kind",
    "Selected",
    "columns_of",
    "kind_of",
    "listed",
    "look",
    "rows_of",
    "selected",
]
