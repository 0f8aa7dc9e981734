"""Which of a page's belongings are captured with it."""

from __future__ import annotations

from datetime import timedelta

import msgspec


class Wants(msgspec.Struct, frozen=True, kw_only=True):
    """Images and requisites are a choice. Attachments always come: they are part of what was published.

    `requisite_age` is how old a held requisite may be whose name does not tell its content.
    """

    images: bool = True
    requisites: bool = True
    requisite_age: timedelta = timedelta(days=30)
