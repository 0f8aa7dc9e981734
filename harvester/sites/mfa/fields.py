"""The fields of an article, each with the place its value came from."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice
from typing import Final
from urllib.parse import urlsplit

from harvester.document import Candidate
from harvester.extraction.dates import Moment, find_moment
from harvester.extraction.language import language_by_script
from harvester.extraction.metas import folded
from harvester.reading import Found
from harvester.sites.mfa.body import FoundBody
from harvester.sites.mfa.moments import moment_in
from harvester.sites.mfa.rules import Rules
from harvester.sites.mfa.view import View, words

_TITLE_SEPARATORS: Final = ("_", " — ", "—", "－", " - ", "-", "|")
_SUPPLIED: Final = re.compile(r"[（(]\s?供稿\s?[)）]|供稿\s?(?=[)）]|$)")
TAIL_CHARS: Final = 2000
"""How much of a page's source before its body is looked into for a date."""
_MAX_TITLES: Final = 20


@dataclass(frozen=True, slots=True)
class Value:
    """A field's value with its provenance."""

    value: str | None
    found: Found


@dataclass(frozen=True, slots=True)
class Posted:
    """When the page says it was posted."""

    moment: Moment | None
    found: Found


def choose(candidates: Iterable[tuple[str, str]], reason: str = "absent") -> Value:
    """Take the first candidate (source, value); later ones that differ are kept as `others`."""
    ordered = list(candidates)
    if not ordered:
        return Value(None, Found(source=None, reason=reason))
    source, value = ordered[0]
    others: dict[str, str] = {}
    for other, text in ordered[1:]:
        if text != value and text not in others.values():
            others.setdefault(other, text)
    found = Found(source=source, others=tuple(Candidate(source=k, value=v) for k, v in others.items()))
    return Value(value, found)


def title(view: View, body: FoundBody) -> Value:
    """The headline: the layout's element, the declared title, the window's title without the site.

    Where several elements could be it (a column's heading has the same class), the one that the page
    declares is taken.
    """
    said: list[tuple[str, str]] = []
    declared = view.metas.first("ArticleTitle", "og:title")
    if declared:
        said.append(declared)
    if view.metas.title:
        said.append(("title", without_site(view.metas.title, view)))
    shown = list(islice(view.texts(body.layout.title), _MAX_TITLES))
    names = {"".join(text.split()) for _, text in said}
    confirmed = [item for item in shown if "".join(item[1].split()) in names]
    return choose([*(confirmed or shown)[:1], *said])


def has_own_title(view: View, body: FoundBody) -> bool:
    """Tell whether the page shows a headline where its layout has it."""
    return next(view.texts(body.layout.title), None) is not None


def without_site(text: str, view: View) -> str:
    """Cut the site's name off the end of a window title, where one of its separators stands before it."""
    declared = view.metas.first("SiteName")
    for separator in _TITLE_SEPARATORS:
        head, _, tail = text.rpartition(separator)
        if head.strip() and (_is_site(tail) or (declared and tail.strip() == declared[1])):
            return head.strip()
    return text


def _is_site(text: str) -> bool:
    name = text.strip()
    return name.endswith(("外交部", "大使馆", "总领事馆", "代表团", "使团", "特派员公署")) or name.startswith(
        (
            "Ministry of Foreign Affairs",
            "Embassy of the People's Republic",
            "Consulate General of the People's",
        )
    )


def subtitle(view: View, body: FoundBody) -> Value:
    """The second line of the headline, as it stands."""
    if not body.layout.subtitle:
        return Value(None, Found(source=None, reason="not-applicable"))
    return choose(
        list(islice(view.texts(body.layout.subtitle), 1)),
        "empty" if view.first(body.layout.subtitle) else "absent",
    )


def posted(view: View, body: FoundBody, rules: Rules) -> Posted:
    """When it was posted: shown on the page, declared in its metas, or else in its name.

    The most precise of the candidates that name the same day as the first is taken; those of other
    days are kept beside it. In pages of the oldest system the date is the last before the body.
    """
    candidates: list[tuple[str, Moment]] = []
    for selector in body.layout.time:
        shown = [
            moment for _, text in view.texts((selector,)) if (moment := moment_in(text, rules, last=True))
        ]
        if shown:
            candidates.append((selector, shown[-1]))
            break
    if body.before is not None:
        moment = moment_before(body.before[-TAIL_CHARS:], rules)
        if moment:
            candidates.append(("before the body", moment))
    for name in ("PubDate", "publishdate", "article:published_time"):
        declared = view.metas.first(name)
        moment = find_moment(declared[1]) if declared else None
        if declared and moment:
            candidates.append((declared[0], moment))
    if view.address and view.address.date and (moment := find_moment(view.address.date)):
        candidates.append((f"{view.address_source}:name", moment))
    return _choose_moment(candidates, seen=view.first(body.layout.time) is not None)


def moment_before(markup: str, rules: Rules) -> Moment | None:
    """Return the last date in the source that stands before a body."""
    text = re.sub(r"(?s)<(script|style)\b.{0,200000}?</\1|<[^<>]{0,2000}>", " ", markup)
    return moment_in(text, rules, last=True)


def _choose_moment(candidates: list[tuple[str, Moment]], *, seen: bool) -> Posted:
    if not candidates:
        return Posted(None, Found(source=None, reason="unparsable" if seen else "absent"))
    order = ("second", "minute", "day")
    same_day = [item for item in candidates if item[1].day == candidates[0][1].day]
    source, moment = min(same_day, key=lambda item: order.index(item[1].precision))
    others = tuple(
        Candidate(source=where, value=other.text)
        for where, other in candidates
        if (where, other) != (source, moment) and (other.day != moment.day or other.precision != "day")
        if other.text != moment.text
    )
    return Posted(moment, Found(source=source, others=others))


def event_date(view: View, headline: Value, second: Value, moment: Moment | None, rules: Rules) -> Value:
    """The date in the headline or its second line (of a press conference, a visit): the event's.

    It is not the day of posting, nor that of the page's name; those are kept beside it where they differ.
    """
    candidates = [
        (name, found.day)
        for name, line in (("title", headline), ("subtitle", second))
        if (found := moment_in(line.value, rules)) is not None
    ]
    if candidates and moment is not None:
        candidates.append(("published_at", moment.day))
    if candidates and view.address and view.address.date:
        candidates.append((f"{view.address_source}:name", view.address.date))
    return choose(candidates)


def site_name(view: View, rules: Rules) -> Value:
    """The publishing site: as it declares itself, by its reader's name; else by its host."""
    candidates: list[tuple[str, str]] = []
    declared = view.metas.first("SiteName")
    if declared:
        candidates.append((declared[0], rules.site_names.get(declared[1], declared[1])))
    text = view.metas.title
    if not declared and text and (name := site_in_title(text, view, rules)):
        candidates.append(("title", name))
    if not candidates and view.base:
        candidates.append(("url:host", site_of_host(view.base, rules)))
    return choose(candidates)


def site_in_title(text: str, view: View, rules: Rules) -> str | None:
    """Return the site's name that a window title ends with, None if it does not."""
    short = without_site(text, view)
    name = text[len(short) :].strip("".join(_TITLE_SEPARATORS))
    return None if short == text else rules.site_names.get(name, name)


def site_of_host(url: str, rules: Rules) -> str:
    """Return the site's name by an address: the host itself where no rule names it."""
    parts = urlsplit(url)
    host, folder = parts.hostname or "", parts.path.split("/")[1] if "/" in parts.path else ""
    for key in sorted(rules.hosts, key=len, reverse=True):
        name, _, where = key.partition("/")
        if (host == name or host.endswith("." + name)) and where in {"", folder}:
            return rules.hosts[key]
    return host


def original_source(view: View, body: FoundBody) -> Value:
    """Whom the page names as its source (来源, 供稿): the declared one, or the layout's element."""
    candidates = []
    declared = view.metas.first("ContentSource")
    if declared:
        candidates.append(declared)
    for selector, text in view.texts(body.layout.original_source):
        name = supplier(text)
        if name and not any(known in name for _, known in candidates):  # a container repeats its parts
            candidates.append((selector, name))
    placeholder = view.first(body.layout.original_source) is not None
    return choose(candidates, "empty" if placeholder else "absent")


def supplier(text: str) -> str:
    """Return whom the words of an element name as the source."""
    return _SUPPLIED.sub("", text.removeprefix("来源：")).strip(" （）()")


def section(view: View, body: FoundBody) -> Value:
    """The section: declared, or the last link of the way shown above the article."""
    candidates = []
    declared = view.metas.first("ColumnName", "ColumnType")
    if declared:
        candidates.append(declared)
    for selector in body.layout.section:
        trail = [text for _, text in view.texts((selector,))]
        if trail:
            candidates.append((selector, trail[-1]))
            break
    return choose(candidates)


def author(view: View) -> Value:
    """The declared author."""
    declared = view.metas.first("Author")
    return choose([declared] if declared else [])


def language(view: View, body: FoundBody, rules: Rules, text: str) -> Value:
    """The language: by the folder of the address, the layout, the script of the text, the declaration."""
    candidates: list[tuple[str, str]] = []
    by_path = language_of_path(view.base, rules)
    if by_path:
        candidates.append(("url:path", by_path))
    if body.layout.language:
        candidates.append((f"layout:{body.layout.id}", body.layout.language))
    script = language_by_script(text)
    if script:
        candidates.append(("text", script))
    elif view.metas.language and not candidates:
        candidates.append(("html[lang]", view.metas.language))
    return choose(candidates)


def language_of_path(url: str, rules: Rules) -> str | None:
    """Return the language that a folder of an address stands for, None if none does."""
    folders = urlsplit(url).path.lower().split("/")
    return next((rules.languages[folder] for folder in folders if folder in rules.languages), None)


def is_press_conference(view: View, rules: Rules, headline: str | None, place: str | None) -> bool:
    """Tell a press conference by its section, its folder, or its headline."""
    if place in rules.press.sections:
        return True
    folders = urlsplit(view.base).path.split("/")
    if any(re.search(pattern, folder) for pattern in rules.press.folders for folder in folders):
        return True
    return any(re.search(pattern, headline or "") for pattern in rules.press.titles)


def attachments(view: View, rules: Rules) -> tuple[str, ...]:
    """Absolute URLs of the files that belong to the page, in order, each once."""
    pattern = re.compile(rules.attachment_name, re.IGNORECASE)
    urls: dict[str, None] = {}
    for link in view.root.css("a[href]"):
        reference = (link.attributes.get("href") or "").strip()
        name = re.split(r"[?#]", reference, maxsplit=1)[0].rpartition("/")[2]
        url = view.absolute(reference) if pattern.search(name) else None
        if url:
            urls[url] = None
    return tuple(urls)


def notice(view: View) -> str | None:
    """The words of a page that shows nothing else, shortened; None if it shows none."""
    body = view.root.css_first("body")
    text = words(body) if body else None
    return folded(text[:500]) if text else None
