"""What every page of ours that is read for itself begins with: its own style, and nothing from elsewhere."""

from __future__ import annotations

import base64
import hashlib
from functools import cache
from importlib import resources

from harvester.markup import Markup, element
from harvester.verify_report.words import HTML_LANGUAGES, Words


def page_html(words: Words, title: str, *content: Markup) -> bytes:
    """Return a whole page in one language, UTF-8."""
    return whole_page(HTML_LANGUAGES[words.language], title, *content)


def whole_page(language: str, title: str, *content: Markup) -> bytes:
    """Return a whole page, UTF-8; `language` is its `lang` (BCP 47)."""
    page = element("html", _head(title), element("body", *content), lang=language)
    return f"<!DOCTYPE html>\n{page}\n".encode()


def _head(title: str) -> Markup:
    digest = base64.b64encode(hashlib.sha256(_style().encode()).digest()).decode()
    # Nothing is fetched and nothing runs, whatever a text may hold: also by the browser's own rule.
    policy = f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    return element(
        "head",
        Markup('<meta charset="utf-8">'),
        Markup(f'<meta http-equiv="Content-Security-Policy" content="{policy}">'),
        Markup('<meta name="viewport" content="width=device-width, initial-scale=1">'),
        Markup('<meta name="referrer" content="no-referrer">'),
        Markup('<meta name="robots" content="noindex">'),
        element("title", title),
        element("style", Markup(_style())),
    )


@cache
def _style() -> str:
    return resources.files("harvester.verify_report").joinpath("report.css").read_text(encoding="utf-8")
