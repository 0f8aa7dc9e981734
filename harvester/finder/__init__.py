"""The original finder: among archived documents of the Ministry, which may a captured text be taken from?

By fingerprints of the text, by title, by links and addresses, with date and attribution beside them. It
ranks and gives reasons; whether the text is the original's is for `harvester.verify` to say. docs/finder.md
"""

from harvester.finder.finder import Finder
from harvester.finder.sought import names_ministry
from harvester.finder.values import Candidate, Found, Reason, Suggested

__all__ = ["Candidate", "Finder", "Found", "Reason", "Suggested", "names_ministry"]
