"""The report as one HTML file that needs no network and no script, made to be read, printed and kept."""

from __future__ import annotations

from typing import Final

from harvester.markup import Markup, element
from harvester.verify.words import name
from harvester.verify_report.columns import texts_html
from harvester.verify_report.frame import page_html
from harvester.verify_report.given import Given
from harvester.verify_report.listing import listing_html
from harvester.verify_report.provenance import facts_html, rehearsals_html, warnings_html
from harvester.verify_report.verdict import verdict_html
from harvester.verify_report.versions import versions_html
from harvester.verify_report.visible import inert
from harvester.verify_report.words import Words

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
    verdict = name("verdict", given.result.verdict, words.language)
    title = f"{words('page.title')}{words('page.colon')}{verdict}"
    return page_html(words, title, skip, *_switch(given), main)


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
