"""Pages that people saved themselves: Markdown captures, saved HTML, MHTML, HAR.

What each of them proves is in docs/imports.md. `importer` is the shell; the rest are pure functions of a
file's bytes. The Markdown reader also makes the document again from the record (`harvester.pipeline`).
"""
