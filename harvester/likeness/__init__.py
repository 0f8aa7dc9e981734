"""How alike two texts are: one folding, character shingles, fingerprints by winnowing, MinHash.

All of it is the same on every machine and in every process: hashes are xxHash's XXH3 of UTF-32, never
Python's own. Every function takes a text as it is and folds it; a folded text may be given too.
"""

from harvester.likeness.folding import folded, folding_version
from harvester.likeness.measures import Shared, jaccard, shared
from harvester.likeness.shingles import hashes, shingles
from harvester.likeness.sketch import bands, minhash
from harvester.likeness.winnowing import GUARANTEE, SHINGLE, winnow

__all__ = [
    "GUARANTEE",
    "SHINGLE",
    "Shared",
    "bands",
    "folded",
    "folding_version",
    "hashes",
    "jaccard",
    "minhash",
    "shared",
    "shingles",
    "winnow",
]
