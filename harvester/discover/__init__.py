"""Discovery without evasion: URLs are proposed with how each was found; a person, or a rule, approves them.

A source of candidates is whatever makes `harvester.reading.Lead` values: links of captured articles
(`archived.py`), lists and pages named on the command line (`asking.py`), the index of a web archive. To
write one: make leads from bytes by a pure function, give them a `route` of `candidates.ROUTES` (a new kind
of route is a line there), and hand them to `Candidates.propose` with `where`, which says in words where
they stand. It repairs URLs, refuses hosts that are not asked, passes over what is known, and writes down
what is new. Whatever asks the network for a list goes through `harvester.watch.manners.Manners` first:
robots.txt is obeyed for discovery.
"""
