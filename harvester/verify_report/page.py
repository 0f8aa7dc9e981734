"""The report as one HTML file that needs no network and no script, made to be read, printed and kept."""

from __future__ import annotations

import base64
import hashlib
from functools import cache
from importlib import resources
from typing import Final

from harvester.markup import Markup, element
from harvester.verify.words import name
from harvester.verify_report.columns import texts_html
from harvester.verify_report.given import Given
from harvester.verify_report.listing import listing_html
from harvester.verify_report.provenance import facts_html, rehearsals_html, warnings_html
from harvester.verify_report.verdict import verdict_html
from harvester.verify_report.versions import versions_html
from harvester.verify_report.visible import inert
from harvester.verify_report.words import HTML_LANGUAGES, Words

_LEGEND: Final = ("signs", "material", "immaterial", "frame", "control")


def report_html(given: Given) -> bytes:
    """Return the report, UTF-8. A pure function of what is given: no clock, no machine in it."""
    words = given.words
    main = element(
        "main",
        element("h1", words("page.title")),
        element("p", inert(_titles(given)), cls="pair"),
        rehearsals_html(given),
        verdict_html(given),
        warnings_html(given),
        facts_html(given),
        versions_html(given),
        listing_html(given),
        _legend(words),
        texts_html(given),
        _made(given),
    )
    skip = element("a", words("page.skip"), href="#texts", cls="skip")
    page = element(
        "html",
        _head(given),
        element("body", skip, *_switch(given), main),
        lang=HTML_LANGUAGES[words.language],
    )
    return f"<!DOCTYPE html>\n{page}\n".encode()


def _switch(given: Given) -> tuple[Markup, ...]:
    """Return what hides the paragraphs that are the same, on a screen; none where all are."""
    if not (given.result.edits or given.result.moves):
        return ()
    box = Markup('<input type="checkbox" id="only">')
    return box, element("label", given.words("texts.only_changes"), **{"for": "only"})


def _titles(given: Given) -> str:
    named = (
        side.title or side.label or given.words("page.untitled") for side in (given.captured, given.original)
    )
    return " ⟷ ".join(named)


def _head(given: Given) -> Markup:
    digest = base64.b64encode(hashlib.sha256(_style().encode()).digest()).decode()
    # Nothing is fetched and nothing runs, whatever a text may hold: also by the browser's own rule.
    policy = f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    verdict = name("verdict", given.result.verdict, given.words.language)
    return element(
        "head",
        Markup('<meta charset="utf-8">'),
        Markup(f'<meta http-equiv="Content-Security-Policy" content="{policy}">'),
        Markup('<meta name="viewport" content="width=device-width, initial-scale=1">'),
        Markup('<meta name="referrer" content="no-referrer">'),
        Markup('<meta name="robots" content="noindex">'),
        element("title", f"{given.words('page.title')}{given.words('page.colon')}{verdict}"),
        element("style", Markup(_style())),
    )


@cache
def _style() -> str:
    return resources.files("harvester.verify_report").joinpath("report.css").read_text(encoding="utf-8")


def _legend(words: Words) -> Markup:
    lines = [element("li", words(f"legend.{key}"), cls=key) for key in _LEGEND]
    return element("aside", element("h2", words("legend.heading")), element("ul", *lines), cls="legend")


def _made(given: Given) -> Markup:
    words = given.words
    versions = ", ".join(f"{key} {value}" for key, value in sorted(given.result.versions.items()))
    saved = element("p", words("made.saved"), " ", element("code", given.saved)) if given.saved else None
    return element(
        "footer",
        element("h2", words("made.heading")),
        element("p", words("made.words"), " ", words("made.offsets")),
        element("p", words("made.versions"), words("page.colon"), versions),
        saved,
    )
