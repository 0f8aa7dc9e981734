"""Which documents are of one article, of one text, of nearly one text, or taken from one another.

It relates documents and deletes nothing. The answer depends on the documents alone, not on the order in
which they come. docs/dedup.md
"""

from harvester.dedup.batches import batches_of
from harvester.dedup.inputs import Input, archive_items, folder_items
from harvester.dedup.item import Item
from harvester.dedup.relating import related, related_by, to_bytes
from harvester.dedup.sources import source_of
from harvester.dedup.values import Cluster, Deduplicated, Relation

__all__ = [
    "Cluster",
    "Deduplicated",
    "Input",
    "Item",
    "Relation",
    "archive_items",
    "batches_of",
    "folder_items",
    "related",
    "related_by",
    "source_of",
    "to_bytes",
]
