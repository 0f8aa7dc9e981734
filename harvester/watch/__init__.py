"""Looking again: when a page is due, what each visit found, and the story that the visits tell.

The core is pure (`schedule`, `plan`, `visits`, `events`); `timeline` reads the library, and `queue` is
operational.
"""
