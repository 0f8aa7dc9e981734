"""The Markdown file beside a document: front matter with the same facts, then the body."""

from __future__ import annotations

import json
import unicodedata
from typing import Any, Final

from harvester.document import Document

_FRONT: Final = ("title", "url", "source", "date", "fetch_date", "id", "state", "text_sha256")
"""Fields of the document; `method` and `rehearsal` of its capture follow: the file alone must say them."""
_UNPRINTABLE: Final = {"Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp"}


def _scalar(value: str | None) -> str:
    """Return a YAML double-quoted scalar: JSON's form, with what YAML calls unprintable escaped."""
    if value is None:
        return "null"
    quoted = json.dumps(value, ensure_ascii=False)
    return "".join(json.dumps(c)[1:-1] if unicodedata.category(c) in _UNPRINTABLE else c for c in quoted)


def _flow(value: dict[str, Any] | None) -> str:
    """Return a YAML flow mapping: JSON's form, in ASCII."""
    return json.dumps(value, sort_keys=True)


def markdown_bytes(document: Document) -> bytes:
    """Return the Markdown file of a document: UTF-8, LF, final newline."""
    front = "".join(f"{name}: {_scalar(getattr(document, name))}\n" for name in _FRONT)
    front += f"method: {_scalar(document.capture.method)}\nrehearsal: {_flow(document.capture.rehearsal)}\n"
    note = "".join(f"> {line}\n" for line in (document.note or "").splitlines())
    note = f"{note}\n" if note else ""
    return f"---\n{front}---\n\n{note}{document.markdown.strip(chr(10))}\n".encode()
