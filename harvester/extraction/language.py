"""The language of a text by its script, where the script tells."""

from __future__ import annotations

import re
from typing import Final

_SCRIPTS: Final = (
    ("ja", re.compile(r"[\u3040-\u30ff]")),
    ("ko", re.compile(r"[\uac00-\ud7af]")),
    ("zh", re.compile(r"[\u4e00-\u9fff]")),
    ("ar", re.compile(r"[\u0600-\u06ff]")),
    ("ru", re.compile(r"[\u0400-\u04ff]")),
)
_MIN_SHARE: Final = 0.05
_SAMPLE_CHARS: Final = 5000


def language_by_script(text: str) -> str | None:
    """Return `ja`, `ko`, `zh`, `ar` or `ru` where that script makes up a twentieth of the text.

    None for text in Latin letters, whose script does not tell, and for no text. Cyrillic and Arabic
    letters are taken for the two languages that the Foreign Ministry publishes in them.
    """
    sample = text[:_SAMPLE_CHARS]
    return next(
        (name for name, form in _SCRIPTS if len(form.findall(sample)) > _MIN_SHARE * len(sample)), None
    )
