"""Links that people and other tools keep in files: lists, spreadsheets, mails, bookmarks, subscriptions.

Bytes in, URLs out, with what stands beside them; no network, no disk, no clock. `links_in` tells the kind by
content, the file's name is only a hint. URLs are repaired from paste damage and otherwise left as they stand:
what may be sent, and without a person's session values, is `harvester.intake.prepare`'s business.
"""

from harvester.links.named import KINDS, MAX_LINKS, Links, Named
from harvester.links.reading import MAX_BYTES, kind_of, links_in

__all__ = ["KINDS", "MAX_BYTES", "MAX_LINKS", "Links", "Named", "kind_of", "links_in"]
