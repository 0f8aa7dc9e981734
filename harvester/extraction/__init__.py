"""From the bytes of a page to its text: safe parsing, blocks, rendering; no publisher's rule is here."""
