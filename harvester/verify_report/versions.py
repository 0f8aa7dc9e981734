"""How an original that was not named was found, and which of its captured versions is the nearest."""

from __future__ import annotations

from harvester.markup import Markup, element
from harvester.verify.words import name
from harvester.verify_report.given import Given, Version
from harvester.verify_report.visible import inert

_COLUMNS = ("when", "id", "captures", "verdict", "edits", "nearest")


def versions_html(given: Given) -> Markup | None:
    """Return the section, None where the original was named."""
    words = given.words
    if not (given.found_by or given.versions):
        return None
    reasons = [words.named("found", rule) for rule in given.found_by]
    by = element(
        "p", words("found.by"), words("page.colon"), words("found.and").join(reasons), words("found.care")
    )
    head = [
        element("th", words(f"versions.{column}"), scope="col", role="columnheader") for column in _COLUMNS
    ]
    table = element(
        "table",
        element("thead", element("tr", *head, role="row"), role="rowgroup"),
        element("tbody", *(_row(version, given) for version in given.versions), role="rowgroup"),
        role="table",
    )
    note = element("p", words("versions.note"), cls="quiet")
    shown = (note, table) if given.versions else ()
    return element(
        "section", element("h2", words("versions.heading")), by, *shown, id="versions", cls="versions"
    )


def _row(version: Version, given: Given) -> Markup:
    words = given.words
    verdict = name("verdict", version.verdict, words.language)
    values = {
        "when": inert(version.when),
        "id": element("code", inert(version.id)),
        "captures": str(version.captures),
        "verdict": verdict,
        "edits": f"{version.edits} ({words('verdict.material')}{words('page.colon')}{version.material})",
        "nearest": words("versions.yes") if version.nearest else "",
    }
    cells = [
        element("td", values[column], data_label=words(f"versions.{column}"), role="cell")
        for column in _COLUMNS
    ]
    return element("tr", *cells, cls="nearest" if version.nearest else None, role="row")
