"""What a source names: listing pages, feeds, sitemaps. Bytes in, URLs out; no network, no disk, no clock."""

from harvester.watch.sources.feeds import feed_links
from harvester.watch.sources.found import Link, NotASourceError, chosen
from harvester.watch.sources.links import page_links
from harvester.watch.sources.sitemaps import sitemap_links

__all__ = ["Link", "NotASourceError", "chosen", "feed_links", "page_links", "sitemap_links"]
